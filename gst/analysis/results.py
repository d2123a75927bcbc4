"""What completed runs of a sweep came to: their accuracies, pruning events and probes.

Each function has the results of a source's completed runs in the order of the sweep file; those of a run
in two arms are there twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.source import Source, completed_numbers, completed_results

if TYPE_CHECKING:
    from gst.store import Store

Accuracy = Literal["final", "best"]
"""Of the last epoch; or the best since the last pruning event, which is what GST 2020 plots."""


class RunResult(NamedTuple):
    """One completed run in one arm. Accuracies, stabilities, drops and gaps are fractions of 1.

    `stability` and `mean_drop` are means over the run's pruning events, which removed something as it
    trained; 1 and 0 by convention in a run without any: unpruned, or pruned before training. A drop
    is the accuracy before an event less the one after it. A gap is train less test accuracy, the
    former the running mean of the epoch. `best` is over the epochs since the last event. `churn` is the
    mean share of test images that change their class at an event, and `ece_rise` the mean of the expected
    calibration error after it less that before. These and the last two are None in runs from before them.
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
    churn: float | None
    ece_rise: float | None
    final_ece: float | None
    final_distance: float | None

    @property
    def pruned(self) -> bool:
        """Whether its configuration prunes or perturbs, which extended training does not."""
        return self.kind not in ("none", "extended")

    @property
    def measured(self) -> bool:
        """Whether it has a stability without a convention for scratch runs; see gst.analysis.quantities."""
        return self.events > 0 or not self.pruned

    def accuracy(self, which: Accuracy) -> float:
        """The test accuracy by that definition."""
        return self.final_accuracy if which == "final" else self.best_accuracy

    def gap(self, which: Accuracy) -> float:
        """The generalization gap at the epoch of that accuracy."""
        return self.final_gap if which == "final" else self.best_gap


_OF_EVENTS = (
    "(SELECT AVG({}) FROM pruning_events p WHERE p.run_id = t.run_id AND p.epoch >= 0 AND p.removed > 0)"
)
_OF_LAST_EPOCH = "(SELECT e.{} FROM epochs e WHERE e.run_id = t.run_id AND e.epoch = r.last_epoch)"
_RUN_COLUMNS = {
    "churn": _OF_EVENTS.format("p.churn"),
    "ece_rise": _OF_EVENTS.format("p.ece_after - p.ece_before"),
    "final_ece": _OF_LAST_EPOCH.format("test_ece"),
    "final_distance": _OF_LAST_EPOCH.format("distance"),
    "augment": "c.augment",
    "stability": "t.mean_stability",
    "final_accuracy": "t.final_test_accuracy",
    "best_accuracy": "t.best_test_accuracy",
}


def run_results(store: Store, source: Source) -> tuple[RunResult, ...]:
    """The completed runs."""
    results = completed_results(
        store, source, RunResult, "run_summary", columns=_RUN_COLUMNS, where="r.status = 'completed'"
    )
    return tuple(run._replace(augment=bool(run.augment), scratch=bool(run.scratch)) for run in results)


class FinalAccuracy(NamedTuple):
    """The test accuracy of one completed run after its last epoch, a fraction of 1, in one arm."""

    arm: str
    seed: int
    accuracy: float


_FINAL = """\
SELECT m.arm, r.seed, e.test_accuracy
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN epochs e ON e.run_id = r.run_id AND e.epoch = r.last_epoch
WHERE m.sweep_id = :sweep_id AND r.status = 'completed'
ORDER BY m.position"""


def final_accuracies(store: Store, sweep_id: int) -> tuple[FinalAccuracy, ...]:
    """Those of the completed runs, in a fraction of the time that all of their results take."""
    return tuple(map(FinalAccuracy._make, store.query(_FINAL, sweep_id=sweep_id).rows))


def distinct(runs: Iterable[RunResult]) -> tuple[RunResult, ...]:
    """Each run once, even where it is in several arms."""
    return tuple({run.key: run for run in runs}.values())


