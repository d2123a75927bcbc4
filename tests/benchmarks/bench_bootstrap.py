"""Intervals of many small groups: how fast, and in how much memory, next to scipy.stats.bootstrap.

    python tests/benchmarks/bench_bootstrap.py

The world is 50 configurations x 325 epochs = 16,250 means of 10 runs, 10,000 resamples each. scipy is
timed on a part and scaled up: one group at a time, and vectorised in the chunks that suit it best. Of
correlations scipy makes all resamples, vectorised; Kendall's it can only take one by one, which is timed with
some resamples and with twice as many, since BCa's jackknife takes the same whatever their number.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from judged import judge, machine
from scipy import stats

from gst.stats.correlation import correlation
from gst.stats.estimate import bootstrap_groups

GROUPS, N, RESAMPLES, REPEATS = 50 * 325, 10, 10_000, 3
METHODS = {"percentile": "percentile", "bca": "BCa"}


def seconds(work: Callable[[], Any]) -> float:
    """CPU seconds, the median of a few times."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


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
    say(machine())
    say(f"{GROUPS:,} means of {N} values, {RESAMPLES:,} resamples; CPU seconds, medians of {REPEATS}")
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
        judge(
            f"{GROUPS:,} {method} intervals",
            "CPU s",
            ours,
            "scipy, vectorised*",
            min(single, chunked),
            REPEATS,
        )
    say(f"* scaled up to {GROUPS:,} from 100 groups one by one, or from 200 in chunks of 10, 25 or 100")
    say(f"\n{'correlation':>12}  {'runs':>5}  {'gst':>7}  {'peak':>7}  {'scipy, paired':>17}")
    for kind in CORRELATIONS:
        for n in (40, 300):
            compare_correlations(kind, n)
    say(f"{RESAMPLES:,} resamples with BCa; scipy's of Kendall's tau extrapolated from {FEW} and {2 * FEW}")


def pearson(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.asarray(stats.pearsonr(x, y, axis=axis).statistic)


def spearman(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    """Pearson's of ranks: spearmanr itself takes no axis in this sense."""
    return pearson(stats.rankdata(x, axis=axis), stats.rankdata(y, axis=axis), axis)


def kendall(x: np.ndarray, y: np.ndarray) -> float:
    return float(stats.kendalltau(x, y).statistic)


CORRELATIONS: dict[Any, Callable[..., Any]] = {"pearson": pearson, "kendall": kendall, "spearman": spearman}
FEW = 500


def compare_correlations(kind: Any, n: int) -> None:
    x, y = np.random.default_rng(1).normal(size=(2, n))
    vectorised = kind != "kendall"

    def ours() -> object:
        return correlation(kind, x, y, method="bca", resamples=RESAMPLES)

    def theirs(resamples: int) -> object:
        return stats.bootstrap(
            (x, y), CORRELATIONS[kind], paired=True, vectorized=vectorised, n_resamples=resamples,
            rng=np.random.default_rng(0),
        )  # fmt: skip

    taken = seconds(ours)
    if vectorised:
        peer, scipy = "scipy, vectorised", seconds(lambda: theirs(RESAMPLES))
    else:
        few, twice = (seconds(lambda count=count: theirs(count)) for count in (FEW, 2 * FEW))
        peer, scipy = "scipy, one by one*", few + (twice - few) * (RESAMPLES / FEW - 1)
    memory = peak_megabytes(ours)
    say(f"{kind:>12}  {n:>5}  {taken:5.3f} s  {memory:4.0f} MB  {scipy:6.2f} s = {scipy / taken:4.1f} x")
    judge(f"BCa interval of {kind}, {n} runs", "CPU s", taken, peer, scipy, REPEATS)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
