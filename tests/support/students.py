"""Student's interval of a mean, from scipy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats


def student(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Both ends of the 95% interval of the mean of these values [n], which differ."""
    found = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    return float(found[0]), float(found[1])
