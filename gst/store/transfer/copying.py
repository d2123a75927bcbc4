"""Copying a store into another database, row by row and id by id, and proving that it is the same."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

from gst.archive import canonical, fingerprint
from gst.archive.column import Kind, total
from gst.errors import GstError, StoreError
from gst.store.connect import is_sqlite, opened, parsed, sqlite_path, writing
from gst.store.filesystem import is_there
from gst.store.migrate import found_version, prepare_writing, refuse_other_versions, upgrade
from gst.store.password import masked
from gst.store.schema import metadata, runs
from gst.store.transfer.outgoing import one_moment, streamed
from gst.store.transfer.tables import kind, own_id


class TableCopy(NamedTuple):
    """A table of the source and of the target: its rows, and a sha256 of their content."""

    table: str
    rows: int
    target_rows: int
    digest: str
    target_digest: str

    @property
    def same(self) -> bool:
        """Whether the two tables are equal."""
        return (self.rows, self.digest) == (self.target_rows, self.target_digest)


class Copied(NamedTuple):
    """All tables, and how many runs were being trained, of which the target has what was there so far."""

    tables: tuple[TableCopy, ...]
    running: int


def copy(source: str, target: str) -> Copied:
    """Fill the target, which must be missing or empty, with everything that the source has.

    One transaction, of which nothing stays unless every table of the target is then equal to the source's.
    Raises StoreError for a source that is no store of our schema, and a target that has anything in it.
    """
    start, end = parsed(source), parsed(target)
    if is_sqlite(start) and not is_there(sqlite_path(start)):
        raise StoreError(f"{masked(str(sqlite_path(start)))}: there is no such store to copy")
    refuse_other_versions(found_version(start), start)
    upgrade(target)
    prepare_writing(end)
    with (
        opened(start, readonly=True, hurry=False) as reader,
        opened(end, hurry=False) as writer,
        one_moment(reader) as old,
        writing(writer).begin() as new,
    ):
        _refuse_filled(new, masked(end))
        copied = tuple(_copy(old, new, table) for table in metadata.sorted_tables)
        wrong = [it.table for it in copied if not it.same]
        if wrong:
            which = ", ".join(wrong)
            raise GstError(f"{masked(end)}: {which} would not equal {masked(start)}; nothing was copied")
        running = old.execute(select(func.count()).where(runs.c.status == "running")).scalar_one()
        return Copied(copied, int(running))


def _refuse_filled(target: Connection, name: str) -> None:
    for table in metadata.sorted_tables:
        rows = target.execute(select(func.count()).select_from(table)).scalar_one()
        if rows:
            raise StoreError(
                f"{name}: is not empty, {table.name} has {rows} rows; a copy needs a new or an empty "
                "database (`gst export` and `gst import` add to one that has results)"
            )


def _copy(source: Connection, target: Connection, table: Table) -> TableCopy:
    columns = [column for column in table.columns if column.computed is None]
    names = [column.name for column in columns]
    for rows in streamed(source, select(*columns)):
        try:
            target.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        except (DataError, IntegrityError) as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise StoreError(f"{table.name} has a row that the target cannot hold: {reason}") from None
    _count_on(target, table)
    return TableCopy(table.name, *_facts(source, target, table))


def _count_on(target: Connection, table: Table) -> None:
    """Have Postgres number the next row after those that came with a number; SQLite does by itself."""
    number = own_id(table)
    if number is None or target.dialect.name != "postgresql":
        return
    last = target.execute(select(func.max(number))).scalar_one()
    target.execute(
        text("SELECT setval(pg_get_serial_sequence(:table, :column), :last, :used)"),
        {"table": table.name, "column": number.name, "last": last or 1, "used": last is not None},
    )


def _facts(source: Connection, target: Connection, table: Table) -> tuple[int, int, str, str]:
    """Rows in source and target, digest of source and target. What the databases compute is compared, too."""
    columns: list[tuple[Column[Any], Kind]] = [(column, kind(column)) for column in table.columns]
    (rows, one), (target_rows, two) = (_digest(it, columns) for it in (source, target))
    return rows, target_rows, one, two


def _digest(connection: Connection, columns: list[tuple[Column[Any], Kind]]) -> tuple[int, str]:
    """The number of rows, and the sum of their fingerprints in hexadecimal: the order does not matter."""
    count, added = 0, 0
    kinds = [it for _, it in columns]
    for rows in streamed(connection, select(*(column for column, _ in columns))):
        count += len(rows)
        numbers = (fingerprint([canonical(v, k) for v, k in zip(row, kinds, strict=True)]) for row in rows)
        added = total((added, *numbers))
    return count, f"{added:064x}"
