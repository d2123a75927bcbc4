"""What was measured of completed runs besides their training: the flatness of the loss, and normality.

As in `results`, each function has the completed runs of a source in the order of the sweep file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.results import RunResult, run_results
from gst.analysis.source import Source, completed_results, completed_rows
from gst.config.measure import Measurements
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store


_ASKED = """\
SELECT DISTINCT measure FROM sweep_runs WHERE sweep_id = :sweep_id AND measure IS NOT NULL ORDER BY measure"""


class FlatnessResult(NamedTuple):
    """The flatness of a completed run in one arm, measured at the end of that epoch, counted from 0.

    See gst.records.Flatness for each number. `eigenvalues` are the leading ones, the largest signed one
    first.
    """

    run: RunResult
    epoch: int
    settings: str
    images: int
    method: str
    eigenpairs: int
    hessian_trace: float
    significant_trace: float
    stochastic_trace: float | None
    gradient_trace: float
    tic: float | None
    epsilon: float | None
    refined_epsilon: float | None
    base_loss: float
    eigenvalues: tuple[float, ...]

    @property
    def dominant(self) -> NDArray[np.float64]:
        """The eigenvalues by their magnitude, the largest first, with their signs."""
        values = np.array(self.eigenvalues, dtype=np.float64)
        return values[np.argsort(-np.abs(values), kind="stable")]


class PerturbationResult(NamedTuple):
    """The rise in test loss of a completed run at a point `epsilon` along one of its eigenvectors.

    `rank` 0 is that of the largest signed eigenvalue; None is a loss that is not finite.
    """

    arm: str
    key: str
    rank: int
    epsilon: float
    increase: float | None


def flatness_results(store: Store, source: Source) -> tuple[FlatnessResult, ...]:
    """The completed runs whose flatness was measured.

    Runs are compared at one epoch, and by one way of measuring: what the sweep asks
    for, else what most runs have, the last epoch of several. Runs that were not measured so, or whose
    flatness is no number, are left out.
    """
    names = ("arm", "key", *FlatnessResult._fields[1:-1])
    rows = completed_rows(
        store,
        source,
        names,
        "flatness",
        where="t.hessian_trace IS NOT NULL",
        order=["t.epoch", "t.settings"],
    )
    if not rows:
        return ()
    asked = {(it.epoch, it.settings) for it in _asked(store, source).flatness}
    chosen = _common((row[2:4] for row in rows), asked)
    runs = {(run.arm, run.key): run for run in run_results(store, source)}
    eigenvalues = completed_rows(
        store,
        source,
        ("arm", "key", "value"),
        "eigenvalues",
        where="t.epoch = :epoch AND t.settings = :settings",
        order=["t.rank"],
        epoch=chosen[0],
        settings=chosen[1],
    )
    values = grouped(((arm, key), value) for arm, key, value in eigenvalues)
    return tuple(
        FlatnessResult._make((runs[arm, key], *measured, tuple(values.get((arm, key), ()))))
        for arm, key, *measured in rows
        if tuple(measured[:2]) == chosen
    )


def perturbation_results(
    store: Store, source: Source, measured: FlatnessResult
) -> tuple[PerturbationResult, ...]:
    """The losses along eigenvectors, run by run, by rank and epsilon: those measured when and as that was."""
    return completed_results(
        store,
        source,
        PerturbationResult,
        "perturbation_losses",
        where="t.epoch = :epoch AND t.settings = :settings",
        order=["t.rank", "t.epsilon"],
        epoch=measured.epoch,
        settings=measured.settings,
    )


def _asked(store: Store, source: Source) -> Measurements:
    """The measurements that the sweep asks for."""
    found = store.query(_ASKED, sweep_id=source.sweep_id)
    return Measurements.stored(text for (text,) in found.rows)


def _common(ways: Iterable[tuple[Any, ...]], asked: Container[tuple[Any, ...]]) -> tuple[Any, ...]:
    """One that is asked for, else the most frequent; the last of several."""
    counted = Counter(ways)
    return max(counted, key=lambda way: (way in asked, counted[way], way))


UNTRAINED = -1
"""The epoch of what was measured before training."""


class NormalityResult(NamedTuple):
    """One layer of a completed run in one arm; see gst.records.Normality for each number."""

    arm: str
    key: str
    seed: int
    epoch: int
    settings: str
    layer: str
    statistics: Literal["batch", "running"]
    n: int
    mean: float
    variance: float
    kurtosis: float
    ks: float
    density: tuple[float, ...]

    @property
    def trained(self) -> bool:
        """Whether the network was trained."""
        return self.epoch != UNTRAINED


_UNTRAINED_OR_LAST = (
    "t.mean IS NOT NULL AND "
    "(t.epoch < 0 OR t.epoch = (SELECT MAX(last.epoch) FROM normality last WHERE last.run_id = t.run_id))"
)


def normality_results(store: Store, source: Source) -> tuple[NormalityResult, ...]:
    """The layers of completed runs, untrained and as they were measured last.

    Run by run, untrained first, from input to output.
    """
    found = completed_results(
        store,
        source,
        NormalityResult,
        "normality",
        where=_UNTRAINED_OR_LAST,
        order=["t.epoch", "t.statistics"],
    )
    asked = {(it.settings,) for it in _asked(store, source).normality}
    chosen = _common(((it.settings,) for it in found), asked)[0] if found else None
    found = tuple(it for it in found if it.settings == chosen)
    # Sorting is stable: runs keep the order of the sweep file.
    places = {run: place for place, run in enumerate(dict.fromkeys((it.arm, it.key) for it in found))}
    ordered = sorted(found, key=lambda it: (places[it.arm, it.key], it.epoch, it.statistics, depth(it.layer)))
    return tuple(it._replace(density=_numbers(it.density)) for it in ordered)


def _numbers(density: str | Iterable[float]) -> tuple[float, ...]:
    """The numbers of a JSON column, which Postgres reads and SQLite hands over as text."""
    return tuple(json.loads(density) if isinstance(density, str) else density)


def depth(layer: str) -> tuple[tuple[int, str], ...]:
    """A sort key of layer names, from input to output: numbers in them are compared as numbers."""
    parts = re.split(r"(\d+)", layer)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
