"""What it costs to store an epoch durably: Recorder.write against the least that the database can do.

    python tests/benchmarks/bench_epoch_commit.py [--commits N] [--postgres URL] [--peers PYTHON]

All contenders do the same work in databases of the same schema on the same disk: a transaction moves
the run's row on, if it is still theirs, and inserts an epoch, and every tenth time a pruning event with
two layers. gst is given records, Core dictionaries and the drivers tuples, made before the clock starts.
They take turns, so that a slow moment of the machine hits all of them. The peers (see
peers/README.md) store six metrics an epoch, without events or fencing, one after another; MLflow and
Optuna for SQLite use their own settings, which are SQLite's: synchronous FULL.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from judged import judge, machine
from psycopg.types.json import Jsonb
from sqlalchemy import Engine, Table, create_engine, event, insert, make_url, text, update

from gst import records
from gst.config import RunSpec
from gst.store import Store
from gst.store.connect import BUSY_SECONDS
from gst.store.schema import epochs, layer_prunings, pruning_events, runs
from gst.store.utc_time import Present

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from stores import claimed, epoch_record, event_of, run_config, sweep_of

ROUND = 100
EVENT_EVERY = 10
TABLES = (epochs, pruning_events, layer_prunings)

Write = Callable[[int], None]


def yielded(epoch: int) -> records.EpochRecords:
    events = (event_of(epoch, 0.5, 0.4),) if epoch % EVENT_EVERY == 0 else ()
    return records.EpochRecords(epoch_record(epoch, test_accuracy=0.5), events)


def rows(epoch: int, run: int = 1) -> list[tuple[Table, list[dict[str, Any]]]]:
    """The rows of that epoch, table by table."""
    tables = {table.name: table for table in TABLES}
    return [(tables[name], found) for name, found in records.rows(yielded(epoch), run_id=run)]


def inserts(
    epoch: int, run: int, mark: str, array: Callable[[tuple[Any, ...]], Any]
) -> list[tuple[str, list[list[Any]]]]:
    """The same as a driver takes them: a statement, and the values of each row."""
    return [
        (
            f"INSERT INTO {table.name} ({','.join(found[0])}) VALUES ({','.join([mark] * len(found[0]))})",
            [[array(it) if isinstance(it, tuple) else it for it in row.values()] for row in found],
        )
        for table, found in rows(epoch, run)
    ]


def made(url: str, commits: int) -> Store:
    """A store with one run that is ready to be claimed."""
    store = Store.open(url, create=True)
    sweep_id = store.register(sweep_of({"arm": run_config(epochs=commits)}))
    store.take_over(sweep_id)
    return store


def ready(url: str, commits: int) -> str:
    """The URL, once there is such a store."""
    made(url, commits).close()
    return url


def recorder(url: str, commits: int, synchronous: str | None = None) -> Write:
    store = made(url, commits)
    if synchronous:
        event.listen(store._engine, "connect", lambda it, _: it.execute(f"PRAGMA synchronous={synchronous}"))
        store._engine.dispose()
    writer = claimed(store, RunSpec(run_config(epochs=commits), 0), 1, 1)
    prepared = [yielded(epoch) for epoch in range(commits)]
    return lambda epoch: writer.write(prepared[epoch])


MOVE = (
    "UPDATE runs SET last_epoch=?, heartbeat=?, stall=0, seconds=seconds+? "
    "WHERE run_id=? AND attempt=0 AND status='pending'"
)


def raw_sqlite(path: str, commits: int, synchronous: str = "NORMAL", run: int = 1) -> Write:
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    prepared = [inserts(epoch, run, "?", str) for epoch in range(commits)]

    def write(epoch: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        assert connection.execute(MOVE, (epoch, str(datetime.now(UTC)), 0.25, run)).rowcount == 1
        for statement, values in prepared[epoch]:
            connection.executemany(statement, values)
        connection.execute("COMMIT")

    return write


def raw_postgres(url: str, commits: int, run: int = 1) -> Write:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address, autocommit=True)
    prepared = [inserts(epoch, run, "%s", lambda it: Jsonb(list(it))) for epoch in range(commits)]

    def write(epoch: int) -> None:
        with connection.transaction():
            move = connection.execute(MOVE.replace("?", "%s"), (epoch, datetime.now(UTC), 0.25, run))
            assert move.rowcount == 1
            for statement, values in prepared[epoch]:
                for row in values:
                    connection.execute(statement, row)

    return write


def core(url: str, commits: int, synchronous: str | None = None) -> Write:
    engine = sqlite_engine(url, synchronous) if synchronous else create_engine(url)
    ours = (runs.c.run_id == 1, runs.c.attempt == 0, runs.c.status == "pending")
    prepared = [rows(epoch) for epoch in range(commits)]

    def write(epoch: int) -> None:
        with engine.begin() as connection:
            values = {
                "last_epoch": epoch,
                "heartbeat": Present(),
                "stall": 0,
                "seconds": runs.c.seconds + 0.25,
            }
            assert connection.execute(update(runs).where(*ours).values(values)).rowcount == 1
            for table, found in prepared[epoch]:
                connection.execute(insert(table), found)

    return write


def sqlite_engine(path: str, synchronous: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def _connect(connection, _):
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA synchronous={synchronous}")

    @event.listens_for(engine, "begin")
    def _begin(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def databases(url: str | None) -> Iterator[Callable[[], str]]:
    """Makes new databases on that server, which are gone afterwards."""
    if url is None:
        yield lambda: ""
        return
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    names: list[str] = []

    def database() -> str:
        names.append(f"gst_bench_{uuid.uuid4().hex[:8]}")
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {names[-1]}"))
        return make_url(url).set(database=names[-1]).render_as_string(hide_password=False)

    try:
        yield database
    finally:
        with server.connect() as connection:
            for name in names:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def in_turns(contenders: dict[str, Write], commits: int) -> dict[str, list[float]]:
    """Milliseconds of each commit of each contender."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for start in range(0, commits, ROUND):
        for name, write in contenders.items():
            for epoch in range(start, min(start + ROUND, commits)):
                began = time.perf_counter()
                write(epoch)
                taken[name].append(1000 * (time.perf_counter() - began))
    return taken


