"""The plan of a sweep: its runs, those that a store has already, its pruning events and its time."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gst.config import IterativePruning, RunConfig, RunSpec, SweepSpec, WeightPruning, config_hash, run_key
from gst.config.columns import config_columns
from gst.config.key import older_key
from gst.config.measure import MeasureConfig, Measurements
from gst.config.sources import sources
from gst.config.sweep import ArmConfig
from gst.errors import ConfigError
from gst.launch.networks import Networks
from gst.networks.events import PlannedEvent
from gst.networks.reduction import Reduction
from gst.store import RunState, Store, lacking, run_states
from gst.store.reading import seeds_at_stop
from gst.store.run_states import epoch_seconds, keys_of_other_sweeps
from gst.store.schema import ENDED

KIND = ("model", "width", "dataset", "train_per_class")
"""Columns of a configuration: its model, its width, its data set and how many images of a class."""


class Durations(NamedTuple):
    """Measured seconds per epoch: of configurations by hash, and of any of that kind."""

    by_hash: Mapping[tuple[Any, ...], float]
    by_kind: Mapping[tuple[Any, ...], float]

    def of(self, config: RunConfig) -> float | None:
        """The best guess for a configuration, or None."""
        columns = config_columns(config)
        kind = tuple(columns[name] for name in KIND)
        return self.by_hash.get((config_hash(config),), self.by_kind.get(kind))


def durations_of(store: Store) -> Durations:
    """The seconds of an epoch in the completed runs of a store."""
    return Durations(epoch_seconds(store, "hash"), epoch_seconds(store, *KIND))


class LayerPlan(NamedTuple):
    """The units of a layer that all events together leave: filters or weights."""

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
    unmeasured: int  # that are completed, and lack what the arm measures
    epochs_recorded: int  # of runs that have not ended; those after their last checkpoint come again
    events: tuple[PlannedEvent, ...]
    reduction: Reduction
    seconds_per_epoch: float | None
    estimated: bool = False  # on this machine, not from runs of the store

    @property
    def unit(self) -> str:
        """The units that the arm's pruning acts on."""
        single = isinstance(self.config.pruning, WeightPruning | IterativePruning)
        return "weights" if single else "filters"

    @property
    def event_epochs(self) -> tuple[int, ...]:
        """The epochs after which something is pruned or disturbed; -1 is before any training."""
        return tuple(dict.fromkeys(e.epoch for e in self.events if e.kept_after < e.kept_before))

    @property
    def layers(self) -> tuple[LayerPlan, ...]:
        """The layers that the arm prunes, in network order."""
        final = {event.layer: LayerPlan(event.layer, event.total, event.left) for event in self.events}
        return tuple(final.values())

    @property
    def epochs(self) -> int:
        """Epochs of all its runs."""
        return len(self.keys) * self.run_epochs

    @property
    def run_epochs(self) -> int:
        """Epochs of one run, those of networks that it trains for EL2N scores among them."""
        return self.config.own_epochs + self.config.el2n_epochs

    @property
    def epochs_left(self) -> int:
        """Epochs that remain to be trained; none of a run that has ended, well or not."""
        return self.runs_left * self.run_epochs - self.epochs_recorded

    @property
    def runs_left(self) -> int:
        """Runs that have not ended."""
        return len(self.keys) - self.completed - self.diverged - self.failed - self.cancelled


