"""Contrasts of two sides by seed, and intervals of means, differences and correlations.

Differences have Student's intervals, paired by seed where the sides share their seeds. Runs of a sweep share
configurations and seeds, so a correlation is resampled by drawing both; where the configurations are
too few to be drawn, by drawing seeds, for these configurations as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from gst.compare.published import Outcome
from gst.compare.quantities import BySeed, FloatArray, Pairs
from gst.errors import InputError
from gst.stats.correlation import WEIGHTED, Correlation, with_a_correlation
from gst.stats.crossed import (
    LEAST_CONFIGURATIONS,
    LEAST_SEEDS,
    crossed_runs,
    pooled_correlation,
    seeds_correlation,
    too_few_to_draw,
)
from gst.stats.estimate import Estimate
from gst.stats.means import mean_interval, mean_t
from gst.stats.resample import SEED, counts
from gst.stats.rows import kendall_rows, pearson_rows
from gst.stats.tests import one_deviation_rule, paired_t_test, t_test
from gst.words import counted

COMMON = 0.8
RESAMPLES = 10_000
OPPOSITE: dict[Outcome, Outcome] = {"above": "below", "match": "match", "below": "above"}


Kind = Literal["pearson", "kendall"]


class Interval(NamedTuple):
    """A number and its interval; `n` are the values, pairs or runs it rests on, of each side if unpaired.

    `p` is that of no difference, two-sided; None for correlations, whose runs are not independent.
    """

    value: float
    low: float
    high: float
    n: tuple[int, ...]
    method: str
    p: float | None = None

    def negated(self) -> Interval:
        """The interval of the opposite number."""
        return self._replace(value=-self.value, low=-self.high, high=-self.low)

    @property
    def implied_p(self) -> float:
        """The two-sided p of zero: `p`, or that of the normal distribution with this 95% interval.

        The latter is on the scale of artanh, where a correlation's interval is about symmetric.
        """
        if self.p is not None:
            return self.p
        ends = (self.value, self.low, self.high)
        value, low, high = map(math.atanh, ends) if max(map(abs, ends)) < 1 else ends
        if low == high:
            return 0.0 if value else 1.0
        return 2 * float(ndtr(-abs(value) * 2 * float(ndtri(0.975)) / (high - low)))


class Ruling(NamedTuple):
    """How a first result compares with a second: the mean of n differences by seed, and their deviation."""

    outcome: Outcome
    value: float
    deviation: float
    n: int


class Contrast(NamedTuple):
    """Two sides, values by seed; a number stands for every seed, on one side at most."""

    first: BySeed | float
    second: BySeed | float

    def interval(self, level: float = 0.95) -> Interval:
        """The mean of the first less that of the second. Raises InputError for too few values.

        Runs of one seed share initial weights and batches: where the sides have their seeds in common (four
        in five of the larger side at least; others are left out), the differences by seed have Student's
        interval, as those from a number have. Where they do not, it is Welch's.
        """
        if isinstance(self.first, float):
            return self._swapped().interval(level).negated()
        one, other = (list(side.values()) for side in self.in_common())
        if isinstance(self.second, float):
            return _of_differences(one, other, level)
        if len(one) < COMMON * max(len(self.first), len(self.second)):
            return _unpaired(list(self.first.values()), list(self.second.values()), level)
        found = _of_differences(one, other, level)
        return found._replace(method=f"{found.method}, paired by seed")

    def pooled(self, level: float) -> Interval:
        """The difference of the means of two sets of runs, by Student's test with pooled variances.

        Raises InputError for fewer than two runs on a side, and where neither varies.
        """
        one, other = (list(side.values()) for side in self if not isinstance(side, float))
        test = t_test(one, other, variances="pooled", level=level)
        return Interval(test.value, test.low, test.high, test.n, test.method, test.p)

    def ruling(self) -> Ruling:
        """Whether the first is above the second, below it, or matches it, by the rule of Jin et al. 2022.

        They differ where the mean of the differences is at least one standard deviation of them. Raises
        InputError for fewer than two seeds that both sides have.
        """
        if isinstance(self.first, float):
            found = self._swapped().ruling()
            return found._replace(outcome=OPPOSITE[found.outcome], value=-found.value)
        one, other = self.in_common()
        if len(one) < 2:
            raise InputError(
                f"a comparison needs at least 2 seeds on both sides, found {len(one)}; run more seeds"
            )
        rule = one_deviation_rule(list(one.values()), list(other.values()))
        outcome: Outcome = "match" if not rule.differ else "above" if rule.value > 0 else "below"
        return Ruling(outcome, rule.value, rule.deviation, rule.n)

    def in_common(self) -> tuple[BySeed, BySeed]:
        """Both sides on the seeds that they share, in their order."""
        sides = [side for side in (self.first, self.second) if not isinstance(side, float)]
        seeds = sorted(set.intersection(*map(set, sides)))
        one, other = (
            dict.fromkeys(seeds, side) if isinstance(side, float) else {seed: side[seed] for seed in seeds}
            for side in (self.first, self.second)
        )
        return one, other

    def _swapped(self) -> Contrast:
        return self._replace(first=self.second, second=self.first)


def mean_of(values: Sequence[float]) -> Interval:
    """The mean of the values, one a run, with its 95% interval. Raises InputError for fewer than two."""
    return _of(mean_interval(values))


def correlation_interval(kind: Kind, pairs: Pairs) -> Interval:
    """The correlation of x and y over runs. Raises InputError where it has no interval.

    Configurations and seeds are drawn; of fewer than 4 configurations only seeds are.
    """
    runs = crossed_runs(*pairs)
    configurations = runs.configuration_count
    if 1 < configurations < LEAST_CONFIGURATIONS:
        found = seeds_correlation(kind, runs)
        method = f"{found.method}, of these {counted(configurations, 'configuration')}"
        return _correlated(found._replace(n=len(runs.x)), method)
    found = pooled_correlation(kind, runs, resamples=RESAMPLES)
    return _correlated(found, found.method)


def _correlated(found: Correlation, method: str) -> Interval:
    if found.low is None or found.high is None:
        raise InputError(f"{found.method}; run more seeds")
    return Interval(found.value, found.low, found.high, (found.n,), method)


def strength_interval(first: Pairs, second: Pairs) -> Interval:
    """|r| of the first pairs less |r| of the second. Raises InputError where it has no interval."""
    value = abs(_pearson(first)) - abs(_pearson(second))
    one, other = np.abs(_drawn([first, second]))
    return _interval(value, one - other, (len(first.x), len(second.x)))


def trend_interval(kind: Kind, levels: Sequence[float], pairs: Sequence[Pairs]) -> Interval:
    """How r develops over the levels: the correlation of each level's r with the level.

    Raises InputError for fewer than 3 levels, and where it has no interval.
    """
    if len(levels) < 3:
        raise InputError(f"a trend of correlations needs at least 3 levels, found {len(levels)}")
    place = np.asarray(levels, dtype=np.float64)
    trend = kendall_rows if kind == "kendall" else pearson_rows
    value = float(trend(place, np.array([[_pearson(it) for it in pairs]]))[0])
    return _interval(value, trend(place, _drawn(pairs).T), tuple(len(it.x) for it in pairs))


def _of(found: Estimate) -> Interval:
    return Interval(found.value, found.low, found.high, (found.n,), found.method)


def _of_differences(first: Sequence[float], second: Sequence[float], level: float) -> Interval:
    """The mean of the differences with Student's interval; without p and width where all are the same."""
    found = _of(mean_t(np.subtract(first, second), level=level))
    try:
        return found._replace(p=paired_t_test(first, second).p)
    except InputError:
        return found


