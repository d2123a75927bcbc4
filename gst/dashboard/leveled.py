"""The levels of any sweeps: errors by level, losses by EL2N group, and the best level of each arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import plotly.graph_objects as go

from gst.analysis import GroupLossResult, LevelResult, LevelSummary, group_loss_results, sparsest_better
from gst.analysis.quantities import LEVEL_QUANTITIES
from gst.dashboard.pieces import framed
from gst.figures.axes import asides
from gst.figures.frame import Pane, draw_panel
from gst.figures.groups import Group, group
from gst.figures.level_runs import VERDICTS, Arm, LevelRuns, level_runs, points
from gst.figures.panels.levels import (
    EpochAxis,
    LevelMark,
    LevelSeries,
    LevelsPanel,
    Side,
    axis_of,
    level_series,
)
from gst.figures.panels.marks import SeriesStyle, add_marks
from gst.figures.style import Look, looks, percent
from gst.store import Store

ACROSS: Mapping[str, str] = MappingProxyType(
    {"weights": "weights left of the full network", "epochs": "epochs trained"}
)
LOSSES: Mapping[str, str] = MappingProxyType(
    {"loss": "training loss", "change": "change of training loss from level 0"}
)
OPTIMAL, SPARSEST = "optimal", "sparsest"
CHOICES: Mapping[str, str] = MappingProxyType(
    {OPTIMAL: "the optimal level of each arm", SPARSEST: "the sparsest level better than dense"}
)
"""Choices whose level differs from arm to arm; any other choice is the number of a level."""


class LeveledSweep(NamedTuple):
    """The levels of a sweep, and the losses of its EL2N groups."""

    runs: LevelRuns
    groups: tuple[GroupLossResult, ...]

    @property
    def weights(self) -> int:
        """The number of weights of its largest network, before pruning."""
        return max(level.runs[0].weights for arm in self.runs.arms for level in arm.levels)


class GroupMark(NamedTuple):
    """An EL2N group of an arm at a level: its number, from 1, and the mean and values of its runs."""

    x: int
    group: Group
    runs: tuple[LevelResult, ...]
    values: tuple[float, ...]


class GroupCurve(NamedTuple):
    """The losses of an arm at a level by EL2N group, lowest scores first."""

    name: str
    level: LevelSummary
    marks: tuple[GroupMark, ...]


def leveled_sweep(store: Store, sweep: str) -> LeveledSweep:
    """The levels of the newest sweep of that name.

    Raises UnknownNameError where there is none, and InputError where no run of it has levels.
    """
    runs = level_runs(store, sweep)
    return LeveledSweep(runs, group_loss_results(store, runs.source))


def named_arms(sweeps: Sequence[LeveledSweep]) -> Iterator[tuple[str, LeveledSweep, Arm]]:
    """Each arm by its label, which begins with the sweep's name where there are several sweeps."""
    for sweep in sweeps:
        for arm in sweep.runs.arms:
            name = f"{sweep.runs.source.sweep}: {arm.label}" if len(sweeps) > 1 else arm.label
            yield name, sweep, arm


def error_series(sweeps: Sequence[LeveledSweep], across: str) -> tuple[LevelSeries, ...]:
    """The test error of each arm by weights left or by epochs.

    Extended training keeps all its weights, so it is left out by weights.
    """
    return tuple(
        level_series(
            sweep.runs.source,
            name,
            LEVEL_QUANTITIES["test_error"],
            arm.levels,
            arm.optimal,
            lambda level, full=sweep.weights: (  # type: ignore[misc]
                float(level.epochs)
                if across == "epochs"
                else level.weights_left * level.runs[0].weights / full
            ),
        )
        for name, sweep, arm in named_arms(sweeps)
        if across == "epochs" or arm.first.kind != "extended"
    )


def level_choices(sweeps: Sequence[LeveledSweep]) -> dict[str, str]:
    """The levels that can be chosen, and their labels."""
    numbers = sorted({it.level for sweep in sweeps for it in sweep.groups})
    return {**CHOICES, **{str(number): f"level {number}" for number in numbers}}


def group_curves(sweeps: Sequence[LeveledSweep], which: str, shown: str) -> tuple[GroupCurve, ...]:
    """The losses by EL2N group at that level, for each arm that has any."""
    curves = (_curve(name, sweep, arm, which, shown) for name, sweep, arm in named_arms(sweeps))
    return tuple(curve for curve in curves if curve)


