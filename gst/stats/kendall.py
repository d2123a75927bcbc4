"""Kendall's tau-b from sums over pairs of units, so that nothing is sorted again for a resample.

With s_ij = sign(x_i - x_j) sign(y_i - y_j), tau-b is the sum of s over the root of how many pairs differ
in x times how many differ in y. A resample that holds unit u w_u times gives the pairs of units u and v the
weight w_u w_v in each of the three sums, which are whole numbers, and exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from gst.stats.resample import FloatArray, IntArray, blocks

MOST_RESAMPLED = 2000
"""Units up to which tau is bootstrapped: each resample takes their number squared."""
_EXACT = 1 << 24
"""Whole numbers up to this are exact in single precision, which takes half the time."""
_Weighted = Callable[[FloatArray], FloatArray]
"""How often each unit occurs [rows, units] to a number for each row."""


def weighted_tau(x: FloatArray, y: FloatArray, members: IntArray) -> _Weighted:
    """How often each unit occurs [rows, units] to the tau-b of each row; NaN where it has none.

    `members` [n] is the unit of each pair of x [n] and y [n], counted from 0.
    """
    sizes = np.bincount(members)
    units = len(sizes)
    # No sum over the units that a resample draws is larger: as many as there are, of the largest size.
    kind = np.float32 if units * int(sizes.max()) ** 2 <= _EXACT else np.float64
    single = units == len(members)  # then ties are quicker to count than to multiply
    sums = np.zeros((1 if single else 3, units, units), dtype=kind)
    starts = np.cumsum(sizes) - sizes
    for of_rows, signs in _signs(x, y, members):
        for total, part in zip(sums, signs, strict=False):
            np.add.at(total, of_rows, np.add.reduceat(part, starts, axis=1, dtype=kind))
    agree, *differing = (_product(total) for total in sums)
    if single:
        alone = np.argsort(members)
        differing = [_untied(x[alone]), _untied(y[alone])]
    differ_x, differ_y = differing
    return lambda counts: _tau(agree(counts), differ_x(counts), differ_y(counts))


def _product(pairs: NDArray[Any]) -> _Weighted:
    """The sum over all pairs of units, for each row of how often they occur."""

    def weighted(counts: FloatArray) -> FloatArray:
        weights = counts.astype(pairs.dtype)
        return np.asarray(np.einsum("ru,ru->r", weights @ pairs, weights, dtype=np.float64))

    return weighted


def _untied(values: FloatArray) -> _Weighted:
    """Number of pairs of values that differ: all, less those within each group of equal ones."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-np.inf))

    def weighted(counts: FloatArray) -> FloatArray:
        equal = np.add.reduceat(counts[:, order], starts, axis=1)
        return np.asarray(counts.sum(axis=1) ** 2 - np.einsum("rg,rg->r", equal, equal))

    return weighted


def jackknife_interval(
    value: float, x: FloatArray, y: FloatArray, members: IntArray, level: float
) -> tuple[float, float]:
    """The interval around the tau-b `value` from its standard error, for units too many to resample.

    The error is that of the jackknife, which leaves out each unit once. The interval is symmetric in
    artanh(tau), as Fisher's is, which keeps it between -1 and 1; a tau of 1 or -1 has one of no width.
    """
    if abs(value) >= 1:
        return value, value
    units = int(members.max()) + 1
    with_unit, within = np.zeros((2, 3, units))
    for of_rows, signs in _signs(x, y, members):
        same = of_rows[:, None] == np.sort(members)
        for place, part in enumerate(signs):
            with_unit[place] += np.bincount(of_rows, part.sum(axis=1, dtype=np.int64), units)
            within[place] += np.bincount(of_rows, (part * same).sum(axis=1, dtype=np.int64), units)
    # Pairs of a unit with itself are in both of the sums that leave with it.
    left = _tau(*(with_unit.sum(axis=1)[:, None] - 2 * with_unit + within))
    error = math.sqrt((units - 1) / units * float(((left - left.mean()) ** 2).sum()))
    half = float(ndtri((1 + level) / 2)) * error / (1 - value**2)
    return math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)


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
