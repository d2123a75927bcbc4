"""How a database is doing, without a trace of having asked."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing

import pytest
import sqlalchemy as sa
from stores import Run, fill

from gst.errors import StoreError
from gst.store.connect import is_sqlite, parsed, sqlite_path
from gst.store.health import commit_milliseconds, journal_mode, refuse_unwritable, server
from gst.store.schema import metadata

REFUSING = "postgresql://me:secret@127.0.0.1:1/gst"


def content(url):
    engine = sa.create_engine(parsed(url))
    with engine.connect() as connection:
        found = {name: connection.execute(sa.select(table)).all() for name, table in metadata.tables.items()}
    engine.dispose()
    return found


def test_nothing_of_it_leaves_a_trace(store, url):
    fill(store, [Run("arm", 0, [0.5], events=[(0, 0.5, 0.4)])])
    store.close()
    before = content(url)
    target = parsed(url)
    folder = sqlite_path(target).parent if is_sqlite(target) else None
    files = sorted(folder.iterdir()) if folder else []
    assert server(target).split()[0] in ("SQLite", "PostgreSQL")
    refuse_unwritable(target)
    assert 0 < commit_milliseconds(target, times=3) < 10_000
    assert content(url) == before
    assert (sorted(folder.iterdir()) if folder else []) == files


def test_the_median_is_of_as_many_as_asked_for(url, monkeypatch):
    ticks = iter([0.0, 1.0, 10.0, 10.5, 20.0, 22.0])
    monkeypatch.setattr("gst.store.health.time.perf_counter", lambda: next(ticks))
    assert commit_milliseconds(parsed(url), times=3) == 1000.0


def test_a_server_that_does_not_answer_is_said_without_the_password():
    for ask in (server, refuse_unwritable, commit_milliseconds):
        with pytest.raises(StoreError, match=r"postgresql://me:\*\*\*@127.0.0.1:1/gst: ") as refusal:
            ask(parsed(REFUSING))
        assert "secret" not in str(refusal.value)


@pytest.fixture
def file(tmp_path):
    with closing(sqlite3.connect(tmp_path / "gst.db")) as connection:
        connection.execute("CREATE TABLE runs (status)")
        connection.execute("CREATE TABLE epochs (status)")
    return tmp_path / "gst.db"


def test_the_mode_of_the_journal(file):
    assert journal_mode(parsed(str(file))) == "delete"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    assert journal_mode(parsed(str(file))) == "wal"


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "gst.db").write_text("not a database, but long enough to look at")
    for ask in (journal_mode, refuse_unwritable):
        with pytest.raises(StoreError, match="not a database"):
            ask(parsed(str(tmp_path / "gst.db")))


def test_a_user_without_rights_is_found_out(url, backend):
    if backend == "sqlite":
        pytest.skip("files have no users")
    name = f"gst_reader_{uuid.uuid4().hex}"
    engine = sa.create_engine(parsed(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'"))
        connection.execute(sa.text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"))
    try:
        with pytest.raises(StoreError, match="permission denied") as refusal:
            refuse_unwritable(parsed(url).set(username=name, password="secret"))
        assert "secret" not in str(refusal.value)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP OWNED BY {name}"))
            connection.execute(sa.text(f"DROP ROLE {name}"))
        engine.dispose()
