"""Many values and rows at once: lists in pieces that a database takes, and inserts of what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

CHUNK = 1000
"""Values in one IN (...); Postgres takes 65,535 and SQLite 32,766."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in their order, at most CHUNK at a time."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def ids(
    connection: Connection, number: Column[int], name: Column[str], names: Sequence[str]
) -> dict[str, int]:
    """The numbers of a table's rows of these names, but for names that it does not have."""
    found: dict[str, int] = {}
    for chunk in chunks(names):
        rows = connection.execute(select(name, number).where(name.in_(chunk)))
        found.update((key, value) for key, value in rows)
    return found


def insert_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those rows whose keys the table does not have.

    Several processes may insert the same rows at once, if they do so in the same order of keys: on
    Postgres each waits for the other's, and two that wait for each other are a deadlock.
    """
    if not rows:
        return
    connection.execute(inserting(connection)(table).on_conflict_do_nothing(), rows)


def inserting(connection: Connection) -> Callable[[Table], postgresql.Insert | sqlite.Insert]:
    """The function for an insertion that may leave out rows whose keys the table has."""
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
