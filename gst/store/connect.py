"""Connections to SQLite and Postgres, set up for many writers, or for reading and nothing else."""

from __future__ import annotations

import math
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, Pool, QueuePool, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, InvalidatePoolError

from gst.errors import StoreError
from gst.paths import store_url
from gst.store.faults import READ_ONLY
from gst.store.password import masked

BUSY_SECONDS = 60
"""How long an SQLite writer waits for its turn; with 16 at full speed the longest wait was 3 s."""

RESTED_SECONDS = 1.0
"""How long a connection to a server is taken to work after it did."""

KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
"""Parameters of libpq: a server that died without a word is noticed within a minute, not two hours."""

_WORKING = "give a file, such as gst.db, or postgresql://user@host/database"
_FILE = re.compile(r"sqlite(?:\+pysqlite)?:///(.+)", re.DOTALL)
_NO_URL = re.compile(
    r"postgres\w*(\+\w+)?(:(?!//)|/)|(?!.*://)((host|user|port|dbname)\w*\s*=|.*\bpassword\s*=)",
    re.DOTALL | re.IGNORECASE,
)
"""Beginnings that are meant as an address of a database, and would be taken for a path."""
_AT_TWICE = re.compile(r"@.*@|[?&][\w%]+=[^&]*@", re.DOTALL)
_SHOWING_PRAGMAS = {
    "foreign_key_list", "index_info", "index_list", "index_xinfo", "table_info", "table_list", "table_xinfo"
}  # fmt: skip


def parsed(url: str) -> URL:
    """The URL of an SQLite file or a Postgres database; a plain path is an SQLite file.

    Raises StoreError for anything else.
    """
    if _NO_URL.match(url):
        raise StoreError(f"{masked(url)}: is not a database URL; {_WORKING}")
    chosen = store_url(url)
    file = _FILE.fullmatch(chosen)
    if file and file[1] != ":memory:" and not file[1].startswith("file:"):
        return URL.create("sqlite", database=file[1])
    try:
        result = make_url(chosen)
    except (ArgumentError, ValueError):
        raise StoreError(f"{masked(url)}: is not a database URL; {_WORKING}") from None
    backend = result.get_backend_name()
    if backend in ("postgresql", "postgres"):
        if _AT_TWICE.search(chosen) or "@" in (result.database or ""):
            raise StoreError(
                f"{masked(url)}: has an @ besides the one before the host; in a password it is written %40"
            )
        return result.set(drivername="postgresql+psycopg")
    reason = "a store is a file" if backend == "sqlite" else f"{backend!r} databases cannot be a store"
    raise StoreError(f"{masked(url)}: {reason}; {_WORKING}")


def is_sqlite(url: URL) -> bool:
    """Whether the store is a file."""
    return url.drivername == "sqlite"


def sqlite_path(url: URL) -> Path:
    """The file of an SQLite store."""
    return Path(str(url.database))


LONGEST_VALUE = 16_000_000
"""Bytes of a text, or of a row, that a stranger's question to SQLite may make."""
LONGEST_PATTERN = 200
"""Characters of a pattern of LIKE in one: matching takes time with the product of pattern and text."""


def connect_asking(url: URL) -> Engine:
    """An engine for questions of strangers: read-only, bounded, each with a connection of its own."""
    engine = connect(url, readonly=True, poolclass=NullPool)
    if is_sqlite(url):
        event.listen(engine, "connect", _bounded_values)
    return engine


def _bounded_values(connection: sqlite3.Connection, _: object) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, LONGEST_PATTERN)


def connect(url: URL, *, readonly: bool = False, poolclass: type[Pool] = QueuePool) -> Engine:
    """An engine for the store at that parsed URL; no file is ever created, and nothing opened yet.

    Not to be carried into a forked process.
    """
    if is_sqlite(url):
        return _connect_sqlite(url, readonly, poolclass)
    given = url.query.get("options", "")
    options = f"{given} -c timezone=UTC" + (" -c default_transaction_read_only=on" if readonly else "")
    arguments: dict[str, Any] = {
        "options": options,
        "connect_timeout": 10,
        **{name: value for name, value in KEEPALIVES.items() if name not in url.query},
    }
    if readonly:
        # A statement that is prepared is one statement: none can end the transaction and begin another.
        arguments["prepare_threshold"] = 0
    engine = create_engine(url, connect_args=arguments, poolclass=poolclass)
    event.listen(engine, "connect", _plain_numbers)
    _replace_broken(engine)
    if not readonly:
        event.listen(engine, "handle_error", _leave_a_standby)
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write.

    On SQLite they take the write lock first: one that reads, and writes only after another has
    written, is refused at once, however long it was willing to wait.
    """
    return engine.execution_options(gst_writing=True)


def _connect_sqlite(url: URL, readonly: bool, poolclass: type[Pool]) -> Engine:
    address = f"{sqlite_path(url).as_uri()}?mode={'ro' if readonly else 'rw'}"

    def opened() -> sqlite3.Connection:
        # isolation_level None: sqlite3 begins no transactions of its own, `_begin` does.
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
        # Postgres has it; SQLite only if it was built with the functions of mathematics.
        connection.create_function("sqrt", 1, _sqrt, deterministic=True)
        if readonly:
            connection.execute("PRAGMA query_only=ON")
            connection.set_authorizer(_only_reading)
        return connection

    engine = create_engine(url, creator=opened, poolclass=poolclass)
    event.listen(engine, "begin", _begin)
    if readonly:
        _follow(engine, sqlite_path(url))
    return engine


def _follow(engine: Engine, path: Path) -> None:
    """Open the file anew where another one has taken its place: one that is deleted can be read for ever."""

    @event.listens_for(engine, "connect")
    def _opens(_: object, record: Any) -> None:
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def _wakes(_: object, record: Any, __: object) -> None:
        if record.info["file"] != _identity(path):
            raise InvalidatePoolError  # the pool opens another


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


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


def _plain_numbers(connection: Any, _: object) -> None:
    """Averages of integers are floats, as they are on SQLite, and not decimals."""
    from psycopg.types.numeric import FloatLoader

    connection.adapters.register_loader("numeric", FloatLoader)


def _sqrt(number: float | None) -> float | None:
    return None if number is None or number < 0 else math.sqrt(number)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("gst_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _only_reading(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Refuse what mode=ro and query_only allow: to attach another file, or to change a setting."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and second is not None and first not in _SHOWING_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
