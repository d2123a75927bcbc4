"""gst gc: what it shows, what it removes, and what it leaves alone."""

from __future__ import annotations

import json
import os
import time

import pytest

from gst.store import Store


@pytest.fixture
def orphans(complete, folder):
    """Two old files of completed runs, a young one, one of an unknown run and one that is not ours."""
    with Store.open(str(complete), readonly=True) as store:
        keys = sorted(key for (key,) in store.query("SELECT key FROM runs").rows)
    files = {
        f"{keys[0]}/1-0.pt": (1500, 2),
        f"{keys[1]}/1-1.pt": (500, 2),
        f"{keys[1]}/1-2.pt": (500, 0),
        f"{'f' * 64}/1-0.pt": (7, 2),
        "README": (5, 2),
    }
    for name, (size, hours) in files.items():
        path = folder / "gst-artifacts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        os.utime(path, (time.time() - 3600 * hours,) * 2)
    return keys


def left(folder):
    place = folder / "gst-artifacts"
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


ALONE = [
    "left alone: 1, written in the last 60 minutes, maybe by a run in training",
    "left alone: 1, of runs that this store does not know; --foreign removes them, too",
    "left alone: 1, not written by gst, as far as the name tells",
]


def test_a_dry_run_shows_what_would_go_and_touches_nothing(gst, folder, orphans):
    before = left(folder)
    result = gst("gc", "--dry-run")
    assert result.exit_code == 0, result.output
    header, first, second = result.stdout.splitlines()
    assert header.split() == ["file", "size", "reason"]
    assert first.split(None, 3) == [f"{orphans[0]}/1-0.pt", "1.5", "kB", "the run is completed"]
    assert second.split(None, 3) == [f"{orphans[1]}/1-1.pt", "500", "bytes", "the run is completed"]
    assert result.stderr.splitlines() == ["2 files, 2.0 kB, can go", *ALONE]
    assert left(folder) == before


def test_it_removes_just_that(gst, folder, orphans):
    result = gst("gc")
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines() == ["2 files, 2.0 kB, removed", *ALONE]
    assert left(folder) == sorted(["README", f"{'f' * 64}/1-0.pt", f"{orphans[1]}/1-2.pt"])
    assert not (folder / "gst-artifacts" / orphans[0]).exists()
    again = gst("gc")
    assert again.stdout == ""
    assert again.stderr.splitlines() == ["0 files, 0 bytes, removed", *ALONE]


def test_on_request_it_takes_young_files_and_those_of_unknown_runs(gst, folder, orphans):
    assert gst("gc", "--older", "0", "--foreign").exit_code == 0
    assert left(folder) == ["README"]


def test_a_sweep_by_name_and_its_numbers_for_programs(gst, orphans):
    result = gst("gc", "--dry-run", "--sweep", "tiny", "--format", "json")
    found = json.loads(result.stdout)
    assert [(it["file"], it["size"]) for it in found] == [
        (f"{orphans[0]}/1-0.pt", 1500),
        (f"{orphans[1]}/1-1.pt", 500),
    ]


def test_what_makes_no_sense_is_refused(refused, complete):
    assert "leave --sweep out" in refused("gc", "--sweep", "tiny", "--foreign")
    assert "no sweep 'tinny'; did you mean 'tiny'?" in refused("gc", "--sweep", "tinny")
    complete.unlink()
    assert "there is no such store" in refused("gc")


def test_what_a_sweep_keeps_for_good_stays(gst, folder):
    assert gst("sweep", "tiny.yaml", "--local", "--keep", "final").exit_code == 0
    kept = left(folder)
    assert len(kept) == 4
    result = gst("gc", "--older", "0")
    assert result.stderr == "0 files, 0 bytes, removed\n"
    assert left(folder) == kept
