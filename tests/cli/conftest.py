"""The command line in this process, in a folder of its own, and a store in which a sweep is complete."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tiny_sweep import TINY
from typer.testing import CliRunner

from gst.cli import app

VARIABLES = ("GST_DB_URL", "GST_DATA_DIR", "GST_ARTIFACT_DIR", "GST_NOTIFY", "RAY_ADDRESS")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, with the tiny sweep in it, and no word from outside about where things lie."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY)
    return tmp_path


@pytest.fixture
def gst(folder: Path):
    """Call `gst` with these arguments; the result has exit_code, stdout and stderr."""

    def call(*arguments: object):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="gst")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture(scope="session")
def complete_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which the tiny sweep is complete; not to be written."""
    folder = tmp_path_factory.mktemp("complete")
    (folder / "tiny.yaml").write_text(TINY)
    before = Path.cwd()
    os.chdir(folder)
    try:
        result = CliRunner().invoke(app, ["sweep", "tiny.yaml", "--local", "--db", "gst.db"])
    finally:
        os.chdir(before)
    assert result.exit_code == 0, result.output
    return folder / "gst.db"


@pytest.fixture
def complete(complete_store: Path, folder: Path) -> Path:
    """A copy of that store as `gst.db` of the working folder."""
    return Path(shutil.copy(complete_store, folder / "gst.db"))


@pytest.fixture
def refused(gst):
    """Call `gst` with arguments that it must refuse as a user's mistake; its one message."""

    def call(*arguments: object) -> str:
        result = gst(*arguments)
        assert result.exit_code == 2, result.output
        assert result.stdout == ""
        assert result.stderr.count("gst: ") == 1
        return result.stderr

    return call
