"""Axes of iterative rates, data sizes and stabilities, scaled so that marks can be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

LABEL = 18
"""Pixels between labels of an axis, at least."""
_SPAN = 20
"""Ratio of the largest rate to the smallest from which on the axis is logarithmic."""
_APART = 0.014
"""Between marks of neighbouring series at one rate, as a fraction of the axis."""


class RateAxis(NamedTuple):
    """An axis of rates, fractions of 1, rising to the right; logarithmic where they span decades."""

    rates: tuple[float, ...]
    logarithmic: bool

    def place(self, rate: float, aside: float = 0) -> float:
        """The position of a rate; `aside` sets marks of several series at one rate apart."""
        return self._spot(rate) + aside * _APART * self._span

    def layout(self, gap: float = 0.055) -> dict[str, Any]:
        """Range and ticks, labelled in percent; labels closer than `gap` of the axis are left out."""
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

    def short(self, rate: float) -> str:
        """A rate in percent: `3%`."""
        return f"{100 * rate:.3g}%"

    @property
    def _span(self) -> float:
        return (self._spot(self.rates[-1]) - self._spot(self.rates[0])) or 1.0

    def _spot(self, rate: float) -> float:
        return math.log2(rate) if self.logarithmic else rate


def rate_axis(rates: Sequence[float]) -> RateAxis:
    """The axis that tells these rates apart best."""
    rising = tuple(sorted(set(rates)))
    return RateAxis(rising, bool(rising) and rising[0] > 0 and rising[-1] / rising[0] >= _SPAN)


class SizeAxis(NamedTuple):
    """An axis of numbers of training images of a class, rising; infinity stands for all there are.

    Sizes stand at equal distances: they are a handful, and grow by leaps.
    """

    sizes: tuple[float, ...]

    def place(self, size: float, aside: float = 0) -> float:
        """The position of a size; `aside` sets marks of several series at one size apart."""
        return self.sizes.index(size) + 0.09 * aside

    def layout(self, gap: float) -> dict[str, Any]:
        """Range and ticks."""
        return {
            "tickvals": list(range(len(self.sizes))),
            "ticktext": ["all" if size == math.inf else f"{size:g}" for size in self.sizes],
            "range": [-0.5, len(self.sizes) - 0.5],
        }

    def short(self, size: float) -> str:
        """A size in words."""
        return "all images" if size == math.inf else f"{size:g} images of a class"


def asides(count: int) -> tuple[float, ...]:
    """The offset of each of `count` series at one place: -1, 0 and 1 for three; never beyond 1."""
    step = min(1.0, 2 / max(1, count - 1))
    return tuple(step * (number - (count - 1) / 2) for number in range(count))


KNEE = 0.001
"""The instability (1 - stability) below which the axis is linear and above which it is logarithmic."""

# The rounder a tick, the earlier it stands; a later one is left out where it would touch an earlier one.
_TICKS = (
    1,
    0.99,
    0.9,
    0.999,
    0,
    1.01,
    1.1,
    1.001,
    0.5,
    0.995,
    0.95,
    0.7,
    0.97,
    0.8,
    0.998,
    0.98,
    0.9995,
    0.2,
)
_SAME = 1e-9  # places closer than this are one; a smaller margin would be lost in rounding
STABILITY_LABEL = 56
"""Pixels between labels of stabilities, at least."""


class StabilityAxis(NamedTuple):
    """An axis of stabilities, rising to the right.

    Plain, or scaled by the inverse hyperbolic sine of the instability: logarithmic for large ones, linear
    about zero, so that an event that raised the accuracy (a stability above 1) has its place too.
    """

    curved: bool

    def place(self, stability: ArrayLike) -> NDArray[np.float64]:
        """The positions of stabilities on the axis."""
        values = np.asarray(stability, dtype=np.float64)
        return -np.arcsinh((1 - values) / KNEE) if self.curved else values

    def stability(self, place: ArrayLike) -> NDArray[np.float64]:
        """The stabilities at positions on the axis."""
        values = np.asarray(place, dtype=np.float64)
        return 1 - KNEE * np.sinh(-values) if self.curved else values

    def layout(self, stabilities: ArrayLike, gap: float) -> dict[str, Any]:
        """Range and ticks that show these stabilities; labels are more than `gap` of the axis apart."""
        places = self.place(stabilities)
        low, high = float(places.min()), float(places.max())
        margin = 0.06 * (high - low) if high - low > _SAME else 0.01
        layout: dict[str, Any] = {"range": [low - margin, high + margin]}
        if not self.curved:
            return layout
        first, last = layout["range"]
        shown: dict[float, str] = {}
        for tick, spot in zip(_TICKS, self.place(_TICKS).tolist(), strict=True):
            if first <= spot <= last and all(abs(spot - other) > gap * (last - first) for other in shown):
                shown[spot] = f"{100 * tick:.4g}%"
        return layout | {"tickvals": list(shown), "ticktext": list(shown.values())}


def stability_axis(stabilities: ArrayLike) -> StabilityAxis:
    """The axis that tells these stabilities apart best.

    Curved where half of them crowd into the top eighth of their range: a plain axis would show that
    half as one vertical line.
    """
    values = np.asarray(stabilities, dtype=np.float64)
    spread = float(np.ptp(values))
    return StabilityAxis(spread > 8 * float(np.median(values.max() - values)))
