"""What figures and reports of many runs cost: CPU seconds and peak memory, each in a process of its own.

    python tests/benchmarks/bench_reads.py [RUNS ...]      (10,000 runs of 325 epochs unless given)

The peer is Python's sqlite3: its cursor fetches the same columns of all epochs, in the same order, and
keeps the rows of one arm at a time. `page` is what the page Tradeoff draws first. BLAS has one thread, as its
threads wait for each other in CPU seconds where others use the machine.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from big_store import fill_big
from judged import HEADER, judge, machine

EPOCHS = 325
PEER = "raw sqlite3"
RAW = """\
SELECT m.position, t.test_accuracy
FROM sweep_runs m JOIN epochs t ON t.run_id = m.run_id
WHERE m.sweep_id = 1 AND m.arm = ?
ORDER BY m.position, t.epoch"""


def raw(path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for arm in connection.execute("SELECT DISTINCT arm FROM sweep_runs").fetchall():
            connection.execute(RAW, arm).fetchall()


def curves(path: str) -> None:
    from gst.analysis.curves import curve_values
    from gst.analysis.source import find_source
    from gst.store import Store

    with Store.open(path, readonly=True) as store:
        source = find_source(store, "big")
        for arm in source.arms:
            curve_values(store, source, arm)


def figure(name: str) -> Callable[[str], None]:
    def drawn(path: str) -> None:
        from gst.figures import FIGURES, export
        from gst.store import Store

        with Store.open(path, readonly=True) as store, tempfile.TemporaryDirectory() as folder:
            numbers = FIGURES[name].numbers(store, "big")
            export(FIGURES[name].draw(numbers), numbers, Path(folder) / "figure.html", name=name)

    return drawn


def report(path: str) -> None:
    from gst.dashboard.report import report
    from gst.store import Store

    with Store.open(path, readonly=True) as store:
        report(store, "big")


def page(path: str) -> None:
    from gst.dashboard.points import draw_points, paired_sweep, placed
    from gst.store import Store

    with Store.open(path, readonly=True) as store:
        sweep = paired_sweep(store, "big")
        draw_points(placed(sweep.points, "stability", "final_accuracy"), "stability", "final_accuracy")
        sweep.contrasts("final_accuracy")


WAYS: Mapping[str, Callable[[str], None]] = {
    PEER: raw,
    "curves": curves,
    "figure dynamics": figure("dynamics"),
    "figure fig2_vgg11": figure("fig2_vgg11"),
    "figure tradeoff": figure("tradeoff"),
    "report": report,
    "page": page,
}


def measured(way: str, path: str) -> dict[str, float]:
    """CPU seconds, imports included, and MiB at the most."""
    WAYS[way](path)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"seconds": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "gst.db")
        fill_big(Path(path), runs=runs, epochs=EPOCHS)
        print(f"{runs:,} runs of {EPOCHS} epochs, {Path(path).stat().st_size / 2**20:.0f} MiB")
        results: dict[str, dict[str, float]] = {}
        for way in WAYS:
            command = [sys.executable, __file__, "--measure", way, path]
            environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            results[way] = json.loads(done.stdout)
            print(f"  {way:18} {results[way]['peak']:5.0f} MiB", flush=True)
        theirs = results.pop(PEER)["seconds"]
        print(HEADER)
        for way, it in results.items():
            judge(f"Reading {runs:,} runs: {way}", "CPU s", it["seconds"], PEER, theirs, 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured(*sys.argv[2:])))
    else:
        print(machine())
        for count in [int(argument) for argument in sys.argv[1:]] or [10_000]:
            main(count)
