"""Sweeps through Ray Tune, in real processes; those that are hurt on the way are in tests/faults."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from commands import Commands, commands_in, ended
from tiny_sweep import EPOCHS, EVENTS, LAYERS, LOOKING, RUNS, TINY, everything, results, statuses

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def commands(tmp_path) -> Commands:
    """Commands in a folder with the tiny sweep in it."""
    with commands_in(tmp_path) as made:
        made.write(TINY)
        yield made


def test_a_sweep_leaves_exactly_its_rows_and_the_same_again_nothing(commands, tmp_path_factory):
    done = commands.run("sweep", "tiny.yaml", "--cpus", "2")
    assert done.returncode == 0, done.stderr
    found = results(commands.url)
    with commands_in(tmp_path_factory.mktemp("local")) as local:
        local.run("sweep", local.write(TINY), "--local")
        assert found == results(local.url)
    assert [len(found[t]) for t in ("epochs", "pruning_events", "layer_prunings")] == [EPOCHS, EVENTS, LAYERS]
    assert statuses(commands.store) == ["completed"] * RUNS
    assert commands.rows("SELECT COUNT(*), MAX(attempt) FROM attempts") == [(RUNS, 1)]
    assert "Accuracy is of the last epoch" in done.stdout
    lines = done.stderr.splitlines()
    assert (lines[0], lines[2]) == ("A tiny sweep", "starting Ray")
    assert lines[1].startswith("tiny: 4 runs, 4 to do, 12 of 12 epochs")
    assert all(" runs completed, " in line for line in lines[3:]), done.stderr
    # Of Ray nothing is left behind: no results, no token that others can read, no checkpoints.
    assert sorted(
        path.name for path in commands.folder.iterdir() if not path.name.startswith((".cache", "gst.db"))
    ) == [
        "tiny-tradeoff.html",
        "tiny.yaml",
    ]

    before = everything(commands.store)
    again = commands.run("sweep", "tiny.yaml", "--cpus", "2")
    assert again.returncode == 0, again.stderr
    assert again.stderr == "A tiny sweep\ntiny: 4 runs, nothing left to do\n"
    assert again.stdout == done.stdout
    assert everything(commands.store) == before


def test_nobody_else_can_enter_what_ray_keeps_while_a_sweep_runs(commands):
    driver = commands.start("sweep", "tiny.yaml", "--cpus", "1")
    commands.wait_for("SELECT 1 FROM epochs", driver)
    folders = list(Path(commands.environment["RAY_TMPDIR"]).glob("gst-ray-*"))
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700]
    assert ended(driver).returncode == 0


def test_a_sweep_with_a_design_decides_as_without_ray(commands, tmp_path_factory):
    done = commands.run("sweep", commands.write(LOOKING, "looking.yaml"), "--cpus", "2")
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("Look ")]
    assert [line.rpartition(":")[2] for line in said] == [" go on, to 5 seeds.", " stop."]
    assert done.stdout.splitlines()[-1] == said[-1]
    with commands_in(tmp_path_factory.mktemp("local")) as local:
        alone = local.run("sweep", local.write(LOOKING, "looking.yaml"), "--local")
        assert alone.stdout.splitlines()[-1] == said[-1]
        assert results(commands.url) == results(local.url)
    again = commands.run("sweep", "looking.yaml", "--cpus", "2")
    assert again.stderr == "A tiny sweep\nlooking: 10 runs, nothing left to do\n"


def test_what_no_machine_has_is_refused_before_anything_is_stored(commands):
    commands.write(TINY + "resources: {cpus: 3}\n")
    done = commands.run("sweep", "tiny.yaml", "--cpus", "2")
    assert done.returncode == 2, done.stderr
    assert "gst: one run asks for 3 CPUs and 0 GPUs, and no machine has that: " in done.stderr
    assert "(2 CPUs, 0 GPUs)" in done.stderr
    assert not commands.store.exists()


def test_a_cluster_that_does_not_answer_is_one_message(commands):
    patience = {"RAY_gcs_rpc_server_reconnect_timeout_s": "1"}
    done = commands.run("sweep", "tiny.yaml", "--address", "auto", **patience)
    assert done.returncode == 1, done.stderr
    assert "gst: Ray does not start or answer at address 'auto': " in done.stderr
    assert "Traceback" not in done.stderr
    assert not commands.store.exists()
