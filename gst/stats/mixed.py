"""A linear mixed model with crossed random effects: two slopes, between and within configurations."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from gst.errors import InputError
from gst.stats.crossed import LEAST_CONFIGURATIONS, LEAST_SEEDS, CrossedRuns

FloatArray = NDArray[np.float64]


MOST = 1e4
"""The largest deviation of effects over that of the rest which is looked at."""


class Slope(NamedTuple):
    """The change of y with x, its standard error and interval, and the two-sided p that it is 0."""

    value: float
    error: float
    low: float
    high: float
    degrees: int
    p: float


class MixedModel(NamedTuple):
    """The two slopes, and the variances of y that configurations, seeds and the rest add."""

    between: Slope
    within: Slope
    configuration_variance: float
    seed_variance: float
    residual_variance: float
    log_likelihood: float
    """Restricted, at the estimates."""


def mixed_model(runs: CrossedRuns) -> MixedModel:
    """Y = b0 + b_between * mean of x in the configuration + b_within * distance from it + random effects.

    Configuration and seed are crossed random effects, independent and normal; variances by restricted
    maximum likelihood. 95% intervals and p are Student's, with configurations - 2 degrees of freedom between
    and (configurations - 1)(seeds - 1) - 1 within, which are exact where every configuration has every seed
    (n - configurations - seeds in general).

    Raises InputError for fewer than 4 configurations or 3 seeds, where x does not vary on a side, and where
    configurations, seeds and x leave nothing of y to the rest, whose variance all errors are told from.
    """
    n, configurations, seeds = len(runs.x), runs.configuration_count, runs.seed_count
    rest = n - configurations - seeds
    if configurations < LEAST_CONFIGURATIONS or seeds < LEAST_SEEDS or rest < 1:
        raise InputError(
            f"a mixed model needs at least {LEAST_CONFIGURATIONS} configurations, {LEAST_SEEDS} seeds and a "
            f"run or more besides, found {configurations}, {seeds} and {n} runs"
        )
    means = runs.means(runs.x)[runs.configurations]
    fixed = np.stack((np.ones(n), means, runs.x - means), axis=1)
    if min(np.ptp(fixed[:, 1]), np.ptp(fixed[:, 2])) <= 4e-12 * np.abs(runs.x).max():
        raise InputError("a mixed model needs x to vary between configurations and within them")
    model = _Model(fixed, runs)
    if model.explained():
        raise InputError("a mixed model needs y to vary besides with configuration, seed and x")
    # Deviations of effects over that of the rest: from several starts, as the likelihood may have two tops.
    starts = ((1.0, 1.0), (0.1, 0.1))
    options = {"ftol": 1e-14, "gtol": 1e-8, "maxiter": 200}
    fits = [
        scipy.optimize.minimize(
            model.loss, it, jac=True, method="L-BFGS-B", bounds=[(0, MOST)] * 2, options=options
        )
        for it in starts
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    deviations = _polished(model, best.x)
    found = model.solved(deviations)
    scale = found.residual
    between, within = (
        _slope(float(found.slopes[place]), math.sqrt(scale * found.covariance[place, place]), degrees)
        for place, degrees in ((1, configurations - 2), (2, rest))
    )
    ratios = deviations**2
    return MixedModel(between, within, float(scale * ratios[0]), float(scale * ratios[1]), scale, -found.loss)


def _polished(model: _Model, deviations: FloatArray) -> FloatArray:
    """Deviations at which the gradient is 0 up to rounding: on every machine the same but for last digits.

    Where the likelihood is highest it is flat, so that its values tell the place to half of the digits.
    """
    free = (deviations > 0) & (deviations < MOST)

    def placed(inner: FloatArray) -> FloatArray:
        whole = deviations.copy()
        whole[free] = inner
        return whole

    if not free.any():
        return deviations
    root = scipy.optimize.root(
        lambda inner: model.solved(placed(inner)).gradient[free], deviations[free], options={"xtol": 1e-15}
    )
    found = placed(np.abs(root.x))
    is_near = np.allclose(found, deviations, rtol=1e-3, atol=1e-6)
    return found if is_near else deviations


class _Solved(NamedTuple):
    slopes: FloatArray
    covariance: FloatArray  # of the slopes, over the residual variance
    residual: float
    loss: float
    gradient: FloatArray  # of the loss, by each deviation


class _Model:
    """The restricted likelihood, profiled over slopes and residual variance.

    With the effects' design Z and deviations d over that of the rest, the covariance of y over the residual
    variance is I + Z D Z', D = diag(d squared); its inverse is I - Z d (I + d Z'Z d)^-1 d Z', a small matrix.
    """

    def __init__(self, fixed: FloatArray, runs: CrossedRuns) -> None:
        self._sizes = (runs.configuration_count, runs.seed_count)
        effects = np.hstack(
            [
                np.eye(size)[of]
                for size, of in zip(self._sizes, (runs.configurations, runs.seeds), strict=True)
            ]
        )
        y = runs.y - runs.y.mean()
        self._all, self._y = np.hstack((fixed, effects)), y
        self._n, self._fixed = fixed.shape
        both = np.column_stack((fixed, y))
        self._inner, self._cross, self._gram = both.T @ both, effects.T @ both, effects.T @ effects

    def explained(self) -> bool:
        """Whether configurations, seeds and x explain y up to rounding."""
        rest = self._y - self._all @ np.linalg.lstsq(self._all, self._y, rcond=None)[0]
        return float(rest @ rest) <= 1e-20 * float(self._y @ self._y)

    def solved(self, deviations: FloatArray) -> _Solved:
        d = np.repeat(deviations, self._sizes)
        factor = scipy.linalg.cho_factor(np.eye(len(d)) + d[:, None] * self._gram * d)
        cross = d[:, None] * self._cross
        inner = self._inner - cross.T @ scipy.linalg.cho_solve(factor, cross)
        information, target = inner[:-1, :-1], inner[:-1, -1]
        slopes = np.linalg.solve(information, target)
        square = float(inner[-1, -1] - slopes @ target)
        degrees = self._n - self._fixed
        residual = square / degrees
        volume = 2 * float(np.log(np.diag(factor[0])).sum())
        loss = (
            degrees * (math.log(2 * math.pi * residual) + 1)
            + volume
            + float(np.linalg.slogdet(information)[1])
        ) / 2
        # By each deviation d: d times (trace of Z'PZ - |Z'Py|^2 / residual variance), where Z are the effects
        # of that deviation and P is the projection of restricted likelihood (Harville 1977).
        covariance = np.linalg.inv(information)
        projected = np.hstack((self._cross, self._gram))
        projected -= (self._gram * d) @ scipy.linalg.cho_solve(factor, d[:, None] * projected)
        fixed, y, effects = np.split(projected, [self._fixed, self._fixed + 1], axis=1)
        traces = np.diag(effects) - ((fixed @ covariance) * fixed).sum(axis=1)
        each = traces - (y[:, 0] - fixed @ slopes) ** 2 / residual
        gradient = deviations * [part.sum() for part in np.split(each, self._sizes[:1])]
        return _Solved(slopes, covariance, residual, loss, gradient)

    def loss(self, deviations: FloatArray) -> tuple[float, FloatArray]:
        """The negative restricted log likelihood, and its gradient."""
        found = self.solved(deviations)
        return found.loss, found.gradient


def _slope(value: float, error: float, degrees: int) -> Slope:
    half = float(stdtrit(degrees, 0.975)) * error
    p = 2 * float(stdtr(degrees, -abs(value / error)))
    return Slope(value, error, value - half, value + half, degrees, p)
