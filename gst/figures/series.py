"""A quantity along an axis: one series for each method, one mark for each of its configurations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from gst.analysis import RunResult, Source, distinct
from gst.figures.basis import Row
from gst.figures.groups import Group, group
from gst.figures.methods import Method, method, methods

Quantity = Callable[[RunResult], float | None]
"""What a run came to; None where it has no such thing."""


class Mark(NamedTuple):
    """The runs of one configuration, where they stand on the axis, and what each came to.

    Configurations at the same place have a mark each: runs of two configurations are not draws from
    one distribution, and an interval over both would take them for it.
    """

    x: float
    period: int | None
    group: Group
    runs: tuple[RunResult, ...]
    values: tuple[float, ...]


class Series(NamedTuple):
    """The marks of one method, from left to right."""

    method: Method
    marks: tuple[Mark, ...]

    def rows(self, what: str, axis: str) -> Iterator[Row]:
        """The marks as rows: `what` says of which quantity, `axis` what x is."""
        for mark in self.marks:
            method_of = {"score": self.method.score, "target": self.method.target}
            yield {**mark.group.row(what), **method_of, axis: mark.x, "retrain_period": mark.period}


def series(
    source: Source, quantity: str, runs: Iterable[RunResult], x: Quantity, y: Quantity
) -> tuple[Series, ...]:
    """A series for each method that has runs with an x and a y; a run that is in two arms counts once."""
    counted = [run for run in distinct(runs) if x(run) is not None and y(run) is not None]
    return tuple(
        Series(it, _marks(source, quantity, [run for run in counted if method(run) == it], x, y))
        for it in methods(counted)
    )


def _marks(
    source: Source, quantity: str, runs: Sequence[RunResult], x: Quantity, y: Quantity
) -> tuple[Mark, ...]:
    of_config: dict[int, list[RunResult]] = {}
    for run in runs:
        of_config.setdefault(run.config_id, []).append(run)
    marks = (_mark(source, quantity, tuple(found), x, y) for found in of_config.values())
    return tuple(sorted(marks, key=lambda mark: (mark.x, mark.period or 0)))


def _mark(source: Source, quantity: str, runs: tuple[RunResult, ...], x: Quantity, y: Quantity) -> Mark:
    first = runs[0]
    place = x(first)
    assert place is not None
    values = tuple(value for run in runs if (value := y(run)) is not None)
    return Mark(place, first.retrain_period, group(source, first.arm, quantity, values), runs, values)
