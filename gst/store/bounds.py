"""Bounds of a question to the store: seconds, rows and bytes; one whose asker has gone is stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from sqlalchemy import Connection

POLL_SECONDS = 0.1
GRACE_SECONDS = 5.0
"""How long a server may take to stop a question."""


class Limits(NamedTuple):
    """The most that an answer may take; beyond `rows` and `bytes` it is cut, beyond `seconds` refused."""

    seconds: float
    rows: int
    bytes: int


class StoppedError(Exception):
    """A question was stopped; the message says why."""


class Answer(NamedTuple):
    """The first rows that a question has; `more` where a limit cut the others off."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool = False


@contextmanager
def watched(connection: Connection, seconds: float, gone: Callable[[], bool]) -> Iterator[None]:
    """A context whose statements the database is told to stop after that time, or when the asker has gone.

    Raises StoppedError, in the place of the database's own error, where it was told so.
    """
    reasons: list[str] = []
    done = threading.Event()
    end = time.monotonic() + seconds
    stop = _stopping(connection, seconds)

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            if time.monotonic() > end:
                reasons.append(f"took longer than {seconds:g} s, and was stopped")
            elif gone():
                reasons.append("nobody waits for the answer any more")
            if reasons:
                stop()  # again and again: one between two statements has no effect

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    except Exception as error:
        if reasons:
            raise StoppedError(reasons[0]) from error
        raise
    finally:
        done.set()
        thread.join()


def cut(rows: Iterable[Any], limits: Limits) -> tuple[list[tuple[Any, ...]], bool]:
    """The rows within the limits, and whether there are more. A text counts by its length, a number as 8.

    Bytes are texts, as SQL writes them: x'00ff'.
    """
    found: list[tuple[Any, ...]] = []
    left = limits.bytes
    for row in rows:
        left -= sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
        if len(found) == limits.rows or left < 0:
            return found, True
        found.append(tuple(f"x'{it.hex()}'" if isinstance(it, bytes) else it for it in row))
    return found, False


def _stopping(connection: Connection, seconds: float) -> Callable[[], None]:
    """What stops the statement that a connection is busy with, called from another thread."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        stop: Callable[[], None] = driver.interrupt
        return stop
    driver.seconds = seconds + GRACE_SECONDS  # after that a server that hears nothing is left alone

    def cancel() -> None:
        with suppress(connection.dialect.loaded_dbapi.Error):
            driver.cancel_safe(timeout=GRACE_SECONDS)

    return cancel
