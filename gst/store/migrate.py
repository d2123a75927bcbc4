"""Schema versions: which one a store has, and how to bring it to ours."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, Column, Connection, MetaData, String, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from gst.archive.manifest import schema_revisions
from gst.errors import StoreError
from gst.paths import project_folder
from gst.store.connect import BUSY_SECONDS, is_sqlite, opened, parsed, sqlite_path
from gst.store.faults import reason, remedy
from gst.store.filesystem import hint_of_log, is_there, lies_writable, network_filesystem
from gst.store.password import masked
from gst.store.schema import metadata

VERSION_TABLE = "alembic_version"
_OURS = {VERSION_TABLE, "sweeps", "configs", "runs", "sweep_runs", "epochs"}
"""Tables that every version has; other programs have an alembic_version too, and MLflow has runs."""
_LOCK = 0x677374  # "gst": the Postgres advisory lock under which one process at a time migrates


class Upgrade(NamedTuple):
    """The schema version before, None for an empty database, and after."""

    before: str | None
    after: str


def migrations() -> Path:
    """The folder of the migrations."""
    return project_folder("db") / "migrations"


def found_version(url: URL) -> str | None:
    """The schema version of a database, None if it has no tables at all; the file is not changed.

    Raises StoreError if it cannot be read, or holds tables that are not a store.
    """
    if is_sqlite(url):
        is_there(sqlite_path(url))
    try:
        with opened(url, readonly=True) as engine, engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            if set(tables) >= _OURS:
                versions = (
                    connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()
                )
                if len(versions) == 1:
                    return str(versions[0])
    except DBAPIError as error:
        mend = remedy(error) or (hint_of_log(sqlite_path(url)) if is_sqlite(url) else "")
        raise StoreError(f"{masked(url)}: cannot be opened as a store: {reason(error)}{mend}") from error
    if not tables:
        return None
    raise StoreError(
        f"{masked(url)}: is a database but not a store, it has the tables {', '.join(sorted(tables)[:5])}; "
        "name another with --db or GST_DB_URL"
    )


def refuse_other_versions(found: str | None, url: URL) -> None:
    """Raise StoreError, with the remedy, unless the version found is ours."""
    ours = schema_revisions()[-1]
    if found == ours:
        return
    if found is None:
        raise StoreError(f"{masked(url)}: is empty; `gst sweep FILE` or `gst db upgrade` makes it a store")
    if found in schema_revisions():
        raise StoreError(
            f"{masked(url)}: has schema {found}, this gst needs {ours}; `gst db upgrade` brings it there"
        )
    raise StoreError(
        f"{masked(url)}: has schema {found}, which this gst (schema {ours}) does not know; it was written "
        "by a newer gst, and is left as it is. Install that version, or name another store with --db"
    )


def upgrade(url: str) -> Upgrade:
    """Bring a store to our schema, in one transaction; a missing file or an empty database becomes a store.

    Several processes may do this at once. Raises StoreError for a database that is not ours to change.
    """
    target = parsed(url)
    if is_sqlite(target):
        is_there(sqlite_path(target))
        refuse_network(target)
        _touch(sqlite_path(target))
    before, ours = found_version(target), schema_revisions()[-1]
    if before is not None and before not in schema_revisions():
        refuse_other_versions(before, target)
    if before != ours:
        prepare_writing(target)
        _migrate(target)
    return Upgrade(before, ours)


def refuse_network(url: URL) -> None:
    """Raise StoreError for an SQLite file that other machines could write too."""
    kind = network_filesystem(sqlite_path(url))
    if kind is not None:
        raise StoreError(
            f"{masked(url)}: lies on a network filesystem ({kind}), where SQLite's locks fail and data is "
            "lost; put the file on a local disk, or use Postgres: postgresql://user@host/database"
        )


def prepare_writing(url: URL) -> None:
    """Put an SQLite file into WAL mode, where readers and a writer do not wait for each other.

    The file remembers, so this matters for new files and for copies that SQLite itself has made.
    """
    if not is_sqlite(url):
        return
    patience = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            with closing(sqlite3.connect(sqlite_path(url), timeout=BUSY_SECONDS)) as connection:
                (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            break
        except sqlite3.OperationalError as error:
            # The change of mode does not wait for its turn as transactions do.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                needs = "" if lies_writable(sqlite_path(url)) else "; SQLite needs a folder that can be, too"
                raise StoreError(f"{masked(url)}: cannot be written: {error}{needs}") from error
            time.sleep(0.01)
    if mode != "wal":
        raise StoreError(f"{masked(url)}: lies where SQLite can make no write-ahead log; use a local disk")


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError as error:
        raise StoreError(f"{path}: cannot be created: {error.strerror}") from error


def _migrate(url: URL) -> None:
    with (
        opened(url, hurry=False) as engine,
        engine.connect().execution_options(gst_writing=True) as connection,
    ):
        if is_sqlite(url):  # changing a table rebuilds it, which must not touch rows that refer to it
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            if not is_sqlite(url):
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if is_sqlite(url) and not inspect(connection).get_table_names():
                at_once(connection)
            else:
                by_migrations(connection)
            if is_sqlite(url):
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise StoreError(
                        f"{masked(url)}: has rows that refer to nothing: {broken[:5]}; it stays as it was"
                    )


def by_migrations(connection: Connection) -> None:
    """Bring a store to our schema by the migrations that lead there, one after another; an empty one too."""
    from alembic import command  # takes half a second to import, and few processes ever migrate
    from alembic.config import Config

    config = Config(migrations() / "alembic.ini", attributes={"connection": connection})
    command.upgrade(config, "head")


def at_once(connection: Connection) -> None:
    """Give an empty SQLite file what all migrations would give it, without running them one by one."""
    metadata.create_all(connection)
    for view in (project_folder("db") / "views.sql").read_text(encoding="utf-8").split(";\n"):
        connection.exec_driver_sql(view)
    version = Column("version_num", String(32), primary_key=True)
    table = Table(VERSION_TABLE, MetaData(naming_convention={"pk": "%(table_name)s_pkc"}), version)
    table.create(connection)  # as Alembic makes it
    connection.execute(table.insert(), {"version_num": schema_revisions()[-1]})
