"""Sweeps through Ray Tune, in real processes that are really killed: not a row may differ."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tiny_sweep import EPOCHS, EVENTS, LAYERS, RUNS, TINY, everything, records, statuses

# Long enough to be killed in the middle: some seconds a run, more than workers live without their driver.
LONG = (
    TINY.replace("per_class: 6", "per_class: 100")
    .replace("batch_size: 16", "batch_size: 8")
    .replace("epochs: 3", "epochs: 30")
    .replace("end: 1", "end: 8")
    .replace("every: 1", "every: 2")
)
PATIENCE = 120

pytestmark = pytest.mark.slow


class Commands:
    """`gst` as processes of their own, in a folder and a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "gst.db"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RAY_", "TUNE_", "GST_"))
        } | {"HOME": str(folder), "OMP_NUM_THREADS": "1"}
        self.drivers: list[subprocess.Popen[str]] = []

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        script = "from gst.cli import main; main()"
        command = [sys.executable, "-c", script, *map(str, arguments)]
        driver = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.drivers.append(driver)
        return driver

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        driver = self.start(*arguments)
        out, err = driver.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(driver.args, driver.returncode, out, err)

    def rows(self, statement: str) -> list[tuple]:
        if not self.store.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=30)) as connection:
            try:
                return connection.execute(statement).fetchall()
            except sqlite3.OperationalError:  # the store is being made
                return []

    def wait_for(self, statement: str, driver: subprocess.Popen[str] | None = None) -> list[tuple]:
        """The rows of the statement, once there are any."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := self.rows(statement):
                return found
            assert driver is None or driver.poll() is None, driver.communicate()
            time.sleep(0.02)
        raise AssertionError(f"after {PATIENCE} s there is no row of: {statement}")


@pytest.fixture
def commands(tmp_path: Path):
    made = Commands(tmp_path)
    yield made
    for driver in made.drivers:
        with suppress(ProcessLookupError):
            driver.kill()
        driver.communicate()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory):
    """What each of the two sweeps yields when nothing happens to it, in one process without Ray."""
    found = {}
    for text in (TINY, LONG):
        made = Commands(tmp_path_factory.mktemp("undisturbed"))
        (made.folder / "tiny.yaml").write_text(text)
        done = made.run("sweep", "tiny.yaml", "--local")
        assert done.returncode == 0, done.stderr
        found[text] = records(made.store)
    return found


RUNNING = """
SELECT a.pid, r.key, r.attempt, r.last_epoch FROM runs r
JOIN attempts a ON a.run_id = r.run_id AND a.attempt = r.attempt
WHERE r.status = 'running' AND r.last_epoch BETWEEN 1 AND 10 AND a.attempt = {attempt}
"""


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has asked after yet has."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def wait_until_gone(pids: list[int]) -> None:
    end = time.monotonic() + PATIENCE
    while not all(map(is_gone, pids)):
        assert time.monotonic() < end, f"still there: {pids}"
        time.sleep(0.05)


def test_a_sweep_leaves_exactly_its_rows_and_the_same_again_nothing(commands, undisturbed):
    (commands.folder / "tiny.yaml").write_text(TINY)
    done = commands.run("sweep", "tiny.yaml", "--cpus", "2")
    assert done.returncode == 0, done.stderr
    found = records(commands.store)
    assert found == undisturbed[TINY]
    assert [len(found[t]) for t in ("epochs", "pruning_events", "layer_prunings")] == [EPOCHS, EVENTS, LAYERS]
    assert statuses(commands.store) == ["completed"] * RUNS
    assert commands.rows("SELECT COUNT(*), MAX(attempt) FROM attempts") == [(RUNS, 1)]
    assert "Accuracy is of the last epoch" in done.stdout
    lines = done.stderr.splitlines()
    assert lines[:3] == ["A tiny sweep", "tiny: 4 runs, 4 to do, 12 of 12 epochs", "starting Ray"]
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


@pytest.mark.parametrize("seconds", [0, 1000], ids=["checkpoints", "none"])
def test_killed_workers_and_a_killed_driver_cost_no_row(commands, undisturbed, seconds):
    (commands.folder / "tiny.yaml").write_text(LONG)
    arguments = ("sweep", "tiny.yaml", "--cpus", "2", "--checkpoint", seconds)
    driver = commands.start(*arguments)
    worker, key, *_ = commands.wait_for(RUNNING.format(attempt=1), driver)[0]
    os.kill(worker, signal.SIGKILL)

    # Tune starts the trial again, in another process, which claims the run; then the driver goes.
    second = RUNNING.format(attempt=2) + f" AND r.key = '{key}'"
    other, *_ = commands.wait_for(second, driver)[0]
    assert other != worker
    pids = [pid for (pid,) in commands.rows("SELECT DISTINCT pid FROM attempts")]
    driver.kill()
    driver.communicate()
    wait_until_gone(pids)
    assert "running" in statuses(commands.store)

    done = commands.run(*arguments)
    assert done.returncode == 0, done.stderr
    assert records(commands.store) == undisturbed[LONG]
    assert statuses(commands.store) == ["completed"] * RUNS
    lost = commands.rows("SELECT COUNT(*) FROM attempts WHERE outcome = 'lost'")
    assert lost[0][0] >= 2
    resumed = commands.rows("SELECT MIN(first_epoch), MAX(first_epoch) FROM attempts WHERE attempt > 1")
    assert (resumed[0] > (0, 0)) if seconds == 0 else (resumed == [(0, 0)])
    assert [path for path in (commands.folder / "gst-artifacts").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_sweep_that_is_told_to_stop_leaves_no_run_running_and_carries_on(commands, undisturbed, number):
    (commands.folder / "tiny.yaml").write_text(LONG)
    driver = commands.start("sweep", "tiny.yaml", "--cpus", "2")
    commands.wait_for(RUNNING.format(attempt=1), driver)
    pids = [pid for (pid,) in commands.rows("SELECT DISTINCT pid FROM attempts")]
    # A terminal sends Ctrl-C to the driver and to all that it has started.
    (os.killpg if number == signal.SIGINT else os.kill)(driver.pid, number)
    _, err = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 130, err
    assert "Traceback" not in err
    assert set(statuses(commands.store)) <= {"completed", "interrupted", "pending"}
    assert "interrupted" in statuses(commands.store)
    wait_until_gone(pids)

    done = commands.run("sweep", "tiny.yaml", "--cpus", "2")
    assert done.returncode == 0, done.stderr
    assert records(commands.store) == undisturbed[LONG]


def test_what_no_machine_has_is_refused_before_anything_is_stored(commands):
    (commands.folder / "tiny.yaml").write_text(TINY + "resources: {cpus: 3}\n")
    done = commands.run("sweep", "tiny.yaml", "--cpus", "2")
    assert done.returncode == 2, done.stderr
    assert "gst: one run asks for 3 CPUs and 0 GPUs, and no machine has that: " in done.stderr
    assert "(2 CPUs, 0 GPUs)" in done.stderr
    assert not commands.store.exists()


def test_a_cluster_that_does_not_answer_is_one_message(commands):
    commands.environment["RAY_gcs_rpc_server_reconnect_timeout_s"] = "1"
    (commands.folder / "tiny.yaml").write_text(TINY)
    done = commands.run("sweep", "tiny.yaml", "--address", "auto")
    assert done.returncode == 1, done.stderr
    assert "gst: Ray does not start or answer at address 'auto': " in done.stderr
    assert "Traceback" not in done.stderr
    assert not commands.store.exists()
