"""Many trials at once: rows a second, the slowest commits, errors and lost rows, by number of writers.

    python tests/benchmarks/bench_writers.py [--commits N] [--writers N ...] [--postgres URL]

Each writer is a process with a store of its own, as a trial is; it claims a run and commits epochs at
full speed, with fencing, and every tenth time with a pruning event of two layers. Real trials train
between two commits, so this is the most that a store can be asked for.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

from gst.config import RunSpec
from gst.records import EpochRecords
from gst.store import Store

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from bench_epoch_commit import databases
from stores import claimed, epoch_record, event_of, run_config, sweep_of

EVENT_EVERY = 10


def write(url: str, seed: int, commits: int, barrier: Barrier) -> tuple[list[float], list[str]]:
    """Milliseconds of each commit of one writer, and its errors."""
    taken: list[float] = []
    errors: list[str] = []
    with Store.open(url) as store:
        recorder = claimed(store, RunSpec(run_config(epochs=commits), seed), 1, 1)
        barrier.wait()
        for epoch in range(commits):
            events = (event_of(epoch, 0.5, 0.4),) if epoch % EVENT_EVERY == 0 else ()
            began = time.perf_counter()
            try:
                recorder.write(EpochRecords(epoch_record(epoch), events))
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}")
                break
            taken.append(1000 * (time.perf_counter() - began))
    return taken, errors


def writer(url: str, seed: int, commits: int, barrier: Barrier, results) -> None:
    results.put(write(url, seed, commits, barrier))


def measure(url: str, writers: int, commits: int) -> str:
    """A line of the table: `commits` epochs, shared evenly among so many writers."""
    each = commits // writers
    with Store.open(url, create=True) as store:
        store.take_over(store.register(sweep_of({"arm": run_config(epochs=each)}, range(writers))))
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(writers + 1), context.Queue()
    processes = [
        context.Process(target=writer, args=(url, seed, each, barrier, results)) for seed in range(writers)
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
    with Store.open(url, readonly=True) as store:
        counts = [int(store.query(f"SELECT count(*) FROM {it}").rows[0][0]) for it in
                  ("epochs", "pruning_events", "layer_prunings")]  # fmt: skip
    events = writers * len(range(0, each, EVENT_EVERY))
    lost = writers * each + events + 2 * events - sum(counts)
    late = statistics.quantiles(taken, n=100)[98]
    return (
        f"{writers:8} {len(taken) / seconds:10.0f} {sum(counts) / seconds:8.0f} "
        f"{statistics.median(taken):9.2f} {late:9.2f} {max(taken):9.1f} {len(errors):7} {lost:5}"
    ) + (f"\n  {errors[0]}" if errors else "")


def main(commits: int, sizes: list[int], postgres: str | None) -> None:
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {commits} commits")
    header = f"{'writers':>8} {'commits/s':>10} {'rows/s':>8} {'median ms':>9} {'99% ms':>9} {'max ms':>9}"
    with tempfile.TemporaryDirectory(dir=".") as folder, databases(postgres) as database:
        print(f"SQLite, synchronous NORMAL\n{header} {'errors':>7} {'lost':>5}")
        for size in sizes:
            print(measure(str(Path(folder) / f"{size}.db"), size, commits), flush=True)
        if postgres:
            print(f"Postgres\n{header} {'errors':>7} {'lost':>5}")
            for size in sizes:
                print(measure(database(), size, commits), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=int, default=6400)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 8, 32, 64])
    parser.add_argument("--postgres", default=os.environ.get("GST_BENCH_POSTGRES_URL"))
    given = parser.parse_args()
    main(given.commits, given.writers, given.postgres)
