from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from gst.errors import InputError
from gst.stats.correlation import WEIGHTED, checked, correlation, fisher_correlation, with_a_correlation
from gst.stats.resample import chances, counts

KINDS = ["pearson", "kendall", "spearman"]
SCIPY = {"pearson": stats.pearsonr, "kendall": stats.kendalltau, "spearman": stats.spearmanr}
X = np.random.default_rng(1).normal(size=25)
Y = 0.7 * X + np.random.default_rng(2).normal(size=25)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_exact_values() -> None:
    # Of the six pairs of (1, 2, 3, 4) and (1, 3, 2, 4) five agree: tau = 4/6, rho = 1 - 6 * 2 / 60.
    assert correlation("kendall", [1, 2, 3, 4, 5], [1, 3, 2, 4, 5])[0] == pytest.approx(0.8)
    assert fisher_correlation("kendall", [1, 2, 3, 4], [1, 3, 2, 4]).value == pytest.approx(4 / 6)
    assert fisher_correlation("spearman", [1, 2, 3, 4], [1, 3, 2, 4]).value == pytest.approx(0.8)
    assert fisher_correlation("pearson", [1, 2, 3, 4], [1, 3, 2, 4]).value == pytest.approx(0.8)
    # tau-b with a tie: 5 pairs agree, 0 disagree, 1 is tied in x: 5 / sqrt(5 * 6).
    assert fisher_correlation("kendall", [1, 1, 2, 3], [1, 2, 3, 4]).value == pytest.approx(5 / math.sqrt(30))


@pytest.mark.parametrize("kind", KINDS)
def test_value_and_p_are_those_of_scipy(kind: str) -> None:
    found, expected = correlation(kind, X, Y), SCIPY[kind](X, Y)
    assert found.value == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-12)
    assert found.n == 25
    assert found.method == "95% percentile bootstrap, 10,000 resamples"


pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9)


@settings(deadline=None, max_examples=60)
@given(pairs, st.sampled_from(KINDS), st.integers(0, 10))
def test_resampled_values_are_those_of_the_resamples(
    points: list[tuple[int, int]], kind: str, seed: int
) -> None:
    x, y = np.array(points, dtype=float).T
    assume(np.ptp(x) and np.ptp(y))
    indices = rng(seed).integers(len(x), size=(6, len(x)))
    found = WEIGHTED[kind](x, y)(counts(indices, len(x)))
    for value, chosen in zip(found, indices, strict=True):
        if np.ptp(x[chosen]) and np.ptp(y[chosen]):
            assert value == pytest.approx(SCIPY[kind](x[chosen], y[chosen]).statistic, abs=1e-12)
        else:
            assert np.isnan(value)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize("kind", KINDS)
def test_agrees_with_scipy(kind: str, method: str) -> None:
    resamples = 10_000 if kind == "pearson" else 2_000  # scipy resamples ranks one by one
    expected = stats.bootstrap(
        (X, Y),
        lambda x, y: SCIPY[kind](x, y).statistic,
        paired=True,
        vectorized=False,
        method={"bca": "BCa"}.get(method, method),
        n_resamples=resamples,
        rng=rng(3),
    ).confidence_interval
    found = correlation(kind, X, Y, method=method, seed=4)
    monte_carlo = 0.06 * (expected.high - expected.low)
    assert found.low == pytest.approx(expected.low, abs=monte_carlo)
    assert found.high == pytest.approx(expected.high, abs=monte_carlo)


