"""A store into files, and files into a store, on both databases: nothing is lost, and nothing doubled."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from archives import facts, populate, tables
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import Run, fill

from gst.archive import archives
from gst.errors import InputError
from gst.store import Store
from gst.store.schema import attempts, epochs, layer_prunings, notes
from gst.store.transfer import outgoing
from gst.words import control_character


@pytest.fixture
def full(store):
    populate(store)
    return store


@pytest.fixture
def other(tmp_path):
    """An empty SQLite store."""
    with Store.open(str(tmp_path / "other.db"), create=True) as opened:
        yield opened


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_store_comes_back_from_its_files(full, other, tmp_path, form, name):
    written = full.export(tmp_path / name, form=form)
    merged = other.merge(tmp_path / name)
    assert merged.changed
    assert (merged.sweeps, len(merged.runs("new")), merged.annotations) == (2, 9, 4)
    again = other.export(tmp_path / f"again-{name}", form=form)
    assert again.tables == written.tables  # every file, byte for byte
    assert again.sweeps == written.sweeps


def test_files_do_not_depend_on_the_database(url, full, tmp_path):
    """The same from a store with other ids, in the other database."""
    full.export(tmp_path / "one", form="csv")
    with Store.open(str(tmp_path / "third.db"), create=True) as third:
        fill(third, [Run("else", 7, [0.5])], name="else")  # takes the first ids
        third.merge(tmp_path / "one")
        for sweep in ("hand", "second"):
            number = third.sweep_id(sweep)
            third.export(tmp_path / f"third-{sweep}", sweep_id=number, form="csv")
            full.export(tmp_path / f"one-{sweep}", sweep_id=full.sweep_id(sweep), form="csv")
            assert facts(tmp_path / f"third-{sweep}") == facts(tmp_path / f"one-{sweep}")


def test_importing_into_either_database_gives_the_same_files(url, store, tmp_path):
    with Store.open(str(tmp_path / "source.db"), create=True) as source:
        populate(source)
        written = source.export(tmp_path / "out")
    store.merge(tmp_path / "out")
    assert store.export(tmp_path / "again").tables == written.tables


def test_importing_twice_changes_nothing(url, full, tmp_path):
    full.export(tmp_path / "out")
    before = tables(url)
    merged = full.merge(tmp_path / "out")
    assert not merged.changed
    assert (len(merged.runs("same")), len(merged.runs("kept"))) == (4, 5)
    assert tables(url) == before


def test_one_sweep_comes_without_the_others(full, other, tmp_path):
    written = full.export(tmp_path / "out", sweep_id=full.sweep_id("second"))
    assert [it.name for it in written.sweeps] == ["second"]
    rows = {name: it.rows for name, it in written.tables.items()}
    assert rows == {
        "sweeps": 1, "configs": 2, "datasets": 1, "runs": 6, "sweep_runs": 6, "attempts": 2, "epochs": 3,
        "pruning_events": 1, "layer_prunings": 2, "probes": 1, "run_tags": 2, "notes": 1,
        "flatness": 1, "eigenvalues": 3, "perturbation_losses": 25, "normality": 1,
        "examples": 1, "levels": 1, "group_losses": 3, "looks": 1, "system_samples": 3,
        "event_classes": 2, "answers": 1, "connectivity": 3,
    }  # fmt: skip
    other.merge(tmp_path / "out")
    assert [row.name for row in other.sweeps()] == ["second"]
    progress = other.progress(other.sweep_id("second"))
    assert (progress.counts["completed"], progress.runs) == (2, 6)


def test_what_another_sweep_trained_counts_as_trained_by_the_one_that_is_exported(full, other, tmp_path):
    """Its driver had the number 1 in sweep hand, which is not in the archive."""
    full.export(tmp_path / "out", sweep_id=full.sweep_id("second"))
    other.merge(tmp_path / "out")
    found = other.query(
        "SELECT s.name, a.driver_epoch, r.driver_epoch FROM attempts a"
        " JOIN sweeps s ON s.sweep_id = a.sweep_id"
        " JOIN runs r ON r.run_id = a.run_id ORDER BY a.driver_epoch"
    )
    assert found.rows == [("second", 0, 0), ("second", 1, 1)]


def test_a_note_about_a_sweep_goes_with_it(full, other, tmp_path):
    full.export(tmp_path / "out", sweep_id=full.sweep_id("hand"))
    other.merge(tmp_path / "out")
    (note,) = other.notes(other.sweep_id("hand"))
    assert note.text == full.notes(full.sweep_id("hand"))[0].text


def test_sweeps_one_after_another_are_the_whole(full, other, tmp_path):
    for sweep in ("hand", "second"):
        full.export(tmp_path / sweep, sweep_id=full.sweep_id(sweep), form="csv")
        other.merge(tmp_path / sweep)
    full.export(tmp_path / "full", form="csv")
    other.export(tmp_path / "other", form="csv")
    assert facts(tmp_path / "full") == facts(tmp_path / "other")


def test_a_run_that_was_running_is_interrupted_elsewhere(store, other, tmp_path):
    fill(store, [Run("a", 0, [0.5, 0.5], status="running")])
    store.export(tmp_path / "out")
    other.merge(tmp_path / "out")
    (key,) = (row[0] for row in other.query("SELECT key FROM runs").rows)
    there, here = store.run(key), other.run(key)
    assert (here.run["status"], here.run["ended"]) == ("interrupted", there.run["heartbeat"])
    (attempt,) = here.attempts
    assert (attempt["outcome"], attempt["ended"]) == ("lost", there.run["heartbeat"])
    assert not other.merge(tmp_path / "out").changed


def test_what_is_exported_is_one_moment(full, tmp_path, monkeypatch):
    """A run that is registered between two tables is in none of them."""
    streamed, before = outgoing.streamed, len(full.query("SELECT key FROM runs").rows)
    others = iter(["late"])

    def interfering(connection, query):
        yield from streamed(connection, query)
        for name in others:
            fill(full, [Run("late", 9, [0.5])], name=name)

    monkeypatch.setattr(outgoing, "streamed", interfering)
    written = full.export(tmp_path / "out")
    assert len(full.query("SELECT key FROM runs").rows) == before + 1
    assert (written.tables["runs"].rows, written.tables["sweeps"].rows) == (before, 2)


def test_rows_come_in_small_pieces(full, other, tmp_path, monkeypatch):
    """No more of a table than a piece is in memory at a time, going out or coming in."""
    monkeypatch.setattr(outgoing, "CHUNK", 2)
    asked = []
    streamed = outgoing.streamed
    monkeypatch.setattr(
        outgoing, "streamed", lambda *a: (asked.append(len(rows)) or rows for rows in streamed(*a))
    )
    full.export(tmp_path / "out")
    assert max(asked) == 2
    assert sum(asked) == sum(len(rows) for rows in tables(full._url.render_as_string(False)).values())
    (archive,) = archives(tmp_path / "out")
    assert max(map(len, archive.rows("epochs", size=2))) == 2
    other.merge(tmp_path / "out")
    assert other.export(tmp_path / "again").tables.keys() == archive.manifest.tables.keys()


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
VALUES = st.tuples(
    TEXTS,
    TEXTS.filter(lambda text: control_character(text, lines=True) is None),
    st.floats(allow_nan=False),
    st.none() | st.floats(0, 1),
    st.lists(st.integers(0, 511), max_size=4),
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(values=VALUES)
def test_any_value_survives(empty, tmp_path_factory, values):
    printed, text, lr, score, removed, moment = values
    folder = tmp_path_factory.mktemp("law")
    for name in ("a", "csv", "parquet"):
        shutil.copy(empty, folder / f"{name}.db")
    with Store.open(str(folder / "a.db")) as store:
        fill(store, [Run("pruned", 0, [0.5], events=[(0, 0.5, 0.25)])])
        with store._writer.begin() as connection:
            connection.execute(sa.update(epochs).values(lr=lr))
            connection.execute(sa.update(layer_prunings).values(mean_score=score, removed=removed))
            connection.execute(sa.update(attempts).values(traceback=printed, log_tail="", started=moment))
            connection.execute(sa.insert(notes).values(run_id=1, text=text, written=moment))
        before = tables(str(folder / "a.db"))
        for form in ("csv", "parquet"):
            store.export(folder / form, form=form)
            with Store.open(str(folder / f"{form}.db")) as other:
                other.merge(folder / form)
            assert tables(str(folder / f"{form}.db")) == before


def test_an_export_does_not_overwrite(full, tmp_path):
    full.export(tmp_path / "out")
    with pytest.raises(InputError, match="is there already"):
        full.export(tmp_path / "out")
    assert sorted(path.name for path in Path(tmp_path).glob(".out*")) == []


def test_of_runs_without_a_result_only_that_they_are_asked_for(tmp_path):
    path = tmp_path / "ended.zip"
    with Store.open(str(tmp_path / "from.db"), create=True) as store:
        fill(
            store,
            [
                Run("a", 0, [0.5, 0.6], events=[(0, 0.4, 0.3)]),
                Run("b", 0, [0.5], events=[(0, 0.4, 0.3)], status="interrupted"),
                Run("c", 0, [0.5], status="diverged"),
            ],
        )
        store.export(path, ended=True)
        with pytest.raises(InputError, match="is there already"):
            store.export(path, ended=True)
        store.export(path, ended=True, replace=True)
    with Store.open(str(tmp_path / "to.db"), create=True) as store:
        store.merge(path)
        states = store.query(
            "SELECT c.arm, r.status, r.attempt, r.last_epoch, r.seconds > 0, r.started IS NULL,"
            " (SELECT count(*) FROM attempts a WHERE a.run_id = r.run_id),"
            " (SELECT count(*) FROM epochs e WHERE e.run_id = r.run_id),"
            " (SELECT count(*) FROM pruning_events p WHERE p.run_id = r.run_id)"
            " FROM sweep_runs c JOIN runs r ON r.run_id = c.run_id ORDER BY c.arm"
        )
        assert [row[:4] + row[5:] for row in states.rows] == [
            ("a", "completed", 1, 1, 0, 1, 2, 1),
            ("b", "pending", 0, None, 1, 0, 0, 0),
            ("c", "diverged", 1, 0, 0, 1, 1, 0),
        ]
