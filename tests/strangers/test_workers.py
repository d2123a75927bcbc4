"""Workers of Ray: what they import, and where Ray keeps what it makes."""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path

import pytest
from commands import commands_in
from short_folder import short_folder
from tiny_sweep import TINY, statuses

import gst
from gst.launch import checkout, private_folder
from gst.launch.checkout import version_with_hash
from gst.paths import project_folder

POISON = "raise SystemExit('a file of the working folder was imported')\n"


@pytest.fixture
def copied(tmp_path) -> Path:
    """A copy of the package, where one may change it."""
    return Path(shutil.copytree(checkout.package(), tmp_path / "gst"))


def hash_of(folder: Path, monkeypatch) -> str:
    monkeypatch.setattr(checkout, "package", lambda: folder)
    return version_with_hash.__wrapped__()


def test_the_hash_is_of_the_modules_and_of_nothing_else(copied, monkeypatch):
    assert re.fullmatch(re.escape(gst.__version__) + r"\+[0-9a-f]{12}", version_with_hash())
    assert hash_of(copied, monkeypatch) == version_with_hash()
    (copied / "_project").mkdir(exist_ok=True)
    (copied / "_project" / "env.py").write_text("")
    (copied / "notes.txt").write_text("")
    assert hash_of(copied, monkeypatch) == version_with_hash()
    with (copied / "words.py").open("a") as module:
        module.write("\n")
    assert hash_of(copied, monkeypatch) != version_with_hash()


def test_the_folder_of_ray_is_private_short_and_gone_afterwards(monkeypatch):
    with short_folder() as scratch:
        monkeypatch.setenv("RAY_TMPDIR", str(scratch))
        with private_folder.private_folder() as folder:
            assert folder.parent == scratch
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert len(str(folder)) <= private_folder.LONGEST
            (folder / "session").mkdir()
        assert list(scratch.iterdir()) == []
        monkeypatch.setenv("RAY_TMPDIR", "/tmp/" + "long" * 10)
        with private_folder.private_folder() as folder:
            assert len(str(folder)) <= private_folder.LONGEST


def test_folders_of_processes_that_died_are_removed_and_no_others(monkeypatch):
    with short_folder() as scratch:
        monkeypatch.setenv("RAY_TMPDIR", str(scratch))
        young, old, other = (scratch / name for name in ("gst-ray-young", "gst-ray-old", "other"))
        for made in (young, old, other):
            made.mkdir()
        for made in (old, other):
            os.utime(made, (0, 0))
        with private_folder.private_folder() as first:
            os.utime(first, (0, 0))
            with private_folder.private_folder() as second:
                assert set(scratch.iterdir()) == {young, other, first, second}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workers_import_nothing_from_the_working_folder(tmp_path):
    with commands_in(tmp_path) as commands:
        commands.write(TINY)
        for name in ("pandas", "torch", "tqdm"):  # what a driver imported already, workers import anew
            (tmp_path / f"{name}.py").write_text(POISON)
        safe = {"PYTHONSAFEPATH": "1"}  # the driver is `python -c`, which looks in the working folder
        done = commands.run("sweep", "tiny.yaml", "--cpus", "1", **safe)
        assert done.returncode == 0, done.stderr
        assert statuses(commands.store) == ["completed"] * 4
        assert commands.rows("SELECT DISTINCT gst FROM attempts") == [(version_with_hash(),)]
        assert list(Path(commands.environment["RAY_TMPDIR"]).glob("gst-ray-*")) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workers_with_another_gst_than_the_driver_are_refused(tmp_path, copied):
    """PYTHONPATH=. is another folder for the driver and for its workers."""
    with commands_in(tmp_path) as commands:
        commands.write(TINY)
        with (copied / "words.py").open("a") as module:
            module.write("\n")
        for name in ("sweeps", "db", "dashboards"):
            (tmp_path / name).symlink_to(project_folder(name))
        done = commands.run("sweep", "tiny.yaml", "--cpus", "1", PYTHONPATH=".")
        assert done.returncode == 2, done.stderr
        assert "these machines cannot take part:" in done.stderr
        assert f"gst {version_with_hash()} in {checkout.package()}; this process has" in done.stderr
        assert not commands.store.exists()
