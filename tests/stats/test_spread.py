from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gst.errors import InputError
from gst.stats.spread import deviation, deviation_factors, paired_spread, unpaired_spread
from gst.stats.tests import t_test


@given(st.integers(0, 10**6), st.integers(2, 12), st.floats(0.1, 10))
def test_paired_and_unpaired_spreads_give_the_t_tests_of_scipy(seed, n, ratio):
    rng = np.random.default_rng(seed)
    one, two = rng.normal(size=n), ratio * rng.normal(size=n)
    paired, unpaired = paired_spread(one, two), unpaired_spread(one, two)
    value = one.mean() - two.mean()
    test = stats.ttest_rel(one, two)
    assert value / (paired.deviation / math.sqrt(n)) == pytest.approx(test.statistic)
    assert paired.degrees == paired.per_seed * (n - 1) == test.df
    test = stats.ttest_ind(one, two, equal_var=False)
    assert value / (unpaired.deviation / math.sqrt(n)) == pytest.approx(test.statistic)
    assert unpaired.degrees == pytest.approx(test.df)
    assert unpaired.per_seed * (n - 1) == pytest.approx(test.df)


def test_degrees_of_freedom_of_sides_that_are_not_as_long():
    one, two = [1.0, 2, 4, 8], [3.0, 5]
    found = unpaired_spread(one, two)
    first, second = np.var(one, ddof=1), np.var(two, ddof=1)
    assert found.deviation == pytest.approx(math.sqrt(first + second))
    assert found.degrees == pytest.approx((first + second) ** 2 / (first**2 / 3 + second**2))
    # Seeds to come are as many on each side, so their degrees are those of a test of equal sides.
    assert found.per_seed == pytest.approx((first + second) ** 2 / (first**2 + second**2))
    assert t_test(one, two).degrees != pytest.approx(found.degrees)


def test_equal_variances_add_two_degrees_a_seed_and_a_side_that_does_not_vary_one():
    assert unpaired_spread([1, 2, 3], [5, 6, 7]).per_seed == 2
    assert unpaired_spread([1, 2, 3], [4, 4, 4]) == (1, 2, 1)


def test_the_interval_of_a_deviation_is_that_of_the_tables():
    """Table values of chi-square with 9 degrees of freedom: 2.700 and 19.023."""
    assert deviation_factors(9) == pytest.approx((math.sqrt(9 / 19.0228), math.sqrt(9 / 2.70039)), rel=1e-5)
    assert paired_spread([0, 2], [0, 0]).upper().deviation == pytest.approx(
        math.sqrt(2) * 31.91, rel=1e-3
    )  # two seeds tell next to nothing


def test_the_interval_covers_the_deviation_as_often_as_it_says():
    drawn = np.random.default_rng(0).normal(size=(4000, 6)).std(axis=1, ddof=1)
    low, high = deviation_factors(5, level=0.9)
    assert np.mean((low * drawn <= 1) & (high * drawn >= 1)) == pytest.approx(0.9, abs=0.015)


def test_equal_values_have_no_deviation_and_a_single_one_is_refused():
    assert deviation([0.1] * 3) == 0
    assert paired_spread([1, 2, 3], [2, 3, 4]).deviation == 0
    with pytest.raises(InputError, match="at least 2 seeds, found 1"):
        deviation([1])
    with pytest.raises(InputError, match="neither side varies"):
        unpaired_spread([1, 1], [2, 2])
