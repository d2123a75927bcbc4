"""Places for files: the same contract for a folder, a file:// URL, and object stores behind fsspec."""

from __future__ import annotations

import sys
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from gst.errors import InputError
from gst.launch.artifacts import Folder, ObjectStore, artifacts_at, proof


@pytest.fixture(params=["folder", "file URL", "memory", "other file system"])
def artifacts(request, tmp_path):
    match request.param:
        case "folder":
            yield artifacts_at(tmp_path / "place")
        case "file URL":
            yield artifacts_at(f"file://{tmp_path / 'place'}")
        case "memory":
            url = f"memory://{uuid.uuid4().hex}/runs"
            yield artifacts_at(url)
            with suppress(FileNotFoundError):
                fsspec.filesystem("memory").rm(url.removeprefix("memory:/"), recursive=True)
        case _:  # one that wants folders before files, as sftp does
            (tmp_path / "place").mkdir()
            yield ObjectStore(fsspec.filesystem("file"), str(tmp_path / "place"), "other://place")


def put(artifacts, name, content=b"content"):
    artifacts.write(name, lambda file: file.write(content))


def content(artifacts, name):
    with artifacts.read(name) as file:
        return file.read()


def names(artifacts, folder=""):
    return [file.name for file in artifacts.files(folder)]


def test_what_is_written_can_be_read_and_listed(artifacts):
    before = datetime.now(UTC) - timedelta(seconds=5)
    put(artifacts, "b/2.pt", b"two")
    put(artifacts, "a/1.pt", b"one, and longer")
    assert content(artifacts, "b/2.pt") == b"two"
    assert artifacts.exists("a/1.pt")
    found = list(artifacts.files())
    assert [(file.name, file.size) for file in found] == [("a/1.pt", 15), ("b/2.pt", 3)]
    assert all(before < file.written <= datetime.now(UTC) + timedelta(seconds=5) for file in found)
    assert names(artifacts, "a") == ["a/1.pt"]


def test_a_file_is_replaced(artifacts):
    put(artifacts, "a/1.pt", b"old")
    put(artifacts, "a/1.pt", b"new")
    assert content(artifacts, "a/1.pt") == b"new"
    assert names(artifacts) == ["a/1.pt"]


def test_what_is_not_there(artifacts):
    assert not artifacts.exists("a/1.pt")
    assert names(artifacts) == names(artifacts, "a") == []
    artifacts.remove("a/1.pt")
    artifacts.tidy("a")
    with pytest.raises(FileNotFoundError):
        content(artifacts, "a/1.pt")
    put(artifacts, "a/1.pt")
    assert not artifacts.exists("a")


def test_what_is_removed_is_gone_and_the_rest_is_not(artifacts):
    put(artifacts, "a/1.pt")
    put(artifacts, "a/2.pt")
    artifacts.remove("a/1.pt")
    artifacts.tidy("a")
    assert names(artifacts) == ["a/2.pt"]
    artifacts.remove("a/2.pt")
    artifacts.tidy("a")
    assert names(artifacts) == []


class Full(Exception):
    pass


def test_a_write_that_breaks_off_leaves_the_old_file_and_no_other(artifacts):
    put(artifacts, "a/1.pt", b"old")

    def fill(file):
        file.write(b"half of the new")
        raise Full

    for name in ("a/1.pt", "a/2.pt"):
        with pytest.raises(Full):
            artifacts.write(name, fill)
    assert names(artifacts) == ["a/1.pt"]
    assert content(artifacts, "a/1.pt") == b"old"


def test_a_proof_is_there_only_for_a_while(artifacts):
    with proof(artifacts) as name:
        assert artifacts.exists(name)
    assert names(artifacts) == []


class TestFolder:
    def test_the_folder_that_held_a_file_goes_with_it(self, tmp_path):
        folder = Folder(tmp_path)
        put(folder, "a/1.pt")
        folder.tidy("a")
        assert (tmp_path / "a").is_dir()
        folder.remove("a/1.pt")
        folder.tidy("a")
        assert list(tmp_path.iterdir()) == []

    def test_content_and_name_are_on_the_disk_before_it_goes_on(self, tmp_path, monkeypatch):
        """The file is synced under its temporary name, then renamed, then its folder is synced."""
        seen = []

        def fsync(descriptor):
            target = Path(f"/proc/self/fd/{descriptor}").resolve()
            seen.append((target.name, (tmp_path / "a" / "1.pt").exists()))

        monkeypatch.setattr("os.fsync", fsync)
        put(Folder(tmp_path), "a/1.pt")
        (first, renamed_at_first), (second, renamed) = seen
        assert first.startswith(".1.pt.")
        assert (renamed_at_first, second, renamed) == (False, "a", True)

    def test_a_full_disk_leaves_the_old_file(self, tmp_path, monkeypatch):
        folder = Folder(tmp_path)
        put(folder, "1.pt", b"old")

        def full(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            put(folder, "1.pt", b"new")
        assert names(folder) == ["1.pt"]
        assert content(folder, "1.pt") == b"old"

    def test_where_nothing_can_be_written_the_message_says_where(self, tmp_path):
        (tmp_path / "file").write_text("")
        refused = pytest.raises(InputError, match=r"file/place: cannot be written: .*GST_ARTIFACT_DIR")
        with refused, proof(artifacts_at(tmp_path / "file" / "place")):
            raise AssertionError("unreachable")


@pytest.mark.parametrize(
    ("url", "package"), [("s3://bucket/runs", "s3fs"), ("gs://b/r", "gcsfs"), ("abfs://b/r", "adlfs")]
)
def test_a_missing_package_is_named(url, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError) as refusal:
        artifacts_at(url)
    assert str(refusal.value) == (
        f"{url}: needs the package {package}, which is not installed: pip install {package}"
    )


def test_an_unknown_scheme_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"nothing here knows memry://; did you mean 'memory'\?"):
        artifacts_at("memry://bucket/runs")


def test_no_password_in_a_message(monkeypatch):
    monkeypatch.setitem(sys.modules, "paramiko", None)
    with pytest.raises(InputError) as refusal:
        artifacts_at("sftp://me:secret@host/runs")
    assert "secret" not in str(refusal.value)
    assert "paramiko" in str(refusal.value)
    assert "sftp://me:***@host/runs" in str(refusal.value)


class Unreachable:
    """A file system that answers nothing, as one without the right keys does."""

    def invalidate_cache(self):
        pass

    def info(self, path):
        raise PermissionError("Access Denied")


def test_what_cannot_be_reached_is_not_taken_for_missing():
    with pytest.raises(PermissionError):
        ObjectStore(Unreachable(), "bucket", "s3://bucket").exists("a/1.pt")
