"""How long one waits for a store that does not answer."""

from __future__ import annotations

import logging
import sqlite3

import psycopg
import pytest
import sqlalchemy

from gst.errors import StoreError
from gst.launch import retry
from gst.launch.log import warnings
from gst.launch.retry import PAUSES, patiently
from gst.store import complaint, reason
from gst.store.faults import disk_is_full


def failed(error: Exception) -> sqlalchemy.exc.OperationalError:
    """The error as a store raises it."""
    return sqlalchemy.exc.OperationalError("INSERT INTO runs", {}, error)


def sqlite_full() -> sqlite3.OperationalError:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (a)")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    connection.close()
    return full.value


AWAY = failed(sqlite3.OperationalError("disk I/O error"))
FULL = [failed(sqlite_full()), failed(psycopg.errors.DiskFull("could not extend file"))]


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(retry, "time", made)
    return made


def failing(*errors: Exception):
    """An action that raises these, one after another, and then returns."""
    left = list(errors)

    def action() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return action


def test_a_store_that_comes_back_is_waited_for_and_each_wait_is_said(clock, caplog):
    assert patiently(failing(AWAY, AWAY)) == "done"
    assert clock.pauses == [1, 5]
    assert caplog.messages == [
        f"the store does not answer, next try in {pause} s: disk I/O error" for pause in (1, 5)
    ]


def test_a_store_that_stays_away_is_given_up(clock):
    with pytest.raises(sqlalchemy.exc.OperationalError):
        patiently(failing(*[AWAY] * (len(PAUSES) + 1)))
    assert clock.pauses == list(PAUSES)


def test_a_store_that_has_worked_for_long_is_waited_for_anew(clock):
    """Else a run of many hours would be given up at the sixth restart of its server."""
    ends = iter([AWAY] * 4 + [None])

    def action() -> str:
        clock.now += retry.FRESH_SECONDS + 1
        error = next(ends)
        if error:
            raise error
        return "done"

    assert patiently(action) == "done"
    assert clock.pauses == [1] * 4


@pytest.mark.parametrize("error", FULL, ids=["sqlite", "postgres"])
def test_a_full_disk_is_not_waited_for(clock, error):
    with pytest.raises(sqlalchemy.exc.OperationalError):
        patiently(failing(error))
    assert clock.pauses == []
    assert complaint(error).startswith("the disk of the store is full: free some space")


def test_what_is_not_the_stores_fault_is_raised(clock):
    with pytest.raises(ValueError, match="wrong"):
        patiently(failing(ValueError("wrong")))
    assert clock.pauses == []


def test_a_full_disk_is_known_behind_an_error_of_our_own_too():
    error = StoreError("gst.db: cannot be written")
    assert not disk_is_full(error)
    error.__cause__ = FULL[0]
    assert disk_is_full(error)
    assert not disk_is_full(AWAY)


def test_a_complaint_is_one_line_without_the_statement():
    error = failed(psycopg.OperationalError("connection failed: refused\n\tIs the server running?"))
    assert reason(error) == "connection failed: refused; Is the server running?"
    assert complaint(error) == f"the store does not answer: {reason(error)}"


def test_warnings_are_kept_once_and_nothing_else():
    log = logging.getLogger("gst.somewhere")
    with warnings() as said:
        for text in ("one", "two", "one"):
            log.warning("number %s", text)
        log.info("not this")
        log.error("nor this: whoever logs it, returns it")
    log.warning("nor this: it is over")
    assert said == ["number one", "number two"]
