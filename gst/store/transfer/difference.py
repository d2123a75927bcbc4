"""The difference between a run's records here and those in an archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

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


def first_difference(connection: Connection, run_id: int, key: str, incoming: Incoming) -> str:
    """A sentence on the first thing, table by table and epoch by epoch, in which the two are not the same.

    Measurements of the network are left out; see measured_apart.
    """
    for table in (it for it in reversed(YIELDED) if it not in MEASUREMENTS):
        of, columns = layout(table), _compared(table)
        names = _names(of)
        mine = {_name(row, names): row for _, row in _rows(connection, table, [run_id])}
        place = of.position("run_key")
        given = (row for chunk in incoming.rows(table) for row in chunk if row[place] == key)
        theirs = {_name(row, names): row for row in given}
        for name in sorted(mine.keys() | theirs.keys()):
            what = f"{table.name}, {_words(names, name)}"
            if name not in theirs:
                return f"{what} is not in {incoming.archive.path}"
            if name not in mine:
                return f"{what} is not here"
            if words := _difference(columns, mine[name], theirs[name]):
                return f"{what}: {words} in {incoming.archive.path}"
    raise AssertionError(f"run {key}: two yields of different fingerprints are the same")


class Apart(NamedTuple):
    """How the measurements of a run here differ from those of an archive."""

    more: bool  # the archive has some that are not here
    other: str | None  # a sentence on the first that is here with another value


def measured_apart(connection: Connection, keys: Mapping[int, str], incoming: Incoming) -> dict[str, Apart]:
    """The same for several runs, whose keys are given by their ids here."""
    found = {key: Apart(False, None) for key in keys.values()}
    for table in MEASUREMENTS:
        of, columns = layout(table), _compared(table)
        names, place = _names(of), of.position("run_key")
        mine = {
            (keys[run_id], _name(row, names)): row
            for part in chunks(list(keys))
            for run_id, row in _rows(connection, table, part)
        }
        for row in (row for chunk in incoming.rows(table) for row in chunk if row[place] in found):
            key, name = row[place], _name(row, names)
            if (here := mine.get((key, name))) is None:
                found[key] = found[key]._replace(more=True)
            elif words := _difference(columns, here, row):
                what = f"{table.name}, {_words(names, name)}: {words} in {incoming.archive.path}"
                found[key] = found[key]._replace(other=found[key].other or what)
    return found


def _difference(columns: list[tuple[int, Column]], mine: Row, theirs: Row) -> str | None:
    """The first column in which the two rows differ, in words."""
    for (_, column), one, two in zip(columns, texts(mine, columns), texts(theirs, columns), strict=True):
        if one != two:
            return f"{column.name} is {one} here, and {two}"
    return None


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
