"""Machines of a cluster that die or fall silent: others take their runs over, and not a row differs."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from commands import commands_in, ended
from faults import all_running, assert_exact, outcomes, running
from private_postgres import binaries, private_postgres
from processes import PATIENCE, frozen, parent, send, wait_until_gone
from ray_nodes import processes_of, ray_nodes
from tiny_sweep import LEVELS, LONG, NOISE

from gst.launch.checkout import package
from gst.paths import project_folder
from gst.store.migrate import upgrade

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


@pytest.fixture
def other_gst(tmp_path):
    """Variables of processes that import another gst than this one, wherever it is installed."""
    copied = Path(shutil.copytree(package(), tmp_path / "other" / "gst"))
    with (copied / "words.py").open("a") as module:
        module.write("\n")
    for name in ("sweeps", "db", "dashboards"):
        (copied.parent / name).symlink_to(project_folder(name))
    code = f"import sys\nsys.path.insert(0, {str(copied.parent)!r})\n"
    (copied.parent / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": str(copied.parent)}


@pytest.mark.cluster
def test_of_nodes_that_join_one_with_another_gst_trains_nothing_and_one_that_fits_does(
    nodes, commands, other_gst
):
    runs = 8
    sweep = ("sweep", "tiny.yaml", "--seeds", runs, "--address", nodes.address)
    commands.write(LONG.replace(LEVELS, "").replace(NOISE, ""))
    driver = commands.start(*sweep)
    running(commands, driver)
    misfit = nodes.add(**other_gst)
    said = said_until(driver, "joined the cluster")
    fitting = nodes.add()
    end = time.monotonic() + PATIENCE
    while fitting not in {parent(trial.pid) for trial in all_running(commands)}:
        assert time.monotonic() < end
        assert driver.poll() is None, said + driver.stderr.readlines()
        time.sleep(0.1)
    said += driver.stderr.readlines()
    driver.stdout.read()
    assert driver.wait(PATIENCE) == 0, said
    (message,) = (line for line in said if "joined the cluster" in line)
    assert re.search(
        r"\(process \d+\) joined the cluster and trains nothing of this sweep: it has python .*, gst \S+ in "
        rf"{re.escape(other_gst['PYTHONPATH'])}/gst; this process has python .*; mend that and start its Ray",
        message,
    )
    assert "Traceback" not in "".join(said)
    assert commands.rows("SELECT status, COUNT(*) FROM runs GROUP BY status") == [("completed", runs)]
    assert commands.rows("SELECT COUNT(*) FROM attempts") == [(runs,)]
    send(signal.SIGKILL, [*processes_of(misfit), *processes_of(fitting)])


def said_until(driver, words):
    """The lines that the driver says, up to one with those words."""
    said = []
    while not said or words not in said[-1]:
        said.append(driver.stderr.readline())
        assert said[-1], said
    return said


@pytest.mark.cluster
def test_a_sweep_ends_where_the_only_node_is_dead_that_can_take_part(nodes, commands, other_gst):
    """The head has one CPU, and each run asks for two."""
    fitting = nodes.add(cpus=2)
    driver = commands.start("sweep", "tiny.yaml", "--cpus-per-run", 2, "--address", nodes.address)
    running(commands, driver)
    misfit = nodes.add(cpus=2, **other_gst)
    said_until(driver, "joined the cluster")
    send(signal.SIGKILL, processes_of(fitting))
    done = ended(driver)
    send(signal.SIGKILL, processes_of(misfit))
    assert done.returncode == 3, done.stderr
    told = re.search(
        r"gst: no machine is left that can take part:\n((?:  .*\n)+)mend that and start its Ray again",
        done.stderr,
    )
    first, second = sorted(told[1].splitlines(), key=len)
    assert first.endswith(": has less than the 2 CPUs and 0 GPUs that one run asks for")
    assert f" in {other_gst['PYTHONPATH']}/gst; this process has " in second
    assert "Traceback" not in done.stderr
    statuses = {status for (status,) in commands.rows("SELECT status FROM runs")}
    assert statuses <= {"pending", "interrupted", "completed"}


@pytest.mark.cluster
def test_the_doctor_of_a_cluster_names_the_node_with_another_gst(nodes, commands, other_gst):
    upgrade(commands.url)
    misfit = nodes.add(**other_gst)
    done = commands.run("doctor", "--address", nodes.address, "--format", "json")
    send(signal.SIGKILL, processes_of(misfit))
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    failed, *others = (it for it in found if it["status"] == "fail")
    assert (failed["check"], others) == ("takes part", [])
    assert f" in {other_gst['PYTHONPATH']}/gst; this process has " in failed["found"]
    assert done.stderr.splitlines()[-1].endswith(f"checks failed: takes part on {failed['node']}")
    checks = {it["node"]: {one["check"] for one in found if one["node"] == it["node"]} for it in found}
    assert len(checks) == 2
    for names in checks.values():
        assert names >= {"takes part", "Python", "torch", "memory", "store", "artifacts", "data", "disk"}
        assert any(name.startswith("step on ") for name in names)


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


@pytest.mark.cluster
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
