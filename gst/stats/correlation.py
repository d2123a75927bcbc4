"""Correlations of independent pairs: the value, a two-sided p, and an interval by bootstrap or Fisher's z.

Runs of a sweep are not independent pairs where arms share seeds: see gst.stats.crossed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np
import scipy  # its statistics take a second to load, when they are first used
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from gst.errors import InputError
from gst.stats import estimate, kendall
from gst.stats.interval import bca_bounds, check_level, percentile_bounds
from gst.stats.kendall import jackknife_interval, weighted_tau
from gst.stats.means import FEW
from gst.stats.resample import SEED, FloatArray, blocks, chances, counts, resample_count, resampled_indices

Kind = Literal["pearson", "kendall", "spearman"]

MOST_WITHOUT_VARIATION = 0.05
"""The share of resamples that may be without a correlation before the interval is refused."""


MUCH = 0.01
"""The share of a sum of squares that must be left about the mean for its digits to be there."""


class Correlation(NamedTuple):
    """A correlation over `n` units of a kind, and the interval around it.

    `p` is two-sided, of no correlation; None where it would take as independent what is not. `low` and
    `high` are None where the units are too few for an interval, which `method` then says.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    p: float | None
    method: str
    unit: str = "runs"


Weighted = Callable[[FloatArray], FloatArray]
"""How often each pair occurs [rows, n] to the correlation of each row; NaN where it has none."""


def correlation(
    kind: Kind,
    x: ArrayLike,
    y: ArrayLike,
    *,
    method: Literal["percentile", "bca"] = "percentile",
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = SEED,
) -> Correlation:
    """The correlation of x [n] and y [n], independent pairs, with a bootstrap interval over pairs.

    Kendall's is tau-b. Below 8 pairs the interval is Fisher's. Kendall's of more than 2,000 pairs is not
    resampled: `method` then says that its interval is from the jackknife's standard error, which at that size
    differs from a bootstrap's by less than chance does.

    A resample in which x or y does not vary has no correlation. Such resamples are left out, so the
    interval is one given variation; where they are more than 5% of all it is refused.

    Raises InputError for fewer than 4 pairs, no variation, or values that are not finite.
    """
    check_level(level, resamples)
    first, second = checked(x, y)
    order = np.lexsort((second, first))  # neither value nor interval depends on the order of the pairs
    first, second = first[order], second[order]
    n = len(first)
    if n < FEW:
        return fisher_correlation(kind, first, second, level=level)
    value, p = value_and_p(kind, first, second)
    if kind == "kendall" and n > kendall.MOST_RESAMPLED:
        low, high = jackknife_interval(value, first, second, [np.arange(n)], level)
        return Correlation(value, low, high, n, p, f"{100 * level:g}% jackknife")
    weighted = WEIGHTED[kind](first, second)
    drawn = np.empty(resample_count(n, resamples))
    for rows, indices in resampled_indices(n, resamples, seed=seed):
        drawn[rows] = weighted(counts(indices, n))
    drawn, likely = with_a_correlation(drawn, chances(n))
    if method == "percentile":
        bounds = percentile_bounds(drawn[None], (1 - level) / 2, likely)
    else:
        bounds = bca_bounds(drawn[None], np.array([value]), _jackknife(weighted, n)[None], level, likely)
    words = estimate.label(method, level, n, resamples)
    return Correlation(value, float(bounds.low[0]), float(bounds.high[0]), n, p, words)


def fisher_correlation(kind: Kind, x: ArrayLike, y: ArrayLike, *, level: float = 0.95) -> Correlation:
    """The correlation of x [n] and y [n] with Fisher's interval: artanh(r) +- z / sqrt(n - 3).

    That standard error is Pearson's, for normal pairs. GST 2020 uses it for Kendall's tau too, for
    which it is too wide; it is here to compare with that paper.
    """
    check_level(level, 10**9)
    first, second = checked(x, y)
    n = len(first)
    if n < 4:
        raise InputError(f"Fisher's interval needs at least 4 pairs, found {n}; run more seeds or arms")
    value, p = value_and_p(kind, first, second)
    low = high = value
    if abs(value) < 1:
        half = float(ndtri((1 + level) / 2)) / math.sqrt(n - 3)
        low, high = math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)
    return Correlation(value, low, high, n, p, f"{100 * level:g}% Fisher z")


