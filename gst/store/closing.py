"""Closing attempts from outside: those that no process will close itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from gst.store.schema import attempts


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
        connection.execute(_CLOSE, [_values(*row, outcome, ended) for row in found])


_CLOSE = (
    update(attempts)
    .where(
        attempts.c.run_id == bindparam("the_run"),
        attempts.c.attempt == bindparam("the_attempt"),
        attempts.c.ended.is_(None),  # still, whatever came between the question and this
    )
    .values(outcome=bindparam("the_outcome"), ended=bindparam("the_end"), seconds=bindparam("the_seconds"))
)


def _values(
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
