"""How flat the loss is where runs ended up: measurements of a sweep, joined with what each run came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.runs import RunResult, run_results
from gst.analysis.source import Source

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


_COLUMNS = tuple(name for name in FlatnessResult._fields if name not in ("run", "eigenvalues"))
_FLATNESS = f"""\
SELECT m.arm, r.key, {", ".join(f"f.{name}" for name in _COLUMNS)}
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN flatness f ON f.run_id = m.run_id
WHERE m.sweep_id = :sweep_id
ORDER BY m.position, f.epoch"""
_EIGENVALUES = """\
SELECT m.arm, r.key, e.value
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN eigenvalues e ON e.run_id = m.run_id
WHERE m.sweep_id = :sweep_id AND e.epoch = :epoch
ORDER BY m.position, e.rank"""
_LOSSES = """\
SELECT m.arm, r.key, p.rank, p.epsilon, p.increase
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN perturbation_losses p ON p.run_id = m.run_id
WHERE m.sweep_id = :sweep_id AND p.epoch = :epoch
ORDER BY m.position, p.rank, p.epsilon"""


def flatness_results(store: Store, source: Source, epoch: int | None = None) -> tuple[FlatnessResult, ...]:
    """The measured runs of the source, in the order of the sweep file; one in two arms is there twice.

    Runs are compared at one epoch: that one, or the one at which most runs were measured, the last
    of several. Runs that were not measured there are left out.
    """
    known = {(member.arm, member.key) for member in source.members if member.status == "completed"}
    rows = [row for row in store.query(_FLATNESS, sweep_id=source.sweep_id).rows if (row[0], row[1]) in known]
    if not rows:
        return ()
    chosen = _common(row[2] for row in rows) if epoch is None else epoch
    runs = {(run.arm, run.key): run for run in run_results(store, source)}
    values: dict[tuple[str, str], list[float]] = {}
    for arm, key, value in store.query(_EIGENVALUES, sweep_id=source.sweep_id, epoch=chosen).rows:
        values.setdefault((arm, key), []).append(value)
    return tuple(
        FlatnessResult._make((runs[row[0], row[1]], *row[2:], tuple(values.get((row[0], row[1]), ()))))
        for row in rows
        if row[2] == chosen
    )


def perturbation_results(store: Store, source: Source, epoch: int) -> tuple[PerturbationResult, ...]:
    """The losses that were seen along the eigenvectors at that epoch, run by run, by rank and epsilon."""
    known = {(member.arm, member.key) for member in source.members if member.status == "completed"}
    found = store.query(_LOSSES, sweep_id=source.sweep_id, epoch=epoch)
    losses = (PerturbationResult(*row) for row in found.rows)
    return tuple(it for it in losses if (it.arm, it.key) in known)


def _common(epochs: Iterable[int]) -> int:
    """The most frequent epoch, and the last of several."""
    counted = Counter(epochs)
    return max(counted, key=lambda epoch: (counted[epoch], epoch))
