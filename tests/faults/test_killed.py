"""Workers and drivers that are killed, or told to stop: the sweep goes on, and not a row differs."""

from __future__ import annotations

import os
import signal

import pytest
from commands import ended
from faults import assert_exact, outcomes, running
from processes import wait_until_gone
from tiny_sweep import statuses

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SWEEP = ("sweep", "tiny.yaml", "--cpus", "2")
NEVER = 1000


def test_a_killed_worker_costs_no_row(commands, undisturbed):
    """Its trial starts again by itself, in another process, and from the beginning: no checkpoint."""
    driver = commands.start(*SWEEP, "--checkpoint", NEVER)
    killed = running(commands, driver)
    os.kill(killed.pid, signal.SIGKILL)
    second = running(commands, driver, key=killed.key, attempt=2)
    assert second.pid != killed.pid
    done = ended(driver)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert f"run {killed.key[:12]} begins again: attempt 1 gave its last sign of life from" in done.stderr
    assert_exact(commands, undisturbed)
    tries = [it for it in outcomes(commands) if it[0] == killed.key]
    assert tries == [(killed.key, "lost", 0), (killed.key, "completed", 0)]


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_sweep_that_is_told_to_stop_leaves_no_run_running_and_carries_on(commands, undisturbed, number):
    driver = commands.start(*SWEEP)
    running(commands, driver)
    pids = [pid for (pid,) in commands.rows("SELECT DISTINCT pid FROM attempts")]
    # A terminal sends Ctrl-C to the driver and to all that it has started.
    (os.killpg if number == signal.SIGINT else os.kill)(driver.pid, number)
    stopped = ended(driver)
    assert stopped.returncode == 130, stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert set(statuses(commands.store)) <= {"completed", "interrupted", "pending"}
    assert "interrupted" in statuses(commands.store)
    wait_until_gone(pids)

    done = commands.run("sweep", "tiny.yaml", "--local")  # the store cares not which engine carries on
    assert done.returncode == 0, done.stderr
    assert_exact(commands, undisturbed)
