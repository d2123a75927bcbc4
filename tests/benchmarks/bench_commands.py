"""CPU seconds of commands that only read or plan, also in units of `import sqlalchemy`; and the first row.

    python tests/benchmarks/bench_commands.py [ROUNDS]

Each command is a process of its own. Rounds take turns, so that a slow moment of the machine hits all;
numbers are medians. The peer is a process that imports SQLAlchemy, as nearly all of them do to ask a store.
The store has the quickstart's 104 runs, complete; the data folder is empty. Last, seconds of the clock from
Enter to the first epoch in an empty store, of the quickstart in one process and on Ray.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import shlex
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from judged import HEADER, judge, machine
from stores import Run, claimed, play

from gst.config import load_sweep
from gst.paths import project_folder
from gst.store import Store

PEER = "import sqlalchemy"
COMMANDS = (
    "plan fig3",
    "plan --all",
    "plan quickstart",
    "sweep quickstart",
    "ls --limit 5",
    "status",
    "show KEY",
    "logs KEY",
    "diff KEY OTHER",
    "sql @run_summary -p sweep=quickstart",
    "compare quickstart",
    "figure",
    "data list",
)
FIRST_ROW = ("sweep quickstart --local", "sweep quickstart")
POLL_SECONDS = 0.02


def fill(url: str) -> dict[str, str]:
    """A store with all runs of the quickstart, of two epochs; two of their keys, by what commands say."""
    with Store.open(url, create=True) as store:
        sweep_id = store.register(load_sweep(project_folder("sweeps") / "quickstart.yaml"))
        driver = store.take_over(sweep_id)
        keys = store.remaining(sweep_id)
        for number, key in enumerate(keys):
            spec = store.spec(key)
            last = 0.8 + 0.001 * (number % 17)
            events = () if spec.config.pruning.kind == "none" else [(0, last, last - 0.01 * (number % 13))]
            play(claimed(store, spec, sweep_id, driver), Run("", spec.seed, [0.5, last], events))
    return {"KEY": keys[0], "OTHER": keys[1]}


def gst(command: str, keys: dict[str, str]) -> list[str]:
    """The words of a command with the keys of that store."""
    return [str(Path(sys.executable).with_name("gst")), *(keys.get(it, it) for it in shlex.split(command))]


def cpu_seconds(words: list[str], place: Path, environment: dict[str, str]) -> float:
    """CPU seconds of a process and of those that it waited for."""
    process = subprocess.Popen(
        words, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):  # 3: `gst compare` has not all that a paper has
        raise SystemExit(f"{' '.join(words)}: ended with status {code}")
    return used.ru_utime + used.ru_stime


def first_row(words: list[str], place: Path, environment: dict[str, str]) -> float:
    """Seconds of the clock until the sweep's first epoch is in its store; it is stopped then."""
    database = place / "new.db"
    began = time.perf_counter()
    process = subprocess.Popen(
        [*words, "--db", str(database)], cwd=place, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not has_row(database):
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(words)}: ended before its first row")
            time.sleep(POLL_SECONDS)
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        for file in place.glob("new.db*"):
            file.unlink()


def has_row(database: Path) -> bool:
    """Whether there is a store with an epoch in it."""
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM epochs").fetchone()[0] > 0
    except sqlite3.OperationalError:  # no tables yet
        return False


def main(rounds: int) -> None:
    """Print a row for each command, then the seconds."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        url = f"sqlite:///{place / 'gst.db'}"
        environment = os.environ | {"GST_DB_URL": url, "GST_DATA_DIR": folder, "GST_ARTIFACT_DIR": folder}
        keys = fill(url)
        every = {PEER: [sys.executable, "-c", PEER]} | {it: gst(it, keys) for it in COMMANDS}
        taken: dict[str, list[float]] = {name: [] for name in every}
        for _ in range(rounds):
            for name, words in every.items():
                taken[name].append(cpu_seconds(words, place, environment))
        peer = statistics.median(taken[PEER])
        print(HEADER)
        for name in COMMANDS:
            judge(f"`gst {name}`", "CPU s", statistics.median(taken[name]), PEER, peer, rounds)
        print("\nSeconds from Enter to the first row:")
        for command in FIRST_ROW:
            each = [first_row(gst(command, keys), place, environment) for _ in range(rounds)]
            print(f"  {command:24} {statistics.median(each):5.1f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
