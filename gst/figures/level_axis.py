"""An axis for what is left of the weights: each removal of the same share is one step to the right."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from gst.figures.level_series import LevelMark, LevelSeries

_APART = 0.006
"""Between marks of neighbouring series at one place, as a fraction of the axis."""


class LeftAxis(NamedTuple):
    """Where fractions of the weights are drawn: logarithmic, falling to the right. `left` falls."""

    left: tuple[float, ...]

    def place(self, left: float, aside: float = 0) -> float:
        """The position of a fraction; `aside` sets marks of several series at one place apart."""
        return -math.log2(left) + aside * _APART * self._span

    def layout(self, most: int = 10) -> dict[str, Any]:
        """Range and ticks in percent, at so many of the fractions at most, evenly thinned."""
        margin = 0.04 * self._span
        shown = self.ticks(most)
        return {
            "range": [self.place(self.left[0]) - margin, self.place(self.left[-1]) + margin],
            "tickvals": [self.place(left) for left in shown],
            "ticktext": [f"{100 * left:.3g}" for left in shown],
            "tickangle": 0,
        }

    def ticks(self, most: int = 10) -> tuple[float, ...]:
        """The fractions with a tick: every one, or every second, third... from the first on."""
        return self.left[:: max(1, math.ceil(len(self.left) / most))]

    @property
    def _span(self) -> float:
        return (self.place_of_last - -math.log2(self.left[0])) or 1.0

    @property
    def place_of_last(self) -> float:
        """Where the axis ends."""
        return -math.log2(self.left[-1])


def left_axis(left: Iterable[float]) -> LeftAxis:
    """The axis for these fractions; where nothing is left there is no place."""
    return LeftAxis(tuple(sorted({it for it in left if it > 0}, reverse=True)) or (1.0,))


def left_words(mark: LevelMark) -> str:
    """What the place of a mark means, for whoever hovers over it."""
    level = mark.level
    return f"level {level.level}: {100 * mark.x:.3g}% of the weights left, epoch {level.epochs}"


def axis_of(series: Iterable[LevelSeries]) -> LeftAxis:
    """The axis on which these series stand, whose x is what is left."""
    return left_axis(mark.x for it in series for mark in it.marks)
