"""A driver's hold on a sweep: to own it, to know what is left, and to put runs and attempts in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, literal, select, true, update

from gst.errors import InputError
from gst.store.bulk import chunks
from gst.store.schema import ENDED, attempts, runs, sweep_runs, sweeps
from gst.store.sources import WAITING
from gst.store.utc_time import present


def lock(connection: Connection, chosen: ColumnElement[bool]) -> None:
    """Have whoever registers, drives or imports those sweeps wait until we are done.

    Who locks both locks sweeps before runs: two that wait for each other are a deadlock.
    """
    query = select(sweeps.c.sweep_id).where(chosen).order_by(sweeps.c.sweep_id)
    connection.execute(query.with_for_update(key_share=True))  # rows that name a sweep may come meanwhile


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


def remaining(connection: Connection, sweep_id: int, *, ready: bool = False) -> list[str]:
    """The keys of runs that have not ended, or of those `ready` to begin, in the order of the sweep file."""
    first = func.min(sweep_runs.c.position)
    query = (
        select(runs.c.key)
        .join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id)
        .where(sweep_runs.c.sweep_id == sweep_id, runs.c.status.not_in(ENDED))
        .where(~WAITING if ready else true())
        .group_by(runs.c.key)
        .order_by(first)
    )
    return list(connection.execute(query).scalars())


def interrupt(connection: Connection, sweep_id: int, driver_epoch: int) -> int:
    """Mark runs that are still running under that driver as interrupted; how many."""
    moment = present(connection)
    stopped = connection.execute(
        update(runs)
        .where(runs.c.status == "running", runs.c.sweep_id == sweep_id, runs.c.driver_epoch == driver_epoch)
        .values(status="interrupted", ended=moment, stall=case((runs.c.stall > 0, runs.c.stall - 1), else_=0))
    )
    own = (attempts.c.sweep_id == sweep_id) & (attempts.c.driver_epoch == driver_epoch)
    close_attempts(connection, own, outcome="interrupted", ended=moment)
    return stopped.rowcount


def close_attempts(
    connection: Connection, which: ColumnElement[bool], *, outcome: str, ended: datetime | None
) -> None:
    """Give those attempts of that condition an outcome that are still open, and the time that they took.

    Without a time they ended when they began: of such a one there is no sign of life.
    """
    still_open = which & attempts.c.ended.is_(None)
    query = select(attempts.c.run_id, attempts.c.attempt, attempts.c.started).where(still_open)
    found = connection.execute(query).all()
    if found:
        connection.execute(_CLOSE, [_closed(*row, outcome, ended) for row in found])


_CLOSE = (
    update(attempts)
    .where(
        attempts.c.run_id == bindparam("the_run"),
        attempts.c.attempt == bindparam("the_attempt"),
        attempts.c.ended.is_(None),  # still, whatever came between the question and this
    )
    .values(outcome=bindparam("the_outcome"), ended=bindparam("the_end"), seconds=bindparam("the_seconds"))
)


def _closed(
    run_id: int, attempt: int, started: datetime, outcome: str, ended: datetime | None
) -> dict[str, Any]:
    ended = started if ended is None else ended
    return {
        "the_run": run_id,
        "the_attempt": attempt,
        "the_outcome": outcome,
        "the_end": ended,
        "the_seconds": max(0.0, (ended - started).total_seconds()),
    }


RETRIED = ("failed", "cancelled", "diverged")
"""Statuses that a retry can take back."""


def retry(
    connection: Connection, sweep_id: int | None, keys: Sequence[str] | None, statuses: Sequence[str]
) -> list[str]:
    """Make runs of those statuses pending again; their keys, sorted."""
    assert set(statuses) <= set(RETRIED), statuses
    chosen: ColumnElement[bool] = runs.c.status.in_(statuses)
    if sweep_id is not None:
        chosen &= runs.c.run_id.in_(select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id))
    values = {"status": "pending", "stall": 0, "reason": None, "ended": None}
    reset = update(runs).values(values).returning(runs.c.key)
    if keys is None:
        return sorted(connection.execute(reset.where(chosen)).scalars())
    found: list[str] = []
    for chunk in chunks(keys):
        found += connection.execute(reset.where(chosen, runs.c.key.in_(chunk))).scalars()
    return sorted(found)


CANCELLED = ("pending", "interrupted", "running")
"""Statuses of runs that can be cancelled: all that have not ended."""


def cancel(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Cancel the runs that have not ended; the keys of those, sorted."""
    moment = present(connection)
    found: list[str] = []
    for chunk in chunks(sorted(keys)):
        chosen = (
            select(runs.c.run_id, runs.c.key)
            .where(runs.c.key.in_(chunk), runs.c.status.in_(CANCELLED))
            .order_by(runs.c.key)  # two that lock the same rows do so in the same order
            .with_for_update()
        )
        rows = connection.execute(chosen).all()
        ids = [row.run_id for row in rows]
        values = {"status": "cancelled", "reason": REASON + runs.c.status, "ended": moment}
        connection.execute(update(runs).where(runs.c.run_id.in_(ids)).values(values))
        close_attempts(connection, attempts.c.run_id.in_(ids), outcome="cancelled", ended=moment)
        found += [row.key for row in rows]
    return found


REASON = literal("cancelled while ")
"""The text of `runs.reason`, with the status that the run had."""
