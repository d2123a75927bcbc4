"""Stores made by hand: a short table of runs becomes a store, through the same methods that training uses.

fill(store, [Run("none", 0, [0.5, 0.6]), Run("pruned", 0, [0.5, 0.7], events=[(1, 0.8, 0.6)])])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from gst.config import RunConfig, SweepSpec, run_key
from gst.config.execution import Resources
from gst.config.run import RunSpec
from gst.config.sweep import ArmConfig
from gst.records import (
    DatasetFacts,
    Eigenvalue,
    EpochRecord,
    EpochRecords,
    EventClass,
    Flatness,
    LayerPruning,
    Normality,
    PerturbationLoss,
    Probe,
    Provenance,
    PruningEvent,
    SystemSample,
)
from gst.store import Recorder, Store
from gst.store.checkpoint import Checkpoint
from gst.store.utc_time import Present

PROVENANCE = Provenance(
    host="host",
    pid=1,
    device="cpu",
    python="3.11.7",
    torch="2.8.0",
    gst="0.1.0",
    git_commit="abc",
    git_dirty=False,
)
DIGITS = DatasetFacts("digits", 1437, 360, 10, "d1", "scikit-learn")
SCRATCH = -1


@dataclass(frozen=True)
class Run:
    """One run: its arm, its seed, and what it yields.

    `accuracies` has a test accuracy for each epoch, or a pair of train and test accuracy (train is 1.0
    otherwise). `events` are (epoch, before, after) or (epoch, before, after, removed); epoch -1 is
    before training. `ending` is the test accuracy once targeted filters were removed, probed after the
    last epoch. `measured` is yielded with the epoch that it names, or with the first if it was before
    training. `status` is how the run ends: completed, diverged, failed, interrupted, or running
    and pending for one that does not.
    """

    arm: str
    seed: int
    accuracies: Sequence[float | tuple[float, float]] = ()
    events: Sequence[tuple[Any, ...]] = ()
    status: str = "completed"
    ending: float | None = None
    measured: Sequence[Flatness | Normality] = ()


def fill(
    store: Store,
    runs: Iterable[Run],
    *,
    name: str = "hand",
    configs: dict[str, RunConfig] | None = None,
    **about: Any,
) -> int:
    """The id of a sweep with those runs in it; combinations of arm and seed that are not given are pending.

    `about` are other fields of the sweep.

    An arm's configuration follows from its runs unless it is given: it is unpruned without events,
    and scratch where all are before training.
    """
    runs = list(runs)
    chosen = {arm: config_of(number, of_arm) for number, (arm, of_arm) in enumerate(by_arm(runs).items())}
    chosen |= configs or {}
    sweep = sweep_of(chosen, sorted({run.seed for run in runs}), name=name)._replace(**about)
    sweep_id = store.register(sweep)
    driver = store.take_over(sweep_id)
    for run in runs:
        if run.status != "pending":
            play(claimed(store, RunSpec(chosen[run.arm], run.seed), sweep_id, driver), run)
    return sweep_id


def claimed(store: Store, spec: RunSpec, sweep_id: int, driver: int, **changes: Any) -> Recorder:
    """A recorder for that run, which must be there for the taking."""
    arguments: dict[str, Any] = {"provenance": PROVENANCE} | changes
    recorder = store.claim(run_key(spec), sweep_id=sweep_id, driver_epoch=driver, **arguments)
    assert recorder is not None
    return recorder


def present(store: Store) -> datetime:
    """The present moment of the store's database."""
    ((moment,),) = store.select(select(Present()))
    assert isinstance(moment, datetime)
    return moment


def saved(epoch: int, name: str = "") -> Checkpoint:
    """A pointer to a state after that epoch, of a file of that name that need not be there."""
    return Checkpoint(name or f"{epoch}.pt", epoch, f"{epoch}" * 64, "elsewhere")


def play(recorder: Recorder, run: Run) -> None:
    """Write what that run yields, and end it as it says."""
    recorder.uses(DIGITS)
    for epoch in range(len(run.accuracies)):
        recorder.write(records_of(run, epoch))
    match run.status:
        case "completed":
            recorder.finish(peak_memory=1000)
        case "diverged":
            recorder.diverged()
        case "failed":
            recorder.fail("Traceback (most recent call last):\n  ...\nRuntimeError: broken", "last line")
        case "interrupted":
            recorder.interrupt()
        case other:
            assert other == "running", other


def records_of(run: Run, epoch: int) -> EpochRecords:
    """What that epoch of the run yields; events before training come with epoch 0."""
    accuracy = run.accuracies[epoch]
    train, test = accuracy if isinstance(accuracy, tuple) else (1.0, accuracy)
    events = [it for it in run.events if it[0] == epoch or (epoch == 0 and it[0] == SCRATCH)]
    measured = [it for it in run.measured if it.epoch == epoch or (epoch == 0 and it.epoch == SCRATCH)]
    probes: tuple[Probe, ...] = ()
    if run.ending is not None and epoch == len(run.accuracies) - 1:
        probes = (Probe(epoch, "targeted_filters_removed", run.ending, 1.0, 360),)
    return EpochRecords(
        epoch_record(epoch, train_accuracy=train, test_accuracy=test),
        tuple(event_of(*it) for it in events),
        probes,
        tuple(it for it in measured if isinstance(it, Flatness)),
        tuple(it for it in measured if isinstance(it, Normality)),
    )


