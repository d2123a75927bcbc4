"""Curves without their short ups and downs."""

from __future__ import annotations

import numpy as np

from gst.errors import InputError
from gst.stats.resample import FloatArray


def check_weight(weight: float) -> None:
    """Raise InputError for a weight that is not from 0 to below 1."""
    if not isinstance(weight, int | float) or not 0 <= weight < 1:
        raise InputError(f"smooth {weight!r}: expected a number from 0 to below 1, such as 0.6")


def exponential_average(values: FloatArray, weight: float) -> FloatArray:
    """The exponential moving average of values [n]: each counts `weight` times as much as the one after it.

    The weights of the values so far are divided by their sum, so that the first value is its own average
    (Kingma and Ba 2015, sec. 3, correct an average so). A value that is not finite has no average and counts
    in none.
    """
    found, total, weights = np.full(len(values), np.nan), 0.0, 0.0
    for place, value in enumerate(values):
        total, weights = total * weight, weights * weight
        if np.isfinite(value):
            total, weights = total + value, weights + 1
            found[place] = total / weights
    return found
