"""Workers and drivers that are killed, or told to stop: the sweep goes on, and not a row differs."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from commands import ended
from faults import assert_exact, outcomes, running
from processes import children, send, wait_until_gone
from tiny_sweep import statuses

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SWEEP = ("sweep", "tiny.yaml", "--cpus", "2")
NEVER = 1000


def test_a_worker_that_dies_costs_no_row(commands, undisturbed):
    """Its trial starts again by itself, in another process, and from the beginning: no checkpoint.

    Nothing but the driver's own stop interrupts a run, and SIGTERM to a worker is no such stop. What Tune
    keeps on the side of the driver is gone by the time it would write of the second death.
    """
    driver = commands.start(*SWEEP, "--checkpoint", NEVER)
    first = running(commands, driver)
    os.kill(first.pid, signal.SIGTERM)
    second = running(commands, driver, key=first.key, attempt=2)
    scratch = Path(commands.environment["RAY_TMPDIR"])
    (driver_files,) = scratch.glob("gst-ray-*/r/session_2*/artifacts/*/sweep/driver_artifacts")
    shutil.rmtree(driver_files)
    os.kill(second.pid, signal.SIGKILL)
    third = running(commands, driver, key=first.key, attempt=3)
    assert len({first.pid, second.pid, third.pid}) == 3
    done = ended(driver)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for attempt in (1, 2):
        assert (
            f"run {first.key[:12]} begins again: attempt {attempt} gave its last sign of life" in done.stderr
        )
    assert_exact(commands, undisturbed)
    tries = [it for it in outcomes(commands) if it[0] == first.key]
    assert tries == [(first.key, "lost", 0), (first.key, "lost", 0), (first.key, "completed", 0)]


def test_a_killed_driver_costs_no_row(commands, undisturbed):
    """The same command carries on, and each run from its last checkpoint."""
    driver = commands.start(*SWEEP, "--checkpoint", 0)
    running(commands, driver)
    driver.kill()
    ended(driver)
    wait_until_gone(pid for (pid,) in commands.rows("SELECT DISTINCT pid FROM attempts"))
    assert "running" in statuses(commands.store)

    done = commands.run(*SWEEP, "--checkpoint", 0)
    assert done.returncode == 0, done.stderr
    assert_exact(commands, undisturbed)
    resumed = [(outcome, first) for _, outcome, first in outcomes(commands) if first > 0]
    assert resumed
    assert {outcome for outcome, _ in resumed} == {"completed"}
    assert "lost" in {outcome for _, outcome, _ in outcomes(commands)}


def tree(pid: int) -> list[int]:
    """The process, and all that it has started, those before whom they have started."""
    return [pid, *(below for child in children(pid) for below in tree(child))]


def interrupt(driver):
    """Ctrl-C: a terminal sends it to the driver and to all that it has started."""
    os.killpg(driver.pid, signal.SIGINT)


def terminate(driver):
    """The end of a container or of a unit: every process is told, in any order."""
    send(signal.SIGTERM, reversed(tree(driver.pid)))


@pytest.mark.parametrize("stop", [interrupt, pytest.param(terminate, marks=pytest.mark.cluster)])
def test_a_sweep_that_is_told_to_stop_leaves_no_run_running_and_carries_on(commands, undisturbed, stop):
    driver = commands.start(*SWEEP)
    running(commands, driver)
    pids = tree(driver.pid)
    stop(driver)
    stopped = ended(driver)
    assert stopped.returncode == 130, stopped.stderr
    assert "Traceback" not in stopped.stderr
    left = set(statuses(commands.store))
    assert left <= {"completed", "interrupted", "pending"}
    assert left != {"completed"}  # it may have been between two runs
    wait_until_gone(pids)

    done = commands.run("sweep", "tiny.yaml", "--local")  # the store cares not which engine carries on
    assert done.returncode == 0, done.stderr
    assert_exact(commands, undisturbed)


@pytest.mark.parametrize("part", ["raylet", pytest.param("gcs_server", marks=pytest.mark.cluster)])
def test_a_ray_that_dies_is_one_message_and_the_sweep_carries_on(commands, part):
    """Ray ends each process that is connected to it, and so not the one that drives the sweep.

    Ray takes 20 s to miss a raylet, in which these runs could come to their end.
    """
    sooner = {
        "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_failure_threshold": "2",
    }
    driver = commands.start(*SWEEP, **sooner)
    running(commands, driver)
    pids = tree(driver.pid)
    send(signal.SIGKILL, [pid for pid in pids if Path(f"/proc/{pid}/exe").readlink().name == part])
    stopped = ended(driver)
    assert stopped.returncode == 3, stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert "gst: Ray ended while runs were under way, " in stopped.stderr
    assert "did not come to their end: the same command carries on" in stopped.stderr
    left = set(statuses(commands.store))
    assert left <= {"completed", "interrupted", "pending"}
    assert left != {"completed"}  # it may have been between two runs
    assert commands.rows("SELECT * FROM attempts WHERE ended IS NULL") == []
    wait_until_gone(pids)
