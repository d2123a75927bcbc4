"""Contrasts of two sides by seed, and intervals of means, differences and correlations.

Intervals are bootstrapped over runs, with 10,000 resamples drawn by a generator that follows from the sweep's
digest: what is compared twice has the same interval twice. A bootstrap of few values is much too narrow: of
three it covers a mean in about three of four cases. Where a side has fewer than 8 values, Student's t gives
the interval, and Fisher's z that of a correlation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import stdtrit

from gst.analysis import Source
from gst.compare.published import Outcome
from gst.compare.quantities import BySeed, FloatArray, Pairs
from gst.errors import InputError
from gst.stats import (
    Estimate,
    bootstrap,
    correlation,
    fisher_correlation,
    one_deviation_rule,
    paired_difference,
    t_test,
)

FEW = 8
COMMON = 0.8
RESAMPLES = 10_000
MOST_WITHOUT_VARIATION = 0.05
"""The share of resamples that may be without a correlation before the interval is refused."""
OPPOSITE: dict[Outcome, Outcome] = {"above": "below", "match": "match", "below": "above"}


Kind = Literal["pearson", "kendall"]


class Interval(NamedTuple):
    """A number and its interval; `n` are the values, pairs or runs it rests on, of each side if unpaired."""

    value: float
    low: float
    high: float
    n: tuple[int, ...]
    method: str
    p: float | None = None

    def negated(self) -> Interval:
        """The interval of the opposite number."""
        return self._replace(value=-self.value, low=-self.high, high=-self.low)


class Ruling(NamedTuple):
    """How a first result compares with a second: the mean of n differences by seed, and their deviation."""

    outcome: Outcome
    value: float
    deviation: float
    n: int


class Contrast(NamedTuple):
    """Two sides, values by seed; a number stands for every seed, on one side at most."""

    source: Source
    first: BySeed | float
    second: BySeed | float

    def interval(self, level: float = 0.95) -> Interval:
        """The mean of the first less that of the second. Raises InputError for too few values.

        Runs of one seed share initial weights and batches: where the sides have their seeds in common (four
        in five of the larger side at least; others are left out), it is the mean of the differences by seed
        that is resampled. Where they do not, each side is for itself.
        """
        if isinstance(self.first, float):
            return self._swapped().interval(level).negated()
        generator = self.source.generator("difference")
        if isinstance(self.second, float):
            less = [value - self.second for _, value in sorted(self.first.items())]
            return mean_interval(less, generator, level)
        one, other = self.in_common()
        if len(one) < COMMON * max(len(self.first), len(self.second)):
            return _unpaired(list(self.first.values()), list(self.second.values()), generator, level)
        ours, theirs = list(one.values()), list(other.values())
        if 1 < len(ours) < FEW:
            found = _student([a - b for a, b in zip(ours, theirs, strict=True)], level)
        else:
            found = _of(paired_difference(ours, theirs, generator, level=level, resamples=RESAMPLES))
        return found._replace(method=f"{found.method}, paired by seed")

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


def mean_interval(values: Sequence[float], generator: np.random.Generator, level: float = 0.95) -> Interval:
    """The mean of the values, one a run. Raises InputError for fewer than two."""
    if 1 < len(values) < FEW:
        return _student(values, level)
    return _of(bootstrap(values, generator, level=level, resamples=RESAMPLES))


def correlation_interval(source: Source, kind: Kind, pairs: Pairs) -> Interval:
    """The correlation of x and y over runs, with its two-sided p. Raises InputError where there is none."""
    x, y = pairs
    if 4 <= len(x) < FEW:
        found = fisher_correlation(kind, x, y)
    else:
        found = correlation(kind, x, y, source.generator(kind), method="percentile", resamples=RESAMPLES)
    return Interval(found.value, found.low, found.high, (found.n,), found.method, found.p)


def strength_interval(source: Source, first: Pairs, second: Pairs) -> Interval:
    """|r| of the first pairs less |r| of the second; each side is resampled for itself."""
    generator = source.generator("strength")
    value = abs(_pearson(*first)) - abs(_pearson(*second))
    drawn = np.abs(_drawn(first, generator)) - np.abs(_drawn(second, generator))
    low, high = _bounds(drawn)
    return Interval(value, low, high, (len(first[0]), len(second[0])), _method())


def trend_interval(source: Source, kind: Kind, levels: Sequence[float], pairs: Sequence[Pairs]) -> Interval:
    """How r develops over the levels: the correlation of each level's r with the level.

    The pairs of each level are resampled for themselves.
    """
    if len(levels) < 3:
        raise InputError(f"a trend of correlations needs at least 3 levels, found {len(levels)}")
    generator = source.generator("trend")
    place = np.asarray(levels, dtype=np.float64)
    trend = _kendall_rows if kind == "kendall" else _pearson_rows
    value = float(trend(place, np.array([[_pearson(*it) for it in pairs]]))[0])
    drawn = trend(place, np.stack([_drawn(it, generator) for it in pairs], axis=1))
    low, high = _bounds(drawn)
    return Interval(value, low, high, tuple(len(x) for x, _ in pairs), _method())


def _of(found: Estimate) -> Interval:
    return Interval(found.value, found.low, found.high, (found.n,), found.method)


def _student(values: Sequence[float], level: float) -> Interval:
    """The mean with Student's interval; one without width where the values are all the same."""
    sample = np.sort(np.asarray(values, dtype=np.float64))
    if not np.isfinite(sample).all():
        raise InputError("there are values that are not finite; leave those runs out")
    n = len(sample)
    value = float(sample.mean()) if np.ptp(sample) else float(sample[0])
    half = 0.0
    if np.ptp(sample):
        half = float(stdtrit(n - 1, (1 + level) / 2)) * float(sample.std(ddof=1)) / math.sqrt(n)
    return Interval(value, value - half, value + half, (n,), f"{100 * level:g}% t")


