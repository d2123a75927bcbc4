"""Means of runs with their intervals, by the method that their number can carry."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from gst.stats.estimate import Estimate, Estimates, bootstrap_groups, checked, label
from gst.stats.interval import check_level

FEW = 8
"""Number of values below which the interval of a mean is Student's: a bootstrap of fewer is a poor one."""


def mean_interval(values: ArrayLike, *, level: float = 0.95) -> Estimate:
    """The mean of the values [n] and its interval; see mean_intervals."""
    return mean_intervals(np.asarray(values, dtype=np.float64)[None], level=level).first


def mean_intervals(groups: ArrayLike, *, level: float = 0.95, resamples: int = 10_000) -> Estimates:
    """The mean of each group [groups, n]: expanded percentile bootstrap, or Student's t below 8 values.

    Raises InputError for fewer than two values, and for values that are not finite.
    """
    check_level(level, resamples)
    samples = checked(groups)
    if samples.shape[1] >= FEW:
        return bootstrap_groups(samples, level=level, resamples=resamples)
    return mean_ts(samples, level=level)


def mean_t(values: ArrayLike, *, level: float = 0.95) -> Estimate:
    """The mean of the values [n] with Student's interval; see mean_ts."""
    return mean_ts(np.asarray(values, dtype=np.float64)[None], level=level).first


def mean_ts(groups: ArrayLike, *, level: float = 0.95) -> Estimates:
    """The mean of each group [groups, n] with Student's interval; of no width where its values are the same.

    Raises InputError for fewer than two values, and for values that are not finite.
    """
    samples = np.sort(checked(groups), axis=1)
    n = samples.shape[1]
    varies = np.ptp(samples, axis=1) > 0
    value = np.where(varies, samples.mean(axis=1), samples[:, 0])
    error = np.where(varies, samples.std(axis=1, ddof=1), 0) / math.sqrt(n)
    half = float(stdtrit(n - 1, (1 + level) / 2)) * error
    return Estimates(value, value - half, value + half, n, f"{100 * level:g}% t")


def mean_method(n: int) -> str:
    """How mean_intervals makes the interval of that number of values, in words."""
    return "95% t" if n < FEW else label("expanded", 0.95, n, 10_000)
