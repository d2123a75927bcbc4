"""An axis for iterative rates: logarithmic where they span decades, with a tick at each rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

_SPAN = 20
"""The ratio of the largest rate to the smallest from which the axis is logarithmic."""
_APART = 0.014
"""Between marks of neighbouring series at one rate, as a fraction of the axis."""


class RateAxis(NamedTuple):
    """Where rates, fractions of 1, are drawn, rising to the right."""

    rates: tuple[float, ...]
    logarithmic: bool

    def place(self, rate: float, aside: float = 0) -> float:
        """The position of a rate; `aside` sets marks of several series at one rate apart."""
        return self._spot(rate) + aside * _APART * self._span

    def layout(self, gap: float = 0.055) -> dict[str, Any]:
        """Range and ticks, in percent without the sign; labels are `gap` of the axis apart, or left out."""
        if not self.rates:
            return {"range": [0, 1], "tickvals": []}
        margin = 0.07 * self._span
        shown: dict[float, str] = {}
        for rate in self.rates:
            spot = self.place(rate)
            if all(abs(spot - other) >= gap * self._span for other in shown):
                shown[spot] = f"{100 * rate:.{2 if self.logarithmic else 4}g}"
        return {
            "range": [self.place(self.rates[0]) - margin, self.place(self.rates[-1]) + margin],
            "tickvals": list(shown),
            "ticktext": list(shown.values()),
            "tickangle": 0,
        }

    @property
    def _span(self) -> float:
        return (self._spot(self.rates[-1]) - self._spot(self.rates[0])) or 1.0

    def _spot(self, rate: float) -> float:
        return math.log2(rate) if self.logarithmic else rate


def rate_axis(rates: Sequence[float]) -> RateAxis:
    """The axis on which these rates are best told apart."""
    rising = tuple(sorted(set(rates)))
    return RateAxis(rising, bool(rising) and rising[0] > 0 and rising[-1] / rising[0] >= _SPAN)


def asides(count: int) -> tuple[float, ...]:
    """How far each of so many series stands aside: -1, 0, 1 for three, and no farther for more."""
    step = min(1.0, 2 / max(1, count - 1))
    return tuple(step * (number - (count - 1) / 2) for number in range(count))
