"""The difference between a run's records here and those in an archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from gst.archive import CHUNK, Column, Row, fingerprint
from gst.archive.column import total
from gst.store.bulk import chunks
from gst.store.schema import MEASUREMENTS, YIELDED
from gst.store.transfer.incoming import Incoming, compared, texts
from gst.store.transfer.tables import Layout, layout


def stored_fingerprints(connection: Connection, keys: Mapping[int, str]) -> dict[str, list[int]]:
    """For each run the sum of its rows' fingerprints in each table of YIELDED, as Incoming has them.

    `keys` has those of the runs by their ids.
    """
    found = {key: [0] * len(YIELDED) for key in keys.values()}
    numbers = list(keys)
    for number, table in enumerate(YIELDED):
        columns = _compared(table)
        for part in chunks(numbers):
            for run_id, row in _rows(connection, table, part):
                sums = found[keys[run_id]]
                sums[number] = total((sums[number], fingerprint(texts(row, columns))))
    return found


def first_difference(connection: Connection, run_id: int, key: str, incoming: Incoming) -> str | None:
    """A sentence on the first thing, table by table and epoch by epoch, in which the two are not the same.

    None where only one of them was measured, or was measured in one more way.
    """
    for table in reversed(YIELDED):
        columns, names = _compared(table), _names(layout(table))
        mine, theirs = _by_name(connection, table, run_id, key, incoming)
        both = mine.keys() & theirs.keys()
        for name in sorted(both if table in MEASUREMENTS else mine.keys() | theirs.keys()):
            what = f"{table.name}, {_words(names, name)}"
            if name not in theirs:
                return f"{what} is not in {incoming.archive.path}"
            if name not in mine:
                return f"{what} is not here"
            ours, other = texts(mine[name], columns), texts(theirs[name], columns)
            for (_, column), one, two in zip(columns, ours, other, strict=True):
                if one != two:
                    return f"{what}: {column.name} is {one} here, and {two} in {incoming.archive.path}"
    return None


def is_measured_more(connection: Connection, run_id: int, key: str, incoming: Incoming) -> bool:
    """Whether the archive has a measurement of the run that is not here."""
    pairs = (_by_name(connection, table, run_id, key, incoming) for table in MEASUREMENTS)
    return any(theirs.keys() - mine.keys() for mine, theirs in pairs)


def _by_name(
    connection: Connection, table: Table, run_id: int, key: str, incoming: Incoming
) -> tuple[dict[Row, Row], dict[Row, Row]]:
    """The run's rows here and in the archive, by what tells them apart."""
    of = layout(table)
    names, place = _names(of), of.position("run_key")
    mine = {_name(row, names): row for _, row in _rows(connection, table, [run_id])}
    given = (row for chunk in incoming.rows(table) for row in chunk if row[place] == key)
    return mine, {_name(row, names): row for row in given}


def _compared(table: Table) -> list[tuple[int, Column]]:
    return compared(layout(table))


def _rows(connection: Connection, table: Table, run_ids: Sequence[int]) -> Iterable[tuple[int, Row]]:
    """Ids of runs and rows as the layout has them, which has no use for the run's key here."""
    of = layout(table)
    columns: list[Any] = [table.c.run_id if it.target is not None else it.column for it in of.fields]
    query = select(table.c.run_id, *columns).where(table.c.run_id.in_(run_ids))
    with connection.execute(query.execution_options(yield_per=CHUNK)) as result:
        for row in result:
            yield row[0], tuple(row[1:])


def _names(of: Layout) -> list[tuple[int, str]]:
    """The columns that tell rows of one run apart, such as the epoch."""
    key = {column.name for column in of.table.primary_key.columns}
    return [(place, column.name) for place, column in enumerate(of.columns) if column.name in key]


def _name(row: Row, names: Sequence[tuple[int, str]]) -> Row:
    return tuple(row[place] for place, _ in names)


def _words(names: Sequence[tuple[int, str]], values: Row) -> str:
    return ", ".join(f"{name} {value}" for (_, name), value in zip(names, values, strict=True))
