"""What a sweep would do: its runs, what a store has of them already, its pruning events and its time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from torch import nn

from gst.config import (
    DataConfig,
    DataName,
    FilterPruning,
    IterativePruning,
    ModelConfig,
    NoPruning,
    PruningConfig,
    RunConfig,
    RunSpec,
    SweepSpec,
    WeightPruning,
    config_hash,
    run_key,
)
from gst.config.sweep import ArmConfig
from gst.data import Dataset, load_dataset
from gst.errors import ConfigError, DataError
from gst.models import ImageShape, sites, skeleton
from gst.pruning import PlannedEvent, planned_events, planned_removals
from gst.pruning.reduction import Reduction, parameter_reduction
from gst.training import start

if TYPE_CHECKING:
    from gst.store import Store


class Task(NamedTuple):
    """What a network must know of its data."""

    classes: int
    image: ImageShape


TASKS: Mapping[DataName, Task] = MappingProxyType(
    {
        "digits": Task(10, ImageShape(1, 8, 8)),
        "mnist": Task(10, ImageShape(1, 28, 28)),
        "cifar10": Task(10, ImageShape(3, 32, 32)),
        "cifar100": Task(100, ImageShape(3, 32, 32)),
        "imagenet": Task(1000, ImageShape(3, 224, 224)),
    }
)
"""Of the data sets that need not be there for a plan."""

ENDED = ("completed", "diverged", "failed", "cancelled")
"""Statuses of runs that a sweep leaves alone."""


class LayerPlan(NamedTuple):
    """What all events together leave of a layer, in units: filters or weights."""

    layer: str
    total: int
    kept: int


class ArmPlan(NamedTuple):
    """An arm: its runs by what the store says of them, and the pruning that each of them will see."""

    arm: str
    config: RunConfig
    keys: tuple[str, ...]  # one for each seed
    completed: int
    diverged: int
    failed: int
    cancelled: int
    shared: int  # that another sweep of the store has as well
    epochs_recorded: int  # of runs that have not ended; those after their last checkpoint come again
    events: tuple[PlannedEvent, ...]
    reduction: Reduction
    seconds_per_epoch: float | None

    @property
    def unit(self) -> str:
        """What the arm's pruning acts on."""
        single = isinstance(self.config.pruning, WeightPruning | IterativePruning)
        return "weights" if single else "filters"

    @property
    def event_epochs(self) -> tuple[int, ...]:
        """The epochs after which something is pruned or disturbed; -1 is before any training."""
        return tuple(dict.fromkeys(e.epoch for e in self.events if e.kept_after < e.kept_before))

    @property
    def layers(self) -> tuple[LayerPlan, ...]:
        """The layers that the arm prunes, in network order."""
        final = {event.layer: LayerPlan(event.layer, event.total, event.kept_after) for event in self.events}
        return tuple(final.values())

    @property
    def epochs(self) -> int:
        """Epochs of all its runs."""
        return len(self.keys) * self.config.total_epochs

    @property
    def epochs_left(self) -> int:
        """Epochs that remain to be trained; none of a run that has ended, well or not."""
        return self.runs_left * self.config.total_epochs - self.epochs_recorded

    @property
    def runs_left(self) -> int:
        """Runs that have not ended."""
        return len(self.keys) - self.completed - self.diverged - self.failed - self.cancelled


