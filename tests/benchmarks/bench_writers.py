"""Many trials at once: commits a second and the slowest of them, errors and lost rows, by number of writers.

    python tests/benchmarks/bench_writers.py [--commits N] [--rounds N] [--writers N ...] [--postgres URL]

Each writer is a process with a store of its own, as a trial is; it claims a run and commits epochs at
full speed, with fencing, and every tenth time with a pruning event of two layers. Real trials train
between two commits, so this is the most that a store can be asked for. The peer does the same with the
bare driver and prepared tuples, as in bench_epoch_commit.py, and waits for its turn in the same way. Both
make what they write, and commit once, before the clock starts; they take turns, and medians over the
rounds are printed.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

from gst.config import RunSpec
from gst.store import Store

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from bench_epoch_commit import EVENT_EVERY, Write, databases, raw_postgres, raw_sqlite, yielded
from judged import judge, machine
from stores import claimed, run_config, sweep_of

WAYS = ("gst", "raw")


class Measured(NamedTuple):
    """A round: commits a second, milliseconds of a commit, and what went wrong."""

    rate: float
    median: float
    late: float
    longest: float
    errors: int
    lost: int


def writes(way: str, url: str, seed: int, epochs: int, stack: ExitStack) -> Write:
    """A function that commits an epoch of the run of that seed."""
    if way == "raw":
        raw = raw_postgres if "://" in url else raw_sqlite
        return raw(url, epochs, run=seed + 1)
    recorder = claimed(stack.enter_context(Store.open(url)), RunSpec(run_config(epochs=epochs), seed), 1, 1)
    prepared = [yielded(epoch) for epoch in range(epochs)]
    return lambda epoch: recorder.write(prepared[epoch])


def writer(way: str, url: str, seed: int, epochs: int, barrier: Barrier, results) -> None:
    """Commit all epochs but the first against the clock."""
    taken: list[float] = []
    errors: list[str] = []
    with ExitStack() as stack:
        write = writes(way, url, seed, epochs, stack)
        write(0)
        barrier.wait()
        for epoch in range(1, epochs):
            began = time.perf_counter()
            try:
                write(epoch)
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}")
                break
            taken.append(1000 * (time.perf_counter() - began))
        results.put((taken, errors))


def measure(way: str, url: str, writers: int, commits: int) -> Measured:
    """A round of `commits` epochs, shared evenly among so many writers."""
    epochs = commits // writers + 1
    with Store.open(url, create=True) as store:
        store.take_over(store.register(sweep_of({"arm": run_config(epochs=epochs)}, range(writers))))
    context = multiprocessing.get_context("forkserver")  # which imports once
    context.set_forkserver_preload(["gst.store", "gst.config", "psycopg"])
    barrier, results = context.Barrier(writers + 1), context.Queue()
    processes = [
        context.Process(target=writer, args=(way, url, seed, epochs, barrier, results))
        for seed in range(writers)
    ]
    for process in processes:
        process.start()
    barrier.wait()
    began = time.perf_counter()
    found = [results.get() for _ in processes]
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    taken = [it for times, _ in found for it in times]
    errors = [it for _, errors in found for it in errors]
    for error in errors[:1]:
        print(f"  {error}")
    with Store.open(url, readonly=True) as store:
        tables = ("epochs", "pruning_events", "layer_prunings")
        stored = sum(int(store.query(f"SELECT count(*) FROM {it}").rows[0][0]) for it in tables)
    expected = writers * (epochs + 3 * len(range(0, epochs, EVENT_EVERY)))
    late = statistics.quantiles(taken, n=100)[98]
    median, longest = statistics.median(taken), max(taken)
    return Measured(len(taken) / seconds, median, late, longest, len(errors), expected - stored)


def compare(name: str, peer: str, database: Callable[[], str], size: int, commits: int, rounds: int) -> None:
    """A line for each way, and one that judges."""
    found: dict[str, list[Measured]] = {way: [] for way in WAYS}
    for way in WAYS * rounds:
        found[way].append(measure(way, database(), size, commits))
    rates = {}
    for way, measured in found.items():
        rate, median, late, longest, errors, lost = map(statistics.median, zip(*measured, strict=True))
        rates[way] = rate
        print(
            f"{way} {size:8} {rate:10.0f} {median:9.2f} {late:9.2f} {longest:9.1f} {errors:7.0f} {lost:5.0f}"
        )
    of = f"{size} writers" if size > 1 else "1 writer"
    judge(f"Commit by {of}, {name}", "ms", 1000 / rates["gst"], peer, 1000 / rates["raw"], rounds)


def main(commits: int, rounds: int, sizes: list[int], postgres: str | None) -> None:
    print(f"{machine()}, {commits} commits")
    header = (
        f"{'writers':>12} {'commits/s':>10} {'median ms':>9} {'99% ms':>9} {'max ms':>9} {'errors':>7} "
        f"{'lost':>5}"
    )
    with tempfile.TemporaryDirectory(dir=".") as folder, databases(postgres) as database:
        print(f"SQLite, synchronous NORMAL\n{header}")
        files = (str(Path(folder) / f"{number}.db") for number in range(1000))
        for size in sizes:
            compare("SQLite", "raw sqlite3", lambda: next(files), size, commits, rounds)
        if postgres:
            print(f"Postgres\n{header}")
            for size in sizes:
                compare("Postgres", "raw psycopg", database, size, commits, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=int, default=6400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 8, 32, 64])
    parser.add_argument("--postgres", default=os.environ.get("GST_BENCH_POSTGRES_URL"))
    given = parser.parse_args()
    main(given.commits, given.rounds, given.writers, given.postgres)
