"""What each completed run of a sweep came to: one tuple a run, every quantity of the papers by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from gst.analysis.source import Source

if TYPE_CHECKING:
    from gst.store import Store

Accuracy = Literal["final", "best"]
"""Of the last epoch; or the best since the last pruning event, which is what GST 2020 plots."""


class RunResult(NamedTuple):
    """One completed run in one arm. Accuracies, stabilities, drops and gaps are fractions of 1.

    `stability` and `mean_drop` are means over the run's pruning events, which removed something as it
    trained; 1 and 0 by convention in a run without any: unpruned, or pruned before training. A drop
    is the accuracy before an event less the one after it. A gap is train less test accuracy, the
    former the running mean of the epoch. `best` is over the epochs since the last event.
    """

    arm: str
    position: int
    key: str
    seed: int
    config_id: int
    model: str
    dataset: str
    train_per_class: int | None
    augment: bool
    kind: str
    score: str | None
    target: str | None
    scratch: bool
    retrain_period: int | None
    iterative_rate: float | None
    total_fraction: float | None
    train_batches: int | None
    scale: float
    epochs: int
    events: int
    last_event: int | None
    stability: float
    mean_drop: float
    last_drop: float
    final_accuracy: float
    best_accuracy: float
    best_epoch: int
    final_gap: float
    best_gap: float

    @property
    def pruned(self) -> bool:
        """Whether its configuration prunes or perturbs at all; extended training does neither."""
        return self.kind not in ("none", "extended")

    @property
    def measured(self) -> bool:
        """Whether its stability was measured, or is 1 because it is unpruned; not so in scratch runs."""
        return self.events > 0 or not self.pruned

    def accuracy(self, which: Accuracy) -> float:
        """The test accuracy by that definition."""
        return self.final_accuracy if which == "final" else self.best_accuracy

    def gap(self, which: Accuracy) -> float:
        """The generalization gap at the epoch of that accuracy."""
        return self.final_gap if which == "final" else self.best_gap


_RESULTS = """\
SELECT
    m.arm, m.position, r.key, r.seed, r.config_id, r.model, r.dataset, r.train_per_class, c.augment,
    r.kind, r.score, r.target, r.scratch, r.retrain_period, r.iterative_rate, r.total_fraction,
    r.train_batches, r.scale, r.epochs, r.events, r.last_event,
    r.mean_stability AS stability, r.mean_drop, r.last_drop,
    r.final_test_accuracy AS final_accuracy, r.best_test_accuracy AS best_accuracy, r.best_epoch,
    r.final_gap, r.best_gap
FROM sweep_runs m
JOIN run_summary r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
WHERE m.sweep_id = :sweep_id AND r.status = 'completed'
ORDER BY m.position"""


def run_results(store: Store, source: Source) -> tuple[RunResult, ...]:
    """The completed runs of the source, in the order of the sweep file; one in two arms is there twice."""
    found = store.query(_RESULTS, sweep_id=source.sweep_id)
    assert found.columns == RunResult._fields
    known = {(member.arm, member.key) for member in source.members if member.status == "completed"}
    results = (RunResult(*row) for row in found.rows)
    # A sweep that is running may have completed one since its source was read.
    return tuple(
        run._replace(augment=bool(run.augment), scratch=bool(run.scratch))
        for run in results
        if (run.arm, run.key) in known
    )


def distinct(runs: Iterable[RunResult]) -> tuple[RunResult, ...]:
    """Each run once, though it be in several arms."""
    return tuple({run.key: run for run in runs}.values())
