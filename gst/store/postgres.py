"""Connections to Postgres that end where it falls silent, and that a pooler may share among its clients.

A pooler in transaction mode (PgBouncer) gives the next transaction another connection to the server: nothing
but the time zone is set for a session, and no statement is prepared where there is one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.types.numeric import FloatLoader
from sqlalchemy import URL, Engine, Pool, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError

from gst.errors import StoreError
from gst.store.faults import READ_ONLY
from gst.store.password import masked

RESTED_SECONDS = 1.0
"""How long a connection to a server is taken to work after it did."""

CANCEL_SECONDS = 5.0
"""How long a server may take to hear that it should stop a statement."""

PARAMETERS = {
    "connect_timeout": 10,
    "client_encoding": "utf8",
    # A machine that died without a word is noticed within a minute, not two hours.
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
"""Of libpq and psycopg; those in a URL go before."""

T = TypeVar("T")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is closed where its server has been silent for so many `seconds`.

    The kernel of a machine whose server is stopped goes on to acknowledge what it is sent, so that TCP
    notices nothing. A statement that only takes long, as behind a lock, is cancelled.
    """

    seconds: float | None = None

    def wait(self, gen: PQGen[T], *arguments: Any, **options: Any) -> T:
        """What the server answers. Raises psycopg.OperationalError where it does not."""
        if self.seconds is None:
            return super().wait(gen, *arguments, **options)
        try:
            return super().wait(_unless_silent(gen, self.seconds), *arguments, **options)
        except _Silence:
            if psycopg.capabilities.has_cancel_safe():  # others would wait without end, too
                with suppress(psycopg.Error):
                    self.cancel_safe(timeout=CANCEL_SECONDS)
            self.close()
            raise psycopg.OperationalError(f"the server did not answer within {self.seconds:g} s") from None


class _Silence(Exception):
    """Nothing came from the server."""


def _unless_silent(gen: PQGen[T], seconds: float) -> Generator[Any, Any, T]:
    """The same steps of a statement, which psycopg resumes at least ten times a second."""
    end = time.monotonic() + seconds
    try:
        step: Any = next(gen)
        while True:
            ready = yield step
            if ready:
                end = time.monotonic() + seconds
            elif time.monotonic() > end:
                raise _Silence
            step = gen.send(ready)
    except StopIteration as done:
        result: T = done.value
        return result


def connect_postgres(url: URL, *, readonly: bool, poolclass: type[Pool], seconds: float | None) -> Engine:
    """An engine for that database, whose connections end after so many seconds of silence, or never."""
    parameters = {name: value for name, value in PARAMETERS.items() if name not in url.query}
    engine = create_engine(url, connect_args=parameters, poolclass=poolclass, use_native_hstore=False)

    @event.listens_for(engine, "do_connect")
    def _opens(_: object, __: object, arguments: Any, given: Any) -> PatientConnection:
        connection = PatientConnection.connect(*arguments, **given)
        connection.seconds = seconds
        encoding = connection.info.parameter_status("server_encoding")
        if not readonly and encoding not in ("UTF8", None):
            connection.close()
            raise StoreError(
                f"{masked(url)}: the database is in {encoding}, and a store is in UTF-8; "
                "`createdb -E UTF8 -T template0 NAME` makes one that is"
            )
        return connection

    @event.listens_for(engine, "connect")
    def _prepares(connection: PatientConnection, _: object) -> None:
        # Averages of integers are floats, as they are on SQLite, and not decimals.
        connection.adapters.register_loader("numeric", FloatLoader)
        connection.autocommit = True
        if _process(connection) != connection.info.backend_pid:
            connection.prepare_threshold = None
        connection.autocommit = False
        connection.read_only = readonly or None  # of each transaction

    _replace_broken(engine)
    if not readonly:
        event.listen(engine, "handle_error", _leave_a_standby)
    return engine


def _process(connection: PatientConnection) -> int:
    """The process of the server that serves it; behind a pooler it is not the one that greeted us.

    All times are in UTC from now on: a pooler keeps the time zone, if nothing else, for each of its clients.
    """
    asked = "SELECT set_config('TimeZone', 'UTC', false), pg_backend_pid()"
    row: Any = connection.execute(asked).fetchone()
    return int(row[1])


def _replace_broken(engine: Engine) -> None:
    """Replace connections that did not survive a restart of the server: ask those that have rested.

    Like SQLAlchemy's pool_pre_ping, but that asks before every transaction: a round trip more for each.
    """
    dialect: Any = engine.dialect

    @event.listens_for(engine, "checkin")
    def _rests(_: object, record: Any) -> None:
        record.info["rests since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wakes(connection: Any, record: Any, _: object) -> None:
        if time.monotonic() - record.info.get("rests since", math.inf) > RESTED_SECONDS:
            try:
                dialect.do_ping(connection)
            except dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error  # the pool opens another


def _leave_a_standby(context: ExceptionContext) -> None:
    """Replace connections to a server that became read-only: new ones may lead to the new primary."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True