def _curve(name: str, sweep: LeveledSweep, arm: Arm, which: str, shown: str) -> GroupCurve | None:
    level = _level(arm, which)
    if level is None:
        return None
    losses = {(it.key, it.level, it.bin): it.loss for it in sweep.groups if it.arm == arm.label}
    marks = []
    for number in sorted({number for _, _, number in losses}):
        pairs = [
            (run, loss - dense if shown == "change" else loss)
            for run in level.runs
            if (loss := losses.get((run.key, level.level, number))) is not None
            and (dense := losses.get((run.key, 0, number))) is not None
        ]
        if pairs:
            runs, values = zip(*pairs, strict=True)
            stream = f"{arm.label}/level {level.level}/group {number}"
            marks.append(GroupMark(number, group(sweep.runs.source, stream, shown, values), runs, values))
    return GroupCurve(name, level, tuple(marks)) if marks else None


def _level(arm: Arm, which: str) -> LevelSummary | None:
    if which == OPTIMAL:
        return arm.optimal
    if which == SPARSEST:
        return sparsest_better(arm.levels)
    return next((level for level in arm.levels if str(level.level) == which), None)


OPTIMAL_COLUMNS = (
    "arm", "runs", "optimal level", "weights left", "epochs", "test error", "against dense", "verdict",
    "sparsest level better", "chosen by",
)  # fmt: skip


def optimal_rows(sweeps: Sequence[LeveledSweep]) -> list[list[object]]:
    """A row for each arm with several levels: its optimal level, compared with its dense networks."""
    rows: list[list[object]] = []
    for name, sweep, arm in named_arms(sweeps):
        if len(arm.levels) < 2:
            continue
        best, sparsest = arm.optimal, sparsest_better(arm.levels)
        rows.append(
            [
                name,
                best.n,
                best.level,
                f"{100 * best.weights_left:.3g}%",
                best.epochs,
                percent(best.test_error, 2),
                points(best.change) if best.level else "",
                VERDICTS[best.against_dense] if best.level else "dense is best",
                "" if sparsest is None else f"{sparsest.level} ({100 * sparsest.weights_left:.3g}%)",
                f"{sweep.runs.by} error",
            ]
        )
    return rows


def draw_errors(series: Sequence[LevelSeries], across: str, look: Mapping[str, Look]) -> go.Figure:
    """The test errors of arms by weights left or by epochs, each arm in its look."""
    sides = tuple(
        Side(it.name, (_starred(it),), look[it.name].symbol, colour=look[it.name].colour, words=_where)
        for it in series
    )
    by_weights = across == "weights"
    title = f"{ACROSS[across].capitalize()}{', %' if by_weights else ''}"
    axis = axis_of(series) if by_weights else EpochAxis()
    pane = Pane(go.Figure())
    draw_panel(LevelsPanel(sides, axis, title, best="optimal level", ticks=12), pane)
    return framed(pane.figure, 540, across)


def _starred(series: LevelSeries) -> LevelSeries:
    """The series with its optimal level, if it has several."""
    return series if len(series.marks) > 1 else series._replace(optimal=None)


def draw_groups(curves: Sequence[GroupCurve], shown: str, look: Mapping[str, Look]) -> go.Figure:
    """The losses of arms by EL2N group, each arm in its look."""
    pane = Pane(go.Figure())
    for curve, aside in zip(curves, asides(len(curves)), strict=True):
        style = SeriesStyle(
            f"{curve.name}, level {curve.level.level}",
            look[curve.name],
            lambda x, aside: x + 0.2 * aside,
            lambda mark: f"group {mark.x}",
            LOSSES[shown],
            LEVEL_QUANTITIES["train_loss"].text,
            aside=aside,
            size=8,
        )
        add_marks(pane, curve.marks, style)
    last = max((mark.x for curve in curves for mark in curve.marks), default=1)
    pane.set_x(title_text="EL2N group, lowest scores first", tick0=0, dtick=1 if last <= 10 else 2)
    pane.set_y(title_text=LOSSES[shown].capitalize())
    return framed(pane.figure, 540, shown)


def arm_looks(sweeps: Sequence[LeveledSweep]) -> dict[str, Look]:
    """A look for each arm, the same in every picture of the page."""
    return looks(list(dict.fromkeys(name for name, _, _ in named_arms(sweeps))))


def _where(mark: LevelMark) -> str:
    level, run = mark.level, mark.runs[0]
    left = f"{100 * level.weights_left:.3g}% of {run.weights:,} weights left"
    return f"level {level.level}, epoch {level.epochs}, {left}"