class EventDrop(NamedTuple):
    """One event of a completed run that removed something as it trained; accuracies are fractions of 1.

    `before` and `after` are of the tests around the event. `previous` is the test accuracy of the
    epoch before, after whatever was pruned there; None in the first epoch.
    """

    arm: str
    key: str
    seed: int
    epoch: int
    before: float
    after: float
    previous: float | None

    @property
    def drop(self) -> float:
        """The drop in test accuracy at the event; negative where accuracy rose."""
        return self.before - self.after

    @property
    def drop_since_previous(self) -> float | None:
        """The drop in test accuracy since the end of the epoch before, or None in the first epoch.

        An epoch of training lies in between. GST 2019, Figure A2, shows it of the last event.
        """
        return None if self.previous is None else self.previous - self.after


_REMOVED = "t.epoch >= 0 AND t.removed > 0"
_ACCURACY_OF_THE_EPOCH_BEFORE = (
    "(SELECT e.test_accuracy FROM epochs e WHERE e.run_id = t.run_id AND e.epoch = t.epoch - 1)"
)


def event_drops(store: Store, source: Source) -> tuple[EventDrop, ...]:
    """The events of completed runs, run by run as they trained."""
    return completed_results(
        store,
        source,
        EventDrop,
        "pruning_events",
        columns={
            "before": "t.test_accuracy_before",
            "after": "t.test_accuracy_after",
            "previous": _ACCURACY_OF_THE_EPOCH_BEFORE,
        },
        where=_REMOVED,
        order=["t.epoch"],
    )


def event_accuracies(store: Store, source: Source) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The same events as numbers: the place of each run among the completed ones, [events].

    Epoch, and test accuracy before and after the event: [events, 3].
    """
    return completed_numbers(
        store,
        source,
        ("epoch", "test_accuracy_before", "test_accuracy_after"),
        "pruning_events",
        where=_REMOVED,
        order=["t.epoch"],
    )


def last_drops(events: Iterable[EventDrop]) -> dict[str, EventDrop]:
    """The last event of each run, by the run's key."""
    return {event.key: event for event in events}


class ParameterCount(NamedTuple):
    """The parameters of a run's network that are not masked, at its last epoch and before any pruning.

    The latter is None where the first epoch ended with pruning, or began after it: nothing tells it then.
    """

    left: int
    unpruned: int | None


_PARAMETERS = """\
SELECT r.key, final.parameters_left,
    CASE WHEN EXISTS (SELECT 1 FROM pruning_events p WHERE p.run_id = r.run_id AND p.epoch <= 0)
        THEN NULL ELSE start.parameters_left END
FROM runs r
LEFT JOIN epochs start ON start.run_id = r.run_id AND start.epoch = 0
JOIN epochs final ON final.run_id = r.run_id AND final.epoch = r.last_epoch
WHERE r.run_id IN (SELECT run_id FROM sweep_runs WHERE sweep_id = :sweep_id)"""


def parameter_counts(store: Store, source: Source) -> dict[str, ParameterCount]:
    """The parameters of each run that has an epoch, by its key."""
    rows = store.query(_PARAMETERS, sweep_id=source.sweep_id).rows
    return {key: ParameterCount(left, unpruned) for key, left, unpruned in rows}


REMOVAL_PROBE = "targeted_filters_removed"
"""The probe after a noise run's last epoch, without every filter that was ever targeted (GST 2020, D.1)."""


class ProbeResult(NamedTuple):
    """A test of a run's network in a state that its training did not continue from.

    The accuracy is a fraction of 1.
    """

    arm: str
    key: str
    seed: int
    name: str
    epoch: int
    accuracy: float


def probe_results(store: Store, source: Source) -> tuple[ProbeResult, ...]:
    """The probes of completed runs, run by run."""
    return completed_results(
        store,
        source,
        ProbeResult,
        "probes",
        columns={"accuracy": "t.test_accuracy"},
        order=["t.epoch", "t.name"],
    )
