"""A table of arms, set as in print: each arm's accuracy and stability, and whether arms differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis.quantities import stability
from gst.analysis.results import Accuracy, RunResult
from gst.errors import InputError
from gst.figures.frame import Pane, draw_panel
from gst.figures.sheet import Grid, Row, Sheet, missing_rows
from gst.figures.style import INK, p_value, plain, signed
from gst.figures.sweep_runs import SweepRuns
from gst.stats.tests import TTest, t_test
from gst.words import cut, short

ROW = 44
"""Pixels of a row."""
MOST = 12
"""Number of runs that hovering over a row lists."""


class Spread(NamedTuple):
    """A mean over runs and their sample standard deviation (ddof 1), None for one run; fractions of 1."""

    mean: float
    deviation: float | None

    def text(self, digits: int) -> str:
        """The spread in percent: `92.40 ± 0.12`."""
        deviation = "" if self.deviation is None else f" ± {100 * self.deviation:.{digits}f}"
        return f"{100 * self.mean:.{digits}f}{deviation}"


class ArmRow(NamedTuple):
    """One arm; `stability` is None where it was not measured, in runs pruned before their training."""

    arm: str
    runs: tuple[RunResult, ...]
    accuracy: Spread
    stability: Spread | None

    @property
    def is_scaled(self) -> bool:
        """Whether a run of the arm was scaled down."""
        return any(run.scale < 1 for run in self.runs)


class ArmDifference(NamedTuple):
    """The accuracy of `arm` less that of `other`, and the pooled two-tailed test; None for the `reason`."""

    arm: str
    other: str
    difference: float
    test: TTest | None
    reason: str

    @property
    def mark(self) -> str:
        """The stars that the p earns."""
        return "" if self.test is None else stars(self.test.p)

    def text(self) -> str:
        """The difference in percentage points with its p: `+0.51*, p = 0.03`."""
        value = signed(100 * self.difference, plus=True)
        if self.test is None:
            return f"{value}, not tested"
        mark = f"<sup>{self.mark}</sup>" if self.mark else ""
        return f"{value}{mark}, {p_value(self.test.p)}"


class ArmTable(NamedTuple):
    """The arms of a sweep, and the differences of some of them."""

    runs: SweepRuns
    arms: tuple[ArmRow, ...]
    differences: tuple[ArmDifference, ...]
    heading: str = ""

    def of(self, arm: str) -> ArmDifference | None:
        """The difference that stands in the row of that arm."""
        return next((it for it in self.differences if it.arm == arm), None)

    def rows(self) -> Iterator[Row]:
        """Arms, differences and missing runs, one a row; fractions of 1."""
        accuracy = f"{self.runs.accuracy}_test_accuracy"
        for arm in self.arms:
            yield {
                "what": "arm",
                "arm": arm.arm,
                "n": len(arm.runs),
                accuracy: arm.accuracy.mean,
                f"{accuracy}_std": arm.accuracy.deviation,
                "stability": arm.stability.mean if arm.stability else None,
                "stability_std": arm.stability.deviation if arm.stability else None,
            }
        for it in self.differences:
            found = it.test._asdict() | dict(zip(("n", "n_other"), it.test.n, strict=True)) if it.test else {}
            row = {"what": "difference", "arm": it.arm, "other": it.other, "value": it.difference}
            yield {**row, **found, "significance": it.mark, "note": it.reason}
        yield from missing_rows(self.runs.source)

    def reading(self) -> Iterator[str]:
        """The definition of stability, and the test of differences."""
        yield "A run's stability is the mean over its pruning events, 100% by definition without pruning."
        tested = next((it.test for it in self.differences if it.test), None)
        if tested:
            kind = tested.method.partition("% ")[2].removesuffix(" t")
            yield (
                f"The paper's test: two-sample t, arms as independent, {kind} variance, two-tailed: "
                "(*) p < 10%, * p < 5%, ** p < 1%; not corrected for their number."
            )

    @property
    def notes(self) -> tuple[str, ...]:
        """The differences that were not tested, and why."""
        untested = [it for it in self.differences if it.test is None]
        return tuple(f"not tested: {it.arm} against {it.other}: {it.reason}" for it in untested)

    @property
    def others(self) -> str:
        """The arm that differences are taken from, or the last word of its name where that is the same."""
        others = {it.other for it in self.differences}
        kinds = {other.rpartition(" ")[2] for other in others}
        than = others if len(others) == 1 else kinds if len(kinds) == 1 else {"the first of its kind"}
        return than.pop() if others else ""


def arm_rows(found: SweepRuns) -> tuple[ArmRow, ...]:
    """The arms with a completed run, in the order of the sweep file."""
    return tuple(_arm(arm, runs, found.accuracy) for arm, runs in found.by_arm.items())


def arm_table(found: SweepRuns, arms: tuple[ArmRow, ...], pairs: Iterable[tuple[ArmRow, ArmRow]]) -> Sheet:
    """A sheet with the table of these arms, and the difference of each pair in the row of its first."""
    differences = tuple(_difference(one, other, found.accuracy) for one, other in pairs)
    table = ArmTable(found, arms, differences)
    return Sheet(
        found,
        (table,),
        about=(found.accuracy_quantity.words,),
        notes=table.notes,
        parts=(table,),
        grid=Grid(row=ROW * (len(arms) + 1), foot=14),
        interval="mean ± sample standard deviation",
        scaled="↓: ",
    )


def stars(p: float) -> str:
    """`**` below 1%, `*` below 5%, `(*)` below 10%, as GST 2020 marks Table C.1."""
    return "**" if p < 0.01 else "*" if p < 0.05 else "(*)" if p < 0.1 else ""


def _arm(arm: str, runs: tuple[RunResult, ...], accuracy: Accuracy) -> ArmRow:
    measured = [value for run in runs if (value := stability(run)) is not None]
    accuracies = [run.accuracy(accuracy) for run in runs]
    return ArmRow(arm, runs, _spread(accuracies), _spread(measured) if measured else None)


def _spread(values: Sequence[float]) -> Spread:
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None)


def _difference(arm: ArmRow, other: ArmRow, accuracy: Accuracy) -> ArmDifference:
    one, two = ([run.accuracy(accuracy) for run in row.runs] for row in (arm, other))
    difference = arm.accuracy.mean - other.accuracy.mean
    try:
        return ArmDifference(arm.arm, other.arm, difference, t_test(one, two, variances="pooled"), "")
    except InputError as error:
        return ArmDifference(arm.arm, other.arm, difference, None, str(error))


class _Column(NamedTuple):
    """A column: its place in the width of 1, its alignment, its head, and its text for an arm."""

    x: float
    align: str
    head: str
    cell: Callable[[ArmRow], str]


def _columns(table: ArmTable) -> tuple[_Column, ...]:
    def difference(arm: ArmRow) -> str:
        found = table.of(arm.arm)
        return found.text() if found else ""

    def stable(arm: ArmRow) -> str:
        return arm.stability.text(3) if arm.stability else "not measured"

    head = f"Difference from {plain(table.others)}" if table.others else "Difference"
    return (
        _Column(0.0, "right", "Arm", lambda arm: plain(arm.arm) + (" ↓" if arm.is_scaled else "")),
        _Column(0.35, "left", "Runs", lambda arm: str(len(arm.runs))),
        _Column(0.55, "left", "Test accuracy, %", lambda arm: arm.accuracy.text(2)),
        _Column(0.76, "left", "Stability, %", stable),
        _Column(1.0, "left", head, difference),
    )


@draw_panel.register
def _(panel: ArmTable, pane: Pane) -> None:
    columns = _columns(panel)
    _write(pane, columns, 0, [f"<b>{column.head}</b>" for column in columns], "")
    for place, arm in enumerate(panel.arms, start=1):
        _write(pane, columns, place, [column.cell(arm) for column in columns], _hover(panel, arm))
    for y, width in ((-0.5, 2.5), (0.5, 1), (len(panel.arms) + 0.5, 2.5)):
        pane.across(y, color=INK, width=width)
    pane.set_x(visible=False, range=[0, 1], fixedrange=True)
    pane.set_y(visible=False, range=[len(panel.arms) + 0.5, -0.5], fixedrange=True)


def _write(pane: Pane, columns: Sequence[_Column], place: int, cells: Sequence[str], hover: str) -> None:
    pane.add(
        x=[column.x for column in columns],
        y=[place] * len(columns),
        text=list(cells),
        mode="text",
        textposition=[f"middle {column.align}" for column in columns],
        textfont={"size": 16, "color": INK},
        hovertext=hover,
        hoverinfo="text" if hover else "skip",
        cliponaxis=False,
    )


def _hover(table: ArmTable, arm: ArmRow) -> str:
    lines = [
        f"seed {run.seed}: {100 * run.accuracy(table.runs.accuracy):.2f}%, run {short(run.key)}"
        for run in arm.runs
    ]
    return "<br>".join([f"<b>{plain(arm.arm)}</b>, n = {len(lines)}", *cut(lines, MOST)])
