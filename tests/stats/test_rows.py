"""Against scipy, row by row."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as reference

from gst.stats.rows import kendall_rows, pearson_rows, rising

RNG = np.random.default_rng(7)


def test_rows_at_once_are_scipys_row_by_row():
    x, y = RNG.integers(0, 4, size=6).astype(float), RNG.integers(0, 4, size=(50, 6)).astype(float)
    with np.errstate(all="ignore"):
        for row, tau, r in zip(y, kendall_rows(x, y), pearson_rows(x, y), strict=True):
            if np.ptp(row) == 0:
                assert np.isnan(tau)
                assert np.isnan(r)
            else:
                assert tau == pytest.approx(reference.kendalltau(x, row).statistic)
                assert r == pytest.approx(reference.pearsonr(x, row).statistic)


@pytest.mark.parametrize(
    ("values", "expected"),
    [((1, 2, 3), 1), ((3, 2, 1), -1), ((1.0, math.inf), 1), ((math.inf, 1.0), -1), ((2, 1, 2, 1), -1 / 3)],
)
def test_how_far_values_rise(values, expected):
    if len(set(values)) == len(values):
        assert rising(values) == expected
    else:
        assert rising(values) == pytest.approx(reference.kendalltau(range(len(values)), values)[0])


def test_as_kendalls_tau_b():
    values = np.random.default_rng(0).integers(0, 5, size=9)
    assert rising(values) == pytest.approx(reference.kendalltau(range(9), values)[0])


def test_two_losses_without_bound_are_alike():
    assert rising((math.inf, math.inf, 1.0)) == pytest.approx(-2 / math.sqrt(6))


@pytest.mark.parametrize("values", [(), (1.0,), (2.0, 2.0)])
def test_nothing_to_say(values):
    assert rising(values) is None
