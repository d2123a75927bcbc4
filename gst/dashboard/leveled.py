"""The levels of any sweeps: errors by level, losses by EL2N group, and the best level of each arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.analysis import GroupLossResult, LevelSummary, group_loss_results, sparsest_better
from gst.dashboard.pieces import framed
from gst.figures.axes import asides
from gst.figures.groups import Group, group
from gst.figures.level_axis import axis_of
from gst.figures.level_drawing import Manner, add_entry, add_levels, error_words
from gst.figures.level_runs import Arm, LevelRuns, level_runs
from gst.figures.level_series import LevelMark, LevelSeries, level_series
from gst.figures.level_words import VERDICTS, points
from gst.figures.panels.marks import error_bars
from gst.figures.style import Look, looks, percent, plain
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
"""Levels that are another one in each arm; all else is a level's number."""


class LeveledSweep(NamedTuple):
    """The levels of a sweep, and the losses of its EL2N groups."""

    runs: LevelRuns
    groups: tuple[GroupLossResult, ...]

    @property
    def weights(self) -> int:
        """Those of the largest network in it, all of them."""
        return max(level.runs[0].weights for arm in self.runs.arms for level in arm.levels)


class GroupCurve(NamedTuple):
    """The losses of an arm by EL2N group at a level, means with intervals, from the first group on."""

    name: str
    level: LevelSummary
    bins: tuple[int, ...]
    groups: tuple[Group, ...]


def leveled_sweep(store: Store, sweep: str) -> LeveledSweep:
    """The levels of the newest sweep of that name.

    Raises UnknownNameError where there is none, and InputError where no run of it has levels.
    """
    runs = level_runs(store, sweep)
    return LeveledSweep(runs, group_loss_results(store, runs.source))


def named_arms(sweeps: Sequence[LeveledSweep]) -> Iterator[tuple[str, LeveledSweep, Arm]]:
    """Each arm under its label, with its sweep's name before it where there are several sweeps."""
    for sweep in sweeps:
        for arm in sweep.runs.arms:
            name = f"{sweep.runs.source.sweep}: {arm.label}" if len(sweeps) > 1 else arm.label
            yield name, sweep, arm


def error_series(sweeps: Sequence[LeveledSweep], across: str) -> tuple[LevelSeries, ...]:
    """The test error of each arm; extended training is left out where weights are asked for: all are left."""
    return tuple(
        level_series(
            sweep.runs.source,
            name,
            "test_error",
            arm.levels,
            arm.optimal,
            lambda level, full=sweep.weights: (  # type: ignore[misc]
                float(level.epochs)
                if across == "epochs"
                else level.weights_left * level.runs[0].weights / full
            ),
            lambda run: run.test_error,
        )
        for name, sweep, arm in named_arms(sweeps)
        if across == "epochs" or arm.first.kind != "extended"
    )


def level_choices(sweeps: Sequence[LeveledSweep]) -> dict[str, str]:
    """The levels that can be looked at, and what they are called."""
    numbers = sorted({it.level for sweep in sweeps for it in sweep.groups})
    return {**CHOICES, **{str(number): f"level {number}" for number in numbers}}


def group_curves(sweeps: Sequence[LeveledSweep], which: str, shown: str) -> tuple[GroupCurve, ...]:
    """The losses by EL2N group of each arm that has any, at that level."""
    curves = (_curve(name, sweep, arm, which, shown) for name, sweep, arm in named_arms(sweeps))
    return tuple(curve for curve in curves if curve)


def _curve(name: str, sweep: LeveledSweep, arm: Arm, which: str, shown: str) -> GroupCurve | None:
    level = _level(arm, which)
    if level is None:
        return None
    losses = {(it.key, it.level, it.bin): it.loss for it in sweep.groups if it.arm == arm.label}
    bins, groups = [], []
    for number in sorted({number for _, _, number in losses}):
        values = []
        for run in level.runs:
            loss, dense = (losses.get((run.key, at, number)) for at in (level.level, 0))
            if loss is not None and dense is not None:
                values.append(loss - dense if shown == "change" else loss)
        if values:
            bins.append(number)
            stream = f"{arm.label}/level {level.level}/group {number}"
            groups.append(group(sweep.runs.source, stream, shown, values))
    return GroupCurve(name, level, tuple(bins), tuple(groups)) if bins else None


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
    """A row for each arm of several levels: its optimal one, and how it compares with its dense networks."""
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


AXES = ("x", "y")


def draw_errors(series: Sequence[LevelSeries], across: str, look: Mapping[str, Look]) -> go.Figure:
    """The test errors of arms, each in its look, by what is left of the weights or by epochs."""
    figure = make_subplots(rows=1, cols=1)
    axis = axis_of(series) if across == "weights" else None

    def place(x: float, aside: float) -> float:
        return axis.place(x) if axis else x

    drawn = [
        (it, Manner(look[it.name], place, _where, error_words, "test error", star=len(it.marks) > 1))
        for it in series
    ]
    add_levels(figure, drawn, AXES)
    for it in series:
        marker = look[it.name].marker(8, hollow=it.scaled)
        add_entry(figure, it.name, look[it.name].colour, mode="lines+markers", marker=marker)
    title = f"{ACROSS[across].capitalize()}{', %' if axis else ''}"
    figure.update_xaxes(title_text=title, **(axis.layout(most=12) if axis else {"rangemode": "tozero"}))
    figure.update_yaxes(title_text="Test error", tickformat=".2~%")
    return framed(figure, 540, across)


def draw_groups(curves: Sequence[GroupCurve], shown: str, look: Mapping[str, Look]) -> go.Figure:
    """The losses of arms by EL2N group, each in its look."""
    figure = make_subplots(rows=1, cols=1)
    for curve, aside in zip(curves, asides(len(curves)), strict=True):
        found = look[curve.name]
        hollow = any(run.scale < 1 for run in curve.level.runs)
        figure.add_scatter(
            x=[number + 0.2 * aside for number in curve.bins],
            y=[it.mean for it in curve.groups],
            name=plain(f"{curve.name}, level {curve.level.level}"),
            mode="lines+markers",
            line={"color": found.colour, "width": 1.5},
            marker=found.marker(8, hollow=hollow),
            error_y=error_bars(curve.groups, found.colour, small=True),
            customdata=[
                (number, it.n, _bounds(it)) for number, it in zip(curve.bins, curve.groups, strict=True)
            ],
            hovertemplate=(
                f"<b>{plain(curve.name)}</b>, level {curve.level.level}<br>group %{{customdata[0]}}: "
                "mean %{y:.4g}<br>%{customdata[2]}, n = %{customdata[1]}<extra></extra>"
            ),
        )
    figure.update_xaxes(title_text="EL2N group, lowest scores first")
    figure.update_yaxes(title_text=LOSSES[shown].capitalize())
    return framed(figure, 540, shown)


def arm_looks(sweeps: Sequence[LeveledSweep]) -> dict[str, Look]:
    """A look for each arm, the same in every picture of the page."""
    return looks(list(dict.fromkeys(name for name, _, _ in named_arms(sweeps))))


def _where(mark: LevelMark) -> str:
    level, run = mark.level, mark.runs[0]
    left = f"{100 * level.weights_left:.3g}% of {run.weights:,} weights left"
    return f"level {level.level}, epoch {level.epochs}, {left}"


def _bounds(found: object) -> str:
    estimate = getattr(found, "estimate", None)
    return f"{estimate.low:.4g} to {estimate.high:.4g}" if estimate else "no interval"
