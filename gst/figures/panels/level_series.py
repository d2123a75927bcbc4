"""A quantity over levels: a series for each arm or kind of network, a mark for each level or width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from gst.analysis.levels import LevelResult, LevelSummary
from gst.analysis.quantities import LEVEL_QUANTITIES, LevelQuantity
from gst.figures.axes import EpochAxis, MarkAxis, left_axis
from gst.figures.frame import Pane, draw_panel
from gst.figures.level_runs import Arm
from gst.figures.panels.marks import Mark, SeriesStyle, add_marks, add_star, mark_of
from gst.figures.sheet import Row
from gst.figures.style import COLOURS, Look, intervals

SMALL_DOTS = "Small dots are single runs."
GREY = "#555555"
"""The colour of legend entries that stand for series of several colours."""
_DASHED = {"dash": "dash", "width": 1.5}


LevelMark = Mark[LevelResult, LevelSummary]
"""The replicates of an arm at one level, which it is about."""


class LevelSeries(NamedTuple):
    """Marks from the dense, full network on; `optimal` is that of the optimal level or width, if any."""

    name: str
    quantity: LevelQuantity
    noise: float
    marks: tuple[LevelMark, ...]
    optimal: LevelMark | None

    @property
    def scaled(self) -> bool:
        """Whether runs of it were shrunk from the published configuration."""
        return any(run.scale < 1 for mark in self.marks for run in mark.runs)

    def rows(self) -> Iterator[Row]:
        """The marks as rows."""
        for mark in self.marks:
            level, change = mark.about, mark.about.change
            yield {
                **mark.group.row(f"mean {self.quantity.name}"),
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
    name: str,
    quantity: LevelQuantity,
    levels: Iterable[LevelSummary],
    optimal: LevelSummary,
    x: Callable[[LevelSummary], float],
) -> LevelSeries:
    """The series of these levels, at least one; replicates without a value are left out of their mark."""
    listed = tuple(levels)
    marks = [
        mark_of(x(it), it, f"{it.arm}/level {it.level}", ((run, quantity.of(run)) for run in it.runs))
        for it in listed
        if any(quantity.of(run) is not None for run in it.runs)
    ]
    marks.sort(key=lambda mark: (mark.about.level, -mark.runs[0].weights))
    return LevelSeries(
        name,
        quantity,
        listed[0].runs[0].label_noise,
        tuple(marks),
        next((mark for mark in marks if mark.about == optimal), None),
    )


def unplaced(series: Iterable[LevelSeries], levels: Iterable[LevelSummary], what: str) -> tuple[str, ...]:
    """A note on replicates without a value, as their loss was not finite."""
    lost = sum(level.n for level in levels) - sum(len(mark.runs) for it in series for mark in it.marks)
    if not lost:
        return ()
    if lost == 1:
        return (f"1 value of {what} is not a finite number, and has no place here",)
    return (f"{lost} values of {what} are not finite numbers, and have no place here",)


def axis_of(series: Iterable[LevelSeries], labelled: Iterable[LevelSeries] = ()) -> MarkAxis:
    """The axis of these series, whose x is what is left, with ticks at the marks of some, or of all."""
    every, some = ([mark.x for it in found for mark in it.marks] for found in (series, labelled))
    return left_axis(every, some)


def name_colours(named: Iterable[Arm | LevelSeries]) -> dict[str, str]:
    """A colour for each name, the least noise first: the same in every figure of these."""
    names = dict.fromkeys(it.name for it in sorted(named, key=lambda it: it.noise))
    return {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)}


def level_words(mark: LevelMark) -> str:
    """What the place of a mark means, for whoever hovers over it."""
    level = mark.about
    left = f"{100 * level.weights_left:.3g}% of the weights left"
    return f"level {level.level}, after {level.epochs} epochs, {left}"


class Side(NamedTuple):
    """Series of one kind, and how they are drawn: each in a colour of its name, or all in that one."""

    name: str
    series: tuple[LevelSeries, ...]
    symbol: str = "square"
    dash: str = "solid"
    colour: str = ""
    aside: float = 0
    words: Callable[[LevelMark], str] = level_words
    """What the place of a mark means, for whoever hovers over it."""


class LevelsPanel(NamedTuple):
    """Series over levels, of one kind or of several that are compared. Errors are fractions of 1.

    `best` is what stars at the optimal marks are called; without it there are none. `dense` draws the test
    error of each series at level 0 as a line.
    """

    sides: tuple[Side, ...]
    axis: MarkAxis | EpochAxis
    x_title: str
    y_title: str = LEVEL_QUANTITIES["test_error"].title
    best: str = ""
    dense: bool = False
    heading: str = ""

    @property
    def series(self) -> tuple[LevelSeries, ...]:
        """The series of all sides."""
        return tuple(it for side in self.sides for it in side.series)

    def rows(self) -> Iterator[Row]:
        """The marks of all series."""
        for it in self.series:
            yield from it.rows()

    def counts(self) -> list[tuple[str, int]]:
        """Each mark, and how many runs it stands for."""
        marks = (mark for it in self.series for mark in it.marks)
        return [(f"{mark.about.arm} at level {mark.about.level}", mark.group.n) for mark in marks]

    def reading(self) -> Iterator[str]:
        """How means and intervals were made."""
        estimates = [mark.group.estimate for it in self.series for mark in it.marks]
        if estimates:
            yield f"{intervals(it.method for it in estimates if it)} {SMALL_DOTS}"


@draw_panel.register
def _(panel: LevelsPanel, pane: Pane) -> None:
    colours = name_colours(panel.series)
    drawn = [
        (it, _style(side, it, colours[it.name], panel.axis)) for side in panel.sides for it in side.series
    ]
    together = len(panel.sides) == 1 or all(side.colour for side in panel.sides)
    for it, style in drawn:
        add_marks(pane, it.marks, style, legend=together)
        if panel.dense:
            pane.across(it.marks[0].about.test_error, color=style.look.colour, **_DASHED)
    hollow = any(it.scaled for it in panel.series)
    if not together:
        _entries(pane, panel.sides, colours, hollow)
    if panel.best:
        for it, style in drawn:
            if it.optimal:
                add_star(pane, it.optimal, style)
        pane.entry(panel.best, mode="markers", marker=Look(GREY, "star").marker(13, hollow=hollow))
    if panel.dense:
        pane.entry("dense networks", mode="lines", line={"color": GREY, **_DASHED})
    shares = all(it.quantity.is_share for it in panel.series)
    pane.set_x(title_text=panel.x_title, **panel.axis.layout(pane.width))
    pane.set_y(title_text=panel.y_title, **({"tickformat": ".2~%"} if shares else {"rangemode": "tozero"}))


def _style(side: Side, series: LevelSeries, colour: str, axis: MarkAxis | EpochAxis) -> SeriesStyle:
    names = (side.name,) if side.colour else (series.name, side.name)
    return SeriesStyle(
        ", ".join(filter(None, names)),
        Look(side.colour or colour, side.symbol),
        axis.place,
        side.words,
        series.quantity.words,
        series.quantity.text,
        side.dash,
        side.aside,
        size=8,
    )


def _entries(pane: Pane, sides: Iterable[Side], colours: Mapping[str, str], hollow: bool) -> None:
    """Entries of the legend for colours, and for symbols and dashes, of which each series has one of both."""
    for name, colour in colours.items():
        pane.entry(name, mode="lines", line={"color": colour, "width": 2.5})
    for side in sides:
        if side.series:
            line = {"color": GREY, "width": 2, "dash": side.dash}
            marker = Look(GREY, side.symbol).marker(9, hollow=hollow)
            pane.entry(side.name, mode="lines+markers", line=line, marker=marker)
