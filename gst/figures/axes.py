"""Axes of rates, data sizes, weights left and stabilities, scaled so that marks can be told apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_SPAN = 20
"""Ratio of the largest rate to the smallest from which on their axis is logarithmic."""


class MarkAxis(NamedTuple):
    """An axis with a place for each value, at which the marks of several series stand side by side.

    Values stand from left to right where `scale` puts them. A tick stands at each of `labelled`, or of all
    values, unless its label would be closer than `label` pixels to another. `apart`, between neighbouring
    series at one value, and `margin`, at both ends, are fractions of the axis.
    """

    values: tuple[float, ...]
    scale: Callable[[float], float]
    tick: Callable[[float], str]
    short: Callable[[float], str]
    """A value in words."""
    label: int = 18
    apart: float = 0.014
    margin: float = 0.07
    labelled: tuple[float, ...] = ()

    def place(self, x: float, aside: float = 0) -> float:
        """The position of a value; `aside` sets marks of several series at one value apart."""
        return self.scale(x) + aside * self.apart * self._span

    def ticks(self, width: int) -> tuple[float, ...]:
        """The values with a tick on an axis of `width` pixels."""
        shown: list[float] = []
        gap = self.label / width * self._span
        for value in self.labelled or self.values:
            if all(abs(self.scale(value) - self.scale(other)) >= gap for other in shown):
                shown.append(value)
        return tuple(shown)

    def layout(self, width: int) -> dict[str, Any]:
        """The range and ticks of an axis of `width` pixels, as plotly takes them."""
        if not self.values:
            return {"range": [0, 1], "tickvals": []}
        margin, ticks = self.margin * self._span, self.ticks(width)
        return {
            "range": [self.scale(self.values[0]) - margin, self.scale(self.values[-1]) + margin],
            "tickvals": [self.scale(value) for value in ticks],
            "ticktext": [self.tick(value) for value in ticks],
            "tickangle": 0,
        }

    @property
    def _span(self) -> float:
        return (self.scale(self.values[-1]) - self.scale(self.values[0]) if self.values else 0) or 1.0


def rate_axis(rates: Iterable[float]) -> MarkAxis:
    """The axis of rates, fractions of 1, rising to the right; logarithmic where they span decades."""
    rising = tuple(sorted(set(rates)))
    if rising and rising[0] > 0 and rising[-1] / rising[0] >= _SPAN:
        return MarkAxis(rising, math.log2, _percents(2), _percents(3, "%"))
    return MarkAxis(rising, float, _percents(4), _percents(3, "%"))


def size_axis(sizes: Iterable[float]) -> MarkAxis:
    """The axis of numbers of training images of a class, rising; infinity stands for all there are.

    Sizes stand at equal distances: they are a handful, and grow by leaps.
    """
    rising = tuple(sorted(set(sizes)))
    steps = max(1, len(rising) - 1)
    return MarkAxis(rising, rising.index, _size, _images, apart=0.09 / steps, margin=0.5 / steps)


def left_axis(left: Iterable[float], labelled: Iterable[float] = ()) -> MarkAxis:
    """The axis of weights left, falling to the right: logarithmic, one step for each removal of a share.

    Ticks stand at some of the fractions and at all beyond the least of them, or at all. Where nothing is left
    there is no place.
    """
    falling, some = (
        tuple(sorted({it for it in found if it > 0}, reverse=True)) for found in (left, labelled)
    )
    ticks = some and (*some, *(it for it in falling if it < some[-1]))
    tick, short = _percents(3), _percents(3, "%")
    return MarkAxis(falling or (1.0,), _halvings, tick, short, 64, apart=0.006, margin=0.04, labelled=ticks)


class EpochAxis(NamedTuple):
    """An axis of epochs trained, from 0."""

    def place(self, x: float, aside: float = 0) -> float:
        """The epochs themselves."""
        return x

    def layout(self, width: int) -> dict[str, Any]:
        """From 0 on."""
        return {"rangemode": "tozero"}


FEW_EPOCHS = 12
"""Number of epochs up to which each has a tick: there is nothing between two of them."""


def epoch_axis(epochs: int, title: str = "Epoch") -> dict[str, Any]:
    """Title and ticks of an axis of that many epochs, which count from 0."""
    return {"title_text": title, "dtick": 1 if epochs <= FEW_EPOCHS else None}


def asides(count: int) -> tuple[float, ...]:
    """The offset of each of `count` series at one place: -1, 0 and 1 for three; never beyond 1."""
    step = min(1.0, 2 / max(1, count - 1))
    return tuple(step * (number - (count - 1) / 2) for number in range(count))


def _halvings(left: float) -> float:
    return -math.log2(left)


@cache
def _percents(digits: int, unit: str = "") -> Callable[[float], str]:
    return lambda share: f"{100 * share:.{digits}g}{unit}"


def _size(size: float) -> str:
    return "all" if size == math.inf else f"{size:g}"


def _images(size: float) -> str:
    return "all images" if size == math.inf else f"{size:g} images of a class"


KNEE = 0.001
"""The instability (1 - stability) below which the axis is linear and above which it is logarithmic."""

# The rounder a tick, the earlier it stands; a later one is left out where it would touch an earlier one.
_TICKS = (
    1, 0.99, 0.9, 0.999, 0, 1.01, 1.1, 1.001, 0.5, 0.995, 0.95, 0.7, 0.97, 0.8, 0.998, 0.98, 0.9995, 0.2,
)  # fmt: skip
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
