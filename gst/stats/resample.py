"""Which units each resample draws, in blocks of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BLOCK = 1 << 20  # numbers that one block may hold: 8 MiB of doubles, which still fits into caches
DRAWN = 1 << 18  # indices drawn at a time: their copies, counts and weights then stay in a core's cache


def bootstrap_indices(
    seed: int, units: int, resamples: int, width: int | None = None
) -> Iterator[tuple[slice, IntArray]]:
    """Blocks of resamples: where they stand among all, and the units drawn, [rows, units].

    The same seed gives the same resamples, so that they need not be kept. `width` is how many
    numbers the caller will hold for one resample, where that is more than `units`.
    """
    generator = np.random.default_rng(seed)
    for rows in blocks(resamples, max(units, width or 0), DRAWN):
        yield rows, generator.integers(units, size=(rows.stop - rows.start, units))


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
