"""A database server that restarts, and disks that are full: what happens to the sweep, not to its rows."""

from __future__ import annotations

import time

import pytest
from commands import ended
from faults import assert_exact, outcomes, running
from private_postgres import binaries, needs_postgres, private_postgres
from small_disk import MEGABYTE, may_mount, small_disk
from tiny_sweep import LONG_RUNS, statuses

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

needs_mount = pytest.mark.skipif(not may_mount(), reason="only who may mount can have a disk that is full")


@needs_postgres
def test_a_sweep_waits_for_a_database_server_that_restarts(commands, undisturbed):
    with private_postgres(binaries()) as server:
        commands.use(server.url)
        driver = commands.start("sweep", "tiny.yaml", "--cpus", "2", "--checkpoint", "0")
        running(commands, driver)
        server.stop()
        time.sleep(2)
        assert driver.poll() is None
        server.start()
        done = ended(driver)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert_exact(commands, undisturbed)
        found = [outcome for _, outcome, _ in outcomes(commands)]
        assert found.count("completed") == LONG_RUNS
        assert "lost" in found


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=4) as made:
        yield made


@needs_mount
@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(("--local",), id="local"),
        pytest.param(("--cpus", "2"), id="ray", marks=pytest.mark.cluster),
    ],
)
def test_a_full_disk_ends_the_sweep_and_harms_no_row(commands, undisturbed, disk, engine):
    commands.use(f"sqlite:///{disk.folder / 'gst.db'}")
    driver = commands.start("sweep", "tiny.yaml", *engine)
    running(commands, driver)
    disk.fill()
    stopped = ended(driver)
    assert stopped.returncode in (1, 3), stopped.stderr
    assert "because the disk of the store is full: free some space" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert len(stopped.stderr.splitlines()) < 20
    assert commands.rows("PRAGMA integrity_check") == [("ok",)]
    assert "failed" not in statuses(commands.store)

    disk.clear()
    done = commands.run("sweep", "tiny.yaml", "--local")
    assert done.returncode == 0, done.stderr
    assert commands.rows("PRAGMA integrity_check") == [("ok",)]
    assert_exact(commands, undisturbed)


@needs_mount
def test_a_full_disk_for_checkpoints_costs_checkpoints_and_no_run(commands, undisturbed, disk):
    disk.fill(leave=MEGABYTE // 8)
    artifacts = disk.folder / "artifacts"
    done = commands.run("sweep", "tiny.yaml", "--cpus", "2", "--checkpoint", "0", GST_ARTIFACT_DIR=artifacts)
    assert done.returncode == 0, done.stderr
    assert "gst: a trial warned: a checkpoint cannot be saved, and training goes on without: " in done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert_exact(commands, undisturbed)
    assert [path for path in artifacts.rglob("*") if path.is_file()] == []
