"""What `gst doctor` says of the store, data sets and artifacts."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import zipfile
from contextlib import closing

import pytest

from gst.launch import store_doctor as module
from gst.published import MNIST_FILES
from gst.store import Store

root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def by_name(found):
    return {it.check: it for it in found}


@pytest.fixture
def url(tmp_path):
    Store.open(str(tmp_path / "gst.db"), create=True).close()
    return f"sqlite:///{tmp_path / 'gst.db'}"


class TestStore:
    def test_one_that_is_well(self, url, tmp_path):
        before = (tmp_path / "gst.db").read_bytes()
        found = by_name(module.store(url))
        assert [(name, it.status) for name, it in found.items()] == [
            ("store", "ok"),
            ("journal", "ok"),
            ("store speed", "ok"),
        ]
        assert "SQLite 3" in found["store"].found
        assert "ms for a small transaction, the median of 25" in found["store speed"].found
        assert (tmp_path / "gst.db").read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == ["gst.db"]

    def test_one_that_is_not_there_yet_is_not_made(self, tmp_path):
        found = by_name(module.store(str(tmp_path / "gst.db")))
        assert list(found) == ["store", "store speed"]
        assert found["store"].status == "ok"
        assert "`gst sweep FILE` makes it" in found["store"].found
        assert list(tmp_path.iterdir()) == []

    def test_an_older_schema(self, url, tmp_path):
        with closing(sqlite3.connect(tmp_path / "gst.db")) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '0001'")
        (found,) = module.store(url)
        assert found.status == "fail"
        assert "`gst db upgrade`" in found.found

    def test_a_network_file_system(self, url, monkeypatch):
        monkeypatch.setattr(module, "network_filesystem", lambda path: "nfs4")
        (found,) = module.store(url)
        assert found.status == "fail"
        assert "network filesystem (nfs4)" in found.found
        assert "Postgres" in found.remedy

    def test_another_journal(self, url, tmp_path):
        with closing(sqlite3.connect(tmp_path / "gst.db")) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        assert by_name(module.store(url))["journal"].status == "warn"

    def test_a_slow_disk(self, url, monkeypatch):
        monkeypatch.setattr(module, "commit_milliseconds", lambda target: 123.4)
        found = by_name(module.store(url))["store speed"]
        assert (found.status, found.found[:9]) == ("warn", "123.40 ms")

    def test_a_server_that_does_not_answer(self):
        (found,) = module.store("postgresql://me:secret@127.0.0.1:1/gst")
        assert found.status == "fail"
        assert "secret" not in str(found)
        assert "whether the server runs" in found.remedy

    @root
    def test_a_file_that_may_not_be_written(self, url, tmp_path):
        (tmp_path / "gst.db").chmod(0o444)
        (found,) = module.store(url)
        assert found.status == "fail"
        assert "readonly" in found.found


class TestData:
    def test_what_is_there_is_named(self, tmp_path):
        for file in MNIST_FILES:
            (tmp_path / "mnist").mkdir(exist_ok=True)
            (tmp_path / "mnist" / file).write_bytes(b"")
        (tmp_path / "cifar-10-batches-py").mkdir()
        (tmp_path / "cifar-100-binary").mkdir()
        (tmp_path / "birds" / "train").mkdir(parents=True)
        (tmp_path / "birds" / "test").mkdir()
        with zipfile.ZipFile(tmp_path / "dogs.zip", "w") as archive:
            archive.writestr("dogs/train/pug/1.png", b"")
            archive.writestr("dogs/val/pug/1.png", b"")
        (tmp_path / "imagenet" / "train").mkdir(parents=True)
        (tmp_path / "imagenet" / "val").mkdir()
        (tmp_path / "other").mkdir()
        (found,) = module.data(tmp_path)
        assert found.status == "ok"
        assert found.found == (
            f"{tmp_path}: digits (comes with scikit-learn), mnist, cifar10, cifar100, imagenet, "
            "folder:birds, folder:dogs.zip"
        )

    def test_half_of_mnist_is_none(self, tmp_path):
        (tmp_path / "mnist").mkdir()
        (tmp_path / "mnist" / MNIST_FILES[0]).write_bytes(b"")
        there, part = module.data(tmp_path)
        assert "mnist" not in there.found.partition(": ")[2]
        assert (part.status, "mnist lacks train-labels" in part.found) == ("warn", True)

    def test_a_zip_file_that_is_none(self, tmp_path):
        (tmp_path / "dogs.zip").write_bytes(b"dogs")
        _, broken = module.data(tmp_path)
        assert (broken.status, "neither a folder nor" in broken.found) == ("warn", True)

    def test_a_folder_that_cannot_be_listed_is_not_told_to_be_empty(self, tmp_path, monkeypatch):
        def denied(folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))

        monkeypatch.setattr(module.Path, "iterdir", denied)
        (found,) = module.data(tmp_path)
        assert (found.status, found.found) == ("fail", f"{tmp_path}: cannot be read: Permission denied")

    def test_a_file_is_no_folder(self, tmp_path):
        (tmp_path / "data").write_text("")
        (found,) = module.data(tmp_path / "data")
        assert (found.status, found.found) == (
            "fail",
            f"{tmp_path / 'data'}: cannot be read: Not a directory",
        )

    def test_a_folder_that_cannot_be_written(self, tmp_path, monkeypatch):
        monkeypatch.setattr(module.os, "access", lambda path, mode: False)
        (found,) = module.data(tmp_path / "data")
        assert found.status == "warn"
        assert "GST_DATA_DIR" in found.remedy


class TestArtifacts:
    def test_a_folder_that_is_there_is_written_and_left_as_it_was(self, tmp_path):
        (found,) = module.artifacts(tmp_path)
        assert (found.status, found.found) == ("ok", f"{tmp_path}: can be written")
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_is_not_there_is_not_made(self, tmp_path):
        (found,) = module.artifacts(tmp_path / "a" / "b")
        assert found.status == "ok"
        assert list(tmp_path.iterdir()) == []

    def test_one_that_cannot_be_made(self, tmp_path, monkeypatch):
        monkeypatch.setattr(module.os, "access", lambda path, mode: False)
        (found,) = module.artifacts(tmp_path / "a")
        assert found.status == "fail"
        assert f"{tmp_path} cannot be written" in found.found

    def test_a_url(self, monkeypatch):
        assert next(module.artifacts("memory://doctor")).status == "ok"
        monkeypatch.setitem(sys.modules, "s3fs", None)
        (found,) = module.artifacts("s3://bucket/runs")
        assert (found.status, "pip install s3fs" in found.found) == ("fail", True)
        assert "GST_ARTIFACT_DIR" in found.remedy
