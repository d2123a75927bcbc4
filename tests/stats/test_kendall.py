from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from gst.stats import kendall
from gst.stats.correlation import correlation
from gst.stats.kendall import jackknife_interval

MANY = kendall.MOST_RESAMPLED + 1


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def tau(x: np.ndarray, y: np.ndarray) -> float:
    return float(stats.kendalltau(x, y).statistic)


def pairs(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Values with many ties in y."""
    x, noise = rng(seed).normal(size=(2, n))
    return x, np.round(x + noise, 1)


triples = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 4)), min_size=5, max_size=12
)


@settings(deadline=None, max_examples=60)
@given(triples, st.booleans())
def test_the_error_is_that_of_leaving_each_unit_out(
    points: list[tuple[int, int, int]], clustered: bool
) -> None:
    first, second, labels = np.array(points).T
    x, y = first.astype(float), second.astype(float)
    members = np.unique(labels, return_inverse=True)[1] if clustered else np.arange(len(x))
    units = members.max() + 1
    kept = [members != unit for unit in range(units)]
    assume(units > 2)
    assume(all(np.ptp(x[rows]) and np.ptp(y[rows]) for rows in kept))
    value = tau(x, y)
    low, high = jackknife_interval(value, x, y, [members], 0.9)
    if abs(value) == 1:
        assert (low, high) == (value, value)
        return
    left = np.array([tau(x[rows], y[rows]) for rows in kept])
    error = math.sqrt((units - 1) / units * ((left - left.mean()) ** 2).sum()) / (1 - value**2)
    expected = math.atanh(value) + stats.norm.ppf(0.95) * error * np.array([-1, 1])
    assert (low, high) == pytest.approx(np.tanh(expected), abs=1e-9)


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = pairs(50, 1)
    members = np.arange(50) % 7
    whole = jackknife_interval(tau(x, y), x, y, [members], 0.95)
    drawn = rng(2).integers(3, size=(4, 50)).astype(float)
    of_rows = kendall.weighted_tau(x, y)(drawn)
    blocks = kendall.blocks
    monkeypatch.setattr(kendall, "blocks", lambda total, width: blocks(total, width, 3 * width))
    assert jackknife_interval(tau(x, y), x, y, [members], 0.95) == whole
    assert kendall.weighted_tau(x, y)(drawn).tolist() == of_rows.tolist()


def test_large_weights_are_exact() -> None:
    x, y = pairs(400, 3)
    weights = rng(4).integers(20, size=400)
    chosen = np.repeat(np.arange(400), weights)
    found = kendall.weighted_tau(x, y)(weights[None].astype(float))
    assert found[0] == pytest.approx(tau(x[chosen], y[chosen]), rel=1e-13)


def test_variances_of_two_divisions_add_up() -> None:
    x, y = pairs(60, 8)
    value, ways = tau(x, y), [np.arange(60) % 6, np.arange(60) // 6]
    halves = [
        math.atanh(jackknife_interval(value, x, y, it, 0.95)[1]) - math.atanh(value)
        for it in ([ways[0]], [ways[1]], ways)
    ]
    assert halves[2] == pytest.approx(math.hypot(*halves[:2]))


def test_few_units_are_resampled_and_many_are_not() -> None:
    x, y = pairs(MANY, 5)
    few = correlation("kendall", x[1:], y[1:], resamples=200)
    many = correlation("kendall", x, y, resamples=200)
    assert few.method == "95% percentile bootstrap, 200 resamples"
    assert many.method == "95% jackknife"
    assert many.value == tau(x, y)
    assert many.n == MANY
    assert (
        correlation("pearson", x, y, method="bca", resamples=200).method == "95% BCa bootstrap, 200 resamples"
    )


def test_at_the_limit_both_intervals_are_the_same_but_for_chance() -> None:
    x, y = pairs(1000, 7)
    drawn = correlation("kendall", x, y, seed=8)
    low, high = jackknife_interval(tau(x, y), x, y, [np.arange(1000)], 0.95)
    width = drawn.high - drawn.low
    assert low == pytest.approx(drawn.low, abs=0.05 * width)
    assert high == pytest.approx(drawn.high, abs=0.05 * width)


def test_the_jackknife_covers_at_its_level() -> None:
    rho, hits = 0.6, 0
    true = 2 / math.pi * math.asin(rho)  # of normal pairs
    for x, noise in rng(9).normal(size=(1000, 2, 80)):
        y = rho * x + math.sqrt(1 - rho**2) * noise
        low, high = jackknife_interval(tau(x, y), x, y, [np.arange(80)], 0.95)
        hits += low <= true <= high
    assert 0.93 <= hits / 1000 <= 0.97


def test_many_pairs_in_order_have_no_width() -> None:
    x = np.arange(float(MANY))
    assert correlation("kendall", x, -x)[:3] == pytest.approx((-1, -1, -1), abs=1e-12)