def _unpaired(
    first: Sequence[float], second: Sequence[float], generator: np.random.Generator, level: float
) -> Interval:
    one, two = (np.sort(np.asarray(side, dtype=np.float64)) for side in (first, second))
    n = (len(one), len(two))
    value = float(one.mean() - two.mean())
    if min(n) < 2:
        raise InputError(
            f"a comparison needs at least 2 runs on each side, found {n[0]} and {n[1]}; run more seeds"
        )
    if min(n) < FEW:
        if not np.ptp(one) and not np.ptp(two):
            return Interval(value, value, value, n, "neither side varies")
        test = t_test(one, two, level=level)
        return Interval(test.value, test.low, test.high, n, test.method)
    drawn = [side[generator.integers(len(side), size=(RESAMPLES, len(side)))] for side in (one, two)]
    low, high = _bounds(drawn[0].mean(axis=1) - drawn[1].mean(axis=1), level)
    return Interval(value, low, high, n, f"{_method(level)}, unpaired")


def _method(level: float = 0.95) -> str:
    return f"{100 * level:g}% percentile bootstrap, {RESAMPLES:,} resamples"


def _bounds(drawn: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """The central `level` of what was drawn; resamples without a correlation are left out if they are few."""
    without = np.isnan(drawn)
    if without.mean() > MOST_WITHOUT_VARIATION:
        raise InputError(
            f"{without.mean():.0%} of the resamples have no correlation: too few runs, or too few "
            "different values"
        )
    low, high = np.quantile(drawn[~without], [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _pearson(x: FloatArray, y: FloatArray) -> float:
    if len(x) < 3:
        raise InputError(f"a correlation needs at least 3 pairs, found {len(x)}; run more seeds or arms")
    value = float(_pearson_rows(x, y[None])[0])
    if math.isnan(value):
        raise InputError("a correlation needs variation, and one of the quantities has none")
    return value


def _drawn(pairs: Pairs, generator: np.random.Generator) -> FloatArray:
    """Pearson's r of resamples of the pairs [resamples]; NaN where a resample does not vary."""
    x, y = pairs
    indices = generator.integers(len(x), size=(RESAMPLES, len(x)))
    return _pearson_rows(x[indices], y[indices])


def _pearson_rows(x: FloatArray, y: FloatArray) -> FloatArray:
    """Pearson's r of each row of y [rows, n] with x, [n] or [rows, n]; NaN where one does not vary."""
    varies = (np.ptp(x, axis=-1) > 0) & (np.ptp(y, axis=-1) > 0)
    dx, dy = (values - values.mean(axis=-1, keepdims=True) for values in (x, y))
    square = (dx**2).sum(axis=-1) * (dy**2).sum(axis=-1)
    found = np.full(len(y), np.nan)
    np.divide((dx * dy).sum(axis=-1), np.sqrt(square), out=found, where=varies & (square > 0))
    return found


def _kendall_rows(x: FloatArray, y: FloatArray) -> FloatArray:
    """Kendall's tau-b of each row of y [rows, n] with x [n]; NaN where one does not vary."""
    first, second = np.triu_indices(len(x), k=1)
    sign_x, sign_y = np.sign(x[first] - x[second]), np.sign(y[:, first] - y[:, second])
    square = (sign_x**2).sum() * (sign_y**2).sum(axis=1)
    found = np.full(len(y), np.nan)
    np.divide(sign_y @ sign_x, np.sqrt(square), out=found, where=square > 0)
    # A row with a NaN in it has no order.
    found[np.isnan(y).any(axis=1)] = np.nan
    return found
