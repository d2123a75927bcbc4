"""When a layer is pruned and how much of it is left: all events are known before training starts."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal, NamedTuple

Ramp = Literal["linear", "cubic"]


class ScheduledEvent(NamedTuple):
    """After the training of `epoch` (0-based), `kept` units of the layer are left."""

    epoch: int
    kept: int


class PruningSchedule(NamedTuple):
    """The schedule of one layer: remove `fraction` of its units, every `every` epochs from start to end.

    The share of them that is gone after event k of n is k / n, or 1 - (1 - k / n)^3 (Zhu and Gupta 2017,
    equation 1, counted so that the first event removes something).

    Epochs are 0-based and inclusive; `fraction` is of the layer's units (filters or weights) before
    any pruning. Arithmetic is exact, so that no event is off by one filter through rounding.
    """

    start: int
    end: int
    every: int
    fraction: Fraction
    ramp: Ramp = "linear"

    @property
    def epochs(self) -> range:
        """The epochs with an event: start, start + every, ... up to end.

        GST 2020 prints floor((e - s + 1) / r) + 1 events; the authors' code, and the epochs that
        the paper quotes, have floor((e - s) / r) + 1.
        """
        return range(self.start, self.end + 1, self.every)

    def events(self, units: int) -> tuple[ScheduledEvent, ...]:
        """The units of a layer of `units` that are left after each event.

        What is kept is rounded up, so a fraction of the units is rounded down: 90% of 512 removes 460.
        An event may remove nothing where a layer has fewer units to lose than it has events.
        """
        final, count = math.ceil((1 - self.fraction) * units), len(self.epochs)
        power = 3 if self.ramp == "cubic" else 1
        return tuple(
            ScheduledEvent(
                epoch, math.ceil(final + (units - final) * Fraction(count - number, count) ** power)
            )
            for number, epoch in enumerate(self.epochs, start=1)
        )

    @property
    def iterative_rate(self) -> Fraction:
        """The fraction of the layer that one event removes in the mean, before rounding to whole units."""
        return self.fraction / len(self.epochs)


def exact(value: float) -> Fraction:
    """The fraction that a decimal number was written as: 0.3 is 3/10, not its binary neighbour."""
    return Fraction(repr(value))
