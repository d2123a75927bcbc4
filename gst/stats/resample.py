"""Which units each resample draws: every different resample where they are few, else chosen at random."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from itertools import combinations_with_replacement, pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BLOCK = 1 << 20  # numbers that one block may hold: 8 MiB of doubles, which still fits into caches
DRAWN = 1 << 18  # indices drawn at a time: their copies, counts and weights then stay in a core's cache
ENUMERATED = 8
"""Number of units up to which all different resamples are taken: 6,435 of 8 units, 24,310 of 9."""
SEED = 0
"""The seed of all resamples: an interval depends on its values, and on nothing else."""


def resampled_indices(units: int, resamples: int, *, seed: int = SEED) -> Iterator[tuple[slice, IntArray]]:
    """Blocks of resamples: where they stand among all, and the units drawn, [rows, units].

    Of at most ENUMERATED units these are all different resamples, `resamples` is then not looked at, and
    `chances` says how likely each is.
    """
    if units <= ENUMERATED:
        every = _every(units)
        yield from ((rows, every[rows]) for rows in blocks(len(every), units, DRAWN))
        return
    generator = np.random.default_rng(seed)
    for rows in blocks(resamples, units, DRAWN):
        yield rows, generator.integers(units, size=(rows.stop - rows.start, units))


@functools.cache
def _every(units: int) -> IntArray:
    return np.array(list(combinations_with_replacement(range(units), units)), dtype=np.int64)


def resample_count(units: int, resamples: int) -> int:
    """Number of resamples: all different ones of a few units, else as many as asked for."""
    return math.comb(2 * units - 1, units) if units <= ENUMERATED else resamples


def chances(units: int) -> FloatArray | None:
    """How likely each different resample is, [resamples]; None where resamples are drawn, and equally so."""
    if units > ENUMERATED:
        return None
    every = _every(units)
    factorial = np.array([math.factorial(count) for count in range(units + 1)], dtype=np.float64)
    orders = factorial[units] / factorial[counts(every, units).astype(np.int64)].prod(axis=1)
    return np.asarray(orders / float(units) ** units)


def jackknife_indices(units: int) -> Iterator[tuple[slice, IntArray]]:
    """Blocks of samples that leave out one unit each, in order: [rows, units - 1]."""
    kept = np.arange(units - 1)
    for rows in blocks(units, units):
        left_out = np.arange(rows.start, rows.stop)[:, None]
        yield rows, kept + (kept >= left_out)


def counts(indices: IntArray, units: int) -> FloatArray:
    """How often each sample holds each unit: [rows, units], from indices of [rows, draws]."""
    rows = len(indices)
    cells = indices + units * np.arange(rows)[:, None]
    return np.bincount(cells.ravel(), minlength=rows * units).reshape(rows, units).astype(np.float64)


def blocks(total: int, width: int, most: int = BLOCK) -> Iterator[slice]:
    """Slices of the rows, each of which holds `most` numbers at most, `width` of them to a row."""
    rows = max(1, most // width)
    for start in range(0, total, rows):
        yield slice(start, min(start + rows, total))


def shares(total: int, count: int) -> list[slice]:
    """The range from 0 to `total` in at most that many parts of about the same length."""
    bounds = [total * number // count for number in range(count + 1)]
    return [slice(low, high) for low, high in pairwise(bounds) if low < high]
