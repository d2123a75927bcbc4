from __future__ import annotations

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from gst.errors import InputError
from gst.stats.tests import holm, one_deviation_rule, paired_t_test, t_test

FIRST, SECOND = np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 6, 8, 10])


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def three(mean: float, deviation: float) -> np.ndarray:
    """Three values of that mean and sample standard deviation."""
    return mean + deviation * np.array([-1, 0, 1])


def test_welch_is_its_formula() -> None:
    found = t_test(FIRST, SECOND)
    one, two = (5 / 3) / 4, 10 / 5  # variance over n
    degrees = (one + two) ** 2 / (one**2 / 3 + two**2 / 4)
    t = (2.5 - 6) / math.sqrt(one + two)
    half = stats.t.ppf(0.975, degrees) * math.sqrt(one + two)
    assert found[:3] == pytest.approx((-3.5, -3.5 - half, -3.5 + half))
    assert found.n == (4, 5)
    assert found[4:7] == pytest.approx((t, degrees, 2 * stats.t.cdf(t, degrees)))
    assert found.method == "95% Welch t"


def test_pooled_is_its_formula() -> None:
    found = t_test(FIRST, SECOND, variances="pooled", level=0.9)
    deviation = math.sqrt((5 + 40) / 7 * (1 / 4 + 1 / 5))
    half = stats.t.ppf(0.95, 7) * deviation
    assert found[:3] == pytest.approx((-3.5, -3.5 - half, -3.5 + half))
    assert found[4:6] == pytest.approx((-3.5 / deviation, 7))
    assert found.method == "90% pooled t"


@pytest.mark.parametrize("variances", ["welch", "pooled"])
def test_agrees_with_scipy(variances: str) -> None:
    one, two = rng().normal(size=7), rng().normal(1, 3, size=12)
    expected = stats.ttest_ind(one, two, equal_var=variances == "pooled")
    found = t_test(one, two, variances=variances, level=0.8)
    assert found[1:3] == pytest.approx(tuple(expected.confidence_interval(0.8)), rel=1e-12)
    assert found[4:7] == pytest.approx((expected.statistic, expected.df, expected.pvalue), rel=1e-12)


@pytest.mark.parametrize(
    ("first", "second", "p"),
    # Tables F.1 and C.1 of GST 2020, from their rounded means and deviations of three runs.
    [
        ((73.41, 0.08), (73.11, 0.13), 0.027),
        ((73.41, 0.08), (73.22, 0.09), 0.052),
        ((73.41, 0.08), (73.28, 0.12), 0.19),
    ],
)
def test_the_papers_t_tests(first: tuple[float, float], second: tuple[float, float], p: float) -> None:
    assert t_test(three(*first), three(*second), variances="pooled").p == pytest.approx(p, rel=0.02)


def test_refusals_of_the_t_test() -> None:
    with pytest.raises(InputError, match="at least 2 values on each side, the second has 1"):
        t_test([1, 2], [1])
    with pytest.raises(InputError, match="neither sample has any"):
        t_test([1, 1], [2, 2])
    with pytest.raises(InputError, match="first sample has values that are not finite"):
        t_test([1, np.nan], [2, 2])
    assert t_test([1, 1], [2, 3]).value == -1.5


def test_the_paired_t_test_is_scipys() -> None:
    one, two = rng().normal(size=7), rng().normal(1, 3, size=7)
    expected = stats.ttest_rel(one, two)
    found = paired_t_test(one, two, level=0.8)
    assert found[1:3] == pytest.approx(tuple(expected.confidence_interval(0.8)), rel=1e-12)
    assert found[4:7] == pytest.approx((expected.statistic, expected.df, expected.pvalue), rel=1e-12)
    assert found.n == (7, 7)
    assert found.method == "80% t, paired by seed"


def test_refusals_of_the_paired_t_test() -> None:
    with pytest.raises(InputError, match=r"all 3 differences are 0\.25"):
        paired_t_test([0.5, 0.7, 0.9], [0.25, 0.45, 0.65])
    with pytest.raises(InputError, match="found 3 and 2 values; use the same seeds"):
        paired_t_test([1, 2, 3], [1, 2])
    with pytest.raises(InputError, match="the first has 1"):
        paired_t_test([1], [2])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_holm_is_that_of_statsmodels(ps: list[float]) -> None:
    with patch("gc.collect"):  # it collects garbage each time, of all tests before: a second each
        expected = multipletests(ps, method="holm")[1]
    assert holm(ps) == pytest.approx(expected.tolist(), abs=1e-12)


def test_holm_of_nothing_is_nothing() -> None:
    assert holm([]) == []
    assert holm([0.04]) == [0.04]
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


@pytest.mark.parametrize(
    ("differences", "differ"),
    [
        ([1, 2, 3], True),  # mean 2, deviation 1
        ([-1, -2, -3], True),
        ([0, 1, 2], True),  # mean 1, deviation 1: the bound itself counts
        ([-1, 1, 2], False),  # mean 2/3, deviation 1.53
        ([0, 0, 0], False),
        ([5, 5, 5], True),
    ],
)
def test_the_one_deviation_rule(differences: list[int], differ: bool) -> None:
    found = one_deviation_rule(np.array(differences) + 10, np.full(3, 10))
    assert found.differ is differ
    assert found.n == 3
    assert found.value == pytest.approx(np.mean(differences))
    assert found.deviation == pytest.approx(np.std(differences, ddof=1))


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=6))
def test_the_rule_does_not_care_which_is_first(values: list[tuple[int, int]]) -> None:
    first, second = np.array(values).T
    assert one_deviation_rule(first, second).differ == one_deviation_rule(second, first).differ


def test_the_rule_needs_two() -> None:
    with pytest.raises(InputError, match="the first has 1"):
        one_deviation_rule([1], [2])
