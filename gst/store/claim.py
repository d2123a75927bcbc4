"""Taking a run to train it: one process at a time, and the newest that asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, select, update

from gst.config import RunSpec, config_from_json
from gst.errors import Fenced, InputError
from gst.records import DatasetFacts, Provenance
from gst.store.bulk import insert_missing
from gst.store.closing import close_attempts
from gst.store.schema import ENDED, YIELDED, attempts, configs, datasets, runs, sweeps
from gst.store.utc_time import now

BUSY = timedelta(seconds=120)
"""How old the last sign of life of another sweep's run must be before it counts as abandoned."""


class Claim(NamedTuple):
    """A run that is now ours to train, from an epoch on that is negative while EL2N networks come first."""

    run_id: int
    attempt: int
    spec: RunSpec
    next_epoch: int
    checkpoint: str | None


def claim(
    connection: Connection,
    key: str,
    *,
    sweep_id: int,
    driver_epoch: int,
    provenance: Provenance,
    usable_checkpoint: Callable[[str], bool],
    max_stall: int,
) -> Claim | None:
    """See Store.claim."""
    run = connection.execute(select(runs).where(runs.c.key == key).with_for_update()).one_or_none()
    if run is None:
        raise InputError(f"no run {key!r} in this store")
    refuse_superseded(connection, sweep_id, driver_epoch)  # read once the row is locked
    if run.status in ENDED or _busy_elsewhere(run, sweep_id):
        return None
    _close_lost(connection, run)
    if run.stall >= max_stall:
        _give_up(connection, run)
        return None
    usable = run.checkpoint is not None and usable_checkpoint(run.checkpoint)
    checkpoint = run.checkpoint if usable else None
    checkpoint_epoch = run.checkpoint_epoch if usable else None
    _rewind(connection, run.run_id, checkpoint_epoch)
    spec = _spec(connection, run)
    next_epoch = 0 if checkpoint_epoch is None else checkpoint_epoch + 1
    moment = now()
    connection.execute(
        update(runs)
        .where(runs.c.run_id == run.run_id)
        .values(
            status="running",
            reason=None,
            attempt=run.attempt + 1,
            stall=run.stall + 1,
            last_epoch=None if next_epoch <= 0 else checkpoint_epoch,
            # A lost checkpoint is nobody's fault: training up to it again is progress.
            furthest_epoch=run.furthest_epoch if usable or run.checkpoint is None else None,
            checkpoint=checkpoint,
            checkpoint_epoch=checkpoint_epoch,
            started=run.started or moment,
            heartbeat=moment,
            ended=None,
            sweep_id=sweep_id,
            driver_epoch=driver_epoch,
        )
    )
    facts = asdict(provenance)
    facts["precision"] = provenance.precision or spec.config.training.precision
    dataset = facts.pop("dataset")
    connection.execute(
        insert(attempts).values(
            **facts,
            run_id=run.run_id,
            attempt=run.attempt + 1,
            sweep_id=sweep_id,
            driver_epoch=driver_epoch,
            first_epoch=max(0, next_epoch),
            started=moment,
            dataset_id=None if dataset is None else dataset_id(connection, dataset),
        )
    )
    return Claim(run.run_id, run.attempt + 1, spec, next_epoch, checkpoint)


def dataset_id(connection: Connection, dataset: DatasetFacts) -> int:
    """The id of that data set, which is entered if it is new."""
    insert_missing(connection, datasets, [dataset._asdict()])
    same = (datasets.c.name == dataset.name) & (datasets.c.content_hash == dataset.content_hash)
    return int(connection.execute(select(datasets.c.dataset_id).where(same)).scalar_one())


def refuse_superseded(connection: Connection, sweep_id: int, driver_epoch: int) -> None:
    """Raise Fenced where a newer driver has taken the sweep over."""
    newest = connection.execute(select(sweeps.c.driver_epoch).where(sweeps.c.sweep_id == sweep_id)).scalar()
    if newest is None:
        raise InputError(f"no sweep with id {sweep_id} in this store")
    if newest != driver_epoch:
        raise Fenced(f"driver {driver_epoch} of the sweep is superseded: driver {newest} has taken over")


def _busy_elsewhere(run: Row[Any], sweep_id: int) -> bool:
    elsewhere = run.status == "running" and run.sweep_id != sweep_id
    return elsewhere and run.heartbeat is not None and now() - run.heartbeat < BUSY


def _close_lost(connection: Connection, run: Row[Any]) -> None:
    """An attempt that is still open ended without a word, some time after its last sign of life."""
    close_attempts(connection, attempts.c.run_id == run.run_id, outcome="lost", ended=run.heartbeat)


def _give_up(connection: Connection, run: Row[Any]) -> None:
    reason = f"{run.stall} attempts in a row ended without a word and without getting further"
    values = {"status": "failed", "reason": reason, "ended": now()}
    connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(values))


def _rewind(connection: Connection, run_id: int, epoch: int | None) -> None:
    """Delete what was yielded after that epoch, or everything: the new attempt will yield it again."""
    for table in YIELDED:
        rows = table.c.run_id == run_id
        if epoch is not None and epoch >= 0:  # what came before training is yielded with the first epoch
            rows &= table.c.epoch > epoch
        connection.execute(delete(table).where(rows))


def _spec(connection: Connection, run: Row[Any]) -> RunSpec:
    config = select(configs.c.config).where(configs.c.config_id == run.config_id)
    return RunSpec(config_from_json(connection.execute(config).scalar_one()), run.seed)
