"""Whether values rise from one to the next, as a number for each run."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def rising(values: Sequence[float]) -> float | None:
    """Kendall's tau-b of the values with their places: 1 where each is above those before, -1 where below.

    None for fewer than two values, and where all are the same.
    """
    first, second = np.triu_indices(len(values), k=1)
    numbers = np.asarray(values, dtype=np.float64)
    # By comparison, as the difference of two infinite values is no number.
    above, below = (
        int((numbers[second] > numbers[first]).sum()),
        int((numbers[second] < numbers[first]).sum()),
    )
    return (above - below) / math.sqrt(len(first) * (above + below)) if above + below else None
