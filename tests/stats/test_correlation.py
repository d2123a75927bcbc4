from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from gst.errors import InputError
from gst.stats import correlation, fisher_correlation
from gst.stats.correlation import _WEIGHTED, _checked, _drawn, _value
from gst.stats.resample import counts

KINDS = ["pearson", "kendall", "spearman"]
SCIPY = {"pearson": stats.pearsonr, "kendall": stats.kendalltau, "spearman": stats.spearmanr}
X = np.random.default_rng(1).normal(size=25)
Y = 0.7 * X + np.random.default_rng(2).normal(size=25)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_exact_values() -> None:
    # Of the six pairs of (1, 2, 3, 4) and (1, 3, 2, 4) five agree: tau = 4/6, rho = 1 - 6 * 2 / 60.
    assert correlation("kendall", [1, 2, 3, 4, 5], [1, 3, 2, 4, 5], rng())[0] == pytest.approx(0.8)
    assert fisher_correlation("kendall", [1, 2, 3, 4], [1, 3, 2, 4]).value == pytest.approx(4 / 6)
    assert fisher_correlation("spearman", [1, 2, 3, 4], [1, 3, 2, 4]).value == pytest.approx(0.8)
    assert fisher_correlation("pearson", [1, 2, 3, 4], [1, 3, 2, 4]).value == pytest.approx(0.8)
    # tau-b with a tie: 5 pairs agree, 0 disagree, 1 is tied in x: 5 / sqrt(5 * 6).
    assert fisher_correlation("kendall", [1, 1, 2, 3], [1, 2, 3, 4]).value == pytest.approx(5 / math.sqrt(30))


@pytest.mark.parametrize("kind", KINDS)
def test_value_and_p_are_those_of_scipy(kind: str) -> None:
    found, expected = correlation(kind, X, Y, rng()), SCIPY[kind](X, Y)
    assert found.value == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-12)
    assert found.n == 25
    assert found.method == "95% BCa bootstrap, 10,000 resamples"


pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9)


@settings(deadline=None, max_examples=60)
@given(pairs, st.sampled_from(KINDS), st.integers(0, 10))
def test_resampled_values_are_those_of_the_resamples(
    points: list[tuple[int, int]], kind: str, seed: int
) -> None:
    x, y = np.array(points, dtype=float).T
    assume(np.ptp(x) and np.ptp(y))
    indices = rng(seed).integers(len(x), size=(6, len(x)))
    found = _WEIGHTED[kind](x, y, np.arange(len(x)))(counts(indices, len(x)))
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
    found = correlation(kind, X, Y, rng(4), method=method)
    monte_carlo = 0.06 * (expected.high - expected.low)
    assert found.low == pytest.approx(expected.low, abs=monte_carlo)
    assert found.high == pytest.approx(expected.high, abs=monte_carlo)


