"""Tests of the difference of two sets of runs: t-tests, the paired difference, the one-deviation rule."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from gst.errors import InputError
from gst.stats.estimate import Estimate, bootstrap
from gst.stats.interval import Method, check_level
from gst.stats.resample import FloatArray


class TTest(NamedTuple):
    """A difference of two means (first less second), its interval, and the two-sided test that it is 0."""

    value: float
    low: float
    high: float
    n: tuple[int, int]
    t: float
    degrees: float
    p: float
    method: str


class DeviationRule(NamedTuple):
    """A mean paired difference (first less second), the deviation of the differences, and the verdict."""

    value: float
    deviation: float
    n: int
    differ: bool


def t_test(
    first: ArrayLike,
    second: ArrayLike,
    *,
    variances: Literal["welch", "pooled"] = "welch",
    level: float = 0.95,
) -> TTest:
    """Student's two-sample test of equal means; `welch` allows different variances, `pooled` does not.

    GST 2020 pools. Raises InputError for fewer than two values on a side, and where neither side varies.
    """
    check_level(level, 10**9)
    one, two = _checked("first", first), _checked("second", second)
    if not np.ptp(one) and not np.ptp(two):
        raise InputError("a t-test needs variation, and neither sample has any")
    value = float(one.mean() - two.mean())
    error, degrees = (_welch if variances == "welch" else _pooled)(one, two)
    half = float(stdtrit(degrees, (1 + level) / 2)) * error
    return TTest(
        value,
        value - half,
        value + half,
        (len(one), len(two)),
        value / error,
        degrees,
        2 * float(stdtr(degrees, -abs(value / error))),
        f"{100 * level:g}% {'Welch' if variances == 'welch' else 'pooled'} t",
    )


def _welch(one: FloatArray, two: FloatArray) -> tuple[float, float]:
    """The standard error of the difference of means, and Satterthwaite's degrees of freedom."""
    first, second = (float(sample.var(ddof=1)) / len(sample) for sample in (one, two))
    degrees = (first + second) ** 2 / (first**2 / (len(one) - 1) + second**2 / (len(two) - 1))
    return math.sqrt(first + second), degrees


def _pooled(one: FloatArray, two: FloatArray) -> tuple[float, float]:
    degrees = len(one) + len(two) - 2
    square = sum(float(((sample - sample.mean()) ** 2).sum()) for sample in (one, two)) / degrees
    return math.sqrt(square * (1 / len(one) + 1 / len(two))), degrees


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    generator: np.random.Generator,
    *,
    method: Method = "percentile",
    level: float = 0.95,
    resamples: int = 10_000,
) -> Estimate:
    """The mean of first less second, [n] both and paired by position, with its bootstrap interval."""
    return bootstrap(_differences(first, second), generator, method=method, level=level, resamples=resamples)


def one_deviation_rule(first: ArrayLike, second: ArrayLike) -> DeviationRule:
    """Whether paired values differ by the rule of Jin et al. (2022): |mean| >= deviation.

    The deviation is the sample standard deviation (ddof 1) of the differences, not of their mean:
    it does not shrink with n. Equal samples have a mean and a deviation of 0 and do not differ.
    """
    differences = _differences(first, second)
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    return DeviationRule(mean, deviation, len(differences), mean != 0 and abs(mean) >= deviation)


def _differences(first: ArrayLike, second: ArrayLike) -> FloatArray:
    one, two = _checked("first", first), _checked("second", second)
    if len(one) != len(two):
        raise InputError(f"pairs are needed, found {len(one)} and {len(two)} values; use the same seeds")
    return one - two


def _checked(name: str, values: ArrayLike) -> FloatArray:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1:
        raise AssertionError(f"{name} must be [n], found the shape {sample.shape}")
    if len(sample) < 2:
        raise InputError(
            f"a comparison needs at least 2 values on each side, the {name} has {len(sample)}; run more seeds"
        )
    if not np.isfinite(sample).all():
        raise InputError(f"the {name} sample has values that are not finite; leave those runs out")
    return sample
