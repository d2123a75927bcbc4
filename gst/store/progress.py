"""How far sweeps have come. It reads runs, and of epochs only the last of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, func, select, true

from gst.errors import InputError
from gst.store.alive import SILENCE, Silent
from gst.store.schema import ENDED, STATUSES, configs, epochs, runs, sweep_runs, sweeps


class ArmProgress(NamedTuple):
    """One arm; `test_accuracy` is the mean over its completed runs, `so_far` that over running ones.

    Both are of the last epoch.
    """

    arm: str
    runs: int
    completed: int
    running: int
    test_accuracy: float | None
    so_far: float | None


class El2nProgress(NamedTuple):
    """The EL2N network, from 1, that a running run trains, of how many."""

    network: int
    networks: int


class Progress(NamedTuple):
    """One sweep, each run counted once; epochs of EL2N networks are epochs too.

    `epochs_total` counts no epochs that will not come, those of failed, diverged and cancelled runs.
    `seconds` are of training, epochs that had to be trained again included, summed over runs. `age` are
    those since the last sign of life of any run, and `silent` the runs that only seem to be running.
    """

    sweep_id: int
    name: str
    counts: Mapping[str, int]  # for every status, 0 included
    runs: int
    epochs_done: int
    epochs_total: int
    seconds: float
    heartbeat: datetime | None
    arms: tuple[ArmProgress, ...]
    scoring: tuple[El2nProgress, ...] = ()  # of runs that have not come to their own first epoch
    age: float | None = None
    silent: Silent | None = None


EL2N_EPOCHS = func.coalesce(configs.c.el2n_networks * configs.c.el2n_epochs, 0)
"""The epochs of all EL2N networks of a configuration."""

_SCORED = func.coalesce(EL2N_EPOCHS + runs.c.el2n_epoch + 1, 0)
"""The epochs of a run's EL2N networks that are trained; of older stores 0."""

_BRANCHED = func.coalesce(configs.c.branch_epoch, 0)
EPOCHS_DONE = func.coalesce(EL2N_EPOCHS + runs.c.last_epoch + 1 - _BRANCHED, _SCORED)
"""All epochs of a run that are trained. Where it has epochs of its own, its EL2N networks are done, whatever
an older gst left of that; where it has a trunk, the trunk's epochs are not its own."""


def progress(connection: Connection, sweep_id: int, seeds: Collection[int] | None = None) -> Progress:
    """How far that sweep has come, or its runs with those seeds."""
    name = connection.execute(select(sweeps.c.name).where(sweeps.c.sweep_id == sweep_id)).scalar()
    if name is None:
        raise InputError(f"no sweep with id {sweep_id} in this store")
    chosen = true() if seeds is None else runs.c.seed.in_(seeds)
    counted = [tuple(row[1:]) for row in connection.execute(epoch_counts(sweep_id).where(chosen))]
    arms, scoring = (connection.execute(it(sweep_id).where(chosen)) for it in (_arms, _scoring))
    return summed(sweep_id, name, counted)._replace(
        arms=tuple(ArmProgress(*row) for row in arms),
        scoring=tuple(
            El2nProgress(min(done // of_one + 1, networks), networks) for _, done, of_one, networks in scoring
        ),
    )


def epoch_counts(sweep_id: int | None = None) -> Select[Any]:
    """A query whose rows are `(sweep, status, runs, epochs done, of, seconds, heartbeat, *SILENCE)`.

    It asks about one sweep, or about all. A run in several arms of a sweep is counted once.
    """
    members = select(sweep_runs.c.sweep_id, sweep_runs.c.run_id).distinct()
    if sweep_id is not None:
        members = members.where(sweep_runs.c.sweep_id == sweep_id)
    member = members.subquery()
    cut_short = [status for status in ENDED if status != "completed"]
    expected = case((runs.c.status.in_(cut_short), EPOCHS_DONE), else_=EL2N_EPOCHS + configs.c.epochs)
    return (
        select(
            member.c.sweep_id,
            runs.c.status,
            func.count(),
            func.sum(EPOCHS_DONE),
            func.sum(expected),
            func.sum(runs.c.seconds),
            func.max(runs.c.heartbeat),
            *SILENCE,
        )
        .select_from(member)
        .join(runs, runs.c.run_id == member.c.run_id)
        .join(configs, configs.c.config_id == runs.c.config_id)
        .group_by(member.c.sweep_id, runs.c.status)
    )


def summed(sweep_id: int, name: str, found: Sequence[Sequence[Any]]) -> Progress:
    """The progress of a sweep, without its arms, from its rows of `epoch_counts` less their first column."""
    counts = dict.fromkeys(STATUSES, 0) | {row[0]: row[1] for row in found}
    beats = [(row[5], row[8]) for row in found if row[5] is not None]
    heartbeat, present = max(beats, default=(None, None))
    silent = [one for row in found if (one := Silent.of(*row[6:]))]
    return Progress(
        sweep_id=sweep_id,
        name=name,
        counts=counts,
        runs=sum(counts.values()),
        epochs_done=sum(row[2] for row in found),
        epochs_total=sum(row[3] for row in found),
        seconds=sum((row[4] for row in found), 0.0),
        heartbeat=heartbeat,
        arms=(),
        age=None if heartbeat is None or present is None else (present - heartbeat).total_seconds(),
        silent=silent[0] if silent else None,  # there is one row of those that are running
    )


def _scoring(sweep_id: int) -> Select[Any]:
    return (
        select(runs.c.run_id, _SCORED, configs.c.el2n_epochs, configs.c.el2n_networks)
        .distinct()
        .join(configs, configs.c.config_id == runs.c.config_id)
        .join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id)
        .where(sweep_runs.c.sweep_id == sweep_id, runs.c.status == "running")
        .where(runs.c.last_epoch.is_(None), configs.c.el2n_networks.is_not(None))
        .order_by(runs.c.run_id)
    )


def _arms(sweep_id: int) -> Select[Any]:
    last = (epochs.c.run_id == runs.c.run_id) & (epochs.c.epoch == runs.c.last_epoch)
    return (
        select(
            sweep_runs.c.arm,
            func.count(),
            func.count(case((runs.c.status == "completed", 1))),
            func.count(case((runs.c.status == "running", 1))),
            func.avg(case((runs.c.status == "completed", epochs.c.test_accuracy))),
            func.avg(case((runs.c.status == "running", epochs.c.test_accuracy))),
        )
        .select_from(sweep_runs)
        .join(runs, runs.c.run_id == sweep_runs.c.run_id)
        .outerjoin(epochs, last)
        .where(sweep_runs.c.sweep_id == sweep_id)
        .group_by(sweep_runs.c.arm)
        .order_by(func.min(sweep_runs.c.position))
    )
