"""From the statistics of resamples to an interval: percentile and BCa (Efron 1987).

`resampled` is [groups, resamples] throughout, and is reordered in place.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from gst.errors import InputError
from gst.stats.resample import FloatArray

Method = Literal["percentile", "bca"]

ROUNDING = 1e-12
"""Statistics closer than this, relative to their size or spread, are the same number."""


_NO_BCA = (
    "BCa cannot be computed: (nearly) every resample lies on one side of the value; "
    "a percentile interval can be"
)


class Bounds(NamedTuple):
    """The ends of one interval per group, each [groups]."""

    low: FloatArray
    high: FloatArray


def check_level(level: float, resamples: int) -> None:
    """Refuse a level that is none, and fewer resamples than put one beyond each end."""
    if not 0 < level < 1:
        raise InputError(f"level {level!r}: expected a number between 0 and 1, such as 0.95")
    needed = int(np.ceil(2 / (1 - level) - 1e-9))
    if resamples < needed:
        raise InputError(
            f"{resamples} resamples are too few for a {100 * level:g}% interval; at least {needed}"
        )


def percentile_bounds(resampled: FloatArray, level: float) -> Bounds:
    """The central `level` of the resampled statistics, interpolated as numpy.quantile does."""
    tail = (1 - level) / 2
    return Bounds(_quantile(resampled, tail), _quantile(resampled, 1 - tail))


def bca_bounds(resampled: FloatArray, value: FloatArray, jackknife: FloatArray, level: float) -> Bounds:
    """The bias-corrected and accelerated interval around `value` [groups].

    `jackknife` is [groups, units]: the statistic with each unit left out. Where all of those are
    equal the acceleration, their skewness, is 0.

    Raises InputError where every resample lies on one side of the value: no correction exists.
    """
    resampled.sort(axis=1)
    spread = resampled[:, -1] - resampled[:, 0]
    same = ROUNDING * np.maximum(spread, np.abs(value))[:, None]
    below = np.count_nonzero(resampled < value[:, None] - same, axis=1)
    not_above = np.count_nonzero(resampled <= value[:, None] + same, axis=1)
    share = (below + not_above) / 2 / resampled.shape[1]  # ties with the value count half
    if not ((share > 0) & (share < 1)).all():
        raise InputError(_NO_BCA)
    bias = ndtri(share)
    acceleration = _acceleration(jackknife, same)
    normal = ndtri((1 - level) / 2) * np.array([[1.0], [-1.0]])
    shrink = 1 - acceleration * (bias + normal)
    if not (shrink > 0).all():
        raise InputError(_NO_BCA)
    levels = ndtr(bias + (bias + normal) / shrink)
    return Bounds(_sorted_quantile(resampled, levels[0]), _sorted_quantile(resampled, levels[1]))


def _acceleration(jackknife: FloatArray, same: FloatArray) -> FloatArray:
    distance = jackknife.mean(axis=1, keepdims=True) - jackknife
    distance[np.abs(distance) <= same] = 0
    square = (distance**2).sum(axis=1) ** 1.5
    acceleration = np.zeros(len(square))
    np.divide((distance**3).sum(axis=1), 6 * square, out=acceleration, where=square > 0)
    return acceleration


def _quantile(resampled: FloatArray, level: float) -> FloatArray:
    # One partition per quantile: numpy has a vectorised path for a single position, but not for
    # several, and np.quantile takes ten times as long.
    position = level * (resampled.shape[1] - 1)
    rank = int(position)
    if level < 0.5:  # the neighbour is sought on the shorter side
        resampled.partition(rank + 1, axis=1)
        lower, upper = resampled[:, : rank + 1].max(axis=1), resampled[:, rank + 1].copy()
    else:
        resampled.partition(rank, axis=1)
        lower, upper = resampled[:, rank].copy(), resampled[:, rank + 1 :].min(axis=1)
    return np.asarray(lower + (position - rank) * (upper - lower))


def _sorted_quantile(rising: FloatArray, levels: FloatArray) -> FloatArray:
    position = levels * (rising.shape[1] - 1)
    rank = np.minimum(position.astype(np.int64), rising.shape[1] - 2)
    lower, upper = np.take_along_axis(rising, rank[:, None] + np.arange(2), axis=1).T
    return np.asarray(lower + (position - rank) * (upper - lower))
