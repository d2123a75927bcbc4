"""Against scipy and numpy, not against ourselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gst.analysis import Source
from gst.compare.contrast import (
    Contrast,
    _kendall_rows,
    _pearson_rows,
    correlation_interval,
    mean_interval,
    strength_interval,
    trend_interval,
)
from gst.errors import InputError
from gst.stats import correlation, paired_difference

SOURCE = Source("hand", 1, "digest", "By hand", ())
RNG = np.random.default_rng(7)


def difference_interval(source, first, second, level=0.95):
    return Contrast(source, first, second).interval(level)


def test_few_values_have_students_interval_and_many_are_bootstrapped():
    values = RNG.normal(5, 1, 7).tolist()
    found = mean_interval(values, SOURCE.generator("x"))
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(expected))
    assert found.method == "95% t"
    eight = mean_interval([*values, 5.0], SOURCE.generator("x"))
    assert eight.method == "95% percentile bootstrap, 10,000 resamples"
    assert (eight.n, eight.value) == ((8,), pytest.approx(np.mean([*values, 5.0])))


def test_one_value_has_no_interval():
    with pytest.raises(InputError, match="at least 2 values, found 1"):
        mean_interval([1.0], SOURCE.generator("x"))


def test_equal_values_have_an_interval_without_width():
    found = mean_interval([0.1, 0.1, 0.1], SOURCE.generator("x"))
    assert (found.value, found.low, found.high) == (0.1, 0.1, 0.1)


def test_the_same_seeds_are_paired():
    """A spread that both sides share does not widen the interval."""
    shared = RNG.normal(0, 10, 10)
    first = {seed: 1 + value for seed, value in enumerate(shared)}
    second = dict(enumerate(shared))
    found = difference_interval(SOURCE, first, second)
    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))
    assert found.n == (10,)
    assert found.method.endswith("paired by seed")


def test_pairs_are_by_seed_and_not_by_place():
    first, second = {0: 10.0, 1: 20.0, 2: 31.0}, {2: 30.0, 1: 20.0, 0: 10.0}
    found = difference_interval(SOURCE, first, second)
    assert found.value == pytest.approx(1 / 3)
    assert found.high == pytest.approx(stats.ttest_1samp([0, 0, 1], 0).confidence_interval().high)


def test_a_paired_difference_is_that_of_the_library():
    first, second = (dict(enumerate(RNG.normal(0, 1, 12))) for _ in range(2))
    found = difference_interval(SOURCE, first, second)
    expected = paired_difference(list(first.values()), list(second.values()), SOURCE.generator("difference"))
    assert found[:3] == expected[:3]


def test_a_seed_that_is_missing_does_not_undo_the_pairs():
    first = {seed: seed + 1.0 for seed in range(10)}
    second = {seed: float(seed) for seed in range(8)}
    found = difference_interval(SOURCE, first, second)
    assert (found.value, found.n) == (1.0, (8,))
    alone = difference_interval(SOURCE, first, {seed: float(seed) for seed in range(7)})
    assert alone.n == (10, 7)


def test_few_unpaired_values_have_welchs_interval():
    first, second = RNG.normal(1, 1, 10), RNG.normal(0, 3, 3)
    found = difference_interval(SOURCE, dict(enumerate(first)), dict(enumerate(second, start=100)), 0.9)
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx(tuple(expected))
    assert found.n == (10, 3)


def test_many_unpaired_values_are_bootstrapped_for_themselves():
    first, second = RNG.normal(1, 1, 40), RNG.normal(0, 2, 50)
    found = difference_interval(SOURCE, dict(enumerate(first)), dict(enumerate(second, start=100)))
    error = np.sqrt(first.var() / 40 + second.var() / 50)
    assert found.value == pytest.approx(first.mean() - second.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.05)
    narrower = difference_interval(SOURCE, dict(enumerate(first)), dict(enumerate(second, start=100)), 0.8)
    assert found.low < narrower.low < narrower.high < found.high


def test_two_constants_differ_without_doubt():
    found = difference_interval(SOURCE, {0: 2.0, 1: 2.0}, {5: 1.0, 6: 1.0, 7: 1.0})
    assert (found.value, found.low, found.high, found.n) == (1.0, 1.0, 1.0, (2, 3))


def test_one_run_on_a_side_is_refused():
    with pytest.raises(InputError, match="at least 2"):
        difference_interval(SOURCE, {0: 1.0}, {0: 2.0})
    with pytest.raises(InputError, match="at least 2 runs on each side, found 10 and 1"):
        difference_interval(SOURCE, dict.fromkeys(range(10), 1.0), {50: 2.0})


def test_a_difference_from_a_number():
    values = RNG.normal(3, 1, 5)
    found = difference_interval(SOURCE, dict(enumerate(values)), 2.0)
    expected = stats.ttest_1samp(values, 2.0).confidence_interval()
    assert found.low == pytest.approx(expected.low - 2.0)


def test_a_correlation_is_that_of_the_library_and_of_the_tradeoff_figure():
    x, y = RNG.normal(size=(2, 30))
    for kind in ("pearson", "kendall"):
        found = correlation_interval(SOURCE, kind, (x, y))
        expected = correlation(kind, x, y, SOURCE.generator(kind), method="percentile")
        assert (found.value, found.low, found.high, found.p) == (
            expected.value, expected.low, expected.high, expected.p,
        )  # fmt: skip


def test_a_correlation_of_few_pairs_has_fishers_interval():
    x, y = np.arange(6.0), np.array([0.0, 2, 1, 3, 5, 4])
    found = correlation_interval(SOURCE, "pearson", (x, y))
    expected = stats.pearsonr(x, y).confidence_interval()
    assert (found.low, found.high) == pytest.approx(tuple(expected))


def test_the_strength_of_a_correlation_has_no_sign():
    x = RNG.normal(size=30)
    strong, weak = -x + RNG.normal(0, 0.1, 30), x + RNG.normal(0, 3, 30)
    found = strength_interval(SOURCE, (x, strong), (x, weak))
    expected = abs(stats.pearsonr(x, strong)[0]) - abs(stats.pearsonr(x, weak)[0])
    assert found.value == pytest.approx(expected)
    assert 0 < found.low < found.value < found.high
    assert strength_interval(SOURCE, (x, weak), (x, strong)).high < 0


def test_how_correlations_develop():
    """From a strong negative one to a strong positive one over four levels."""
    x = RNG.normal(size=20)
    pairs = [(x, slope * x + RNG.normal(0, 0.5, 20)) for slope in (-2, -0.5, 0.5, 2)]
    rises = trend_interval(SOURCE, "kendall", [1, 2, 3, 4], pairs)
    assert rises.value == 1.0
    assert rises.low > 0
    falls = trend_interval(SOURCE, "kendall", [4, 3, 2, 1], pairs)
    assert falls.value == -1.0
    assert falls.high < 0
    r = [stats.pearsonr(*it)[0] for it in pairs]
    found = trend_interval(SOURCE, "pearson", [1, 2, 4, 9], pairs)
    assert found.value == pytest.approx(stats.pearsonr([1, 2, 4, 9], r)[0])
    with pytest.raises(InputError, match="at least 3 levels, found 2"):
        trend_interval(SOURCE, "pearson", [1, 2], pairs[:2])


def test_no_correlation_where_something_does_not_vary():
    pairs = (np.ones(10), np.arange(10.0))
    with pytest.raises(InputError, match="needs variation"):
        strength_interval(SOURCE, pairs, pairs)
    few = (np.array([0.0, 0, 1]), np.arange(3.0))
    with pytest.raises(InputError, match="of the resamples have no correlation"):
        strength_interval(SOURCE, few, few)


def test_rows_at_once_are_scipys_row_by_row():
    x, y = RNG.integers(0, 4, size=6).astype(float), RNG.integers(0, 4, size=(50, 6)).astype(float)
    with np.errstate(all="ignore"):
        for row, tau, r in zip(y, _kendall_rows(x, y), _pearson_rows(x, y), strict=True):
            if np.ptp(row) == 0:
                assert np.isnan(tau)
                assert np.isnan(r)
            else:
                assert tau == pytest.approx(stats.kendalltau(x, row).statistic)
                assert r == pytest.approx(stats.pearsonr(x, row).statistic)
