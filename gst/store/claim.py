"""Taking a run to train it: one process at a time, and the newest that asks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, select, update

from gst.config import RunConfig, RunSpec, config_from_json
from gst.config.key import is_key_of
from gst.config.measure import Measurements
from gst.errors import Fenced, InputError
from gst.records import DatasetFacts, Provenance
from gst.store.alive import ALIVE
from gst.store.bulk import insert_missing
from gst.store.checkpoint import Checkpoint, checkpoints, pointing_to
from gst.store.schema import (
    ENDED,
    YIELDED,
    attempts,
    configs,
    datasets,
    example_files,
    kept_states,
    runs,
    sweep_runs,
    sweeps,
)
from gst.store.sweeps import close_attempts
from gst.store.utc_time import Present
from gst.words import readable, short, size


class Claim(NamedTuple):
    """A run that is now ours to train."""

    run_id: int
    attempt: int
    created: datetime  # when the run was registered: another of this number, after a removal, is not ours
    spec: RunSpec
    measurements: Measurements
    checkpoints: tuple[Checkpoint, ...]  # that the store points to, the newest first
    lost: str | None  # what is known of an attempt before it, under the same driver, that vanished


def claim(
    connection: Connection,
    key: str,
    *,
    sweep_id: int,
    driver_epoch: int,
    provenance: Provenance,
    max_stall: int,
    died: str | None,
) -> Claim | None:
    """See Store.claim."""
    found = select(runs, ALIVE.label("alive"), Present().label("present"))
    run = connection.execute(found.where(runs.c.key == key).with_for_update()).one_or_none()
    if run is None:
        raise InputError(f"no run {key!r} in this store")
    refuse_superseded(connection, sweep_id, driver_epoch)  # read once the row is locked
    if run.status in ENDED or (run.alive and run.sweep_id != sweep_id):
        return None
    vanished = _close_lost(connection, run, died)
    if run.stall >= max_stall:
        reason = f"{run.stall} attempts in a row ended without a word and without getting further; {vanished}"
        values = {"status": "failed", "reason": reason, "ended": Present()}
        connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(values))
        return None
    _delete_after(connection, run.run_id, run.checkpoint_epoch)
    spec = _spec(connection, run)
    connection.execute(
        update(runs)
        .where(runs.c.run_id == run.run_id)
        .values(
            status="running",
            reason=None,
            attempt=run.attempt + 1,
            stall=run.stall + 1,
            **_standing(run.checkpoint_epoch),
            started=run.started or run.present,
            heartbeat=run.present,
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
            first_epoch=_after(run.checkpoint_epoch, spec.config),
            started=run.present,
            dataset_id=None if dataset is None else dataset_id(connection, dataset),
        )
    )
    ours = run.status == "running" and (run.sweep_id, run.driver_epoch) == (sweep_id, driver_epoch)
    return Claim(
        run.run_id,
        run.attempt + 1,
        run.created,
        spec,
        asked_of(connection, run.run_id),
        checkpoints(run._asdict()),
        lost=vanished if ours else None,
    )


def rewind(
    connection: Connection,
    run_id: int,
    attempt: int,
    config: RunConfig,
    found: tuple[Checkpoint, ...],
    why: str,
) -> None:
    """Have that attempt go on from the first of those checkpoints, or begin anew: `why` it must."""
    epoch = found[0].epoch if found else None
    _delete_after(connection, run_id, epoch)
    connection.execute(
        update(runs)
        .where(runs.c.run_id == run_id)
        # A lost checkpoint is nobody's fault: training up to it again is progress.
        .values(furthest_epoch=None, **_standing(epoch), **pointing_to(found))
    )
    connection.execute(
        update(attempts)
        .where(attempts.c.run_id == run_id, attempts.c.attempt == attempt)
        .values(first_epoch=_after(epoch, config), fallback=why)
    )


def _standing(epoch: int | None) -> dict[str, int | None]:
    """The columns of `runs` for a run that stands after that epoch; a negative one is an EL2N network's."""
    if epoch is None:
        return {"el2n_epoch": None, "last_epoch": None}
    if epoch >= 0:
        return {"last_epoch": epoch}  # EL2N networks, if the run has any, are as they were: trained
    return {"el2n_epoch": epoch, "last_epoch": None}


def _after(epoch: int | None, config: RunConfig) -> int:
    """The first of the run's own epochs after that one."""
    return max(config.first_epoch, -1 if epoch is None else epoch + 1)


def asked_of(connection: Connection, run_id: int, sweep_id: int | None = None) -> Measurements:
    """The measurements that sweeps ask of that run's network, or that one sweep asks."""
    asked = select(sweep_runs.c.measure).where(
        sweep_runs.c.run_id == run_id, sweep_runs.c.measure.is_not(None)
    )
    if sweep_id is not None:
        asked = asked.where(sweep_runs.c.sweep_id == sweep_id)
    order = (sweep_runs.c.sweep_id, sweep_runs.c.position)
    return Measurements.stored(connection.execute(asked.order_by(*order)).scalars())


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


def _close_lost(connection: Connection, run: Row[Any], died: str | None) -> str:
    """Close an attempt that is still open: it ended without a word, some time after its last sign of life.

    Returns what is known of the last attempt.
    """
    close_attempts(connection, attempts.c.run_id == run.run_id, outcome="lost", ended=run.heartbeat)
    last = select(attempts).where(attempts.c.run_id == run.run_id, attempts.c.attempt == run.attempt)
    found = connection.execute(last).one_or_none()
    if found is None:
        return ""
    memory = "" if found.peak_memory is None else f", having used {size(found.peak_memory)} of memory"
    cause = f"{died}:" if died else "If memory ran out or a time limit ended it,"
    return (
        f"attempt {found.attempt} gave its last sign of life from process {found.pid} on {found.host} at "
        f"{readable(run.heartbeat)} UTC{memory}. {cause} try a smaller batch_size, more resources for each "
        "run (--cpus-per-run), or fewer runs at a time (--max-concurrent)"
    )


def _delete_after(connection: Connection, run_id: int, epoch: int | None) -> None:
    """Delete what was yielded after that epoch, or everything: the new attempt will yield it again."""
    for table in (*YIELDED, kept_states, example_files):
        rows = table.c.run_id == run_id
        if epoch is not None and epoch >= 0:  # what came before training is yielded with the first epoch
            rows &= table.c.epoch > epoch
        connection.execute(delete(table).where(rows))


def _spec(connection: Connection, run: Row[Any]) -> RunSpec:
    config = select(configs.c.config).where(configs.c.config_id == run.config_id)
    spec = RunSpec(config_from_json(connection.execute(config).scalar_one()), run.seed)
    if not is_key_of(run.key, spec):
        raise InputError(f"run {short(run.key)}: the configuration in the store is not the one of its key")
    return spec
