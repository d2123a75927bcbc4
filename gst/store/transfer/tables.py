"""How the tables of the store stand in an archive: without ids, which mean something in one database only.

Everything follows from the schema, so a new table or column needs nothing here, unless its rows are
referred to by an id: then NATURAL must say what they are called everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, Boolean, Double, Integer, Table, Text
from sqlalchemy import Column as SqlColumn

from gst.archive import Column, Row
from gst.archive.column import Kind
from gst.store.schema import (
    configs,
    datasets,
    example_files,
    kept_states,
    metadata,
    runs,
    sources,
    sweeps,
)
from gst.store.utc_time import Time

NATURAL: Mapping[str, tuple[str, ...]] = {
    sweeps.name: ("name", "digest"),
    configs.name: ("hash",),
    runs.name: ("key",),
    datasets.name: ("name", "content_hash"),
}
"""The columns that name a row in every database, for tables whose rows others refer to by id."""

EXCLUDED = frozenset({kept_states.name, example_files.name, sources.name})
"""Tables that no archive has: of files of one place; and sources, which follow from configurations."""

LOCAL = frozenset({runs.c.artifacts})
"""Columns that no archive has, since they say something about one machine only; each may be empty."""

_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (JSON, "json"),
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Double, "float"),
    (Time, "time"),
    (Text, "text"),
)


class Field(NamedTuple):
    """A column of a table of the store, and the columns of an archive that stand for it.

    Where `target` is given the column is an id of that table, and its columns are the row's name.
    """

    column: SqlColumn[Any]
    target: Table | None
    columns: tuple[Column, ...]


class Layout(NamedTuple):
    """A table of the store as it stands in an archive."""

    table: Table
    fields: tuple[Field, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the archive's table."""
        return tuple(column for field in self.fields for column in field.columns)

    def field(self, target: Table) -> Field | None:
        """The first column that refers to a row of that table."""
        return next((field for field in self.fields if field.target is target), None)

    def named(self, row: Row) -> dict[str, Any]:
        """A row of the archive by the names of its columns."""
        return dict(zip((column.name for column in self.columns), row, strict=True))

    def position(self, column: str) -> int:
        """Where in a row of the archive the column of that name is."""
        return [it.name for it in self.columns].index(column)


def archived() -> Iterator[Table]:
    """The tables that archives have, those that others refer to first."""
    return (table for table in metadata.sorted_tables if table.name not in EXCLUDED)


@cache
def layout(table: Table) -> Layout:
    """How that table stands in an archive: no ids of its own, nothing computed, nothing of one machine."""
    fields = []
    for column in table.columns:
        if column is own_id(table) or column.computed is not None or column in LOCAL:
            continue
        target = _target(column)
        if target is None:
            fields.append(Field(column, None, (Column(column.name, kind(column), bool(column.nullable)),)))
            continue
        stem = column.name.removesuffix("_id")
        natural = tuple(
            Column(f"{stem}_{name}", kind(target.c[name]), bool(column.nullable))
            for name in NATURAL[target.name]
        )
        fields.append(Field(column, target, natural))
    return Layout(table, tuple(fields))


def own_id(table: Table) -> SqlColumn[Any] | None:
    """The column that numbers the rows of that table, if there is one."""
    keys = list(table.primary_key.columns)
    numbers = len(keys) == 1 and isinstance(keys[0].type, Integer) and not keys[0].foreign_keys
    return keys[0] if numbers else None


def kind(column: SqlColumn[Any]) -> Kind:
    """The kind of the values of that column."""
    for sql_type, found in _KINDS:
        if isinstance(column.type, sql_type):
            return found
    raise AssertionError(f"{column}: archives have nothing for the type {column.type!r}")


def _target(column: SqlColumn[Any]) -> Table | None:
    """The table whose rows this column has ids of, at the end of a chain of foreign keys."""
    for key in column.foreign_keys:
        parent = key.column
        if parent is own_id(parent.table):
            assert parent.table.name in NATURAL, f"{column}: what are rows of {parent.table} called?"
            return parent.table
        if (found := _target(parent)) is not None:
            return found
    return None
