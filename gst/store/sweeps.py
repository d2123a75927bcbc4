"""What a driver needs of a sweep: to own it, to know what is left, and to put runs back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, case, func, select, update

from gst.errors import InputError, UnknownNameError
from gst.store.moment import now
from gst.store.schema import ENDED, attempts, runs, sweep_runs, sweeps


def newest_sweep(connection: Connection, name: str) -> int:
    """The id of the sweep of that name that was registered last."""
    newest = select(sweeps.c.sweep_id).where(sweeps.c.name == name)
    found = connection.execute(
        newest.order_by(sweeps.c.registered.desc(), sweeps.c.sweep_id.desc()).limit(1)
    ).scalar()
    if found is None:
        raise UnknownNameError("sweep", name, connection.execute(select(sweeps.c.name).distinct()).scalars())
    return int(found)


def take_over(connection: Connection, sweep_id: int) -> int:
    """The epoch of a new driver, the only one that may claim runs for this sweep from now on."""
    raised = (
        update(sweeps)
        .where(sweeps.c.sweep_id == sweep_id)
        .values(driver_epoch=sweeps.c.driver_epoch + 1)
        .returning(sweeps.c.driver_epoch)
    )
    epoch = connection.execute(raised).scalar()
    if epoch is None:
        raise InputError(f"no sweep with id {sweep_id} in this store")
    return int(epoch)


def remaining(connection: Connection, sweep_id: int) -> list[str]:
    """The keys of runs that have not ended, in the order of the sweep file."""
    first = func.min(sweep_runs.c.position)
    query = (
        select(runs.c.key)
        .join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id)
        .where(sweep_runs.c.sweep_id == sweep_id, runs.c.status.not_in(ENDED))
        .group_by(runs.c.key)
        .order_by(first)
    )
    return list(connection.execute(query).scalars())


def interrupt(connection: Connection, sweep_id: int, driver_epoch: int) -> int:
    """Mark runs that are still running under that driver as interrupted; how many."""
    moment = now()
    stopped = connection.execute(
        update(runs)
        .where(runs.c.status == "running", runs.c.sweep_id == sweep_id, runs.c.driver_epoch == driver_epoch)
        .values(status="interrupted", ended=moment, stall=case((runs.c.stall > 0, runs.c.stall - 1), else_=0))
    )
    connection.execute(
        update(attempts)
        .where(
            attempts.c.ended.is_(None),
            attempts.c.sweep_id == sweep_id,
            attempts.c.driver_epoch == driver_epoch,
        )
        .values(outcome="interrupted", ended=moment)
    )
    return stopped.rowcount


def retry(connection: Connection, sweep_id: int | None, keys: Sequence[str] | None) -> list[str]:
    """Make failed runs pending again; their keys, sorted."""
    chosen = runs.c.status == "failed"
    if sweep_id is not None:
        members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id)
        chosen &= runs.c.run_id.in_(members)
    if keys is not None:
        chosen &= runs.c.key.in_(keys)
    values = {"status": "pending", "stall": 0, "reason": None, "ended": None}
    reset = update(runs).where(chosen).values(values).returning(runs.c.key)
    return sorted(connection.execute(reset).scalars())
