"""How a database is doing, found out without leaving a trace in it."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from gst.errors import StoreError
from gst.store.connect import is_sqlite, opened, sqlite_path, writing
from gst.store.faults import DAMAGED, reason, remedy
from gst.store.filesystem import is_there, log_bytes
from gst.store.password import masked

TIMES = 25

_HARMLESS = ("UPDATE runs SET status = status WHERE 0 = 1", "DELETE FROM epochs WHERE 0 = 1")
"""Change nothing, and are refused to who may not write."""

_COMMITTED = "SELECT pg_logical_emit_message(true, 'gst', 'how long does a commit take?')"
"""A message in Postgres's log that nobody reads: like a row, it has to be on the disk at the commit."""


def server(url: URL) -> str:
    """The database at that parsed URL: `SQLite 3.45.1` or `PostgreSQL 16.3`. Raises StoreError."""
    with _asked(url), opened(url, readonly=True) as engine, engine.connect() as connection:
        if is_sqlite(url):
            return f"SQLite {sqlite3.sqlite_version}"
        return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one().split()[0]}"


def journal_mode(url: URL) -> str:
    """How an SQLite file keeps unfinished transactions; a store should say `wal`. Raises StoreError."""
    with _asked(url), opened(url, readonly=True) as engine, engine.connect() as connection:
        return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())


def refuse_unwritable(url: URL) -> None:
    """Raise StoreError unless this user may change the store; nothing is changed."""
    with _asked(url), opened(url) as engine, writing(engine).connect() as connection:
        for statement in _HARMLESS:
            connection.execute(text(statement))
        connection.rollback()


def file_damage(url: URL, *, quick: bool = False) -> list[str]:
    """What is wrong with the pages of an SQLite file, a sentence each; of a server nothing is known.

    A write-ahead log (-wal) that lies beside the file and belongs to another one is such damage, too.
    `quick` looks at no index.
    """
    if not is_sqlite(url) or not is_there(sqlite_path(url)):
        return []
    try:
        with opened(url, readonly=True) as engine, engine.connect() as connection:
            kind = "quick_check" if quick else "integrity_check"
            found = list(connection.exec_driver_sql(f"PRAGMA {kind}").scalars())
            return [] if found == ["ok"] else found
    except DBAPIError as error:
        return [reason(error)] if DAMAGED in remedy(error) else []  # what else is wrong, who opens it is told


def refuse_damage(url: URL) -> None:
    """Raise StoreError for an SQLite file that is damaged, where a log waits to be written into it."""
    if log_bytes(sqlite_path(url)) and (found := file_damage(url, quick=True)):
        raise StoreError(f"{masked(url)}: is damaged: {found[0]}; {DAMAGED}")


def commit_milliseconds(url: URL, times: int = TIMES) -> float:
    """The median time of that many small transactions where the store is. Raises StoreError.

    Beside an SQLite file they go to a scratch file, which is removed; a Postgres server is sent
    transactions that have to be written to its log, and hold no row.
    """
    with _asked(url):
        if is_sqlite(url):
            return _sqlite_milliseconds(sqlite_path(url).parent, times)
        with opened(url) as engine, engine.connect() as connection:

            def commit() -> None:
                with connection.begin():
                    connection.execute(text(_COMMITTED))

            return _median(commit, times)


def _sqlite_milliseconds(folder: Path, times: int) -> float:
    with (
        tempfile.TemporaryDirectory(prefix=".gst-doctor-", dir=folder) as scratch,
        closing(sqlite3.connect(Path(scratch) / "scratch.db", isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("CREATE TABLE scratch (number INTEGER)")

        def commit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO scratch VALUES (1)")
            connection.execute("COMMIT")

        return _median(commit, times)


def _median(commit: Callable[[], None], times: int) -> float:
    taken = []
    commit()  # the first one waits for what the others find ready
    for _ in range(times):
        began = time.perf_counter()
        commit()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


@contextmanager
def _asked(url: URL) -> Iterator[None]:
    """Turns what a database and a disk complain of into one StoreError without the password."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{masked(url)}: {reason(error)}") from error
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{masked(url)}: {error}") from error
