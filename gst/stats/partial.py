"""Several predictors of one outcome over the runs of a sweep: what each of them adds to the others.

Runs share configurations and seeds (see gst.stats.crossed), so that predictors are set against each other
between configurations: by the correlation of the configurations' means, and by the partial correlation given
the other predictors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr

from gst.errors import InputError
from gst.stats.correlation import MOST_WITHOUT_VARIATION, Correlation, checked
from gst.stats.crossed import codes, crossed_weights
from gst.stats.interval import check_level
from gst.stats.resample import SEED, FloatArray, IntArray

LEAST_DISTINCT = 1e-9
"""The least share of a predictor's variance that the others must leave for it to be told apart from them."""


class Partial(NamedTuple):
    """A partial correlation between `n` configurations, given `given` other predictors.

    `found` has Fisher's interval and Student's p, whose degrees of freedom are fewer by `given`. `drawn` is
    the percentile interval where configurations and seeds are drawn independently; None where it is refused.
    """

    found: Correlation
    given: int
    drawn: tuple[float, float] | None


def partial_correlations(
    predictors: Sequence[ArrayLike],
    outcome: ArrayLike,
    configurations: Sequence[object] | IntArray,
    seeds: Sequence[object] | IntArray,
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = SEED,
) -> tuple[Partial, ...]:
    """The partial correlation of each predictor [n] with the outcome [n], given all others.

    From the inverse of the correlation matrix of the configurations' means, P: -P_ij / sqrt(P_ii P_jj).
    Raises InputError for fewer configurations than predictors and 3 more, for values that are not finite or
    do not vary, and for a predictor that follows from the others.
    """
    check_level(level, resamples)
    of, given = codes(configurations), len(predictors) - 1
    n = int(of.max()) + 1
    if n < given + 4:
        raise InputError(
            f"a correlation given {given} other predictors needs {given + 4} configurations, found {n}"
        )
    values = np.stack(
        [checked(it, outcome)[0] for it in predictors] + [np.asarray(outcome, dtype=np.float64)]
    )
    ones = np.ones((1, values.shape[1]))
    (partial,) = _partial(*_moments(values, of, ones))
    if np.isnan(partial).any():
        raise InputError("a predictor follows from the others, so that none adds anything: leave one out")
    drawn = np.concatenate(
        [
            _partial(*_moments(values, of, weights))
            for weights in crossed_weights(of, codes(seeds), resamples, seed)
        ]
    )
    kept = drawn[~np.isnan(drawn).any(axis=1)]
    tail = (1 - level) / 2
    few = len(kept) < (1 - MOST_WITHOUT_VARIATION) * resamples
    ends = None if few else np.quantile(kept, [tail, 1 - tail], axis=0).T
    return tuple(
        Partial(
            _correlation(float(value), n, given, level),
            given,
            None if ends is None else tuple(ends[place].tolist()),
        )
        for place, value in enumerate(partial)
    )


def _correlation(value: float, n: int, given: int, level: float) -> Correlation:
    """With Fisher's interval and Student's p, as of `given` fewer configurations."""
    freedom = n - 2 - given
    half = float(ndtri((1 + level) / 2)) / math.sqrt(n - 3 - given)
    place = math.atanh(value)
    t = value * math.sqrt(freedom / (1 - value**2))
    method = f"{100 * level:g}% Fisher z, given {given} others"
    low, high = math.tanh(place - half), math.tanh(place + half)
    return Correlation(value, low, high, n, 2 * float(stdtr(freedom, -abs(t))), method, "configurations")


def _moments(values: FloatArray, of: IntArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The configurations' means [rows, quantities, configurations], and their weights [rows, configurations].

    `weights` [rows, n] say how often each run is drawn.
    """
    member = np.eye(int(of.max()) + 1)[of]
    number = weights @ member
    sums = np.einsum("rn,qn,nc->rqc", weights, values, member, optimize=True)
    means = np.divide(sums, number[:, None], out=np.zeros_like(sums), where=number[:, None] > 0)
    return means, number


def _partial(means: FloatArray, number: FloatArray) -> FloatArray:
    """The partial correlation of each quantity but the last with the last, [rows, quantities - 1].

    NaN where a quantity follows from the others.
    """
    share = number / np.maximum(number.sum(axis=1, keepdims=True), 1)
    centred = means - np.einsum("rqc,rc->rq", means, share)[..., None]
    spread = np.sqrt(np.einsum("rqc,rqc,rc->rq", centred, centred, share))
    scaled = np.divide(centred, spread[..., None], out=np.zeros_like(centred), where=spread[..., None] > 0)
    matrix = np.einsum("rqc,rpc,rc->rqp", scaled, scaled, share)
    own = np.linalg.eigvalsh(matrix)[:, 0] > LEAST_DISTINCT
    matrix[~own] = np.eye(matrix.shape[1])
    inverse = np.linalg.inv(matrix)
    diagonal = np.sqrt(np.einsum("rqq->rq", inverse))
    found = -inverse[:, :-1, -1] / (diagonal[:, :-1] * diagonal[:, -1:])
    found[~own] = np.nan
    return np.asarray(np.clip(found, -1, 1))
