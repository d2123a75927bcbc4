"""A campaign trains what is missing and ships it, whenever and however it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stores import Run, fill
from tiny_sweep import TINY, records, statuses
from typer.testing import CliRunner

from gst.cli import app
from gst.errors import ConfigError
from gst.launch.campaign import Entry, Places, entries, ship
from gst.store import Store

LISTED = [
    Entry("quickstart", ("quickstart",)),
    Entry("quickstart", ("quickstart", "-s", "data.draw=1001")),
    Entry("jin_lenet", ("jin_fig3_lenet",)),
]
LONGER = TINY.replace("epochs: 3", "epochs: 25").replace("seeds: 2", "seeds: 1")
LONGER = LONGER.replace("PruneL: {}", "PruneL: {training.epochs: 80}")


def test_the_list_names_archives_and_what_is_swept(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("# remark\n\n" + "\n".join(f"{it.archive}: {' '.join(it.arguments)}" for it in LISTED))
    assert list(entries(path)) == LISTED


@pytest.mark.parametrize("line", ["quickstart", "quickstart:", ": quickstart", "../a: fig3", "a: fig3 '"])
def test_another_line_is_refused(line, tmp_path):
    path = tmp_path / "list.txt"
    path.write_text(f"a: fig3\n{line}\n")
    with pytest.raises(ConfigError, match=r"list\.txt:2: "):
        list(entries(path))


def test_the_list_that_comes_with_gst_names_sweeps_that_do():
    from gst.archive.shipped import shipped_folder
    from gst.cli.files import shipped_sweeps

    listed = list(entries(shipped_folder() / "campaign.txt"))
    assert {it.arguments[0] for it in listed} <= set(shipped_sweeps())


def test_only_runs_that_ended_are_shipped(tmp_path):
    places = Places(tmp_path, tmp_path / "shipped")
    places.shipped.mkdir()
    with Store.open(places.store("mine"), create=True) as store:
        fill(store, [Run("a", 0, [0.5], status="interrupted")], name="mine")
    assert not ship("mine", places)
    assert list(places.shipped.iterdir()) == []


def campaign(folder, ignoring=None):
    command = [sys.executable, "-m", "gst.launch.campaign", "list.txt", "--local", "--every", "0.2"]
    before = None if ignoring is None else signal.signal(ignoring, signal.SIG_IGN)
    try:
        return subprocess.Popen(
            [*command, "--results", "shipped"], cwd=folder, stderr=subprocess.PIPE, text=True
        )
    finally:
        if ignoring is not None:
            signal.signal(ignoring, before)


def until(true, seconds=400):
    stop = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < stop
        time.sleep(0.05)


@pytest.mark.cluster
@pytest.mark.timeout(900)  # it has the lowest priority
def test_stopped_in_any_way_it_loses_nothing(tmp_path, monkeypatch):
    (tmp_path / "tiny.yaml").write_text(LONGER)
    (tmp_path / "list.txt").write_text(f"tiny: {tmp_path / 'tiny.yaml'}\n")
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    archive, store = shipped / "tiny.zip", tmp_path / "gst-campaign" / "tiny.db"

    killed = campaign(tmp_path)
    until(archive.exists)
    children = Path(f"/proc/{killed.pid}/task/{killed.pid}/children").read_text().split()
    for process in (killed.pid, *map(int, children)):
        os.kill(process, signal.SIGKILL)
    killed.communicate()
    taken = tmp_path / "taken.db"
    with Store.open(str(taken), create=True) as other:
        other.merge(archive)
    assert statuses(taken) in (["completed", "pending"], ["completed"] * 2)  # it is never half a run

    stopped = campaign(tmp_path, ignoring=signal.SIGINT)  # as a shell's background does
    assert stopped.stderr.readline() == f"tiny: gst sweep {tmp_path / 'tiny.yaml'}\n"
    stopped.send_signal(signal.SIGTERM)
    assert "stopped; the same command goes on" in stopped.communicate()[1]
    assert stopped.returncode == 130

    assert campaign(tmp_path).communicate()[1] == f"tiny: gst sweep {tmp_path / 'tiny.yaml'}\n"
    assert statuses(store) == ["completed"] * 2
    monkeypatch.chdir(tmp_path)
    undisturbed = ["sweep", "tiny.yaml", "--local", "--quiet", "--db", "undisturbed.db"]
    assert CliRunner().invoke(app, undisturbed).exit_code == 0
    with Store.open(str(taken)) as other:
        other.merge(archive)
    assert records(taken) == records(store) == records(tmp_path / "undisturbed.db")
    assert not ship("tiny", Places(store.parent, shipped))
    assert [it.name for it in shipped.iterdir()] == ["tiny.zip"]
