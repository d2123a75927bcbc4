"""Files that gst writes: whole or not at all, under names and in places that make it hard."""

from __future__ import annotations

import errno
import os

import pytest
from small_disk import MEGABYTE, may_mount, small_disk

from gst.archive import write_archive
from gst.cli.summary import check_file
from gst.errors import GstError, InputError
from gst.figures.files.export import write_whole
from gst.launch.private_folder import private_folder

on_a_small_disk = pytest.mark.skipif(not may_mount(), reason="needs the right to mount a disk")


def test_a_name_may_be_as_long_as_names_can_be(tmp_path):
    page = tmp_path / f"{'x' * 250}.html"
    write_whole(page, b"page")
    archive = tmp_path / f"{'y' * 251}.zip"
    write_archive(archive, [], form="csv", schema="0001", sweeps=[])
    assert sorted(tmp_path.iterdir()) == [page, archive]
    with pytest.raises(InputError, match="cannot be written: File name too long"):
        write_whole(tmp_path / ("x" * 300), b"page")


@pytest.mark.parametrize("name", ["a\nb.html", "100%.html", "ü.html"])
def test_a_name_may_have_any_letters(tmp_path, name):
    write_whole(tmp_path / name, b"page")
    assert (tmp_path / name).read_bytes() == b"page"


def test_a_link_stays_one(tmp_path):
    (tmp_path / "away").mkdir()
    (tmp_path / "page.html").symlink_to(tmp_path / "away" / "real.html")
    for content in (b"new", b"newer"):
        write_whole(tmp_path / "page.html", content)
        assert (tmp_path / "away" / "real.html").read_bytes() == content
    assert (tmp_path / "page.html").is_symlink()
    assert [it.name for it in (tmp_path / "away").iterdir()] == ["real.html"]


def test_what_is_no_file_is_not_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(InputError, match=f"{name}: cannot be written: it is no file"):
            write_whole(tmp_path / name, b"page")
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(it.name for it in tmp_path.iterdir()) == ["folder", "pipe"]


def test_a_figure_that_cannot_be_written_is_told_before_the_work(tmp_path):
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "link.html").symlink_to(tmp_path / "away" / "real.html")
    with pytest.raises(InputError, match=r"folder\.html: cannot be written: it is no file"):
        check_file(tmp_path / "folder.html")
    with pytest.raises(InputError, match=r"link\.html: the folder .*away does not exist"):
        check_file(tmp_path / "link.html")
    (tmp_path / "away").mkdir()
    check_file(tmp_path / "link.html")


def test_others_may_read_what_the_umask_lets_them(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "page.html", b"page")
        write_archive(tmp_path / "out.zip", [], form="csv", schema="0001", sweeps=[])
    finally:
        os.umask(before)
    assert {it.stat().st_mode & 0o777 for it in tmp_path.iterdir()} == {0o640}


@on_a_small_disk
def test_a_full_disk_keeps_the_file_that_was_there(tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        write_whole(disk.folder / "page.html", b"old")
        with pytest.raises(InputError, match="No space left on device"):
            write_whole(disk.folder / "page.html", bytes(2 * MEGABYTE))
        assert (disk.folder / "page.html").read_bytes() == b"old"
        assert len(list(disk.folder.iterdir())) == 1


def test_where_no_folder_for_ray_can_be_made_is_told(monkeypatch):
    def full(**where: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device", str(where))

    monkeypatch.setattr("gst.launch.private_folder.tempfile.mkdtemp", full)
    refused = pytest.raises(
        GstError, match="no folder for Ray can be made: No space left on device; RAY_TMPDIR"
    )
    with refused, private_folder():
        raise AssertionError("unreachable")
