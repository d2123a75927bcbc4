"""The store that an archive goes into, which calls rows by ids where the archive has names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from gst.archive import Row
from gst.errors import InputError
from gst.store.bulk import chunks, insert_missing
from gst.store.schema import sweeps
from gst.store.transfer.incoming import Incoming
from gst.store.transfer.tables import NATURAL, Layout, own_id

Name = tuple[Any, ...]


class Target:
    """A store inside a transaction. What it refuses is said to be wrong with the archive."""

    def __init__(self, connection: Connection, incoming: Incoming, same: dict[Name, int]) -> None:
        self.connection = connection
        self.same = same  # the ids of versions of sweeps that archives call by another digest
        self._incoming = incoming
        self._ids: dict[str, Mapping[Name, int]] = {}

    def load(self, table: Table, names: Sequence[str] | None = None) -> Mapping[Name, int]:
        """Ids by name, of all rows or of those with these names, which `insert` knows from now on."""
        columns, number = [table.c[name] for name in NATURAL[table.name]], own_id(table)
        assert number is not None
        query = select(number, *columns)
        queries = [query] if names is None else [query.where(columns[0].in_(part)) for part in chunks(names)]
        found = {tuple(row[1:]): row[0] for each in queries for row in self.connection.execute(each)}
        self._ids[table.name] = found | (self.same if table is sweeps else {})
        return self._ids[table.name]

    def insert(self, of: Layout, rows: Sequence[Row]) -> None:
        """Enter rows of the archive."""
        if rows:
            with self.fitting(of.table):
                self.connection.execute(insert(of.table), self.sql(of, rows))

    def insert_missing(self, of: Layout, rows: Sequence[Row]) -> None:
        """Enter those rows of the archive whose keys are not here."""
        with self.fitting(of.table):
            insert_missing(self.connection, of.table, self.sql(of, rows))

    def count(self, table: Table) -> int:
        """Number of rows in a table."""
        return int(self.connection.execute(select(func.count()).select_from(table)).scalar_one())

    def sql(self, of: Layout, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Rows of the archive as rows of this store, with its ids."""
        places, start = [], 0
        for it in of.fields:
            places.append((it.column.name, slice(start, start + len(it.columns)), it.target))
            start += len(it.columns)
        return [
            {
                name: row[place.start] if target is None else self._id(of, target, row[place])
                for name, place, target in places
            }
            for row in rows
        ]

    @contextmanager
    def fitting(self, table: Table) -> Iterator[None]:
        """A context in which a row that the database refuses is the archive's fault."""
        try:
            yield
        except (IntegrityError, DataError) as error:
            reason = str(error.orig).strip().partition("\n")[0]
            where = self._incoming.where(table)
            raise InputError(f"{where}: has a row that the store refuses: {reason}") from None

    def _id(self, of: Layout, target: Table, name: Name) -> int | None:
        if name[0] is None:
            return None
        try:
            return self._ids[target.name][name]
        except KeyError:
            raise InputError(
                f"{self._incoming.where(of.table)}: refers to {' '.join(map(str, name))} of {target.name}, "
                "which is neither in the archive nor in this store; import the whole folder"
            ) from None
