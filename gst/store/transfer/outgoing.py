"""Writing a store, or one sweep of it, as an archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Select,
    and_,
    case,
    literal,
    null,
    or_,
    select,
)

from gst.archive import CHUNK, Form, Manifest, Row, SweepName, TableRows, write_archive
from gst.archive.layout import UNTRIED
from gst.archive.manifest import schema_revisions
from gst.store.schema import YIELDED, attempts, configs, datasets, runs, sweep_runs, sweeps, system_samples
from gst.store.transfer.tables import NATURAL, Layout, archived, layout, own_id

TRAINED_BY = (runs.name, attempts.name)
"""Tables that say which sweep had a run trained, which need not be the sweep that is exported."""


RESULTS = ("completed", "diverged")
"""Statuses of runs that have a result."""
NAMED = ("key", "config_hash", "seed", "created")
"""Columns that a run has before anybody has begun it, beside those of UNTRIED."""
TRIED = (attempts, system_samples, *YIELDED)
"""Tables with rows of runs that have begun."""


def export(
    engine: Engine,
    path: Path,
    sweep_id: int | None,
    form: Form,
    *,
    ended: bool = False,
    replace: bool = False,
) -> Manifest:
    """Write the whole store or one sweep of it, as it is at one moment, in chunks.

    With `ended` runs without a result are written as if nobody had begun them. A zip file may `replace`
    another.

    A sweep comes with its runs, and with nothing of other sweeps: runs of it that another sweep had
    trained count as its own, under a driver (0) that never was.
    """
    with one_moment(engine) as connection:
        chosen = select(sweeps.c.sweep_id, sweeps.c.name, sweeps.c.digest).order_by(
            sweeps.c.name, sweeps.c.digest
        )
        if sweep_id is not None:
            chosen = chosen.where(sweeps.c.sweep_id == sweep_id)
        found = connection.execute(chosen).all()
        only = _Only(found[0].sweep_id, found[0].name, found[0].digest) if sweep_id is not None else None
        tables = (
            TableRows(
                table.name,
                layout(table).columns,
                streamed(connection, _selected(layout(table), only, connection, ended)),
            )
            for table in archived()
        )
        names = [SweepName(row.name, row.digest) for row in found]
        return write_archive(
            path, tables, form=form, schema=schema_revisions()[-1], sweeps=names, replace=replace
        )


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection to which the database stays as it is now, whoever writes meanwhile."""
    if engine.dialect.name == "postgresql":  # SQLite's transactions are like that anyway
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def streamed(connection: Connection, query: Select[Any]) -> Iterator[list[Row]]:
    """The rows of a query, which the database need not hold in memory either."""
    # Of the statement: a connection would have them for good, and Postgres then refuses to insert.
    streaming = query.execution_options(stream_results=True, yield_per=CHUNK)
    with connection.execute(streaming) as result:
        for rows in result.partitions(CHUNK):
            yield [tuple(row) for row in rows]


def named(of: Layout) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """The table joined with those that it refers to, and the columns of its archive."""
    source: FromClause = of.table
    columns: list[ColumnElement[Any]] = []
    for field in of.fields:
        if field.target is None:
            columns.append(field.column)
            continue
        target = field.target.alias(f"of_{field.column.name}")
        number = own_id(field.target)
        assert number is not None
        source = source.join(
            target, target.c[number.name] == field.column, isouter=bool(field.column.nullable)
        )
        columns += [target.c[name] for name in NATURAL[field.target.name]]
    return source, columns


class _Only:
    """One sweep, and which rows are of it."""

    def __init__(self, sweep_id: int, name: str, digest: str) -> None:
        self.sweep_id = sweep_id
        self._name = SweepName(name, digest)
        self._members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id)

    def rows(self, of: Layout) -> ColumnElement[bool]:
        """Which rows of a table belong to the sweep or to its runs."""
        table = of.table
        if table is sweeps:
            return sweeps.c.sweep_id == self.sweep_id
        if table is runs:
            return runs.c.run_id.in_(self._members)
        if table is configs:
            own = select(runs.c.config_id).where(runs.c.run_id.in_(self._members))
            return configs.c.config_id.in_(own)
        if table is datasets:
            own = select(attempts.c.dataset_id).where(attempts.c.run_id.in_(self._members))
            return datasets.c.dataset_id.in_(own)
        return self._about(of)

    def _about(self, of: Layout) -> ColumnElement[bool]:
        """Rows that refer to the sweep or a run of it, and to no other."""
        references, conditions = [], []
        for field in of.fields:
            if field.target is runs:
                own: ColumnElement[bool] = field.column.in_(self._members)
            elif field.target is sweeps and of.table.name not in TRAINED_BY:
                own = field.column == self.sweep_id
            else:
                continue
            references.append(field.column.is_not(None))
            conditions.append(or_(field.column.is_(None), own) if field.column.nullable else own)
        assert references, f"{of.table}: which of its rows belong to a sweep?"
        return and_(or_(*references), *conditions)

    def attributed(self, of: Layout, columns: list[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """The columns of the archive, in which nothing was trained by another sweep than this."""
        if of.table.name not in TRAINED_BY:
            return columns
        by, driver = of.table.c.sweep_id, of.table.c.driver_epoch
        replaced = {
            "sweep_name": case((by.is_not(None), literal(self._name.name))),
            "sweep_digest": case((by.is_not(None), literal(self._name.digest))),
            "driver_epoch": case((by == self.sweep_id, driver), (by.is_not(None), 0)),
        }
        return [replaced.get(name.name, column) for name, column in zip(of.columns, columns, strict=True)]


def _selected(of: Layout, only: _Only | None, connection: Connection, ended: bool) -> Select[Any]:
    source, columns = named(of)
    order = [_sortable(column, connection) for column in _order(of, columns)]
    if only is not None:
        columns = only.attributed(of, columns)
    if ended and of.table is runs:
        columns = [_untried(name.name, column) for name, column in zip(of.columns, columns, strict=True)]
    query = select(*columns).select_from(source).order_by(*order)
    if ended and of.table in TRIED:
        query = query.where(of.table.c.run_id.in_(select(runs.c.run_id).where(runs.c.status.in_(RESULTS))))
    return query if only is None else query.where(only.rows(of))


def _untried(name: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column of a run with a result; of another, that of a run that nobody has begun."""
    if name in NAMED:
        return column
    otherwise = literal(UNTRIED[name], column.type) if name in UNTRIED else null()
    return case((runs.c.status.in_(RESULTS), column), else_=otherwise)


def _order(of: Layout, columns: list[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """The name of a row, or all its values where it has none: the same in every database."""
    key = set(of.table.primary_key.columns) - {own_id(of.table)}
    wanted = set(NATURAL.get(of.table.name, ()))
    wanted |= {column.name for field in of.fields if field.column in key for column in field.columns}
    pairs = list(zip(of.columns, columns, strict=True))
    return [sql for column, sql in pairs if (column.name in wanted or not wanted) and column.kind != "json"]


def _sortable(column: ColumnElement[Any], connection: Connection) -> ColumnElement[Any]:
    """Texts by their bytes, as SQLite sorts them, and not by the language of a server; missing ones first."""
    if connection.dialect.name == "postgresql":
        if isinstance(column.type, type(sweeps.c.name.type)):
            column = column.collate("C")
        return column.nulls_first()
    return column
