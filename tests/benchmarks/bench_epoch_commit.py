"""What it costs to store an epoch durably: Recorder.write against the least that SQLite can do.

    python tests/benchmarks/bench_epoch_commit.py [COMMITS]

All contenders do the same work in files of the same schema on the same disk: a transaction moves the
run's row on, if it is still theirs, and inserts an epoch, and every tenth time a pruning event with
two layers. They take turns, so that a slow moment of the machine hits all of them.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine, event, insert, update

from gst.config import RunSpec
from gst.records import EpochRecords
from gst.store import Store
from gst.store.moment import now
from gst.store.recorder import _row
from gst.store.schema import epochs, layer_prunings, pruning_events, runs

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from stores import claimed, epoch_record, event_of, run_config, sweep_of

ROUND = 100
EVENT_EVERY = 10
TABLES = (epochs, pruning_events, layer_prunings)

Write = Callable[[int], None]


def records(epoch: int) -> EpochRecords:
    events = (event_of(epoch, 0.5, 0.4),) if epoch % EVENT_EVERY == 0 else ()
    return EpochRecords(epoch_record(epoch, test_accuracy=0.5), events)


def rows(epoch: int) -> list[list[dict]]:
    """The rows of that epoch for each of TABLES."""
    it = records(epoch)
    layers = [_row(1, layer) | {"epoch": e.epoch} for e in it.events for layer in e.layers]
    return [[_row(1, it.epoch)], [_row(1, e) for e in it.events], layers]


def made(folder: Path, name: str, commits: int) -> tuple[Store, Path]:
    """A store with one run that is ready to be claimed."""
    path = folder / f"{name}.db"
    store = Store.open(str(path), create=True)
    config = run_config(epochs=commits)
    sweep_id = store.register(sweep_of({"arm": config}))
    store.take_over(sweep_id)
    return store, path


def recorder(folder: Path, commits: int) -> Write:
    store, _ = made(folder, "recorder", commits)
    writer = claimed(store, RunSpec(run_config(epochs=commits), 0), 1, 1)
    return lambda epoch: writer.write(records(epoch))


MOVE = (
    "UPDATE runs SET last_epoch=?, heartbeat=?, stall=0, seconds=seconds+? "
    "WHERE run_id=1 AND attempt=0 AND status='pending'"
)


def raw(folder: Path, commits: int, synchronous: str) -> Write:
    _, path = made(folder, f"raw-{synchronous}", commits)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA synchronous={synchronous}")

    def write(epoch: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        assert connection.execute(MOVE, (epoch, str(now()), 0.25)).rowcount == 1
        for table, found in zip(TABLES, rows(epoch), strict=True):
            for row in found:
                values = [str(v) if isinstance(v, tuple) else v for v in row.values()]
                marks = ",".join("?" * len(values))
                connection.execute(f"INSERT INTO {table.name} ({','.join(row)}) VALUES ({marks})", values)
        connection.execute("COMMIT")

    return write


def core(folder: Path, commits: int) -> Write:
    _, path = made(folder, "core", commits)
    engine = create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def _connect(connection, _):
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _begin(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    ours = (runs.c.run_id == 1, runs.c.attempt == 0, runs.c.status == "pending")

    def write(epoch: int) -> None:
        with engine.begin() as connection:
            values = {"last_epoch": epoch, "heartbeat": now(), "stall": 0, "seconds": runs.c.seconds + 0.25}
            assert connection.execute(update(runs).where(*ours).values(values)).rowcount == 1
            for table, found in zip(TABLES, rows(epoch), strict=True):
                if found:
                    connection.execute(insert(table), found)

    return write


def main(commits: int) -> None:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        here = Path(folder)
        contenders = {
            "raw sqlite3, WAL, NORMAL": raw(here, commits, "NORMAL"),
            "raw sqlite3, WAL, FULL": raw(here, commits, "FULL"),
            "SQLAlchemy Core, NORMAL": core(here, commits),
            "Recorder.write": recorder(here, commits),
        }
        taken: dict[str, list[float]] = {name: [] for name in contenders}
        for start in range(0, commits, ROUND):
            for name, write in contenders.items():
                for epoch in range(start, min(start + ROUND, commits)):
                    began = time.perf_counter()
                    write(epoch)
                    taken[name].append(1000 * (time.perf_counter() - began))
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, ", end="")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; n = {commits} commits each")
    print(f"{'milliseconds per commit':28} {'mean':>8} {'median':>8} {'99%':>8} {'mean ratio':>11}")
    least = statistics.fmean(next(iter(taken.values())))
    for name, times in taken.items():
        mean, median = statistics.fmean(times), statistics.median(times)
        late = statistics.quantiles(times, n=100)[98]
        print(f"{name:28} {mean:8.3f} {median:8.3f} {late:8.3f} {mean / least:11.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
