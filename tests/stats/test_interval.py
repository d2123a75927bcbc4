from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from gst.stats.interval import bca_bounds, percentile_bounds

DRAWN = np.random.default_rng(0).gamma(2, size=(4, 999))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_percentiles_are_those_of_numpy(level: float) -> None:
    found = percentile_bounds(DRAWN.copy(), level)
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
    np.testing.assert_allclose(found, percentile_bounds(symmetric.copy(), 0.9), atol=1e-12)
