"""The number of runs that a question needs, before they are run."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri, stdtrit

from gst.errors import InputError


def seeds_for_half_width(deviation: float, half_width: float, *, level: float = 0.95) -> int:
    """The fewest seeds whose mean has a t interval of that half-width or less.

    `deviation` is the standard deviation over seeds that is expected, in the unit of `half_width`.
    """
    _between(0, 1, level=level)
    _between(0, math.inf, deviation=deviation, half_width=half_width)

    def enough(n: int) -> bool:
        return float(stdtrit(n - 1, (1 + level) / 2)) * deviation / math.sqrt(n) <= half_width

    high = 2
    while not enough(high):
        high *= 2
    low = high // 2  # the half-width falls as n grows, so halving finds the first that is enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def runs_for_correlation(correlation: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """The fewest runs in which a true correlation is found at two-sided `alpha` with that power.

    By Fisher's z: artanh(r) is normal with a standard deviation of 1 / sqrt(n - 3).
    """
    _between(0, 1, size_of_the_correlation=abs(correlation), alpha=alpha, power=power)
    needed = (float(ndtri(1 - alpha / 2) + ndtri(power)) / math.atanh(abs(correlation))) ** 2 + 3
    return max(4, math.ceil(needed))


def power_for_correlation(correlation: float, runs: int, *, alpha: float = 0.05) -> float:
    """The chance that that many runs find a true correlation, in its own direction, at two-sided `alpha`."""
    _between(0, 1, size_of_the_correlation=abs(correlation), alpha=alpha)
    if runs < 4:
        raise InputError(f"Fisher's z needs at least 4 runs, found {runs}")
    return float(ndtr(math.atanh(abs(correlation)) * math.sqrt(runs - 3) - ndtri(1 - alpha / 2)))


def _between(low: float, high: float, **values: float) -> None:
    for name, value in values.items():
        if not low < value < high:
            wanted = f"a number between {low:g} and {high:g}" if high < math.inf else "a positive number"
            raise InputError(f"{name.replace('_', ' ')} is {value!r}: expected {wanted}, ends excluded")
