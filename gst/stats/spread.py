"""The standard deviation of a difference of two arms, and how well few seeds tell it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri

from gst.errors import InputError


class Spread(NamedTuple):
    """The standard deviation of one seed's difference; that of a mean over n seeds is 1 / sqrt(n) of it.

    `degrees` are the degrees of freedom that it was estimated with. `per_seed` are those that a t-test of
    the difference gains with each seed after the first: 1 where the difference is paired, between 1 and 2
    where it is not.
    """

    deviation: float
    degrees: float
    per_seed: float

    def upper(self) -> Spread:
        """The same with the deviation at the upper end of its 95% chi-square interval.

        Seeds planned on a deviation from few seeds are too few more often than not; planned on the upper end
        of this interval they are too few once in 40 times (Browne 1995, Statistics in Medicine 14,
        1933-1940).
        """
        return self._replace(deviation=self.deviation * deviation_factors(self.degrees)[1])


def deviation_factors(degrees: float, level: float = 0.95) -> tuple[float, float]:
    """The ends of the chi-square interval of a standard deviation, as multiples of its estimate.

    For normal values: the estimate's square times the degrees of freedom, over the true variance, has a
    chi-square distribution.
    """
    low, high = (
        math.sqrt(degrees / float(chdtri(degrees, tail))) for tail in ((1 - level) / 2, (1 + level) / 2)
    )
    return low, high


def paired_spread(first: ArrayLike, second: ArrayLike) -> Spread:
    """The spread of first less second, [n] both and paired by position.

    Raises InputError for fewer than 2 values.
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return Spread(deviation(one - two), len(one) - 1, 1)


def unpaired_spread(first: ArrayLike, second: ArrayLike) -> Spread:
    """The spread of the difference of two means over as many seeds each, none of which are paired.

    From first [n] and second [m], with the degrees of freedom of Welch (1938) and Satterthwaite (1946).
    Raises InputError for fewer than 2 values on a side, and where neither side varies.
    """
    one, two = (deviation(side) ** 2 for side in (first, second))
    if not one + two:
        raise InputError("neither side varies over seeds")
    square = (one + two) ** 2
    degrees = square / (one**2 / (np.size(first) - 1) + two**2 / (np.size(second) - 1))
    return Spread(math.sqrt(one + two), degrees, square / (one**2 + two**2))


def deviation(values: ArrayLike) -> float:
    """The sample standard deviation of the values [n], 0 where all are the same.

    Raises InputError for fewer than 2 values.
    """
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:
        raise InputError(f"a standard deviation needs at least 2 seeds, found {len(sample)}; run more seeds")
    return float(sample.std(ddof=1)) if np.ptp(sample) else 0.0
