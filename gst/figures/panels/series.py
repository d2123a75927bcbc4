"""A quantity along an axis: one series for each method, one mark for each of its configurations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis.results import RunResult, distinct
from gst.figures.axes import MarkAxis, asides, rate_axis
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean, unpruned_means
from gst.figures.methods import SCORES, Method, dashes, method, method_looks, methods, names
from gst.figures.panels.baselines import add_baseline
from gst.figures.panels.marks import Mark, SeriesStyle, add_marks, mark_of
from gst.figures.pruning_rate import iterative_rate
from gst.figures.sheet import Row
from gst.figures.style import intervals
from gst.figures.sweep_runs import SweepRuns
from gst.grouping import grouped

MUCH = 3
"""The slower rates have an inset where all rates together span this many times their range of y."""
OfRun = Callable[[RunResult], float | None]
"""A number of a run; None where it has none."""


RateMark = Mark[RunResult, int | None]
"""The runs of one configuration, about its retrain period."""


class Series(NamedTuple):
    """The marks of one method, from left to right, one for each of its configurations.

    Configurations at the same place have a mark each: runs of two configurations are not draws from
    one distribution, and an interval over both would take them for it.
    """

    method: Method
    marks: tuple[RateMark, ...]

    def rows(self, what: str, axis: str) -> Iterator[Row]:
        """A row for each mark: `what` names the quantity, `axis` the column of x, empty for an infinite x."""
        for mark in self.marks:
            method_of = {"score": self.method.score, "target": self.method.target}
            x = None if mark.x == math.inf else mark.x
            yield {**mark.group.row(what), **method_of, axis: x, "retrain_period": mark.about}


def series(runs: Iterable[RunResult], x: OfRun, y: OfRun) -> tuple[Series, ...]:
    """A series for each method, of the runs that have an x and a y; a run in two arms counts once."""
    counted = [run for run in distinct(runs) if x(run) is not None and y(run) is not None]
    return tuple(
        Series(it, _marks([run for run in counted if method(run) == it], x, y)) for it in methods(counted)
    )


def _marks(runs: Sequence[RunResult], x: OfRun, y: OfRun) -> tuple[RateMark, ...]:
    marks = []
    for of_config in grouped((run.config_id, run) for run in runs).values():
        first = of_config[0]
        place = x(first)
        assert place is not None
        values = ((run, y(run)) for run in of_config)
        marks.append(mark_of(place, first.retrain_period, first.arm, values))
    return tuple(sorted(marks, key=lambda mark: (mark.x, mark.about or 0)))


class SeriesPanel(NamedTuple):
    """Series that stand side by side on one axis, and unpruned runs as lines; y is a fraction of 1.

    The table has the means under `what`, and x in the column `x_name`.
    """

    heading: str
    what: str
    x_name: str
    x_title: str
    axis: MarkAxis
    series: tuple[Series, ...]
    styles: Mapping[Method, SeriesStyle]
    baselines: tuple[RunMean, ...] = ()
    about: Row | None = None
    """Further columns of the rows of marks, which tell panels of the same quantity apart."""
    inset: MarkAxis | None = None
    """The axis of an inset without the last x, drawn where that one alone spreads the axis of y."""

    def rows(self) -> Iterator[Row]:
        """The means of configurations, then those of unpruned runs."""
        for it in self.series:
            for row in it.rows(self.what, self.x_name):
                yield {**row, **(self.about or {})}
        for baseline in self.baselines:
            yield baseline.row(self.what)

    def counts(self) -> list[tuple[str, int]]:
        """Each mark, and its number of runs."""
        return [
            (f"{self.styles[it.method].name} at {self.axis.short(mark.x)}", mark.group.n)
            for it in self.series
            for mark in it.marks
        ]

    def reading(self) -> Iterator[str]:
        """How means and intervals were made."""
        groups = [mark.group for it in self.series for mark in it.marks]
        yield (
            f"{intervals(it.estimate.method for it in groups if it.estimate)} "
            "Small dots are single runs; series at one place stand a little apart."
        )
        alike = any(len({mark.x for mark in it.marks}) < len(it.marks) for it in self.series)
        if alike and self.x_name == "iterative_rate":
            yield "Two retrain periods can have the same rate: each has its own mark; they are not pooled."

    @property
    def slower(self) -> tuple[Series, ...]:
        """The series without the last x, where that one alone spreads the axis; else none."""
        marks = [mark for it in self.series for mark in it.marks]
        places = {mark.x for mark in marks}
        if self.inset is None or len(places) < 3:
            return ()
        slower = [mark.group.mean for mark in marks if mark.x < max(places)]
        if np.ptp([mark.group.mean for mark in marks]) <= MUCH * np.ptp(slower):
            return ()
        trimmed = (
            it._replace(marks=tuple(mark for mark in it.marks if mark.x < max(places))) for it in self.series
        )
        return tuple(it for it in trimmed if it.marks)


def rate_panel(
    runs: SweepRuns,
    quantity: str,
    y: OfRun,
    *,
    heading: str,
    what: str = "",
    scores: Mapping[str, str] = SCORES,
    baselines: tuple[RunMean, ...] = (),
    inset: bool = False,
) -> SeriesPanel:
    """The panel of a quantity of a run against its iterative rate, a series for each method.

    Panels of the same runs have the same axis and styles. `quantity` is what y is called, `what` the name of
    its means in the table.
    """
    paced = [run for run in distinct(runs.runs) if iterative_rate(run) is not None]
    axis = rate_axis([rate for run in paced if (rate := iterative_rate(run)) is not None])
    order = methods(paced)
    name, look, dash = names(order, scores), method_looks(order), dashes(order)
    styles = {
        it: SeriesStyle(name[it], look[it], axis.place, _rate_words, quantity, dash=dash[it], aside=aside)
        for it, aside in zip(order, asides(len(order)), strict=True)
    }
    return SeriesPanel(
        heading,
        what or f"mean {quantity}",
        "iterative_rate",
        "Iterative rate, % of the most pruned layer",
        axis,
        series(runs.runs, iterative_rate, y),
        styles,
        baselines,
        inset=axis._replace(values=axis.values[:-1]) if inset else None,
    )


def accuracy_panel(runs: SweepRuns, scores: Mapping[str, str] = SCORES) -> SeriesPanel:
    """The panel of accuracy against the iterative rate, with the means of unpruned arms."""

    def accuracy(run: RunResult) -> float:
        return run.accuracy(runs.accuracy)

    what, since, more = runs.accuracy_quantity.title.partition("since")
    return rate_panel(
        runs,
        "accuracy",
        accuracy,
        heading=f"<b>{what}</b>{'<br>' if more else ''}{since}{more}",
        what=f"mean {runs.accuracy}_test_accuracy",
        scores=scores,
        baselines=unpruned_means(runs.runs, accuracy),
    )


def _rate_words(mark: RateMark) -> str:
    return f"{100 * mark.x:.4g}% an event, every {mark.about} epoch{'' if mark.about == 1 else 's'}"


@draw_panel.register
def _(panel: SeriesPanel, pane: Pane) -> None:
    for it in panel.series:
        add_marks(pane, it.marks, panel.styles[it.method])
    for baseline in panel.baselines:
        add_baseline(pane, baseline, legend=True)
    pane.set_x(title_text=panel.x_title, title_font_size=14, **panel.axis.layout(pane.width))
    pane.set_y(tickformat=".2~%")
    if panel.inset and panel.slower:
        inset = pane.inset(0.17, 0.12, 0.5, 0.45)
        for it in panel.slower:
            add_marks(inset, it.marks, panel.styles[it.method], small=True, legend=False)
        inset.set_x(**panel.inset.layout(inset.width), tickfont_size=10)
        inset.set_y(tickformat=".2~%", tickfont_size=10, nticks=5)