def peer(python: str, name: str, url: str, commits: int) -> list[float]:
    script = Path(__file__).parent / "peers" / f"{name}_epochs.py"
    command = [python, str(script), url, str(commits)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def report(taken: dict[str, list[float]], base: str) -> None:
    print(f"{'milliseconds per commit':34} {'n':>5} {'mean':>8} {'median':>8} {'99%':>8} {'ratio':>8}")
    least = statistics.median(taken[base])
    for name, times in taken.items():
        mean, median = statistics.fmean(times), statistics.median(times)
        late = statistics.quantiles(times, n=100)[98]
        print(f"{name:34} {len(times):5} {mean:8.3f} {median:8.3f} {late:8.3f} {median / least:8.2f}")
    print(f"ratio: of the medians, to {base}")
    ours = next(name for name in taken if name.startswith("gst"))
    judge(f"Epoch stored, {ours[5:]}", "ms", statistics.median(taken[ours]), base, least, len(taken[ours]))
    print()


def main(commits: int, postgres: str | None, peers: str | None) -> None:
    print(f"{machine()}, SQLite {sqlite3.sqlite_version}")
    few = max(100, commits // 10)
    with tempfile.TemporaryDirectory(dir=".") as folder, databases(postgres) as database:
        here = Path(folder)
        for mode in ("NORMAL", "FULL"):
            taken = in_turns(
                {
                    f"raw sqlite3, WAL, {mode}": raw_sqlite(
                        ready(str(here / f"raw-{mode}.db"), commits), commits, mode
                    ),
                    f"SQLAlchemy Core, {mode}": core(
                        ready(str(here / f"core-{mode}.db"), commits), commits, mode
                    ),
                    f"gst, {mode}": recorder(str(here / f"gst-{mode}.db"), commits, mode),
                },
                commits,
            )
            if peers and mode == "FULL":
                taken["Optuna, SQLite"] = peer(peers, "optuna", f"sqlite:///{here}/optuna.db", few)
                taken["MLflow, SQLite"] = peer(peers, "mlflow", f"sqlite:///{here}/mlflow.db", few)
            report(taken, f"raw sqlite3, WAL, {mode}")
        if postgres:
            with create_engine(postgres).connect() as connection:
                settings = {it: connection.scalar(text(f"SHOW {it}")) for it in
                            ("server_version", "fsync", "synchronous_commit")}  # fmt: skip
            print(f"Postgres: {settings}")
            taken = in_turns(
                {
                    "raw psycopg": raw_postgres(ready(database(), commits), commits),
                    "SQLAlchemy Core, Postgres": core(ready(database(), commits), commits),
                    "gst, Postgres": recorder(database(), commits),
                },
                commits,
            )
            if peers:
                taken["Optuna, Postgres"] = peer(peers, "optuna", database(), few)
                taken["MLflow, Postgres"] = peer(peers, "mlflow", database(), few)
            report(taken, "raw psycopg")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--postgres", default=os.environ.get("GST_BENCH_POSTGRES_URL"))
    parser.add_argument("--peers", help="a Python that has mlflow and optuna")
    given = parser.parse_args()
    main(given.commits, given.postgres, given.peers)