def test_a_far_value_does_not_cost_the_digits_of_the_near_ones() -> None:
    x, y = np.array([1 - 1e-9, 1 - 2e-9, 1 - 4e-9, 0.0]), np.array([0.92, 0.94, 0.93, 0.91])
    near = WEIGHTED["pearson"](*checked(x, y))(np.array([[1.0, 2.0, 1.0, 0.0]]))
    expected = stats.pearsonr([-1, -2, -2, -4], [2, 4, 4, 3]).statistic
    assert near[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_order_scale_and_shift_do_not_matter(kind: str) -> None:
    plain = correlation(kind, X, Y)
    order = rng(9).permutation(25)
    assert correlation(kind, X[order], Y[order]) == plain
    moved = correlation(kind, 3 + 100 * X, Y / 7)
    assert moved[:3] == pytest.approx(plain[:3], abs=1e-9)


@pytest.mark.parametrize("kind", ["kendall", "spearman"])
def test_ranks_are_all_that_matters(kind: str) -> None:
    assert correlation(kind, np.exp(3 * X), Y**3) == correlation(kind, X, Y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_a_perfect_correlation_has_no_width(kind: str, method: str) -> None:
    for sign in (1, -1):
        found = correlation(kind, np.arange(8), sign * 0.1 * np.arange(8), method=method)
        assert found[:3] == pytest.approx((sign,) * 3, abs=1e-12)
        fisher = fisher_correlation(kind, np.arange(8), sign * np.arange(8))
        assert fisher[:3] == pytest.approx((sign,) * 3, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_few_resamples_without_variation_are_left_out(kind: str) -> None:
    x, y = np.array([0.0, 0, 0, 0, 0, 1, 1, 1]), np.array([1.0, 2, 3, 4, 5, 3, 4, 9])
    every = np.array([*itertools.combinations_with_replacement(range(8), 8)])
    drawn, likely = with_a_correlation(WEIGHTED[kind](x, y)(counts(every, 8)), chances(8))
    assert np.isfinite(drawn).all()
    assert likely.sum() == pytest.approx(1)
    with_both = np.array([np.ptp(x[it]) > 0 and np.ptp(y[it]) > 0 for it in every])
    assert len(drawn) == with_both.sum()
    # x is all 0 or all 1 in that share of the resamples; y hardly ever fails alone.
    assert with_both @ chances(8) == pytest.approx(1 - (5 / 8) ** 8 - (3 / 8) ** 8, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_many_resamples_without_variation_are_a_refusal(kind: str) -> None:
    x = [0, 0, 0, 0, 0, 0, 0, 1]  # (7/8)**8 = 34% of the resamples do not hold the 1
    with pytest.raises(InputError, match=r"3[45]% of the resamples have no variation"):
        correlation(kind, x, range(8))


def test_the_same_runs_have_the_same_interval() -> None:
    """Below 8 pairs it is Fisher's, and of 8 every resample is taken: nothing is drawn."""
    for n in (5, 8):
        found = {correlation("pearson", X[:n], Y[:n], seed=seed) for seed in range(3)}
        assert len(found) == 1
    fisher = fisher_correlation("pearson", X[:7], Y[:7])
    assert correlation("pearson", X[:7], Y[:7])[:3] == pytest.approx(fisher[:3])


def test_bca_needs_variation_without_any_one() -> None:
    x, y = [0] * 30 + [1], [*range(30), 50]
    with pytest.raises(InputError):
        correlation("pearson", x, y, method="bca")


@pytest.mark.parametrize("kind", KINDS)
def test_refuses_what_does_not_vary(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match="all 5 values of x are 1; compare arms that differ"):
            correlation(kind, [1.0] * 5, range(5))
        with pytest.raises(InputError, match=r"values of y are 0\.1"):
            fisher_correlation(kind, range(3), [0.1, 0.1 + 1e-17, 0.1 - 2e-17])
        with pytest.raises(InputError, match="values of y are 0;"):
            fisher_correlation(kind, range(3), [0, 0, 0])


def test_refuses_too_few_and_what_is_not_finite() -> None:
    with pytest.raises(InputError, match="at least 3 pairs, found 2"):
        correlation("pearson", [1, 2], [1, 2])
    with pytest.raises(InputError, match="at least 4 pairs, found 3"):
        fisher_correlation("pearson", [1, 2, 3], [1, 2, 4])
    with pytest.raises(InputError, match="y has values that are not finite"):
        correlation("pearson", [1, 2, 3], [1, 2, np.nan])


def test_fisher_is_its_formula_and_the_papers() -> None:
    found = fisher_correlation("pearson", X, Y, level=0.9)
    half = stats.norm.ppf(0.95) / math.sqrt(22)
    assert found.low == pytest.approx(math.tanh(math.atanh(found.value) - half), rel=1e-12)
    assert found.high == pytest.approx(math.tanh(math.atanh(found.value) + half), rel=1e-12)
    assert found.method == "90% Fisher z"
    # scipy's own interval for Pearson's is Fisher's too.
    assert found[1:3] == pytest.approx(tuple(stats.pearsonr(X, Y).confidence_interval(0.9)), rel=1e-12)
    # Figure 2 of GST 2020: r = -0.73 over 30 runs has p = 4.4e-6.
    noise, x = (
        stats.zscore(X[:5].repeat(6) * 0 + rng(5).normal(size=30)),
        stats.zscore(rng(6).normal(size=30)),
    )
    noise = stats.zscore(noise - x * np.mean(noise * x))
    paper = fisher_correlation("pearson", x, -0.73 * x + math.sqrt(1 - 0.73**2) * noise)
    assert paper.value == pytest.approx(-0.73)
    assert paper.p == pytest.approx(4.4e-6, rel=0.1)


def test_fisher_covers_at_its_level() -> None:
    rho, hits = 0.6, 0
    for x, noise in rng(20).normal(size=(1000, 2, 20)):
        found = fisher_correlation("pearson", x, rho * x + math.sqrt(1 - rho**2) * noise)
        hits += found.low <= rho <= found.high
    assert 0.93 <= hits / 1000 <= 0.97


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_bootstrap_covers_near_its_level(method: str) -> None:
    rho, hits = 0.6, 0
    for x, noise in rng(21).normal(size=(400, 2, 40)):
        y = rho * x + math.sqrt(1 - rho**2) * noise
        found = correlation("pearson", x, y, method=method, resamples=1000, seed=22)
        hits += found.low <= rho <= found.high
    assert 0.90 <= hits / 400 <= 0.98
