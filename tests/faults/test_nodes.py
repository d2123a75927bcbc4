"""Machines of a cluster that die or fall silent: others take their runs over, and not a row differs."""

from __future__ import annotations

import signal
import time

import pytest
from commands import commands_in, ended
from faults import all_running, assert_exact, outcomes, running
from private_postgres import binaries, private_postgres
from processes import PATIENCE, frozen, parent, send, wait_until_gone
from ray_nodes import processes_of, ray_nodes
from tiny_sweep import LONG

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(binaries() is None, reason="several machines need Postgres, and no server is here"),
]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    """A Ray cluster with one CPU, to which each test adds a node that it then hurts."""
    with commands_in(tmp_path_factory.mktemp("nodes")) as commands, ray_nodes(commands.environment) as made:
        yield made


@pytest.fixture
def commands(tmp_path, nodes):
    """Commands in a folder with the long sweep in it, a store on Postgres, and the key to the cluster."""
    programs = binaries()
    assert programs is not None
    with private_postgres(programs) as server, commands_in(tmp_path) as made:
        made.write(LONG)
        made.use(server.url)
        made.environment |= nodes.environment
        yield made


def sweep_on(nodes, commands):
    """A sweep on two nodes, the raylet of the second, and the trial that it has in the middle of a run."""
    raylet = nodes.add()
    driver = commands.start("sweep", "tiny.yaml", "--address", nodes.address, "--checkpoint", 0)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        running(commands, driver)
        for trial in all_running(commands):
            if parent(trial.pid) == raylet:
                return driver, raylet, trial
    raise AssertionError("the second node trains nothing")


def test_runs_of_a_dead_node_go_on_elsewhere(nodes, commands, undisturbed):
    driver, raylet, trial = sweep_on(nodes, commands)
    gone = processes_of(raylet)
    send(signal.SIGKILL, gone)
    second = running(commands, driver, key=trial.key, attempt=trial.attempt + 1)
    assert second.pid not in gone
    done = ended(driver)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert_exact(commands, undisturbed)
    assert [outcome for key, outcome, _ in outcomes(commands) if key == trial.key] == ["lost", "completed"]


def test_a_node_that_was_frozen_writes_nothing_when_it_thaws(nodes, commands, undisturbed):
    """Its worker is as alive as ever, and reaches the store: the fence is all that keeps it from writing."""
    driver, raylet, trial = sweep_on(nodes, commands)
    refused = f"run {trial.key[:12]}: attempt {trial.attempt} is no longer the one that is running"
    node = processes_of(raylet)
    with frozen(node):
        running(commands, driver, key=trial.key, attempt=trial.attempt + 1)
        assert refused not in nodes.logs()
        send(
            signal.SIGCONT, [trial.pid]
        )  # before its raylet, which learns that it counts as dead, and ends it
        end = time.monotonic() + PATIENCE
        while refused not in nodes.logs():
            assert time.monotonic() < end, "the frozen trial was not refused"
            time.sleep(0.1)
    done = ended(driver)
    assert done.returncode == 0, done.stderr
    assert_exact(commands, undisturbed)
    assert [outcome for key, outcome, _ in outcomes(commands) if key == trial.key] == ["lost", "completed"]
    wait_until_gone(node)
