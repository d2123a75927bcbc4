"""A figure as a recipe: its name, its title, the sweeps it is drawn from, and how to get its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol, TypeVar

import plotly.graph_objects as go

from gst.analysis import Source, Table
from gst.figures import frame


class Numbers(Protocol):
    """The numbers of a figure, whichever figure it is."""

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        ...

    def table(self) -> Table:
        """Everything that the figure shows, as rows."""
        ...


class Figure(NamedTuple):
    """The numbers of a figure (from a store and the name of a sweep) and its picture (from the numbers).

    `sweep` is the sweep that the figure of a paper is drawn from, where it is of one; `family` has the
    sweeps of a figure that the paper has once for each of several benchmarks.
    """

    numbers: Callable[..., Any]
    draw: Callable[[Any], go.Figure]
    title: str
    sweep: str | None = None
    family: tuple[str, ...] = ()

    @property
    def sweeps(self) -> tuple[str, ...]:
        """The sweeps that the figure of a paper is drawn from, one by one; none where it is of any sweep."""
        return (self.sweep,) if self.sweep else self.family


_Numbers = TypeVar("_Numbers", bound=Callable[..., Any])


class Recipes:
    """The figures of one paper by name, in the order of the paper."""

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}

    def figure(
        self, name: str, title: str, sweep: str | None = None, *, family: tuple[str, ...] = ()
    ) -> Callable[[_Numbers], _Numbers]:
        """Register the decorated function, from store, sweep and parameters to a Sheet, as that figure."""

        def register(numbers: _Numbers) -> _Numbers:
            self.add(name, title, numbers, sweep, family=family)
            return numbers

        return register

    def add(
        self,
        name: str,
        title: str,
        numbers: Callable[..., Any],
        sweep: str | None = None,
        *,
        family: tuple[str, ...] = (),
        draw: Callable[[Any], go.Figure] = frame.draw,
    ) -> None:
        """Register such a function as that figure: one function may be several figures' numbers."""
        self._figures[name] = Figure(numbers, draw, title, sweep, family)

    def items(self) -> Iterator[tuple[str, Figure]]:
        """The names and figures, in order."""
        yield from self._figures.items()