def test_a_far_value_does_not_cost_the_digits_of_the_near_ones() -> None:
    x, y = np.array([1 - 1e-9, 1 - 2e-9, 1 - 4e-9, 0.0]), np.array([0.92, 0.94, 0.93, 0.91])
    near = _WEIGHTED["pearson"](*_checked(x, y), np.arange(4))(np.array([[1.0, 2.0, 1.0, 0.0]]))
    expected = stats.pearsonr([-1, -2, -2, -4], [2, 4, 4, 3]).statistic
    assert near[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_order_scale_and_shift_do_not_matter(kind: str) -> None:
    plain = correlation(kind, X, Y, rng())
    order = rng(9).permutation(25)
    assert correlation(kind, X[order], Y[order], rng()) == plain
    moved = correlation(kind, 3 + 100 * X, Y / 7, rng())
    assert moved[:3] == pytest.approx(plain[:3], abs=1e-9)


@pytest.mark.parametrize("kind", ["kendall", "spearman"])
def test_ranks_are_all_that_matters(kind: str) -> None:
    assert correlation(kind, np.exp(3 * X), Y**3, rng()) == correlation(kind, X, Y, rng())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_a_perfect_correlation_has_no_width(kind: str, method: str) -> None:
    for sign in (1, -1):
        found = correlation(kind, np.arange(8), sign * 0.1 * np.arange(8), rng(), method=method)
        assert found[:3] == pytest.approx((sign,) * 3, abs=1e-12)
        fisher = fisher_correlation(kind, np.arange(8), sign * np.arange(8))
        assert fisher[:3] == pytest.approx((sign,) * 3, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_clusters_of_copies_count_once(kind: str, method: str) -> None:
    plain = correlation(kind, X, Y, rng(), method=method)
    names = [f"config {i:02}" for i in np.argsort(np.argsort(X))]  # in the order of x, as pairs are
    copied = correlation(
        kind, np.repeat(X, 4), np.repeat(Y, 4), rng(), method=method, clusters=np.repeat(names, 4).tolist()
    )
    # Pairs of one pair with itself count as ties, so Kendall's does not change with copies either.
    assert copied[:3] == pytest.approx(plain[:3], abs=1e-12)
    assert copied.n == 100
    assert copied.p < plain.p
    assert copied.method == plain.method + " over 25 clusters"


def test_clusters_widen_where_configurations_differ() -> None:
    centre = np.repeat(rng(1).normal(size=(2, 8)), 10, axis=1)
    x, y = centre + 0.1 * rng(2).normal(size=(2, 80))
    names = np.repeat(np.arange(8), 10).tolist()
    runs, clustered = correlation("pearson", x, y, rng()), correlation("pearson", x, y, rng(), clusters=names)
    assert clustered.high - clustered.low > 2 * (runs.high - runs.low)


def test_refuses_two_clusters() -> None:
    with pytest.raises(InputError, match="at least 3 of them, found 2"):
        correlation("pearson", X, Y, rng(), clusters=["a"] * 12 + ["b"] * 13)


@pytest.mark.parametrize("kind", KINDS)
def test_few_resamples_without_variation_are_left_out(kind: str) -> None:
    x, y = np.array([0.0, 0, 0, 0, 0, 1, 1, 1]), np.array([1.0, 2, 3, 4, 5, 3, 4, 9])
    drawn = _drawn(_WEIGHTED[kind](x, y, np.arange(8)), np.arange(8), 8, seed=1, resamples=50_000)
    without = (5 / 8) ** 8 + (3 / 8) ** 8  # x is all 0 or all 1; y hardly ever fails alone
    assert len(drawn) / 50_000 == pytest.approx(1 - without, abs=0.003)
    assert np.isfinite(drawn).all()


@pytest.mark.parametrize("kind", KINDS)
def test_many_resamples_without_variation_are_a_refusal(kind: str) -> None:
    x = [0, 0, 0, 0, 0, 0, 0, 1]  # (7/8)**8 = 34% of the resamples do not hold the 1
    with pytest.raises(InputError, match=r"3[45]% of the resamples have no variation"):
        correlation(kind, x, range(8), rng())
    with pytest.raises(InputError, match=r"1[01]% of the resamples"):  # 3 of 27
        correlation(kind, [1, 2, 3], [1, 3, 2], rng())


def test_bca_needs_variation_without_any_one() -> None:
    x, y = [0] * 30 + [1], [*range(30), 50]
    with pytest.raises(InputError):
        correlation("pearson", x, y, rng())


@pytest.mark.parametrize("kind", KINDS)
def test_refuses_what_does_not_vary(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match="all 5 values of x are 1; compare arms that differ"):
            correlation(kind, [1.0] * 5, range(5), rng())
        with pytest.raises(InputError, match=r"values of y are 0\.1"):
            fisher_correlation(kind, range(3), [0.1, 0.1 + 1e-17, 0.1 - 2e-17])
        with pytest.raises(InputError, match="values of y are 0;"):
            fisher_correlation(kind, range(3), [0, 0, 0])


def test_refuses_too_few_and_what_is_not_finite() -> None:
    with pytest.raises(InputError, match="at least 3 pairs, found 2"):
        correlation("pearson", [1, 2], [1, 2], rng())
    with pytest.raises(InputError, match="at least 4 pairs, found 3"):
        fisher_correlation("pearson", [1, 2, 3], [1, 2, 4])
    with pytest.raises(InputError, match="y has values that are not finite"):
        correlation("pearson", [1, 2, 3], [1, 2, np.nan], rng())


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
        found = correlation("pearson", x, y, rng(22), method=method, resamples=1000)
        hits += found.low <= rho <= found.high
    assert 0.90 <= hits / 400 <= 0.98


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 3)), min_size=4, max_size=12),
    st.sampled_from(KINDS),
    st.integers(0, 10),
)
def test_resampled_clusters_are_those_of_their_pairs(
    points: list[tuple[int, int, int]], kind: str, seed: int
) -> None:
    first, second, labels = np.array(points).T
    x, y = first.astype(float), second.astype(float)
    assume(np.ptp(x) and np.ptp(y))
    members = np.unique(labels, return_inverse=True)[1]
    units = members.max() + 1
    drawn = rng(seed).integers(units, size=(6, units))
    found = _WEIGHTED[kind](x, y, members)(counts(drawn, units))
    for value, chosen in zip(found, drawn, strict=True):
        pairs = np.concatenate([np.flatnonzero(members == unit) for unit in chosen])
        if np.ptp(x[pairs]) and np.ptp(y[pairs]):
            assert value == pytest.approx(SCIPY[kind](x[pairs], y[pairs]).statistic, abs=1e-12)
        else:
            assert np.isnan(value)


def test_kendalls_is_quick_for_hundreds_of_runs() -> None:
    x = rng(1).normal(size=300)
    found = correlation("kendall", x, x + rng(2).normal(size=300), rng(), method="percentile")
    assert found.value == pytest.approx(_value("kendall", *_checked(x, x + rng(2).normal(size=300)))[0])
