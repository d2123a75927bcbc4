"""A store that lies where its reader may write nothing: on a disk to be read only, or another's."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing, contextmanager

import pytest
from small_disk import may_mount, small_disk
from stores import Run, fill
from typer.testing import CliRunner

from gst.cli import app
from gst.dashboard.report import report
from gst.errors import StoreError
from gst.store import Limits, Store
from gst.store.transfer import copy

RUNS = [Run("none", 0, [0.5, 0.6]), Run("pruned", 0, [0.5, 0.7], events=[(1, 0.8, 0.6)])]
WIDE = Limits(seconds=60, rows=1000, bytes=10_000_000)


@contextmanager
def readable_only(tmp_path):
    """A folder, and a function after which nobody can write there, or somebody can again."""
    if os.getuid() != 0:
        folder = tmp_path / "folder"
        folder.mkdir()

        def lock(locked=True):
            folder.chmod(stat.S_IRUSR | stat.S_IXUSR if locked else stat.S_IRWXU)

        yield folder, lock
        lock(False)
        return
    if not may_mount():
        pytest.skip("root, who may write everywhere, may not mount here")
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        yield disk.folder, disk.lock


@pytest.fixture
def finished(tmp_path):
    """A store in such a folder, of which nothing but the file is there."""
    with readable_only(tmp_path) as (folder, lock):
        with Store.open(str(folder / "gst.db"), create=True) as store:
            fill(store, RUNS)
        assert [it.name for it in folder.iterdir()] == ["gst.db"]
        lock()
        yield folder / "gst.db"


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("ls",),
        ("sql", "@tradeoff", "-p", "sweep=hand"),
        ("sql", "SELECT count(*) FROM epochs"),
        ("figure", "tradeoff", "--sweep", "hand", "-o", "tradeoff.csv"),
        ("db", "check"),
        ("export", "-o", "archive.zip"),
    ],
)
def test_a_finished_store_is_read(finished, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, [*command, "--db", str(finished)], prog_name="gst")
    assert result.exit_code == 0, result.output
    assert [it.name for it in finished.parent.iterdir()] == ["gst.db"]


def test_a_finished_store_is_read_by_pages_and_copied(finished, tmp_path):
    with Store.open(str(finished), readonly=True) as store:
        assert store.answer("SELECT count(*) FROM runs", {}, WIDE).rows == [(2,)]
        assert "By hand" in report(store, "hand")
    assert all(it.same for it in copy(str(finished), str(tmp_path / "copy.db")).tables)


def test_it_cannot_be_written_and_says_so(finished):
    with pytest.raises(StoreError, match=r"cannot be written: .*; SQLite needs a folder that can be, too"):
        Store.open(str(finished))


def test_rows_that_are_still_in_the_log_are_never_passed_over(tmp_path):
    """Without the log the file would be read as it was before them."""
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        fill(store, RUNS)
    with readable_only(tmp_path) as (folder, lock):
        with closing(sqlite3.connect(tmp_path / "gst.db")) as reading:
            reading.execute("SELECT count(*) FROM runs").fetchone()  # who keeps the log from being emptied
            with Store.open(str(tmp_path / "gst.db")) as store:
                fill(store, [Run("late", 0, [0.5])], name="late")
            for name in ("gst.db", "gst.db-wal"):
                shutil.copy(tmp_path / name, folder)
        lock()
        with pytest.raises(StoreError, match=r"the newest rows are in gst\.db-wal, .*: copy gst\.db and"):
            Store.open(str(folder / "gst.db"), readonly=True)
        for name in ("gst.db", "gst.db-wal"):
            (tmp_path / "own").mkdir(exist_ok=True)
            shutil.copy(folder / name, tmp_path / "own")
    with Store.open(str(tmp_path / "own" / "gst.db"), readonly=True) as store:
        assert [it.name for it in store.sweeps()] == ["late", "hand"]


def test_a_writer_that_comes_later_is_seen(tmp_path):
    """What does not change is read without locks; it may be another user's, who goes on with it."""
    with readable_only(tmp_path) as (folder, lock):
        path = str(folder / "gst.db")
        with Store.open(path, create=True) as store:
            fill(store, RUNS)
        lock()
        with Store.open(path, readonly=True) as reading:
            assert len(reading.sweeps()) == 1
            lock(False)
            with Store.open(path) as store:
                fill(store, [Run("late", 0, [0.5])], name="late")
                assert len(reading.sweeps()) == 2
            assert len(reading.query("SELECT name FROM sweeps").rows) == 2
