"""Several drivers at once: the newest of a sweep trains it, different sweeps share runs, no row is harmed."""

from __future__ import annotations

import pytest
from commands import ended
from faults import assert_exact, outcomes, running
from processes import frozen
from tiny_sweep import LEVELS, LONG, LONG_RUNS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SUPERSEDED = "gst: another driver has taken the sweep over, and trains what it was asked for"


def test_of_two_drivers_that_start_at_once_the_newer_trains_the_sweep(commands, undisturbed):
    both = [ended(driver) for driver in [commands.start("sweep", "tiny.yaml", "--cpus", "1") for _ in "ab"]]
    older, newer = sorted(both, key=lambda done: SUPERSEDED not in done.stderr)
    assert newer.returncode == 0, newer.stderr
    assert SUPERSEDED not in newer.stderr
    assert SUPERSEDED in older.stderr
    assert older.returncode == 3, older.stderr
    assert "the same command carries on" in older.stderr
    assert_exact(commands, undisturbed)
    assert commands.rows("SELECT driver_epoch FROM sweeps") == [(2,)]
    found = outcomes(commands)
    assert [outcome for _, outcome, _ in found].count("completed") == LONG_RUNS
    # What the older driver had under way when the newer came is trained again, and nothing else.
    assert len(found) <= LONG_RUNS + 1


def test_a_driver_that_was_frozen_writes_nothing_when_it_thaws(commands, undisturbed):
    driver = commands.start("sweep", "tiny.yaml", "--local", "--verbose")
    trial = running(commands, driver)
    assert trial.pid == driver.pid
    with frozen([driver.pid]):
        done = commands.run("sweep", "tiny.yaml", "--local")
        assert done.returncode == 0, done.stderr
        assert_exact(commands, undisturbed)

    thawed = ended(driver)
    assert f"run {trial.key[:12]}: attempt 1 is no longer the one that is running" in thawed.stderr
    assert SUPERSEDED in thawed.stderr
    assert thawed.returncode == 0, thawed.stderr  # all runs are complete, whoever trained them
    assert_exact(commands, undisturbed)
    assert len(outcomes(commands)) == LONG_RUNS + 1


def test_two_sweeps_at_once_train_the_runs_that_they_share_once(commands, undisturbed):
    """One has the unpruned run and the first pruned one, the other all pruned ones; both have the noise."""
    assert LONG.count(LEVELS) == LONG.count("  PruneL: {}\n") == 1
    files = (
        commands.write(LONG.replace("  PruneL: {}\n", "  PruneL: {seeds: [0]}\n"), "one.yaml"),
        commands.write(LONG.replace(LEVELS, ""), "other.yaml"),
    )
    both = [ended(driver) for driver in [commands.start("sweep", file, "--local") for file in files]]
    for done in both:
        assert done.returncode == 0, done.stderr
    assert_exact(commands, undisturbed)
    assert commands.rows("SELECT COUNT(*), COUNT(DISTINCT run_id) FROM sweep_runs") == [
        (LONG_RUNS + 2, LONG_RUNS)
    ]
    assert [outcome for _, outcome, _ in outcomes(commands)] == ["completed"] * LONG_RUNS
