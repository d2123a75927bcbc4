"""Levels of any sweeps for their page: read once, kept until another run completes, and summed up."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from gst.analysis import GroupLossResult, LevelSummary, group_loss_results, sparsest_better
from gst.figures.groups import Group, group
from gst.figures.level_runs import Arm, LevelRuns, level_runs
from gst.figures.level_series import LevelSeries, level_series
from gst.figures.level_words import VERDICTS, points
from gst.figures.style import percent
from gst.store import Store

ACROSS: Mapping[str, str] = MappingProxyType(
    {"weights": "weights left of the full network", "epochs": "epochs trained"}
)
LOSSES: Mapping[str, str] = MappingProxyType({"loss": "loss", "change": "loss less that of level 0"})
OPTIMAL, SPARSEST = "optimal", "sparsest"
CHOICES: Mapping[str, str] = MappingProxyType(
    {OPTIMAL: "the optimal level of each arm", SPARSEST: "the sparsest level better than dense"}
)
"""Levels that are another one in each arm; all else is a level's number."""
_SWEEPS = """\
SELECT w.name, max(w.sweep_id)
FROM sweeps w
JOIN sweep_runs m ON m.sweep_id = w.sweep_id
WHERE EXISTS (SELECT 1 FROM levels l WHERE l.run_id = m.run_id)
GROUP BY w.name
ORDER BY max(w.sweep_id) DESC"""
_MARK = """\
SELECT w.sweep_id, count(*) FROM sweeps w
JOIN sweep_runs m ON m.sweep_id = w.sweep_id
JOIN runs r ON r.run_id = m.run_id
WHERE w.name = :sweep AND r.status = 'completed'
GROUP BY w.sweep_id
ORDER BY w.sweep_id"""


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


def leveled_sweeps(store: Store) -> list[str]:
    """The names of the sweeps with a run that was summed up level by level, that of the newest first."""
    return [row[0] for row in store.query(_SWEEPS).rows]


class Leveled:
    """The levels of sweeps, kept until one more run completes. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[str, LeveledSweep]] = {}
        self._lock = threading.Lock()

    def mark(self, sweep: str) -> str:
        """What changes when another run of that sweep completes."""
        return repr(self._store.query(_MARK, sweep=sweep).rows)

    def of(self, sweep: str) -> LeveledSweep:
        """Those of the newest sweep of that name.

        Raises UnknownNameError where there is none, and InputError where no run of it has levels.
        """
        with self._lock:  # two pictures and a table ask at once, and one of them is enough
            mark = self.mark(sweep)
            if self._known.get(sweep, ("",))[0] != mark:
                runs = level_runs(self._store, sweep)
                groups = group_loss_results(self._store, runs.source)
                self._known[sweep] = mark, LeveledSweep(runs, groups)
            return self._known[sweep][1]


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
    "arm", "runs", "optimal level", "weights left", "epochs", "test error", "against dense", "",
    "sparsest level better", "chosen by",
)  # fmt: skip


def optimal_rows(sweeps: Sequence[LeveledSweep]) -> list[list[object]]:
    """A row for each arm: its optimal level, and how that compares with its dense networks."""
    rows: list[list[object]] = []
    for name, sweep, arm in named_arms(sweeps):
        best, sparsest = arm.optimal, sparsest_better(arm.levels)
        several = len(arm.levels) > 1
        rows.append(
            [
                name,
                best.n,
                best.level,
                f"{100 * best.weights_left * best.runs[0].weights / sweep.weights:.3g}%",
                best.epochs,
                percent(best.test_error, 2),
                points(best.change) if several and best.level else "",
                VERDICTS[best.against_dense]
                if several and best.level
                else "dense is best"
                if several
                else "",
                "" if sparsest is None else f"{sparsest.level} ({100 * sparsest.weights_left:.3g}%)",
                f"{sweep.runs.by} error",
            ]
        )
    return rows
