"""The levels of any sweeps: errors by level, losses by EL2N group, and the best level of each arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from gst.analysis.levels import GroupLossResult, LevelSummary, group_loss_results, sparsest_better
from gst.analysis.quantities import LEVEL_QUANTITIES
from gst.dashboard.pieces import framed
from gst.figures.axes import EpochAxis
from gst.figures.frame import Pane, draw_panel
from gst.figures.level_runs import VERDICTS, Arm, LevelRuns, level_runs, points
from gst.figures.panels.group_losses import ArmGroups, GroupPanel, Shown, arm_groups, losses_by_run
from gst.figures.panels.level_series import LevelMark, LevelSeries, LevelsPanel, Side, axis_of, level_series
from gst.figures.style import Look, looks, percent
from gst.store import Store

ACROSS: Mapping[str, str] = {"weights": "weights left of the full network", "epochs": "epochs trained"}
LOSSES: Mapping[str, str] = {"loss": "training loss", "change": "change of training loss from level 0"}
OPTIMAL, SPARSEST = "optimal", "sparsest"
CHOICES: Mapping[str, str] = {
    OPTIMAL: "the optimal level of each arm",
    SPARSEST: "the sparsest level better than dense",
}
"""Choices whose level differs from arm to arm; any other choice is the number of a level."""


class LeveledSweep(NamedTuple):
    """The levels of a sweep, and the losses of its EL2N groups."""

    runs: LevelRuns
    groups: tuple[GroupLossResult, ...]

    @property
    def weights(self) -> int:
        """The number of weights of its largest network, before pruning."""
        return max(level.runs[0].weights for arm in self.runs.arms for level in arm.levels)


def leveled_sweep(store: Store, sweep: str) -> LeveledSweep:
    """The levels of the sweep of that name.

    Raises UnknownNameError where there is none, and InputError where no run of it has levels.
    """
    runs = level_runs(store, sweep)
    return LeveledSweep(runs, group_loss_results(store, runs.source))


def named_arms(sweeps: Sequence[LeveledSweep]) -> Iterator[tuple[str, LeveledSweep, Arm]]:
    """Each arm by its label, which begins with the sweep's name where there are several sweeps."""
    for sweep in sweeps:
        for arm in sweep.runs.arms:
            name = f"{sweep.runs.source.label}: {arm.label}" if len(sweeps) > 1 else arm.label
            yield name, sweep, arm


def error_series(sweeps: Sequence[LeveledSweep], across: str) -> tuple[LevelSeries, ...]:
    """The test error of each arm by weights left or by epochs.

    Extended training keeps all its weights, so it is left out by weights.
    """
    return tuple(
        level_series(
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


def group_curves(sweeps: Sequence[LeveledSweep], which: str, shown: Shown) -> tuple[ArmGroups, ...]:
    """The losses by EL2N group at that level, for each arm that has any."""
    found = (
        arm_groups(arm, level, losses_by_run(sweep.groups), shown).named(name)
        for name, sweep, arm in named_arms(sweeps)
        if (level := _level(arm, which))
    )
    return tuple(it for it in found if it.groups)


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
    draw_panel(LevelsPanel(sides, axis, title, best="optimal level"), pane)
    return framed(pane.figure, 540, across)


def _starred(series: LevelSeries) -> LevelSeries:
    """The series with its optimal level, if it has several."""
    return series if len(series.marks) > 1 else series._replace(optimal=None)


def draw_groups(curves: Sequence[ArmGroups], shown: Shown, look: Mapping[str, Look]) -> go.Figure:
    """The losses of arms by EL2N group, each in its look."""
    names = [f"{it.arm.name}, level {it.level.level}" for it in curves]
    arms = tuple(it.named(name) for it, name in zip(curves, names, strict=True))
    looks_of = {name: look[it.arm.name] for it, name in zip(curves, names, strict=True)}
    pane = Pane(go.Figure())
    draw_panel(GroupPanel("optimal", arms, looks_of, shown=shown), pane)
    pane.set_y(title_text=LOSSES[shown].capitalize())
    return framed(pane.figure, 540, shown)


def arm_looks(sweeps: Sequence[LeveledSweep]) -> dict[str, Look]:
    """A look for each arm, the same in every picture of the page."""
    return looks(list(dict.fromkeys(name for name, _, _ in named_arms(sweeps))))


def _where(mark: LevelMark) -> str:
    level, run = mark.about, mark.runs[0]
    left = f"{100 * level.weights_left:.3g}% of {run.weights:,} weights left"
    return f"level {level.level}, after {level.epochs} epochs, {left}"
