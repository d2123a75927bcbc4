"""Tests of the difference of two sets of runs: t-tests, Holm's adjustment, the one-deviation rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from gst.errors import InputError
from gst.stats.interval import check_level
from gst.stats.means import mean_t
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


def paired_t_test(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> TTest:
    """Student's test that the mean of first less second is 0, [n] both and paired by position.

    Raises InputError for fewer than two pairs, sides of different lengths, differences that are all the same,
    and values that are not finite.
    """
    check_level(level, 10**9)
    differences = _differences(first, second)
    n, deviation = len(differences), float(differences.std(ddof=1))
    if np.ptp(differences) <= 4e-12 * max(np.abs(first).max(), np.abs(second).max()):
        raise InputError(f"a paired t-test needs variation, and all {n} differences are {differences[0]:.4g}")
    found = mean_t(differences, level=level)
    t = found.value * math.sqrt(n) / deviation
    p = 2 * float(stdtr(n - 1, -abs(t)))
    return TTest(found.value, found.low, found.high, (n, n), t, n - 1, p, f"{found.method}, paired by seed")


def holm(ps: Sequence[float]) -> list[float]:
    """The p values adjusted for their number, so that all of them together are wrong as rarely as one.

    Holm 1979, Scand. J. Stat. 6:65: the smallest times the number of tests, the next times one fewer, and so
    on, none below the one before it, and 1 at most.
    """
    adjusted, worst = [0.0] * len(ps), 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        worst = max(worst, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = worst
    return adjusted


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