class Plan(NamedTuple):
    """A sweep, arm by arm; sums count each run once, in however many arms it is.

    A sweep with a design has the runs of its last look, or of the look at which it stopped.
    """

    sweep: SweepSpec
    arms: tuple[ArmPlan, ...]
    undecided: bool = False  # whether a design has yet to say at which look the sweep stops

    @property
    def keys(self) -> tuple[str, ...]:
        """The different runs, in file order."""
        return tuple(dict.fromkeys(key for arm in self.arms for key in arm.keys))

    @property
    def different(self) -> tuple[ArmPlan, ...]:
        """The arms without those that repeat the configuration of an earlier one."""
        return tuple({arm.keys: arm for arm in reversed(self.arms)}.values())[::-1]

    @property
    def needing(self) -> int:
        """Number of runs that begin only once others have completed."""
        return sum(len(arm.keys) for arm in self.different if sources(RunSpec(arm.config, 0)))

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
    def unmeasured(self) -> int:
        """Completed runs that lack what the sweep measures."""
        return sum(arm.unmeasured for arm in self.different)

    @property
    def runs_failed(self) -> int:
        """Runs that failed for good, until somebody retries them."""
        return sum(arm.failed for arm in self.different)

    @property
    def estimated(self) -> bool:
        """Whether its time rests on an estimate."""
        return any(arm.estimated for arm in self.arms)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest would take one run after another; None without measurements of all its arms."""
        total = 0.0
        for arm in self.different:
            if arm.epochs_left and arm.seconds_per_epoch is None:
                return None
            total += arm.epochs_left * (arm.seconds_per_epoch or 0.0)
        return total


def sweep_plan(sweep: SweepSpec, store: Store | None = None, *, data: Path) -> Plan:
    """The plan of a sweep, given the runs that the store has; nothing is written.

    `data` is the data folder, of which only image folders are read: their classes must be counted.

    Raises ConfigError for a model that does not fit its data or layers that the model does not have.
    """
    version = None if store is None or sweep.design is None else store.registered(sweep)
    stopped = None if store is None or version is None else seeds_at_stop(store, version)
    undecided = sweep.design is not None and stopped is None
    sweep = sweep if stopped is None else sweep.up_to(stopped)
    runs = {} if store is None else _runs(store, sweep.name)
    durations = Durations({}, {}) if store is None else durations_of(store)
    networks = Networks(data)
    unmeasured = set() if store is None else _unmeasured(store, sweep, runs)
    arms = tuple(_arm_plan(sweep, config, runs, unmeasured, durations, networks) for config in sweep.configs)
    return Plan(sweep, arms, undecided)


def asked_keys(sweep: SweepSpec) -> frozenset[str]:
    """The keys of the sweep's runs, former ones too: a version in a store may have more seeds."""
    specs = [it.spec for it in sweep.runs()]
    older = (older_key(it) for it in specs if it.config.measure.of_state is not None)
    return frozenset(itertools.chain(map(run_key, specs), older))


class _Stored(NamedTuple):
    state: RunState
    shared: bool


def _runs(store: Store, sweep: str) -> dict[str, _Stored]:
    """The store's part of each run, by key; a shared run is in another sweep, too."""
    others = keys_of_other_sweeps(store, sweep)
    return {it.key: _Stored(it, it.key in others) for it in run_states(store)}


def _key(spec: RunSpec, known: Collection[str]) -> str:
    """The key by which the store knows that run."""
    if spec.config.measure.of_state is not None and (older := older_key(spec)) in known:
        return older
    return run_key(spec)


def _unmeasured(store: Store, sweep: SweepSpec, runs: Mapping[str, _Stored]) -> set[str]:
    """The keys of completed runs that lack what one of their arms measures."""
    asked: dict[str, list[MeasureConfig]] = {}
    for _, config, seeds in sweep.configs:
        if config.measure.of_state is None:
            continue
        for key in (_key(RunSpec(config, seed), runs) for seed in seeds):
            if key in runs and runs[key].state.status == "completed":
                asked.setdefault(key, []).append(config.measure)
    return set(lacking(store, {key: Measurements.of(measures) for key, measures in asked.items()}))


def _arm_plan(
    sweep: SweepSpec,
    arm_config: ArmConfig,
    runs: Mapping[str, _Stored],
    unmeasured: Collection[str],
    durations: Durations,
    networks: Networks,
) -> ArmPlan:
    arm, config, seeds = arm_config
    keys = tuple(_key(RunSpec(config, seed), runs) for seed in seeds)
    stored = [runs[key] for key in keys if key in runs]
    statuses = [run.state.status for run in stored]
    try:
        events = tuple(
            it for it in networks.events(config) if it.epoch >= config.first_epoch or not config.first_epoch
        )
    except ConfigError as error:
        raise ConfigError(sweep.misfit(arm, error)) from None
    return ArmPlan(
        arm=arm,
        config=config,
        keys=keys,
        completed=statuses.count("completed"),
        diverged=statuses.count("diverged"),
        failed=statuses.count("failed"),
        cancelled=statuses.count("cancelled"),
        shared=sum(run.shared for run in stored),
        unmeasured=sum(key in unmeasured for key in keys),
        epochs_recorded=sum(
            run.state.epochs(-config.begins) for run in stored if run.state.status not in ENDED
        ),
        events=events,
        reduction=networks.reduction(config),
        seconds_per_epoch=durations.of(config),
    )
