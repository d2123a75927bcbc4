"""Errors of a database: whether waiting helps, and what to say of them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import exc
from sqlalchemy.exc import DBAPIError

from gst.errors import StoreError

Fault = Literal["transient", "permanent", "ours"]
"""Waiting helps; it does not, until someone mends the database; the statement is wrong."""

STORE_ERRORS: tuple[type[Exception], ...] = (DBAPIError, exc.TimeoutError, StoreError)
"""The errors that a store raises; `fault` sorts them."""

DISK_FULL = "53100"
READ_ONLY = "25006"

SQLSTATES: Mapping[str, Fault] = {
    "08": "transient",  # connection exceptions; 08P01 is PgBouncer's code for all that it says
    READ_ONLY: "transient",  # after a failover, until connections lead to the new primary
    "25P03": "transient",  # a transaction was idle for too long: its process was stopped for a while
    "25P04": "transient",  # a transaction took too long
    "28": "permanent",  # wrong user or password
    "3D": "permanent",  # no such database
    "3F": "permanent",  # no such schema
    "40": "transient",  # deadlocks and serialization failures
    "42501": "permanent",  # the user lacks a right
    "42P01": "permanent",  # no such table: somebody has dropped it
    "42703": "permanent",  # no such column, likewise
    "53": "transient",  # too many connections, no memory
    DISK_FULL: "permanent",
    "55": "transient",  # a lock was not available in time
    "57": "transient",  # the server shuts down, starts, or has cancelled the statement
    "57P04": "permanent",  # the database was dropped
    "58": "transient",  # errors of the server's own disk
    "F0": "permanent",  # the server's configuration
    "XX": "transient",  # internal errors of the server
    "XX001": "permanent",  # damaged data
    "XX002": "permanent",  # a damaged index
}
"""Of Postgres's codes, or of their first two characters, which are a class; any other is ours."""

SQLITE_CODES: Mapping[int, Fault] = {
    sqlite3.SQLITE_PERM: "permanent",
    sqlite3.SQLITE_BUSY: "transient",
    sqlite3.SQLITE_LOCKED: "transient",
    sqlite3.SQLITE_NOMEM: "transient",
    sqlite3.SQLITE_READONLY: "permanent",
    sqlite3.SQLITE_INTERRUPT: "transient",
    sqlite3.SQLITE_IOERR: "transient",
    sqlite3.SQLITE_CORRUPT: "permanent",
    sqlite3.SQLITE_FULL: "permanent",
    sqlite3.SQLITE_CANTOPEN: "transient",
    sqlite3.SQLITE_PROTOCOL: "transient",
    sqlite3.SQLITE_SCHEMA: "transient",
    sqlite3.SQLITE_AUTH: "permanent",
    sqlite3.SQLITE_NOTADB: "permanent",
}
"""Of SQLite's primary result codes; any other is ours."""

_GONE = re.compile(r"no such (table|column)|timestamp too (large|small)")
"""Errors of a database that somebody changed by hand, for which the driver has no code."""
_NO_ENTRY = re.compile(
    r"authentication failed|no password supplied|no pg_hba\.conf entry|permission denied for database|"
    r"(role|database) \".*\" does not exist|unsupported startup parameter|invalid connection option"
)
"""Refusals of a connection, for which the driver has no code."""

DAMAGED = "move the file away, with the -wal and -shm beside it, and put a copy in its place"
"""What to do about an SQLite file that is damaged, or lies beside the write-ahead log of another one."""

_REMEDIES: Mapping[str | int, str] = {
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: "an archive is taken in with `gst import`",
    READ_ONLY: "it takes no writes: wait for the primary server, or name that one",
    "42501": "grant the user the rights to read and write all tables",
}
_NO_OPTIONS = "a pooler that stands before the server takes no `options`: leave them out of the URL"


def fault(error: BaseException) -> Fault | None:
    """Whose fault an error is, or None where it is not an error of a store."""
    if isinstance(error, exc.TimeoutError):
        return "transient"  # all connections of the pool were busy
    if isinstance(error, StoreError):
        return "permanent" if error.__cause__ is None else fault(error.__cause__) or "permanent"
    if isinstance(error, DBAPIError):
        return _of_driver(error.orig)
    return _of_driver(error) if isinstance(error, sqlite3.Error) else None


def disk_is_full(error: BaseException) -> bool:
    """Whether the error says that the disk of the store is full."""
    cause = _cause(error)
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or _sqlstate(cause) == DISK_FULL


def reason(error: BaseException) -> str:
    """The database's message, in one line."""
    lines = str(getattr(error, "orig", None) or error).split("\n")
    return "; ".join(stripped for line in lines if (stripped := line.strip()))


def complaint(error: BaseException) -> str:
    """Why a store failed for good, and what to do: the end of a sentence."""
    if disk_is_full(error):
        return "the disk of the store is full: free some space, and the same command carries on"
    if isinstance(error, StoreError) and fault(error) == "permanent":
        return reason(error)
    mend = remedy(error)
    verb = "does not answer" if fault(error) == "transient" and not mend else "refuses"
    return f"the store {verb}: {reason(error)}{mend}"


def remedy(error: BaseException) -> str:
    """What to do about it, after a semicolon, where that is known."""
    cause = _cause(error)
    if "unsupported startup parameter: options" in str(cause):
        return f"; {_NO_OPTIONS}"
    code = _sqlstate(cause) or getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return f"; {_REMEDIES[code]}" if code in _REMEDIES else ""


def _of_driver(error: Any) -> Fault:
    code = _sqlstate(error)
    if code is not None:
        return SQLSTATES.get(code, SQLSTATES.get(code[:2], "ours"))
    number = getattr(error, "sqlite_errorcode", None)
    if number is not None and number & 0xFF != sqlite3.SQLITE_ERROR:
        return SQLITE_CODES.get(number & 0xFF, "ours")
    if _GONE.search(str(error)) or _NO_ENTRY.search(str(error)):
        return "permanent"
    names = {kind.__name__ for kind in type(error).__mro__}  # of whichever driver
    if number is None and names & {"OperationalError", "InterfaceError"}:
        return "transient"  # a connection broke, or could not be made
    return "ours"


def _cause(error: BaseException) -> BaseException:
    """The driver's error behind it."""
    behind = getattr(error, "orig", None) or (error.__cause__ if isinstance(error, StoreError) else None)
    return error if behind is None else _cause(behind)


def _sqlstate(error: BaseException) -> str | None:
    return getattr(error, "sqlstate", None)
