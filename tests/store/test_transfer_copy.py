"""A store into another database and back: every row with its id, proven equal, and ready for the next."""

from __future__ import annotations

import math

import pytest
import sqlalchemy as sa
from archives import populate, tables
from stores import Run, fill

from gst.errors import GstError, StoreError
from gst.store import Store
from gst.store.connect import connect, parsed, writing
from gst.store.migrate import upgrade
from gst.store.schema import epochs, metadata, notes, runs
from gst.store.transfer import copy, copying


@pytest.fixture
def source(tmp_path):
    """An SQLite store with rows in every table, whose ids have gaps."""
    path = str(tmp_path / "source.db")
    with Store.open(path, create=True) as store:
        populate(store)
        with store._writer.begin() as connection:
            connection.execute(sa.update(notes).where(notes.c.note_id == 2).values(note_id=70))
    return path


def test_a_copy_has_everything_and_ids_are_kept(source, blank):
    copied = copy(source, blank)
    assert tables(blank) == tables(source)
    counts = {name: len(rows) for name, rows in tables(source).items()}
    assert {it.table: it.target_rows for it in copied.tables} == counts
    assert all(it.same and len(it.digest) == 64 for it in copied.tables)
    assert {it.table for it in copied.tables} == set(metadata.tables)
    assert copied.running == 0


def test_there_and_back(source, blank, tmp_path):
    there = copy(source, blank)
    back = copy(blank, str(tmp_path / "back.db"))
    assert tables(str(tmp_path / "back.db")) == tables(source)
    assert [it.digest for it in there.tables] == [it.digest for it in back.tables]


def test_an_empty_store_may_be_filled(source, url):
    copy(source, url)
    assert tables(url) == tables(source)


def test_the_next_rows_get_the_next_ids(source, blank):
    copy(source, blank)
    with Store.open(blank) as store:
        before = store.query(
            "SELECT (SELECT MAX(run_id) FROM runs), (SELECT MAX(sweep_id) FROM sweeps),"
            " (SELECT MAX(config_id) FROM configs), (SELECT MAX(note_id) FROM notes)"
        ).rows[0]
        sweep_id = fill(store, [Run("new", 0, [0.5, 0.5, 0.5])], name="new")
        store.note("next", sweep_id=sweep_id)
        after = store.query(
            "SELECT (SELECT MAX(run_id) FROM runs), (SELECT MAX(sweep_id) FROM sweeps),"
            " (SELECT MAX(config_id) FROM configs), (SELECT MAX(note_id) FROM notes)"
        ).rows[0]
    assert after == tuple(number + 1 for number in before)
    assert after[3] == 71


def test_a_copy_of_nothing_numbers_from_one(blank, tmp_path):
    upgrade(str(tmp_path / "source.db"))
    copied = copy(str(tmp_path / "source.db"), blank)
    assert {it.rows for it in copied.tables} == {0}
    with Store.open(blank) as store:
        assert fill(store, [Run("new", 0, [0.5])]) == 1


def test_runs_that_are_being_trained_are_counted(blank, tmp_path):
    with Store.open(str(tmp_path / "source.db"), create=True) as store:
        fill(store, [Run("a", 0, [0.5], status="running")])
    assert copy(str(tmp_path / "source.db"), blank).running == 1


@pytest.mark.parametrize("value", [math.inf, -0.0, 5e-324, 0.1 + 0.2, 1.7976931348623157e308])
def test_every_float_is_the_same_afterwards(blank, tmp_path, value):
    path = str(tmp_path / "source.db")
    with Store.open(path, create=True) as store:
        fill(store, [Run("a", 0, [0.5])])
        with store._writer.begin() as connection:
            connection.execute(sa.update(epochs).values(lr=value))
    copy(path, blank)
    with Store.open(blank) as store:
        assert store.query("SELECT lr FROM epochs").rows == [(value,)]


def test_a_filled_target_is_refused(source, url, store):
    fill(store, [Run("own", 0, [0.5])])
    before = tables(url)
    with pytest.raises(StoreError, match=r"is not empty, configs has 1 rows; a copy needs a new or an empty"):
        copy(source, url)
    assert tables(url) == before


def test_a_store_is_not_copied_into_itself(source):
    before = tables(source)
    with pytest.raises(StoreError, match="is not empty"):
        copy(source, source)
    assert tables(source) == before


def test_a_missing_source_is_refused_and_no_target_made(tmp_path):
    with pytest.raises(StoreError, match=r"nowhere.db: there is no such store to copy"):
        copy(str(tmp_path / "nowhere.db"), str(tmp_path / "target.db"))
    assert list(tmp_path.iterdir()) == []


def test_an_old_source_is_refused_and_no_target_made(source, tmp_path):
    engine = connect(parsed(source))
    with writing(engine).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    with pytest.raises(StoreError, match="gst db upgrade"):
        copy(source, str(tmp_path / "target.db"))
    assert not (tmp_path / "target.db").exists()


def test_a_target_that_is_no_store_is_refused(source, blank):
    engine = sa.create_engine(parsed(blank))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE things (a INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="is a database but not a store"):
        copy(source, blank)


def test_a_copy_that_is_not_equal_is_undone(source, blank, monkeypatch):
    """As by a database that stores something else than it was given."""
    streamed, tampered = copying.streamed, []

    def tampering(connection, query):
        """The rows of epochs with another learning rate, the first time that they are read."""
        names = query.selected_columns.keys()
        meddle = "parameters_left" in names and not tampered
        tampered.extend([True] * meddle)
        for rows in streamed(connection, query):
            place = names.index("lr") if meddle else 0
            yield [(*row[:place], 9.0, *row[place + 1 :]) if meddle else row for row in rows]

    monkeypatch.setattr(copying, "streamed", tampering)
    with pytest.raises(GstError, match=r"epochs would not equal .*; nothing was copied"):
        copy(source, blank)
    assert set(map(len, tables(blank).values())) == {0}


def test_a_row_that_the_target_cannot_hold_is_named(tmp_path, blank, backend):
    if backend == "sqlite":
        pytest.skip("SQLite holds whatever SQLite holds")
    path = str(tmp_path / "source.db")
    with Store.open(path, create=True) as store:
        fill(store, [Run("a", 0, [0.5])])
        with store._writer.begin() as connection:
            connection.execute(sa.update(runs).values(reason="a\0b"))
    with pytest.raises(StoreError, match="runs has a row that the target cannot hold: "):
        copy(path, blank)
    assert set(map(len, tables(blank).values())) == {0}
