"""What was measured of completed runs besides their training: the flatness of the loss, and normality.

As in `results`, each function has the completed runs of a source in the order of the sweep file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.results import RunResult, run_results
from gst.analysis.source import Source, completed_results, completed_rows

if TYPE_CHECKING:
    from gst.store import Store


class FlatnessResult(NamedTuple):
    """The flatness of a completed run in one arm, measured at the end of that epoch, counted from 0.

    See gst.records.Flatness for each number. `eigenvalues` are the leading ones, the largest signed one
    first.
    """

    run: RunResult
    epoch: int
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


def flatness_results(store: Store, source: Source, epoch: int | None = None) -> tuple[FlatnessResult, ...]:
    """The completed runs whose flatness was measured.

    Runs are compared at one epoch: that one, or the one at which most runs were measured, the last
    of several. Runs that were not measured there are left out.
    """
    names = ("arm", "key", *FlatnessResult._fields[1:-1])
    rows = completed_rows(store, source, names, "flatness", order=["t.epoch"])
    if not rows:
        return ()
    chosen = _common(row[2] for row in rows) if epoch is None else epoch
    runs = {(run.arm, run.key): run for run in run_results(store, source)}
    values: dict[tuple[str, str], list[float]] = {}
    for arm, key, value in completed_rows(
        store,
        source,
        ("arm", "key", "value"),
        "eigenvalues",
        where="t.epoch = :epoch",
        order=["t.rank"],
        epoch=chosen,
    ):
        values.setdefault((arm, key), []).append(value)
    return tuple(
        FlatnessResult._make((runs[arm, key], *measured, tuple(values.get((arm, key), ()))))
        for arm, key, *measured in rows
        if measured[0] == chosen
    )


def perturbation_results(store: Store, source: Source, epoch: int) -> tuple[PerturbationResult, ...]:
    """The losses along the eigenvectors at that epoch, run by run, by rank and epsilon."""
    return completed_results(
        store,
        source,
        PerturbationResult,
        "perturbation_losses",
        where="t.epoch = :epoch",
        order=["t.rank", "t.epsilon"],
        epoch=epoch,
    )


def _common(epochs: Iterable[int]) -> int:
    """The most frequent epoch, and the last of several."""
    counted = Counter(epochs)
    return max(counted, key=lambda epoch: (counted[epoch], epoch))


UNTRAINED = -1
"""The epoch of what was measured before training."""


class NormalityResult(NamedTuple):
    """One layer of a completed run in one arm; see gst.records.Normality for each number."""

    arm: str
    key: str
    seed: int
    epoch: int
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
