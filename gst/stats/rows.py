"""Correlations of many rows at once, for statistics of correlations: neither intervals nor p."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gst.stats.resample import FloatArray


def pearson_rows(x: FloatArray, y: FloatArray) -> FloatArray:
    """Pearson's r of each row of y [rows, n] with x, [n] or [rows, n]; NaN where one does not vary."""
    varies = (np.ptp(x, axis=-1) > 0) & (np.ptp(y, axis=-1) > 0)
    dx, dy = (values - values.mean(axis=-1, keepdims=True) for values in (x, y))
    square = (dx**2).sum(axis=-1) * (dy**2).sum(axis=-1)
    found = np.full(len(y), np.nan)
    np.divide((dx * dy).sum(axis=-1), np.sqrt(square), out=found, where=varies & (square > 0))
    return found


def kendall_rows(x: FloatArray, y: FloatArray) -> FloatArray:
    """Kendall's tau-b of each row of y [rows, n] with x [n]; NaN where one does not vary or has a NaN."""
    first, second = np.triu_indices(x.shape[-1], k=1)
    order_x, order_y = _order(x[first], x[second]), _order(y[:, first], y[:, second])
    square = (order_x**2).sum() * (order_y**2).sum(axis=1)
    found = np.full(len(y), np.nan)
    np.divide(order_y @ order_x, np.sqrt(square), out=found, where=square > 0)
    # A row with a NaN in it has no order.
    found[np.isnan(y).any(axis=1)] = np.nan
    return found


def rising(values: Sequence[float]) -> float | None:
    """Kendall's tau-b of the values with their places: 1 where each is above those before, -1 where below.

    Infinite values are alike. None for fewer than two values, and where all are the same.
    """
    numbers = np.array(values, dtype=np.float64)
    tau = float(kendall_rows(np.arange(len(numbers), dtype=np.float64), numbers[None])[0])
    return None if np.isnan(tau) else tau


def _order(one: FloatArray, other: FloatArray) -> FloatArray:
    """1 where the one is above, -1 where below: by comparison, as inf - inf is no number."""
    above: NDArray[np.float64] = (one > other).astype(np.float64)
    return above - (one < other)
