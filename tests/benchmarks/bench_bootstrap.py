"""Intervals of many small groups: how fast, and in how much memory, next to scipy.stats.bootstrap.

    python tests/benchmarks/bench_bootstrap.py

The world is 50 configurations x 325 epochs = 16,250 means of 10 runs, 10,000 resamples each. scipy is
timed on a part and scaled up: one group at a time, and vectorised in the chunks that suit it best.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from gst.stats import bootstrap_groups, correlation

GROUPS, N, RESAMPLES, REPEATS = 50 * 325, 10, 10_000, 3
METHODS = {"percentile": "percentile", "bca": "BCa"}


def seconds(work: Callable[[], Any]) -> float:
    """The best of a few times."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_megabytes(work: Callable[[], Any]) -> float:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def scipy_seconds(groups: np.ndarray, method: str, chunk: int, part: int) -> float:
    """Of scipy on all groups, from timing a part of them."""

    def work() -> None:
        for start in range(0, part, chunk):
            stats.bootstrap(
                (groups[start : start + chunk],),
                np.mean,
                axis=-1,
                method=METHODS[method],
                n_resamples=RESAMPLES,
                rng=np.random.default_rng(0),
            )

    return seconds(work) * len(groups) / part


def main() -> None:
    groups = np.random.default_rng(0).normal(0.92, 0.005, size=(GROUPS, N))
    say(f"{GROUPS:,} means of {N} values, {RESAMPLES:,} resamples; best of {REPEATS}")
    say(f"{'method':>10}  {'gst':>7}  {'peak':>7}  {'scipy, one by one':>22}  {'scipy, best chunks':>22}")
    for method in METHODS:

        def work(method: Any = method) -> object:
            return bootstrap_groups(groups, method=method, resamples=RESAMPLES)

        ours, memory = seconds(work), peak_megabytes(work)
        single = scipy_seconds(groups, method, 1, 100)
        chunked = min(scipy_seconds(groups, method, chunk, 200) for chunk in (10, 25, 100))
        say(
            f"{method:>10}  {ours:5.2f} s  {memory:4.0f} MB  "
            f"{single:6.1f} s* = {single / ours:5.1f} x   {chunked:6.1f} s* = {chunked / ours:5.1f} x"
        )
    say(f"* scaled up to {GROUPS:,} from 100 groups one by one, or from 200 in chunks of 10, 25 or 100")
    say(f"\n{'correlation':>12}  {'runs':>5}  {'gst':>7}  {'peak':>7}  {'scipy, paired':>17}")
    for kind, function in (
        ("pearson", stats.pearsonr),
        ("kendall", stats.kendalltau),
        ("spearman", stats.spearmanr),
    ):
        for n in (40, 300):
            say(correlation_row(kind, function, n))
    say(f"* {RESAMPLES:,} resamples with BCa, scipy scaled up from 200")


def correlation_row(kind: Any, function: Callable[..., Any], n: int) -> str:
    x, y = np.random.default_rng(1).normal(size=(2, n))

    def work() -> object:
        return correlation(kind, x, y, method="bca", resamples=RESAMPLES)

    def reference() -> object:
        def statistic(x: np.ndarray, y: np.ndarray) -> float:
            return function(x, y).statistic

        return stats.bootstrap(
            (x, y), statistic, paired=True, vectorized=False, n_resamples=200, rng=np.random.default_rng(0)
        )

    ours = seconds(work)
    scipy = seconds(reference) * RESAMPLES / 200
    memory = peak_megabytes(work)
    return f"{kind:>12}  {n:>5}  {ours:5.3f} s  {memory:4.0f} MB  {scipy:6.2f} s* = {scipy / ours:3.0f} x"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
