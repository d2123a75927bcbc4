"""What lies where an SQLite store is meant to be: other things, other databases, files of two stores."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from stores import Run, claimed, fill, play, run_config, sweep_of
from typer.testing import CliRunner

from gst.cli import app
from gst.config import RunSpec
from gst.errors import StoreError
from gst.launch.store_doctor import store as store_findings
from gst.store import Store
from gst.store.migrate import upgrade
from gst.store.transfer import copy

SUPPORT = Path(__file__).parents[1] / "support"
VERSION = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"


def refusals(path: Path, *, source: Path) -> list[str]:
    """What each way of opening that path says of it."""
    found = []
    for attempt in (
        lambda: Store.open(str(path)),
        lambda: Store.open(str(path), create=True),
        lambda: Store.open(str(path), readonly=True),
        lambda: upgrade(str(path)),
        lambda: copy(str(path), str(path.parent / "elsewhere.db")),
        lambda: copy(str(source), str(path)),
    ):
        with pytest.raises(StoreError) as error:
            attempt()
        found.append(str(error.value))
    (finding,) = (it for it in store_findings(str(path)) if it.check == "store")
    assert finding.status == "fail"
    return [*found, finding.found]


def a_folder(path):
    path.mkdir()


def a_pipe(path):
    os.mkfifo(path)


def a_link_to_nothing(path):
    path.symlink_to("nowhere/gst.db")


def a_link_to_itself(path):
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (a_folder, r"gst\.db: is a folder, expected a file; the store in it may be .*/gst\.db/gst\.db"),
        (a_pipe, r"gst\.db: is a pipe or a device, expected a file"),
        (a_link_to_nothing, r"gst\.db: is a link to nowhere/gst\.db, where there is nothing"),
        (a_link_to_itself, r"gst\.db: Too many levels of symbolic links"),
    ],
)
def test_what_is_no_file_is_called_by_its_name(tmp_path, empty, make, said):
    make(tmp_path / "gst.db")
    for text in refusals(tmp_path / "gst.db", source=empty):
        assert re.search(said, text), text
    assert [it.name for it in tmp_path.iterdir()] == ["gst.db"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x" * 3000, "the path has .* bytes; SQLite takes 500 at most"),
        ("x" * 250, "the name has 250 bytes; SQLite takes 247 at most"),
    ],
)
def test_a_path_that_is_too_long_is_told_in_short(tmp_path, empty, name, said):
    for text in refusals(tmp_path / name, source=empty):
        assert re.search(said, text)
        assert len(text) < 250


def test_the_longest_names_work(tmp_path):
    with Store.open(str(tmp_path / ("x" * 244 + ".db")), create=True) as store:
        fill(store, [Run("a", 0, [0.5])])


@pytest.mark.parametrize(
    "statements",
    [
        (VERSION,),
        (VERSION, "INSERT INTO alembic_version VALUES ('0006'), ('0005')"),
        (VERSION, "INSERT INTO alembic_version VALUES ('0006')", "CREATE TABLE users (name)"),
        # MLflow's:
        (
            VERSION,
            "INSERT INTO alembic_version VALUES ('bd07f7e963c5')",
            "CREATE TABLE experiments (name)",
            "CREATE TABLE runs (run_uuid)",
        ),
    ],
    ids=["no version", "two versions", "a version like ours", "MLflow"],
)
def test_a_database_of_another_program_is_left_as_it_is(tmp_path, empty, statements):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for text in refusals(path, source=empty):
        assert "is a database but not a store, it has the tables alembic_version" in text
        assert "newer" not in text
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def left_by_a_killed_process(path: Path, runs: int) -> None:
    """A store with so many runs, of which most are in the write-ahead log beside it."""
    script = (
        "import os; from gst.store import Store; from stores import Run, fill; "
        f"store = Store.open({str(path)!r}, create=True); "
        f"fill(store, [Run('a', seed, [0.5] * 3) for seed in range({runs})], name='s{runs}'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env=os.environ | {"PYTHONPATH": str(SUPPORT)})


def told(*arguments: str) -> str:
    """The complaint of a command that fails."""
    result = CliRunner().invoke(app, arguments, prog_name="gst")
    assert result.exit_code in (1, 2), result.output
    return result.stderr


@pytest.mark.parametrize("link", [False, True], ids=["file", "link"])
def test_a_file_that_is_put_back_beside_the_log_of_another_is_damage(tmp_path, link):
    path, copied = tmp_path / "gst.db", tmp_path / "copy.db"
    opened = tmp_path / "link.db" if link else path
    with Store.open(str(copied), create=True) as store:
        fill(store, [Run("a", 0, [0.5])])
    with Store.open(str(path), create=True) as store:
        fill(store, [Run("a", seed, [0.5] * 2) for seed in range(60)])
    left_by_a_killed_process(path, 20)
    assert Path(f"{path}-wal").stat().st_size
    shutil.copy(copied, path)
    if link:
        opened.symlink_to(path.name)
    remedy = "move the file away, with the -wal and -shm beside it, and put a copy in its place"
    with pytest.raises(StoreError, match=r"\.db: is damaged: .*; move the file away"):
        Store.open(str(opened), create=True)
    check = told("db", "check", "--db", str(opened))
    assert check.startswith("gst: the file is damaged:")
    assert remedy in check
    for file in tmp_path.glob("gst.db*"):
        file.unlink()
    shutil.copy(copied, path)
    with Store.open(str(path), create=True) as store:
        assert store.progress(store.sweep_id("hand")).counts["completed"] == 1


def test_a_log_that_belongs_to_its_file_is_no_damage(tmp_path):
    path = tmp_path / "gst.db"
    left_by_a_killed_process(path, 20)
    assert Path(f"{path}-wal").stat().st_size
    with Store.open(str(path), create=True) as store:
        assert store.progress(store.sweep_id("s20")).counts["completed"] == 20


def test_a_file_that_was_cut_short_is_damage(tmp_path, empty):
    path = tmp_path / "gst.db"
    shutil.copy(empty, path)
    with path.open("r+b") as file:
        file.truncate(40_000)
    for command in (("status",), ("db", "check"), ("db", "upgrade"), ("sql", "SELECT * FROM levels")):
        text = told(*command, "--db", str(path))
        assert "malformed" in text or "damaged" in text
        assert "move the file away" in text


def test_a_folder_may_have_the_name_of_a_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("postgres").mkdir()
    Store.open("postgres/gst.db", create=True).close()
    assert Path("postgres/gst.db").is_file()


@pytest.mark.parametrize("given", ["postgresql:gst:secret@host/db", "postgresql//host/db", "host=h dbname=d"])
def test_an_address_that_is_no_url_makes_no_file_on_the_command_line(tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    text = told("sweep", "quickstart", "--local", "--db", given)
    assert "is not a database URL" in text
    assert "secret" not in text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("done", [Path.unlink, lambda path: path.rename(path.with_name("moved.db"))])
def test_nothing_is_written_to_a_store_that_is_no_longer_in_its_place(tmp_path, done):
    path = tmp_path / "gst.db"
    with Store.open(str(path), create=True) as store:
        sweep_id = store.register(sweep_of({"arm": run_config()}))
        recorder = claimed(store, RunSpec(run_config(), 0), sweep_id, store.take_over(sweep_id))
        done(path)
        with pytest.raises(OperationalError, match="unable to open database file"):
            recorder.beat()
        with pytest.raises(OperationalError, match="unable to open database file"):
            play(recorder, Run("arm", 0, [0.5, 0.5]))