def flatness_of(epoch: int, values: Sequence[float] = (4.0, 1.0, -0.5), **changes: Any) -> Flatness:
    """A measurement with those leading eigenvalues, and losses along the first of them."""
    content: dict[str, Any] = {
        "settings": "{}", "images": 512, "method": "lanczos", "eigenpairs": len(values),
        "hessian_trace": sum(values),
        "significant_trace": sum(values), "stochastic_trace": sum(values) + 0.25, "gradient_trace": 2.0,
        "tic": 2.0 / sum(values), "epsilon": 0.12, "refined_epsilon": 0.115, "base_loss": 0.75,
        "products": 250, "seconds": 12.5,
        "eigenvalues": tuple(Eigenvalue(rank, value, 1e-5) for rank, value in enumerate(values)),
        "losses": tuple(PerturbationLoss(0, at / 100, (at / 100) ** 2) for at in range(-12, 13)),
    }  # fmt: skip
    return Flatness(epoch=epoch, **(content | changes))


def normality_of(
    epoch: int, layer: str = "norm1", statistics: Literal["batch", "running"] = "batch", **changes: Any
) -> Normality:
    density = (0.1,) * 200
    content: dict[str, Any] = {
        "settings": "{}",
        "n": 2048,
        "mean": 0.0,
        "variance": 1.0,
        "kurtosis": 0.5,
        "ks": 0.03,
        "density": density,
    }
    return Normality(epoch=epoch, layer=layer, statistics=statistics, **(content | changes))


def samples_of(count: int = 3) -> tuple[SystemSample, ...]:
    """So many samples, of which only the first tells all that a machine with a GPU does."""
    first = SystemSample(0.0, 1.5, 1.25, 2**31, 0.75, 2**33, 312.5)
    return first, *(SystemSample(float(n), n + 1.0, n / 2) for n in range(2, count + 1))


def epoch_record(epoch: int, **changes: Any) -> EpochRecord:
    values: dict[str, Any] = {
        "level": 0, "train_loss": 0.5, "train_accuracy": 1.0, "test_loss": 0.75, "test_accuracy": 0.5,
        "lr": 0.001, "filters_left": None, "parameters_left": 1000, "seconds": 0.25,
    }  # fmt: skip
    return EpochRecord(epoch=epoch, **(values | changes))


def event_of(epoch: int, before: float, after: float, removed: int = 1) -> PruningEvent:
    return PruningEvent(
        epoch=epoch,
        kind="filters",
        test_accuracy_before=before,
        test_accuracy_after=after,
        test_loss_before=1.0,
        test_loss_after=2.0,
        n_test=360,
        removed=removed,
        mean_score=0.125,
        mask_hash=f"mask{epoch}",
        layers=(
            LayerPruning("conv1", 8, 8, 8 - removed, 0.125, tuple(range(removed))),
            LayerPruning("fc1", 256, 256, 256, None, None),
        ),
        classes=classes_of(before, after),
    )


def classes_of(before: float, after: float) -> tuple[EventClass, ...]:
    """Two classes of 180 test images; those of class 1 are all right, those of 0 pay for the event."""
    was, is_ = (round(360 * it) for it in (before, after))
    right = [(max(0, it - 180), min(180, it)) for it in (was, is_)]
    (lost, kept), (lost_after, kept_after) = right
    moved = ((1, was - is_),) if was > is_ else ()
    return (
        EventClass(0, 180, lost, lost_after, lost + 180 - kept, moved),
        EventClass(1, 180, kept, kept_after, kept + 180 - lost, ()),
    )


def by_arm(runs: Iterable[Run]) -> dict[str, list[Run]]:
    arms: dict[str, list[Run]] = {}
    for run in runs:
        arms.setdefault(run.arm, []).append(run)
    return arms


def config_of(number: int, runs: Sequence[Run]) -> RunConfig:
    """A configuration for an arm; arms differ in their learning rates, whatever else they have in common."""
    epochs = max([1, *(len(run.accuracies) for run in runs)])
    events = [event[0] for run in runs for event in run.events]
    pruning: dict[str, Any] = {"kind": "none"}
    if events:
        scratch = max(events) == SCRATCH
        start, end = (0, 0) if scratch else (max(0, min(events)), max(events))
        pruning = {
            "kind": "filters", "score": "l2", "target": "smallest", "layers": ("conv1",), "start": start,
            "end": end, "every": 1, "fraction": 0.5, "scratch": scratch,
        }  # fmt: skip
    return run_config(epochs=epochs, lr=0.001 * (number + 1), pruning=pruning)


def run_config(
    *, epochs: int = 4, lr: float = 0.001, pruning: dict[str, Any] | None = None, **data: Any
) -> RunConfig:
    return RunConfig.model_validate(
        {
            "data": {"name": "digits", "per_class": 6, "draw": 0} | data,
            "model": {"name": "digits_cnn"},
            "training": {"epochs": epochs, "batch_size": 16, "optimizer": {"name": "adam", "lr": lr}},
            "pruning": pruning or {"kind": "none"},
        }
    )


def sweep_of(
    configs: dict[str, RunConfig], seeds: Iterable[int] = (0,), *, name: str = "hand", title: str = "By hand"
) -> SweepSpec:
    seeds = tuple(seeds)
    arms = tuple(ArmConfig(arm, config, seeds) for arm, config in configs.items())
    return SweepSpec(name, title, "", "title: By hand\n", arms, ("tradeoff",), Resources())
