"""Figures registered by name, with title, sweeps, and the function that computes their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

import plotly.graph_objects as go

from gst.analysis.effects import Measurement
from gst.config.figure_name import FigureName
from gst.figures import frame
from gst.figures.departures import stating_departures
from gst.figures.sheet import Sheet


class Figure(NamedTuple):
    """One figure: `numbers` computes its sheet from a store and a sweep's name, `draw` the picture from it.

    `sweep` is the sweep that a paper's figure is drawn from; `family` has the sweeps of a figure that the
    paper shows for several benchmarks, one each. A figure of any sweep has neither.
    """

    numbers: Callable[..., Sheet]
    title: str
    sweep: str | None = None
    family: tuple[str, ...] = ()

    def draw(self, sheet: Sheet) -> go.Figure:
        """The picture of the sheet."""
        return frame.draw(sheet)

    @property
    def sweeps(self) -> tuple[str, ...]:
        """The sweeps that the figure is drawn from, one at a time; none for a figure of any sweep."""
        return (self.sweep,) if self.sweep else self.family


_Numbers = TypeVar("_Numbers", bound=Callable[..., Sheet])


class Recipes:
    """The figures of one paper by name, in the order of the paper."""

    def __init__(self) -> None:
        self._figures: dict[FigureName, Figure] = {}

    def figure(
        self,
        name: FigureName,
        title: str,
        sweep: str | None = None,
        *,
        family: tuple[str, ...] = (),
        rests_on: Measurement | None = None,
    ) -> Callable[[_Numbers], _Numbers]:
        """Register the decorated function as the numbers of a figure of that name; several may share one.

        `rests_on` is the measurement that it shows, beside training and its pruning events.
        """
        own = (sweep,) if sweep else family

        def register(numbers: _Numbers) -> _Numbers:
            stated = stating_departures(numbers, own, rests_on)
            self._figures[name] = Figure(stated, title, sweep, family)
            return numbers

        return register

    def items(self) -> Iterator[tuple[FigureName, Figure]]:
        """The names and figures, in order."""
        yield from self._figures.items()
