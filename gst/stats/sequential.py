"""Group-sequential tests: bounds for looks at data that still grow, and the paired test at one look.

Error spending follows Lan & DeMets (1983): a function says how much of alpha is used up at each look, and
bounds on the standard normal statistic follow by recursive numerical integration (Armitage, McPherson &
Rowe 1969). They hold for any mean of independent values, for its sums are a Brownian motion in their number.
Means whose deviation is estimated are tested by the significance-level approach (Jennison & Turnbull 2000,
section 3.8): the p of the t-test is compared with the level 2 Phi(-bound) of the look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from gst.errors import InputError
from gst.stats.resample import FloatArray

Spending = Literal["obrien_fleming", "pocock"]
"""Function that spends alpha: almost all of it late, or about evenly."""

FEWEST_PAIRS = 3
"""Number of pairs below which a look tests nothing."""
FUTILE = 0.1
"""Predictive power below which going on is futile."""
ROUNDING = 4e-12
"""Range of differences of fractions of 1 that is no variation."""
_FAR = 8.0
"""Standard deviations beyond which a normal density is 0 in double precision, in effect."""


class Interim(NamedTuple):
    """The paired t-test at a look, and the interval that holds at all looks together.

    `level` is what the two-sided `p` is compared with; the interval is the t interval of 1 - level,
    the repeated confidence interval (Jennison & Turnbull 1989).
    """

    pairs: int
    estimate: float
    low: float
    high: float
    p: float
    level: float

    @property
    def crossed(self) -> bool:
        """Whether the difference is significant at this look."""
        return self.p <= self.level

    @property
    def width(self) -> float:
        """The width of the interval, in the unit of the values."""
        return self.high - self.low


def spent(spending: Spending, alpha: float, fractions: ArrayLike) -> FloatArray:
    """The part of a two-sided alpha that is spent when these fractions of the information are there.

    `obrien_fleming` is 4 - 4 Phi(z / sqrt(t)) with z the upper alpha / 4 quantile, `pocock` is
    alpha log(1 + (e - 1) t) (Lan & DeMets 1983, alpha_1* and alpha_2*, each side with half of alpha).
    """
    t = np.asarray(fractions, dtype=np.float64)
    if spending == "pocock":
        return np.asarray(alpha * np.log1p((math.e - 1) * t))
    return np.asarray(4 * ndtr(ndtri(alpha / 4) / np.sqrt(t)))


def nominal_levels(
    information: Sequence[float], fractions: Sequence[float], *, alpha: float, spending: Spending
) -> FloatArray:
    """The two-sided nominal level of each look, [looks]; see bounds."""
    return np.asarray(2 * ndtr(-bounds(information, fractions, alpha=alpha, spending=spending)))


def bounds(
    information: Sequence[float], fractions: Sequence[float], *, alpha: float, spending: Spending
) -> FloatArray:
    """The symmetric bound on |Z| at each look, [looks]: crossing one of them has probability alpha under 0.

    `information` is the number of values that each look has, `fractions` (rising, the last look's is 1) say
    how much of alpha is spent by then. They differ in proportion where values are missing. A look without
    any new value has an infinite bound, and leaves what it could spend to the next.
    Raises InputError for an alpha that is none, and for fractions that do not rise to at most 1.
    """
    if not 0 < alpha < 1:
        raise InputError(f"alpha is {alpha!r}: expected a number between 0 and 1, ends excluded")
    if not (np.diff([0.0, *fractions]) > 0).all() or fractions[-1] > 1:
        raise InputError(f"looks at {list(fractions)} of the information: expected rising fractions of 1")
    found = []
    points, weights = np.zeros(1), np.ones(1)  # of the sum of values, on the paths that crossed no bound
    seen, used = 0.0, 0.0
    for count, target in zip(information, spent(spending, alpha, fractions), strict=True):
        if count <= seen:
            found.append(math.inf)
            continue
        step = math.sqrt(count - seen)
        bound = _bound(points, weights, step, math.sqrt(count), target - used)
        found.append(bound)
        points, weights = _continued(points, weights, step, min(bound, _FAR) * math.sqrt(count))
        seen, used = count, target
    return np.array(found)


def _bound(points: FloatArray, weights: FloatArray, step: float, scale: float, spend: float) -> float:
    """The bound that paths which start from these points cross with probability `spend`."""

    def excess(bound: float) -> float:
        return 2 * float(weights @ ndtr((points - bound * scale) / step)) - spend

    most = 40.0  # further out a normal tail is 0 in double precision
    return float(scipy.optimize.brentq(excess, 0, most, xtol=1e-12)) if excess(most) < 0 else math.inf


def _continued(
    points: FloatArray, weights: FloatArray, step: float, reach: float
) -> tuple[FloatArray, FloatArray]:
    """The sub-density after another normal step, as Gauss-Legendre points and weights within +-reach."""
    nodes, of_nodes = np.polynomial.legendre.leggauss(64 + math.ceil(8 * reach / step))
    ends = reach * nodes
    density = (
        np.exp(-(((ends[:, None] - points) / step) ** 2) / 2) @ weights / (step * math.sqrt(2 * math.pi))
    )
    return ends, reach * of_nodes * density


def interim(differences: ArrayLike, level: float) -> Interim | None:
    """The look at paired differences [n] with that nominal level; None where there is nothing to test.

    That is with fewer than FEWEST_PAIRS of them, and where all are equal, fractions of 1 up to rounding.
    """
    values = np.asarray(differences, dtype=np.float64)
    n = len(values)
    if n < FEWEST_PAIRS or np.ptp(values) <= ROUNDING:
        return None
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    half = float(stdtrit(n - 1, 1 - level / 2)) * error if level > 0 else math.inf
    p = 2 * float(stdtr(n - 1, -abs(mean / error)))
    return Interim(n, mean, mean - half, mean + half, p, level)


def predictive_power(p: ArrayLike, fraction: ArrayLike, final_level: float) -> FloatArray:
    """The chance that the last look rejects, given a two-sided `p` at that fraction of the information.

    The effect is as uncertain as the data leave it, under a flat prior (Spiegelhalter, Freedman & Blackburn
    1986). A rule that stops where it is low is non-binding: alpha holds whether it is followed or not.
    """
    z, t = -ndtri(np.asarray(p) / 2), np.asarray(fraction)
    bound = -float(ndtri(final_level / 2)) * np.sqrt(t)
    return np.asarray(ndtr((z - bound) / np.sqrt(1 - t)) + ndtr((-z - bound) / np.sqrt(1 - t)))