def checked(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """X [n] and y [n] as numbers. Raises InputError for fewer than 3, no variation, or one not finite."""
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise AssertionError(f"x and y must be [n] both, found {first.shape} and {second.shape}")
    if len(first) < 3:
        raise InputError(f"a correlation needs at least 3 pairs, found {len(first)}; run more seeds or arms")
    for name, values in (("x", first), ("y", second)):
        if not np.isfinite(values).all():
            raise InputError(f"{name} has values that are not finite numbers; leave those runs out")
        # Differences of the last digits are not variation, and their correlation would be noise.
        if np.ptp(values) <= 4e-12 * np.abs(values).max():
            raise InputError(
                f"a correlation needs variation, and all {len(values)} values of {name} are {values[0]:g}; "
                "compare arms that differ"
            )
    return first, second


def value_and_p(kind: Kind, x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """The correlation of independent pairs and its two-sided p.

    Kendall's p is exact for few pairs without ties, asymptotic otherwise; Spearman's is by Student's t.
    """
    stats = scipy.stats
    found = {"pearson": stats.pearsonr, "kendall": stats.kendalltau, "spearman": stats.spearmanr}[kind](x, y)
    return float(found.statistic), float(found.pvalue)


def with_a_correlation(
    drawn: FloatArray, likely: FloatArray | None = None
) -> tuple[FloatArray, FloatArray | None]:
    """The correlations of the resamples [resamples] that have one, and how likely each is among them.

    Raises InputError where more than 5% have none.
    """
    without = np.isnan(drawn)
    share = float(without.mean() if likely is None else likely[without].sum())
    if share > MOST_WITHOUT_VARIATION:
        raise InputError(
            f"{share:.0%} of the resamples have no variation in x or y, so no bootstrap interval "
            "of their correlation exists: too few pairs, or too few different values"
        )
    if likely is not None:
        likely = likely[~without] / likely[~without].sum()
    return drawn[~without], likely


def _jackknife(weighted: Weighted, units: int) -> FloatArray:
    parts = (np.arange(rows.start, rows.stop) for rows in blocks(units, 4 * units))
    left = np.concatenate(
        [weighted((part[:, None] != np.arange(units)).astype(np.float64)) for part in parts]
    )
    if np.isnan(left).any():
        raise InputError(
            "BCa needs the correlation with any one pair left out, and without one of them "
            "x or y does not vary; a percentile interval can be computed"
        )
    return left


def _pearson(x: FloatArray, y: FloatArray) -> Weighted:
    x, y = _standard(x), _standard(y)
    # The sums of a resample are products with these terms, [n, 6].
    terms = np.stack((np.ones(len(x)), x, y, x * x, y * y, x * y), axis=1)

    def weighted(counts: FloatArray) -> FloatArray:
        total, sum_x, sum_y, xx, yy, xy = (counts @ terms).T
        square_x, square_y = xx - sum_x**2 / total, yy - sum_y**2 / total
        found = _ratio(xy - sum_x * sum_y / total, np.maximum(square_x, 0) * np.maximum(square_y, 0))
        # Sums of squares lose the digits of a row whose values lie close together far from the others.
        close = (square_x <= MUCH * xx) | (square_y <= MUCH * yy)
        found[close] = _pearson_by_pairs(x, y, counts[close])
        return np.clip(found, -1, 1)

    return weighted


def _pearson_by_pairs(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Pearson's r of each row of how often each pair occurs, from deviations from each row's own means."""
    total = weights.sum(axis=1)
    varies = _varies(weights, x) & _varies(weights, y)
    dx = x - (weights @ x / total)[:, None]
    dy = y - (weights @ y / total)[:, None]
    square = np.einsum("rn,rn,rn->r", weights, dx, dx) * np.einsum("rn,rn,rn->r", weights, dy, dy)
    return _ratio(np.einsum("rn,rn,rn->r", weights, dx, dy), np.where(varies, square, 0))


def _spearman(x: FloatArray, y: FloatArray) -> Weighted:
    rank_x, rank_y = _ranks(x), _ranks(y)

    def weighted(weights: FloatArray) -> FloatArray:
        dx, dy = rank_x(weights), rank_y(weights)
        square = np.einsum("rn,rn,rn->r", weights, dx, dx) * np.einsum("rn,rn,rn->r", weights, dy, dy)
        return np.clip(_ratio(np.einsum("rn,rn,rn->r", weights, dx, dy), square), -1, 1)

    return weighted


WEIGHTED: Mapping[Kind, Callable[[FloatArray, FloatArray], Weighted]] = {
    "pearson": _pearson,
    "kendall": weighted_tau,
    "spearman": _spearman,
}
"""x [n] and y [n] to the correlation of each of many resamples."""


def _ranks(values: FloatArray) -> Weighted:
    """The midrank of each value in each row [rows, n], less the mean rank; exact, as halves are."""
    order = np.argsort(values, kind="stable")
    rising = values[order]
    first = np.searchsorted(rising, values, side="left")
    last = np.searchsorted(rising, values, side="right")

    def ranks(weights: FloatArray) -> FloatArray:
        below = np.zeros((len(weights), len(values) + 1))
        np.cumsum(weights[:, order], axis=1, out=below[:, 1:])
        return (below[:, first] + below[:, last] - below[:, -1:]) / 2

    return ranks


def _varies(weights: FloatArray, values: FloatArray) -> NDArray[np.bool_]:
    drawn = weights > 0
    lowest, highest = (
        np.where(drawn, values, np.inf).min(axis=1),
        np.where(drawn, values, -np.inf).max(axis=1),
    )
    return np.asarray(lowest < highest)


def _standard(values: FloatArray) -> FloatArray:
    centred = values - values.mean()
    return np.asarray(centred / np.abs(centred).max())


def _ratio(product: FloatArray, square: FloatArray) -> FloatArray:
    """The product over the root of the square; NaN where the square is 0."""
    ratio = np.full(len(product), np.nan)
    np.divide(product, np.sqrt(square), out=ratio, where=square > 0)
    return ratio
