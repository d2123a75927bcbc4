"""Places that are named from a folder, and used by processes that work in others."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import commands_in
from tiny_sweep import TINY, statuses

from gst.errors import GstError
from gst.launch import retry
from gst.launch.artifacts import artifacts_at
from gst.launch.trial import Assignment, run_trial
from gst.paths import artifact_folder, data_folder, store_url
from gst.store.connect import parsed, sqlite_path

FORMS = ["x.db", "./x.db", "sqlite:///x.db", "sqlite+pysqlite:///x.db", "sqlite:///./x.db"]


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def patience(monkeypatch) -> list[float]:
    """The seconds that were waited, none of which pass."""
    pauses: list[float] = []
    monkeypatch.setattr(retry.time, "sleep", pauses.append)
    return pauses


@pytest.mark.parametrize("form", FORMS)
def test_a_store_is_the_same_file_wherever_its_url_is_read(here, form, monkeypatch):
    url = store_url(form)
    monkeypatch.chdir("/")
    assert sqlite_path(parsed(url)) == here / "x.db"
    assert store_url(url) == url


@pytest.mark.parametrize("url", ["sqlite:////data/x.db", "postgresql://me@host/db", "sqlite:///:memory:"])
def test_other_urls_stay_as_they_are(here, url):
    assert store_url(url) == url


@pytest.mark.parametrize("given", ["kept", "./kept", "file://kept", "local://kept"])
def test_artifacts_are_in_the_same_folder_wherever_they_are_written(here, given, monkeypatch):
    monkeypatch.setenv("GST_ARTIFACT_DIR", given)
    place = artifact_folder()
    monkeypatch.chdir("/")
    assert place == here / "kept"
    assert str(artifacts_at(place)) == str(here / "kept")


def test_data_are_in_the_same_folder_wherever_they_are_read(here, monkeypatch):
    monkeypatch.setenv("GST_DATA_DIR", "images")
    assert data_folder() == here / "images"


def test_a_trial_does_not_wait_for_a_store_that_is_not_there(here, patience):
    assignment = Assignment(store_url("x.db"), 1, 1, here, here, 1.0, 0.0, 30.0)
    with pytest.raises(GstError, match=r"stopped, because .*x\.db: there is no such store"):
        run_trial("0" * 64, assignment)
    assert patience == []


def test_a_trial_waits_for_a_store_that_cannot_be_opened_now(here, patience):
    nobody_listens = "postgresql://gst@127.0.0.1:1/gst"
    assignment = Assignment(nobody_listens, 1, 1, here, here, 1.0, 0.0, 30.0)
    with pytest.raises(GstError, match=r"the store does not answer: .*cannot be opened"):
        run_trial("0" * 64, assignment)
    assert patience == list(retry.PAUSES)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_sweep_through_ray_finds_every_place_that_is_relative(tmp_path):
    with commands_in(tmp_path) as commands:
        commands.write(TINY)
        places = {"GST_DATA_DIR": "images", "GST_ARTIFACT_DIR": "file://kept"}
        done = commands.run(
            "sweep", "tiny.yaml", "--db", "sqlite:///x.db", "--keep", "final", "--cpus", "1", **places
        )
        assert done.returncode == 0, done.stderr
        assert statuses(tmp_path / "x.db") == ["completed"] * 4
        assert len(list((tmp_path / "kept").glob("*/*.pt"))) == 4
