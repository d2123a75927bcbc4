"""A large store: how long it takes to fill, how big it is, and one row a run by SQL against pandas.

    python tests/benchmarks/bench_summary.py [RUNS ...]

Runs have 325 epochs, nineteen of twenty have 20 pruning events. The summary is the view run_summary:
final and best accuracy, mean stability, drops and gaps. pandas does the same from all epochs loaded into
memory. Each is a process of its own, so that the peak memory is its own; medians of ROUNDS turns.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

from gst.store import Store

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from big_store import fill_big
from judged import judge, machine


def by_sql(path: str) -> pd.DataFrame:
    with Store.open(path, readonly=True) as store:
        return store.frame("run_summary", sweep="big").set_index("key")


def by_pandas(path: str) -> pd.DataFrame:
    with Store.open(path, readonly=True) as store:
        runs = store.frame("SELECT run_id, key, last_epoch FROM runs").set_index("run_id")
        epochs = store.frame("SELECT run_id, epoch, train_accuracy, test_accuracy FROM epochs")
        events = store.frame("SELECT run_id, epoch, stability FROM pruning_events WHERE removed > 0")
    last = events.groupby("run_id")["epoch"].max().rename("last_event")
    late = epochs.join(last, on="run_id")
    late = late[late["epoch"] >= late["last_event"].fillna(0)]
    best = late.sort_values(["test_accuracy", "epoch"], ascending=[False, True]).groupby("run_id").first()
    final = epochs.sort_values("epoch").groupby("run_id").last()
    return pd.DataFrame(
        {
            "key": runs["key"],
            "final_test_accuracy": final["test_accuracy"],
            "best_test_accuracy": best["test_accuracy"],
            "mean_stability": events.groupby("run_id")["stability"].mean().reindex(runs.index).fillna(1.0),
        }
    ).set_index("key")


ROUNDS = 3
WAYS = {"SQL view": by_sql, "pandas": by_pandas}


def measured(way: str, path: str) -> None:
    began = time.perf_counter()
    found = WAYS[way](path)
    seconds = time.perf_counter() - began
    columns = ["final_test_accuracy", "best_test_accuracy", "mean_stability"]
    sums = found[columns].sum().round(6).tolist()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "sums": sums, "rows": len(found)}))


def main(sizes: list[int]) -> None:
    print(machine())
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=".") as folder:
            path = str(Path(folder) / "gst.db")
            began = time.perf_counter()
            fill_big(Path(path), runs=size, epochs=325)
            filled = time.perf_counter() - began
            megabytes = Path(path).stat().st_size / 2**20
            print(f"{size:,} runs of 325 epochs: filled in {filled:.1f} s, {megabytes:.0f} MiB")
            results: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
            for way in [*WAYS] * ROUNDS:
                command = [sys.executable, __file__, "--measure", way, path]
                out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                results[way].append(json.loads(out))
            assert len({json.dumps(it["sums"]) for found in results.values() for it in found}) == 1, results
            medians = {}
            for way, found in results.items():
                medians[way] = statistics.median(it["seconds"] for it in found)
                peak = max(it["peak"] for it in found)
                print(f"  {way:9} {medians[way]:7.2f} s  {peak:6.0f} MiB peak  {found[0]['rows']:,} rows")
            ours, theirs = medians.values()
            judge(f"Summary of {size:,} runs x 325 epochs", "s", ours, "pandas, all epochs", theirs, ROUNDS)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measured(sys.argv[2], sys.argv[3])
    else:
        main([int(size) for size in sys.argv[1:]] or [1000, 10_000])
