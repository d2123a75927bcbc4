"""From the statistics of resamples to an interval: percentile, expanded percentile and BCa.

`resampled` is [groups, resamples] throughout, and is reordered in place; `chances` [resamples] says how
likely each resample is, None where all are equally likely.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from gst.errors import InputError
from gst.stats.resample import FloatArray

Method = Literal["expanded", "percentile", "bca"]

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


def expanded_tail(level: float, units: int) -> float:
    """The share of resamples beyond each end of an expanded percentile interval of a mean.

    A bootstrap's variance is that of the values with divisor n, and its tails are the normal's. The
    expanded interval goes so much farther out that it is Student's where values are normal: Hesterberg
    2015, "What Teachers Should Know About the Bootstrap", section 5.

    Raises InputError where even the resample of one value alone is likelier than that: below 5 units at 95%.
    """
    tail = float(ndtr(math.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 - level) / 2)))
    if tail < float(units) ** -units:
        raise InputError(
            f"{units} values are too few for a {100 * level:g}% bootstrap interval, whose ends lie beyond "
            "all of their resamples; run more seeds"
        )
    return tail


def percentile_bounds(resampled: FloatArray, tail: float, chances: FloatArray | None = None) -> Bounds:
    """The resampled statistics with that share of all below the lower and above the upper end.

    Interpolated as numpy.quantile does; with `chances` the outermost statistics beyond which the share is
    less.
    """
    if chances is None:
        return Bounds(_quantile(resampled, tail), _quantile(resampled, 1 - tail))
    levels = np.full(len(resampled), tail)
    low, high = _likely(resampled, chances, levels), -_likely(-resampled, chances, levels)
    return Bounds(low, high)


def bca_bounds(
    resampled: FloatArray,
    value: FloatArray,
    jackknife: FloatArray,
    level: float,
    chances: FloatArray | None = None,
) -> Bounds:
    """The bias-corrected and accelerated interval around `value` [groups] (Efron 1987).

    `jackknife` is [groups, units]: the statistic with each unit left out. Where all of those are
    equal the acceleration, their skewness, is 0.

    Raises InputError where every resample lies on one side of the value: no correction exists.
    """
    spread = resampled.max(axis=1) - resampled.min(axis=1)
    same = ROUNDING * np.maximum(spread, np.abs(value))[:, None]
    weights = np.full(resampled.shape[1], 1 / resampled.shape[1]) if chances is None else chances
    below = (resampled < value[:, None] - same) @ weights
    not_above = (resampled <= value[:, None] + same) @ weights
    share = (below + not_above) / 2  # ties with the value count half
    edge = 1e-9  # sums of chances are not exact
    if not ((share > edge) & (share < 1 - edge)).all():
        raise InputError(_NO_BCA)
    bias = ndtri(share)
    acceleration = _acceleration(jackknife, same)
    normal = ndtri((1 - level) / 2) * np.array([[1.0], [-1.0]])
    shrink = 1 - acceleration * (bias + normal)
    if not (shrink > 0).all():
        raise InputError(_NO_BCA)
    low, high = ndtr(bias + (bias + normal) / shrink)
    if chances is not None:
        return Bounds(_likely(resampled, chances, low), -_likely(-resampled, chances, 1 - high))
    resampled.sort(axis=1)
    return Bounds(_sorted_quantile(resampled, low), _sorted_quantile(resampled, high))


def _acceleration(jackknife: FloatArray, same: FloatArray) -> FloatArray:
    distance = jackknife.mean(axis=1, keepdims=True) - jackknife
    distance[np.abs(distance) <= same] = 0
    square = (distance**2).sum(axis=1) ** 1.5
    acceleration = np.zeros(len(square))
    np.divide((distance**3).sum(axis=1), 6 * square, out=acceleration, where=square > 0)
    return acceleration


def _likely(resampled: FloatArray, chances: FloatArray, levels: FloatArray) -> FloatArray:
    """The smallest statistic of each group up to which at least that share of the chances lies."""
    order = np.argsort(resampled, axis=1, kind="stable")
    reached = np.cumsum(chances[order], axis=1) >= levels[:, None] - ROUNDING
    first = np.argmax(reached, axis=1)[:, None]
    return np.take_along_axis(resampled, np.take_along_axis(order, first, axis=1), axis=1)[:, 0]


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
