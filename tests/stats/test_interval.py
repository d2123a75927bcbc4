from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, t

from gst.stats.interval import bca_bounds, expanded_tail, percentile_bounds

DRAWN = np.random.default_rng(0).gamma(2, size=(4, 999))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_percentiles_are_those_of_numpy(level: float) -> None:
    found = percentile_bounds(DRAWN.copy(), (1 - level) / 2)
    expected = np.quantile(DRAWN, [(1 - level) / 2, (1 + level) / 2], axis=1)
    np.testing.assert_allclose(np.stack(found), expected, rtol=1e-12)


def test_bca_is_its_formula() -> None:
    value, jackknife = np.full(4, 1.9), np.random.default_rng(1).gamma(2, size=(4, 12))
    found = bca_bounds(DRAWN.copy(), value, jackknife, 0.9)
    for row in range(4):
        bias = norm.ppf(np.mean(DRAWN[row] < 1.9))
        distance = jackknife[row].mean() - jackknife[row]
        acceleration = sum(distance**3) / (6 * sum(distance**2) ** 1.5)
        for bound, tail in zip(found, (0.05, 0.95), strict=True):
            total = bias + norm.ppf(tail)
            level = norm.cdf(bias + total / (1 - acceleration * total))
            assert bound[row] == pytest.approx(np.quantile(DRAWN[row], level), rel=1e-12)


def test_without_bias_and_acceleration_bca_is_percentile() -> None:
    symmetric = np.linspace(-1, 1, 1001)[None]
    found = bca_bounds(symmetric.copy(), np.zeros(1), np.zeros((1, 5)), 0.9)
    np.testing.assert_allclose(found, percentile_bounds(symmetric.copy(), 0.05), atol=1e-12)


def test_chances_weigh_resamples() -> None:
    """A resample of chance 3/4 is three of four equally likely ones."""
    values = np.random.default_rng(2).normal(size=(3, 40))
    weights = np.random.default_rng(3).integers(1, 5, size=40)
    repeated = np.repeat(values, weights, axis=1)
    found = percentile_bounds(values.copy(), 0.05, weights / weights.sum())
    low = np.sort(repeated, axis=1)[:, math.ceil(0.05 * weights.sum()) - 1]
    high = -np.sort(-repeated, axis=1)[:, math.ceil(0.05 * weights.sum()) - 1]
    np.testing.assert_allclose(np.stack(found), [low, high])
    jackknife = np.random.default_rng(4).normal(size=(3, 12))
    bca = bca_bounds(values.copy(), np.zeros(3), jackknife, 0.8, weights / weights.sum())
    expected = bca_bounds(repeated.copy(), np.zeros(3), jackknife, 0.8)
    between = np.sort(values, axis=1)
    for ours, theirs in zip(bca, expected, strict=True):  # the one takes a value, the other interpolates
        places = [np.searchsorted(row, [a, b]) for row, a, b in zip(between, ours, theirs, strict=True)]
        assert all(abs(a - b) <= 1 for a, b in places)


def test_the_expanded_tail_is_its_formula() -> None:
    for n in (5, 10, 30):
        expected = norm.cdf(-math.sqrt(n / (n - 1)) * t.ppf(0.975, n - 1))
        assert expanded_tail(0.95, n) == pytest.approx(expected, rel=1e-9)
    assert expanded_tail(0.95, 10_000) == pytest.approx(0.025, rel=1e-3)
