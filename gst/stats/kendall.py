"""Kendall's tau-b from sums over pairs, so that nothing is sorted again for a resample.

With s_ij = sign(x_i - x_j) sign(y_i - y_j), tau-b is the sum of s over the root of how many i, j differ
in x times how many differ in y. A resample that holds i w_i times gives i and j the weight w_i w_j in each
of the three sums, which are whole numbers, and exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from gst.stats.resample import FloatArray, IntArray, blocks

MOST_RESAMPLED = 2000
"""Pairs up to which tau is bootstrapped: each resample takes their number squared."""
_Weighted = Callable[[FloatArray], FloatArray]
"""How often each pair occurs [rows, n] to a number for each row."""


def weighted_tau(x: FloatArray, y: FloatArray) -> _Weighted:
    """How often each pair of x [n] and y [n] occurs, [rows, n], to the tau-b of each row; NaN for none."""
    signs = np.concatenate([sign for _, (sign, *_) in _signs(x, y, np.arange(len(x)))])
    # Single precision takes half the time, and sums of whole numbers up to 2^24 are exact in it.
    pairs = signs.astype(np.float32)

    def agree(counts: FloatArray) -> FloatArray:
        weights = counts.astype(np.float32)
        return np.asarray(np.einsum("ru,ru->r", weights @ pairs, weights, dtype=np.float64))

    differ_x, differ_y = _untied(x), _untied(y)
    return lambda counts: _tau(agree(counts), differ_x(counts), differ_y(counts))


def _untied(values: FloatArray) -> _Weighted:
    """Number of pairs of values that differ: all, less those within each group of equal ones."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-np.inf))

    def weighted(counts: FloatArray) -> FloatArray:
        equal = np.add.reduceat(counts[:, order], starts, axis=1)
        return np.asarray(counts.sum(axis=1) ** 2 - np.einsum("rg,rg->r", equal, equal))

    return weighted


def jackknife_interval(
    value: float, x: FloatArray, y: FloatArray, units: Sequence[IntArray], level: float
) -> tuple[float, float]:
    """The interval around the tau-b `value` from its standard error, for pairs too many to resample.

    The error is that of the jackknife, which leaves out each unit once. `units` has the unit of each pair
    [n], counted from 0, once for each way to divide the pairs into units; variances of several ways
    add up. The interval is symmetric in artanh(tau), as Fisher's is, which keeps it between -1 and 1; a
    tau of 1 or -1 has one of no width.
    """
    if abs(value) >= 1:
        return value, value
    error = math.sqrt(sum(_variance(_left_out(x, y, members)) for members in units))
    half = float(ndtri((1 + level) / 2)) * error / (1 - value**2)
    return math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)


def _variance(left: FloatArray) -> float:
    return (len(left) - 1) / len(left) * float(((left - left.mean()) ** 2).sum())


def _left_out(x: FloatArray, y: FloatArray, members: IntArray) -> FloatArray:
    """The tau-b with each unit left out, [units]."""
    units = int(members.max()) + 1
    with_unit, within = np.zeros((2, 3, units))
    for of_rows, signs in _signs(x, y, members):
        same = of_rows[:, None] == np.sort(members)
        for place, part in enumerate(signs):
            with_unit[place] += np.bincount(of_rows, part.sum(axis=1, dtype=np.int64), units)
            within[place] += np.bincount(of_rows, (part * same).sum(axis=1, dtype=np.int64), units)
    # Pairs of a unit with itself are in both of the sums that leave with it.
    return _tau(*(with_unit.sum(axis=1)[:, None] - 2 * with_unit + within))


def _signs(
    x: FloatArray, y: FloatArray, members: IntArray
) -> Iterator[tuple[IntArray, tuple[NDArray[np.int8], ...]]]:
    """Blocks of pairs against all pairs, in the order of their units.

    The unit of each pair of the block; s, and whether x and y differ, [pairs of the block, n] each.
    """
    order = np.argsort(members, kind="stable")
    x, y, members = x[order], y[order], members[order]
    for rows in blocks(len(x), len(x)):
        sign_x, sign_y = (
            (values[rows, None] > values).astype(np.int8) - (values[rows, None] < values) for values in (x, y)
        )
        yield members[rows], (sign_x * sign_y, np.abs(sign_x), np.abs(sign_y))


def _tau(agree: FloatArray, differ_x: FloatArray, differ_y: FloatArray) -> FloatArray:
    square = differ_x * differ_y
    tau = np.full(len(agree), np.nan)
    np.divide(agree, np.sqrt(square), out=tau, where=square > 0)
    return tau
