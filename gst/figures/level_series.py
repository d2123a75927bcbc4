"""A quantity over levels: a series for each arm or kind of network, a mark for each level or width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gst.analysis import LevelResult, LevelSummary, Source
from gst.figures.basis import Row
from gst.figures.groups import Group, group

Quantity = Callable[[LevelResult], float | None]
"""What a run came to at the end of a level; None where it has no such thing."""


class LevelMark(NamedTuple):
    """The replicates of an arm at one level, where they stand on the axis, and what each came to."""

    x: float
    level: LevelSummary
    group: Group
    runs: tuple[LevelResult, ...]
    values: tuple[float, ...]


class LevelSeries(NamedTuple):
    """Marks from the dense, full network on; `optimal` is that of the optimal level or width, if any."""

    name: str
    noise: float
    marks: tuple[LevelMark, ...]
    optimal: LevelMark | None

    @property
    def scaled(self) -> bool:
        """Whether runs of it were shrunk from the published configuration."""
        return any(run.scale < 1 for mark in self.marks for run in mark.runs)

    def rows(self, what: str) -> Iterator[Row]:
        """The marks as rows: `what` says of which quantity."""
        for mark in self.marks:
            level, change = mark.level, mark.level.change
            yield {
                **mark.group.row(what),
                "arm": level.arm,
                "label_noise": self.noise,
                "width": mark.runs[0].width,
                "level": level.level,
                "epochs": level.epochs,
                "weights_left": level.weights_left,
                "x": mark.x,
                "optimal": mark is self.optimal,
                "test_error_change": change.value if change else None,
                "change_deviation": change.deviation if change else None,
                "against_dense": level.against_dense,
            }


def level_series(
    source: Source,
    name: str,
    quantity: str,
    levels: Iterable[LevelSummary],
    optimal: LevelSummary,
    x: Callable[[LevelSummary], float],
    y: Quantity,
) -> LevelSeries:
    """The series of these levels, at least one; replicates without a y are left out of their mark."""
    listed = tuple(levels)
    marks = [mark for level in listed if (mark := _mark(source, quantity, level, x(level), y))]
    marks.sort(key=lambda mark: (mark.level.level, -mark.runs[0].weights))
    return LevelSeries(
        name,
        listed[0].runs[0].label_noise,
        tuple(marks),
        next((mark for mark in marks if mark.level == optimal), None),
    )


def _mark(source: Source, quantity: str, level: LevelSummary, x: float, y: Quantity) -> LevelMark | None:
    pairs = [(run, value) for run in level.runs if (value := y(run)) is not None]
    if not pairs:
        return None
    values = tuple(value for _, value in pairs)
    name = f"{level.arm}/level {level.level}"
    return LevelMark(x, level, group(source, name, quantity, values), tuple(run for run, _ in pairs), values)


def unplaced(series: Iterable[LevelSeries], levels: Iterable[LevelSummary], what: str) -> tuple[str, ...]:
    """A note on replicates that have no such number, as their loss was not finite."""
    shown = sum(len(mark.runs) for it in series for mark in it.marks)
    lost = sum(level.n for level in levels) - shown
    if not lost:
        return ()
    values_are, have = (
        ("1 value of {} is not a finite number", "has")
        if lost == 1
        else (f"{lost} values of {{}} are not finite numbers", "have")
    )
    return (f"{values_are.format(what)}, and {have} no place here",)
