"""The number of runs that a question needs, before they are run."""

from __future__ import annotations

import math
from collections.abc import Callable

import scipy
from scipy.special import stdtrit

from gst.errors import InputError

MOST = 10**9
"""Seeds at which the search for enough of them ends."""


def interval_half_width(deviation: float, seeds: int, *, level: float = 0.95, per_seed: float = 1) -> float:
    """Half the width of the t interval of a mean over seeds, in the unit of `deviation`.

    `deviation` and `per_seed` are the fields of a gst.stats.spread.Spread: the standard deviation of one
    seed's value, and the degrees of freedom that each seed after the first adds.
    """
    _between(0, 1, level=level)
    _between(0, math.inf, deviation=deviation, degrees_per_seed=per_seed)
    _at_least_two(seeds)
    return float(stdtrit(per_seed * (seeds - 1), (1 + level) / 2)) * deviation / math.sqrt(seeds)


def seeds_for_half_width(
    deviation: float, half_width: float, *, level: float = 0.95, per_seed: float = 1
) -> int:
    """The fewest seeds, at least 2, whose t interval has that half-width or less; see interval_half_width."""
    _between(0, math.inf, half_width=half_width)
    return _fewest(lambda n: interval_half_width(deviation, n, level=level, per_seed=per_seed) <= half_width)


def power_for_difference(
    difference: float, deviation: float, seeds: int, *, alpha: float = 0.05, per_seed: float = 1
) -> float:
    """The chance that the two-sided t-test of that many seeds rejects, if this is the true difference.

    By the noncentral t distribution, for normal values: exact in the paired test and in the pooled test of
    equal variances, and with Satterthwaite's degrees of freedom for Welch's test (Cohen 1988, sections 2.1
    and 2.3). A rejection in the wrong direction counts, as it does in the test. `deviation` and `per_seed`
    are those of interval_half_width.
    """
    _between(0, 1, alpha=alpha)
    _between(0, math.inf, size_of_the_difference=abs(difference), deviation=deviation)
    _at_least_two(seeds)
    degrees, shift = per_seed * (seeds - 1), abs(difference) / deviation * math.sqrt(seeds)
    bound = float(stdtrit(degrees, 1 - alpha / 2))
    if shift > 1e6:  # far beyond any bound; the functions below give out before
        return 1.0 if bound < shift / 2 else 0.0
    # Both tails at once: the square of a noncentral t is a noncentral F, and scipy's lower tail may be NaN.
    return float(scipy.stats.ncf.sf(bound**2, 1, degrees, shift**2))


def seeds_for_difference(
    difference: float,
    deviation: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    per_seed: float = 1,
) -> int:
    """The fewest seeds, at least 2, that find a true difference with that power; see power_for_difference."""
    _between(0, 1, power=power)
    return _fewest(
        lambda n: power_for_difference(difference, deviation, n, alpha=alpha, per_seed=per_seed) >= power
    )


def _fewest(enough: Callable[[int], bool]) -> int:
    """The first number from 2 on that is enough, where every later one is enough too."""
    high = 2
    while not enough(high):
        high *= 2
        if high > MOST:
            raise InputError(f"more than {MOST:,} seeds would be needed")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _at_least_two(seeds: int) -> None:
    if seeds < 2:
        raise InputError(f"an interval or a test over seeds needs at least 2 of them, found {seeds}")


def _between(low: float, high: float, **values: float) -> None:
    for name, value in values.items():
        if not low < value < high:
            wanted = f"a number between {low:g} and {high:g}" if high < math.inf else "a positive number"
            raise InputError(f"{name.replace('_', ' ')} is {value!r}: expected {wanted}, ends excluded")
