"""Connections to SQLite and Postgres, set up for many writers, or for reading and nothing else."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, Pool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError

from gst.errors import StoreError
from gst.paths import NO_URL, store_url
from gst.store.filesystem import is_still
from gst.store.linear_functions import use_linear_functions
from gst.store.password import masked

BUSY_SECONDS = 60
"""How long an SQLite writer waits for its turn; with 64 at full speed the longest wait was 2 s."""

ANSWER_SECONDS = 60.0
"""How long a server may be silent where a run or a sweep writes; they try again."""

READING_SECONDS = 600.0
"""The same where people ask for all that a store has."""

_WORKING = "give a file, such as gst.db or sqlite:///gst.db, or postgresql://user@host/database"
_FILE = re.compile(r"sqlite(?:\+pysqlite)?:///(.+)", re.DOTALL)
_AT_TWICE = re.compile(r"@.*@|[?&][\w%]+=[^&]*@", re.DOTALL)
_SHOWING_PRAGMAS = {
    "foreign_key_list", "index_info", "index_list", "index_xinfo", "table_info", "table_list", "table_xinfo"
}  # fmt: skip


def parsed(url: str) -> URL:
    """The URL of an SQLite file or a Postgres database; a plain path is an SQLite file.

    Raises StoreError for anything else.
    """
    if NO_URL.match(url):
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
    use_linear_functions(connection, LONGEST_VALUE)


def connect(
    url: URL, *, readonly: bool = False, poolclass: type[Pool] = QueuePool, hurry: bool = True
) -> Engine:
    """An engine for the store at that parsed URL; no file is ever created, and nothing opened yet.

    A server is waited for without end where there is no `hurry`. Not to be carried into a forked process.
    """
    if is_sqlite(url):
        return _connect_sqlite(url, readonly, poolclass)
    from gst.store.postgres import connect_postgres  # who has a file does without the driver

    seconds = (READING_SECONDS if readonly else ANSWER_SECONDS) if hurry else None
    return connect_postgres(url, readonly=readonly, poolclass=poolclass, seconds=seconds)


@contextmanager
def opened(url: URL, *, readonly: bool = False, hurry: bool = True) -> Iterator[Engine]:
    """Such an engine, which leaves no connection behind."""
    engine = connect(url, readonly=readonly, hurry=hurry)
    try:
        yield engine
    finally:
        engine.dispose()


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write.

    On SQLite they take the write lock first: one that reads, and writes only after another has
    written, is refused at once, however long it was willing to wait.
    """
    return engine.execution_options(gst_writing=True)


def _connect_sqlite(url: URL, readonly: bool, poolclass: type[Pool]) -> Engine:
    path = sqlite_path(url)
    address = f"{path.as_uri()}?mode={'ro' if readonly else 'rw'}"

    def new() -> sqlite3.Connection:
        # isolation_level None: sqlite3 begins no transactions of its own, `_begin` does.
        still = "&immutable=1" if readonly and is_still(path) else ""
        connection = sqlite3.connect(
            f"{address}{still}", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
        # Postgres has it; SQLite only if it was built with the functions of mathematics.
        connection.create_function("sqrt", 1, _sqrt, deterministic=True)
        if readonly:
            connection.execute("PRAGMA query_only=ON")
            connection.set_authorizer(_only_reading)
        return connection

    if readonly and is_still(path):
        poolclass = NullPool  # whether it still is, each transaction finds out for itself
    engine = create_engine(url, creator=new, poolclass=poolclass)
    event.listen(engine, "begin", _begin)
    _follow(engine, path)
    return engine


def _follow(engine: Engine, path: Path) -> None:
    """Open the file anew where it is gone or another has its place: a deleted one can be read and written."""

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


def _sqrt(number: float | None) -> float | None:
    return None if number is None or number < 0 else math.sqrt(number)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("gst_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _only_reading(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Refuse what mode=ro and query_only allow: to attach another file, or to change a setting.

    Nor is JSON patched, which takes time with the product of two texts, and cannot be interrupted.
    """
    if action == sqlite3.SQLITE_FUNCTION and second == "json_patch":
        return sqlite3.SQLITE_DENY
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and second is not None and first not in _SHOWING_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