def _unpaired(first: Sequence[float], second: Sequence[float], level: float) -> Interval:
    n = (len(first), len(second))
    if min(n) < 2:
        raise InputError(
            f"a comparison needs at least 2 runs on each side, found {n[0]} and {n[1]}; run more seeds"
        )
    if not np.ptp(first) and not np.ptp(second):
        value = first[0] - second[0]
        return Interval(value, value, value, n, "neither side varies")
    test = t_test(first, second, level=level)
    return Interval(test.value, test.low, test.high, n, test.method, test.p)


def _interval(value: float, drawn: FloatArray, n: tuple[int, ...]) -> Interval:
    found, _ = with_a_correlation(drawn)
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(value, float(low), float(high), n, f"95% crossed bootstrap, {RESAMPLES:,} resamples")


def _pearson(pairs: Pairs) -> float:
    if len(pairs.x) < 3:
        raise InputError(
            f"a correlation needs at least 3 pairs, found {len(pairs.x)}; run more seeds or arms"
        )
    value = float(pearson_rows(pairs.x, pairs.y[None])[0])
    if math.isnan(value):
        raise InputError("a correlation needs variation, and one of the quantities has none")
    return value


def _drawn(sides: Sequence[Pairs]) -> FloatArray:
    """Pearson's r of resamples of each side, [sides, resamples]; NaN where a resample does not vary.

    All sides share the seeds that are drawn. Configurations are drawn side by side where they are enough, and
    stay as they are where not.
    """
    seeds = sorted(set(chain(*(it.seeds for it in sides))))
    if len(seeds) < LEAST_SEEDS:
        raise InputError(f"{too_few_to_draw(len(seeds), 'seeds')}; run more seeds")
    generator = np.random.default_rng(SEED)
    of_seeds = counts(generator.integers(len(seeds), size=(RESAMPLES, len(seeds))), len(seeds))
    found = []
    for it in sides:
        runs = crossed_runs(*it)
        number = runs.configuration_count
        weights = of_seeds[:, np.searchsorted(seeds, it.seeds)]
        if number >= LEAST_CONFIGURATIONS:
            drawn = counts(generator.integers(number, size=(RESAMPLES, number)), number)
            weights = weights * drawn[:, runs.configurations]
        # A resample without any run of the side has no correlation, as one of a single run has none.
        weights = np.where(weights.any(axis=1, keepdims=True), weights, np.eye(1, len(runs.x)))
        found.append(WEIGHTED["pearson"](runs.x, runs.y)(weights))
    return np.stack(found)