class Plan(NamedTuple):
    """A sweep, arm by arm; sums count each run once, in however many arms it is."""

    sweep: SweepSpec
    arms: tuple[ArmPlan, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The different runs, in file order."""
        return tuple(dict.fromkeys(key for arm in self.arms for key in arm.keys))

    @property
    def different(self) -> tuple[ArmPlan, ...]:
        """The arms without those that repeat the configuration of an earlier one."""
        return tuple({arm.keys: arm for arm in reversed(self.arms)}.values())[::-1]

    @property
    def epochs(self) -> int:
        """Epochs in all."""
        return sum(arm.epochs for arm in self.different)

    @property
    def epochs_left(self) -> int:
        """Epochs that remain."""
        return sum(arm.epochs_left for arm in self.different)

    @property
    def runs_left(self) -> int:
        """Runs that have not ended."""
        return sum(arm.runs_left for arm in self.different)

    @property
    def runs_failed(self) -> int:
        """Runs that failed for good, until somebody retries them."""
        return sum(arm.failed for arm in self.different)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest would take one run after another; None without measurements of all its arms."""
        total = 0.0
        for arm in self.different:
            if arm.epochs_left and arm.seconds_per_epoch is None:
                return None
            total += arm.epochs_left * (arm.seconds_per_epoch or 0.0)
        return total


def plan(sweep: SweepSpec, store: Store | None = None, *, data: Path) -> Plan:
    """What that sweep would do, given what the store has; nothing is written.

    `data` is the data folder, of which only image folders are read: their classes must be counted.

    Raises ConfigError for a model that does not fit its data or layers that the model does not have.
    """
    runs = {} if store is None else _runs(store, sweep.name)
    paces = _Paces({}, {}) if store is None else _paces(store)
    networks = _Networks(data)
    return Plan(
        sweep, tuple(_arm_plan(sweep.name, config, runs, paces, networks) for config in sweep.configs)
    )


def rehearse(sweep: SweepSpec, *, data: Path) -> None:
    """Start a run of each kind without training it, to find what is wrong before anything is stored.

    Raises DataError for a data set that is missing or too small, and ConfigError for a configuration
    that does not fit it. Also fills the cache of decoded data sets, before several trials try to.
    """
    datasets: dict[tuple[str, str | None], Dataset] = {}
    rehearsed = set()
    for arm, config, seeds in sweep.configs:
        kind = (config.data, config.model, config.training.batch_size)
        if kind in rehearsed:
            continue
        rehearsed.add(kind)
        name = (config.data.name, config.data.folder)
        if name not in datasets:
            datasets[name] = load_dataset(config.data, data)
        try:
            start(RunSpec(config, seeds[0]), datasets[name])
        except (ConfigError, DataError) as error:
            raise type(error)(f"sweep {sweep.name}, arm {arm!r}: {error}") from None


class _Stored(NamedTuple):
    status: str
    epochs: int  # recorded
    shared: bool


def _runs(store: Store, sweep: str) -> dict[str, _Stored]:
    """What the store has of each run, by key; shared is what another sweep than this one has."""
    found = store.query(
        "SELECT r.key, r.status, COALESCE(r.last_epoch, -1) + 1,"
        " MAX(CASE WHEN s.name <> :sweep THEN 1 ELSE 0 END)"
        " FROM runs r LEFT JOIN sweep_runs m ON m.run_id = r.run_id"
        " LEFT JOIN sweeps s ON s.sweep_id = m.sweep_id GROUP BY r.key, r.status, r.last_epoch",
        sweep=sweep,
    )
    return {key: _Stored(status, epochs, bool(shared)) for key, status, epochs, shared in found.rows}


class _Paces(NamedTuple):
    """Measured seconds per epoch: of configurations by hash, and of any with that model and data."""

    by_hash: Mapping[str, float]
    by_kind: Mapping[tuple[str, str, int | None], float]

    def of(self, config: RunConfig) -> float | None:
        """The best guess for a configuration, or None."""
        kind = (config.model.name, config.data.name, config.data.per_class)
        return self.by_hash.get(config_hash(config), self.by_kind.get(kind))


def _paces(store: Store) -> _Paces:
    measured = store.query(
        "SELECT c.hash, c.model, c.dataset, c.train_per_class, SUM(r.seconds), SUM(c.epochs)"
        " FROM runs r JOIN configs c ON c.config_id = r.config_id WHERE r.status = 'completed'"
        " GROUP BY c.hash, c.model, c.dataset, c.train_per_class"
    )
    by_hash = {row[0]: row[4] / row[5] for row in measured.rows}
    by_kind = {}
    for kind in {row[1:4] for row in measured.rows}:
        alike = [row for row in measured.rows if row[1:4] == kind]
        by_kind[kind] = sum(row[4] for row in alike) / sum(row[5] for row in alike)
    return _Paces(by_hash, by_kind)


class _Networks:
    """The model of each configuration without its numbers, and what pruning makes of it, worked out once."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._tasks: dict[tuple[DataName, str | None], Task] = {}
        self._models: dict[tuple[ModelConfig, Task], nn.Module] = {}
        self._reductions: dict[tuple[ModelConfig, Task, PruningConfig], Reduction] = {}

    def events(self, config: RunConfig) -> tuple[PlannedEvent, ...]:
        """The configuration's pruning events."""
        network = sites(self._model(config))
        if isinstance(config.pruning, IterativePruning):
            return planned_removals(config, network)
        return planned_events(config.pruning, network)

    def reduction(self, config: RunConfig) -> Reduction:
        """How many parameters its pruning takes away."""
        kind = (config.model, self._task(config), _essence(config.pruning))
        if kind not in self._reductions:
            self._reductions[kind] = parameter_reduction(kind[2], self._model(config), kind[1].image)
        return self._reductions[kind]

    def _model(self, config: RunConfig) -> nn.Module:
        kind = (config.model, self._task(config))
        if kind not in self._models:
            model, task = kind
            self._models[kind] = skeleton(
                model.name, classes=task.classes, image=task.image, width=model.width
            )
        return self._models[kind]

    def _task(self, config: RunConfig) -> Task:
        kind = (config.data.name, config.data.folder)
        if kind not in self._tasks:
            known = TASKS.get(config.data.name) if config.data.folder is None else None
            self._tasks[kind] = known or _task(config.data, self._data)
        return self._tasks[kind]


def _essence(config: PruningConfig) -> PruningConfig:
    """The configuration with one value for what does not change how many parameters are left in the end."""
    at_once = {"start": 0, "end": 0, "every": 1, "target": "random"}
    match config:
        case FilterPruning():
            return config.model_copy(update={**at_once, "score": "l2", "scratch": False})
        case WeightPruning():
            return config.model_copy(update=at_once)
        case IterativePruning():
            return config.model_copy(update={"rewind": "weights", "rewind_epoch": 0, "target": "random"})
        case _:
            return NoPruning(kind="none")


def _task(config: DataConfig, data: Path) -> Task:
    dataset = load_dataset(config, data)
    return Task(dataset.classes, ImageShape(*dataset.image))


def _arm_plan(
    sweep: str,
    arm_config: ArmConfig,
    runs: Mapping[str, _Stored],
    paces: _Paces,
    networks: _Networks,
) -> ArmPlan:
    arm, config, seeds = arm_config
    keys = tuple(run_key(RunSpec(config, seed)) for seed in seeds)
    stored = [runs[key] for key in keys if key in runs]
    statuses = [run.status for run in stored]
    try:
        events = networks.events(config)
    except ConfigError as error:
        raise ConfigError(f"sweep {sweep}, arm {arm!r}: {error}") from None
    return ArmPlan(
        arm=arm,
        config=config,
        keys=keys,
        completed=statuses.count("completed"),
        diverged=statuses.count("diverged"),
        failed=statuses.count("failed"),
        cancelled=statuses.count("cancelled"),
        shared=sum(run.shared for run in stored),
        epochs_recorded=sum(run.epochs for run in stored if run.status not in ENDED),
        events=events,
        reduction=networks.reduction(config),
        seconds_per_epoch=paces.of(config),
    )
