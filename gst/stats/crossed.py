"""Correlations over the runs of a sweep, where each configuration is trained with the same seeds.

Such runs depend on each other in two ways: those of a configuration share what is pruned, and those of a
seed share initial weights and batches. Taken as independent, a correlation that is not there is found in
21% to 41% of sweeps at a nominal 5% (sweeps/statistics.md). So a correlation has three parts here, each with
the units that are independent for it:

- between configurations: of the configurations' means; Student's p and Fisher's interval over configurations;
- within configurations: of the runs' distances from the mean of their configuration, which is the
  repeated-measures correlation (Bland & Altman 1995, BMJ 310:446); Student's p and interval over seeds, from
  the jackknife that leaves out one seed with all its runs (Efron & Tibshirani 1993, ch. 11). The usual p of
  that correlation takes runs as independent within configurations, and is wrong where both quantities
  depend on the seed;
- pooled: of all runs; configurations and seeds are drawn independently (the pigeonhole bootstrap, Owen 2007,
  Ann. Appl. Stat. 1:386), and there is no p.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from gst.errors import InputError
from gst.stats import kendall
from gst.stats.correlation import (
    MOST_WITHOUT_VARIATION,
    WEIGHTED,
    Correlation,
    Kind,
    checked,
    correlation,
    fisher_correlation,
    value_and_p,
)
from gst.stats.interval import check_level, percentile_bounds
from gst.stats.kendall import jackknife_interval
from gst.stats.resample import DRAWN, SEED, FloatArray, IntArray, blocks, counts
from gst.stats.rows import pearson_rows

LEAST_CONFIGURATIONS = 4
"""Number of configurations below which no interval draws them."""
LEAST_SEEDS = 3
"""Number of seeds below which no interval draws them."""


class CrossedRuns(NamedTuple):
    """Two quantities of runs [n], and the configuration and the seed of each, counted from 0."""

    x: FloatArray
    y: FloatArray
    configurations: IntArray
    seeds: IntArray

    @property
    def configuration_count(self) -> int:
        """Number of configurations."""
        return int(self.configurations.max()) + 1

    @property
    def seed_count(self) -> int:
        """Number of seeds."""
        return int(self.seeds.max()) + 1

    def means(self, values: FloatArray) -> FloatArray:
        """The mean of the values [n] over the runs of each configuration, [configurations]."""
        return _means(values, self.configurations)


def crossed_runs(
    x: ArrayLike,
    y: ArrayLike,
    configurations: Sequence[object] | IntArray,
    seeds: Sequence[object] | IntArray,
) -> CrossedRuns:
    """The runs [n], with their configurations and seeds as labels of any kind.

    Raises InputError for fewer than 3 runs, for no variation, or for values that are not finite.
    """
    first, second = checked(x, y)
    if not len(first) == len(configurations) == len(seeds):
        raise AssertionError(f"{len(first)} runs, {len(configurations)} configurations, {len(seeds)} seeds")
    members = codes(configurations)
    # Configurations are counted by their means: no interval depends on labels, or on the order of runs.
    order = np.lexsort((_means(second, members), _means(first, members)))
    place = np.argsort(order)
    return CrossedRuns(first, second, place[members], codes(seeds))


def between_correlation(runs: CrossedRuns) -> Correlation:
    """Pearson's r of the configurations' means, with Fisher's interval; `n` are configurations.

    Raises InputError for fewer than 3 configurations, and where their means do not vary.
    """
    n = runs.configuration_count
    if n < 3:
        raise InputError(f"a correlation between configurations needs at least 3 of them, found {n}")
    x, y = checked(runs.means(runs.x), runs.means(runs.y))
    if n < LEAST_CONFIGURATIONS:
        value, p = value_and_p("pearson", x, y)
        return Correlation(value, None, None, n, p, too_few_to_draw(n, "configurations"), "configurations")
    return fisher_correlation("pearson", x, y)._replace(unit="configurations")


def within_correlation(runs: CrossedRuns) -> Correlation:
    """The repeated-measures correlation, with Student's interval from leaving out each seed; `n` are seeds.

    The interval is symmetric in artanh(r). Raises InputError for fewer than 2 configurations or 3 seeds, and
    where x or y does not vary within configurations.
    """
    if runs.configuration_count < 2:
        raise InputError(
            "all runs are of one configuration, and the correlation of all runs is that within it"
        )
    return _over_seeds(runs, lambda weights: _within(runs, weights), "within configurations")


def seeds_correlation(kind: Kind, runs: CrossedRuns) -> Correlation:
    """The correlation over all runs of these very configurations; `n` are seeds, which alone are drawn.

    Student's interval from leaving out each seed, symmetric in artanh. It says how the correlation varies
    with the seed, and nothing of other configurations. Raises InputError for fewer than 3 seeds, and where
    x or y does not vary without one of them.
    """
    order = np.lexsort((runs.y, runs.x))
    weighted = WEIGHTED[kind](runs.x[order], runs.y[order])
    return _over_seeds(runs, lambda weights: weighted(weights[:, order]), "of these configurations")


def _over_seeds(runs: CrossedRuns, weighted: Callable[[FloatArray], FloatArray], where: str) -> Correlation:
    """A correlation of how often each run occurs, [rows, n], with its interval from leaving out each seed."""
    seeds = runs.seed_count
    if seeds < LEAST_SEEDS:
        raise InputError(
            f"a correlation {where} needs at least {LEAST_SEEDS} seeds, found {seeds}; run more seeds"
        )
    value = float(weighted(np.ones((1, len(runs.x))))[0])
    left = weighted((runs.seeds != np.arange(seeds)[:, None]).astype(np.float64))
    if np.isnan([value, *left]).any():
        raise InputError(f"x or y does not vary {where}, or not without one of the seeds: no correlation")
    method = "95% jackknife over seeds"
    if np.abs([value, *left]).max() >= 1:
        return Correlation(value, None, None, seeds, None, "no interval: all is in line", "seeds")
    error = float(jackknife_error(np.arctanh(left)))
    place = math.atanh(value)
    half = float(stdtrit(seeds - 1, 0.975)) * error
    p = 2 * float(stdtr(seeds - 1, -abs(place) / error)) if error else 0.0
    return Correlation(value, math.tanh(place - half), math.tanh(place + half), seeds, p, method, "seeds")


def pooled_correlation(
    kind: Kind,
    runs: CrossedRuns,
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = SEED,
) -> Correlation:
    """The correlation over all runs; its interval draws configurations and seeds independently.

    There is no interval, but the value, for fewer than 4 configurations or 3 seeds, and where more than 5% of
    the resamples have no variation. The runs of one configuration are independent, and so are treated. Raises
    InputError as `correlation` does.
    """
    check_level(level, resamples)
    n, configurations, seeds = len(runs.x), runs.configuration_count, runs.seed_count
    if configurations == 1:
        return correlation(kind, runs.x, runs.y, level=level, resamples=resamples, seed=seed)
    value, _ = value_and_p(kind, runs.x, runs.y)
    for count, least, unit in (
        (configurations, LEAST_CONFIGURATIONS, "configurations"),
        (seeds, LEAST_SEEDS, "seeds"),
    ):
        if count < least:
            return Correlation(value, None, None, n, None, too_few_to_draw(count, unit))
    over = f" over {configurations} configurations and {seeds} seeds"
    if kind == "kendall" and n > kendall.MOST_RESAMPLED:
        low, high = jackknife_interval(value, runs.x, runs.y, [runs.configurations, runs.seeds], level)
        return Correlation(value, low, high, n, None, f"{100 * level:g}% jackknife{over}")
    weighted = WEIGHTED[kind](runs.x, runs.y)
    drawn = np.concatenate([weighted(weights) for weights in _weights(runs, resamples, seed)])
    without = np.isnan(drawn)
    if (share := without.mean()) > MOST_WITHOUT_VARIATION:
        return Correlation(
            value, None, None, n, None, f"no interval: {share:.0%} of the resamples have no variation"
        )
    bounds = percentile_bounds(drawn[None, ~without], (1 - level) / 2)
    words = f"{100 * level:g}% crossed bootstrap, {resamples:,} resamples{over}"
    return Correlation(value, float(bounds.low[0]), float(bounds.high[0]), n, None, words)


def between_without_each(runs: CrossedRuns) -> FloatArray:
    """Pearson's r of the configurations' means with each of them left out, [configurations].

    NaN where the others do not vary. Raises InputError for fewer than 4 configurations.
    """
    n = runs.configuration_count
    if n < LEAST_CONFIGURATIONS:
        raise InputError(f"leaving out a configuration needs at least {LEAST_CONFIGURATIONS}, found {n}")
    kept = np.arange(n - 1) + (np.arange(n - 1) >= np.arange(n)[:, None])
    return pearson_rows(runs.means(runs.x)[kept], runs.means(runs.y)[kept])


def crossed_weights(
    configurations: IntArray, seeds: IntArray, resamples: int, seed: int = SEED
) -> Iterator[FloatArray]:
    """How often each run [n] occurs where configurations and seeds are drawn independently.

    Blocks of [rows, n].
    """
    generator = np.random.default_rng(seed)
    units = int(configurations.max()) + 1, int(seeds.max()) + 1
    for rows in blocks(resamples, max(*units, len(seeds)), DRAWN):
        drawn = (
            counts(generator.integers(unit, size=(rows.stop - rows.start, unit)), unit) for unit in units
        )
        of_configurations, of_seeds = drawn
        weights = of_configurations[:, configurations]
        weights *= of_seeds[:, seeds]
        yield weights


def _weights(runs: CrossedRuns, resamples: int, seed: int) -> Iterator[FloatArray]:
    for weights in crossed_weights(runs.configurations, runs.seeds, resamples, seed):
        # Where runs are missing, a resample may have none: it has no correlation.
        weights[weights.max(axis=1) == 0] = np.eye(1, len(runs.x))
        yield weights


def _within(runs: CrossedRuns, weights: FloatArray) -> FloatArray:
    """The repeated-measures correlation of each row of how often each run occurs, [rows, n]."""
    of = np.eye(runs.configuration_count)[runs.configurations]  # [n, configurations]
    number = np.maximum(weights @ of, 1)
    x, y = (values - runs.means(values)[runs.configurations] for values in (runs.x, runs.y))
    sum_x, sum_y = (weights * x) @ of, (weights * y) @ of

    def about_means(product: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
        return np.asarray(weights @ product - (one * other / number).sum(axis=1))

    xy, xx, yy = (
        about_means(x * y, sum_x, sum_y),
        about_means(x * x, sum_x, sum_x),
        about_means(y * y, sum_y, sum_y),
    )
    varies = (xx > 1e-12 * (weights @ (x * x)).max()) & (yy > 1e-12 * (weights @ (y * y)).max())
    found = np.full(len(weights), np.nan)
    # A sum that is 0 may be a little less by rounding.
    np.divide(xy, np.sqrt(np.maximum(xx * yy, 0)), out=found, where=varies)
    return np.asarray(np.clip(found, -1, 1))


def jackknife_error(left: FloatArray) -> FloatArray:
    """The standard error of statistics [...] from those without each seed, [seeds, ...]."""
    seeds = len(left)
    return np.asarray(np.sqrt((seeds - 1) / seeds * ((left - left.mean(axis=0)) ** 2).sum(axis=0)))


def _means(values: FloatArray, members: IntArray) -> FloatArray:
    return np.asarray(np.bincount(members, values) / np.bincount(members))


def codes(labels: Sequence[object] | IntArray) -> IntArray:
    """The place of each label among the different ones, in sorted order."""
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64)


def too_few_to_draw(count: int, unit: str) -> str:
    """Words for an interval that there is none of: `no interval: 2 seeds are too few to draw from`."""
    found = f"1 {unit.removesuffix('s')} is" if count == 1 else f"{count} {unit} are"
    return f"no interval: {found} too few to draw from"
