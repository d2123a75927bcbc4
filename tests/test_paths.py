from __future__ import annotations

from pathlib import Path

import pytest

import gst.paths
from gst.paths import artifact_folder, data_folder, project_folder, store_url


@pytest.mark.parametrize("name", ["sweeps", "db", "dashboards"])
def test_a_checkout_has_the_folders_beside_the_package(name):
    folder = project_folder(name)
    assert folder.parent == Path(gst.paths.__file__).resolve().parents[1]
    assert any(folder.iterdir())


def test_an_installed_package_has_them_inside_and_looks_there_first(tmp_path, monkeypatch):
    monkeypatch.setattr(gst.paths, "__file__", str(tmp_path / "gst" / "paths.py"))
    beside = tmp_path / "sweeps"
    beside.mkdir()
    assert project_folder("sweeps") == beside
    inside = tmp_path / "gst" / "_project" / "sweeps"
    inside.mkdir(parents=True)
    assert project_folder("sweeps") == inside


def test_a_broken_installation_says_which_folder_it_lacks(tmp_path, monkeypatch):
    monkeypatch.setattr(gst.paths, "__file__", str(tmp_path / "gst" / "paths.py"))
    with pytest.raises(AssertionError, match="'db'"):
        project_folder("db")


def test_data_lie_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GST_DATA_DIR", "~/images")
    assert data_folder() == tmp_path / "images"


@pytest.mark.parametrize("unset", [None, ""])
def test_data_lie_in_the_cache_of_the_user_otherwise(monkeypatch, unset):
    monkeypatch.delenv("GST_DATA_DIR", raising=False)
    if unset is not None:
        monkeypatch.setenv("GST_DATA_DIR", unset)
    assert data_folder().name == "data"
    assert data_folder().parent.name == "gst"
    assert data_folder().is_absolute()


def test_artifacts_lie_where_the_environment_says_as_an_absolute_path(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GST_ARTIFACT_DIR", "elsewhere")
    assert artifact_folder() == tmp_path / "elsewhere"
    monkeypatch.delenv("GST_ARTIFACT_DIR")
    assert artifact_folder() == tmp_path / "gst-artifacts"


def test_artifacts_may_lie_at_a_url(monkeypatch):
    monkeypatch.setenv("GST_ARTIFACT_DIR", "s3://bucket/runs")
    assert artifact_folder() == "s3://bucket/runs"


@pytest.mark.parametrize(
    ("given", "environment", "wanted"),
    [
        (None, None, "sqlite:///{cwd}/gst.db"),
        (None, "results.db", "sqlite:///{cwd}/results.db"),
        ("mine.db", "results.db", "sqlite:///{cwd}/mine.db"),
        ("/data/a.db", None, "sqlite:////data/a.db"),
        ("sqlite:///a.db", None, "sqlite:///{cwd}/a.db"),
        (None, "postgresql+psycopg://gst@host/gst", "postgresql+psycopg://gst@host/gst"),
        ("", "", "sqlite:///{cwd}/gst.db"),
    ],
)
def test_store_url(monkeypatch, tmp_path, given, environment, wanted):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GST_DB_URL", raising=False)
    if environment is not None:
        monkeypatch.setenv("GST_DB_URL", environment)
    assert store_url(given) == wanted.format(cwd=tmp_path)


def test_the_home_of_nobody_is_a_name_like_any_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GST_DATA_DIR", "~no such user/data")
    monkeypatch.setenv("GST_ARTIFACT_DIR", "~no such user/kept")
    assert data_folder() == tmp_path / "~no such user/data"
    assert artifact_folder() == tmp_path / "~no such user/kept"
    assert store_url("~no such user/gst.db") == f"sqlite:///{tmp_path}/~no such user/gst.db"
