from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gst.errors import InputError
from gst.stats.operating import coverage, operating
from gst.stats.sequential import Spending, bounds, interim, nominal_levels, predictive_power

LOOKS = (5, 10, 20, 40)
FRACTIONS = [n / 40 for n in LOOKS]
SPENDING: tuple[Spending, ...] = ("obrien_fleming", "pocock")


def equal(looks: int, spending: Spending, alpha: float = 0.05) -> np.ndarray:
    """Bounds at that many looks, equally far apart."""
    counts = range(1, looks + 1)
    return bounds(list(counts), [n / looks for n in counts], alpha=alpha, spending=spending)


def levels(spending: Spending) -> np.ndarray:
    return nominal_levels(LOOKS, FRACTIONS, alpha=0.05, spending=spending)


@pytest.mark.parametrize(
    ("spending", "published"),
    # Two-sided alpha of 0.05: DeMets & Lan (1994), table 2, and the R packages ldbounds and gsDesign.
    [
        ("obrien_fleming", [1.960]),
        ("obrien_fleming", [2.963, 1.969]),
        ("obrien_fleming", [4.333, 2.963, 2.359, 2.014]),
        ("obrien_fleming", [4.877, 3.357, 2.680, 2.290, 2.031]),
        ("pocock", [2.157, 2.201]),
        ("pocock", [2.438, 2.427, 2.410, 2.397, 2.386]),
    ],
)
def test_bounds_are_the_published_ones(spending: Spending, published: list[float]) -> None:
    assert equal(len(published), spending) == pytest.approx(published, abs=6e-4)


@pytest.mark.parametrize("spending", SPENDING)
def test_paths_of_normal_sums_cross_as_often_as_is_spent(spending: Spending) -> None:
    """An independent simulation: no integral, no density."""
    steps = np.diff([0, *LOOKS])
    z = np.random.default_rng(1).standard_normal((400_000, 4)) * np.sqrt(steps)
    z = np.cumsum(z, axis=1) / np.sqrt(LOOKS)
    crossed = np.logical_or.accumulate(np.abs(z) > bounds(LOOKS, FRACTIONS, alpha=0.05, spending=spending), 1)
    t = np.array(FRACTIONS)
    each_side = 2 - 2 * stats.norm.cdf(stats.norm.isf(0.0125) / np.sqrt(t))
    wanted = 2 * each_side if spending == "obrien_fleming" else 0.05 * np.log(1 + (np.e - 1) * t)
    assert wanted[-1] == pytest.approx(0.05)
    for found, share in zip(crossed.mean(axis=0), wanted, strict=True):
        assert found == pytest.approx(share, abs=4 * math.sqrt(max(share, 1e-6) / len(z)) + 1e-9)


@given(st.sets(st.integers(1, 60), min_size=2, max_size=8), st.floats(0.005, 0.3), st.sampled_from(SPENDING))
@settings(max_examples=25, deadline=None)
def test_laws_of_bounds(counts: set[int], alpha: float, spending: Spending) -> None:
    looks = sorted(counts)
    fractions = [n / looks[-1] for n in looks]
    found = bounds(looks, fractions, alpha=alpha, spending=spending)
    fixed = float(stats.norm.isf(alpha / 2))
    assert found[-1] >= fixed - 1e-9  # looking early is never free
    thousandfold = [1000 * n for n in looks]
    assert bounds(thousandfold, fractions, alpha=alpha, spending=spending) == pytest.approx(found, rel=1e-6)
    first = stats.norm.sf(found[0]) * 2
    assert first <= alpha
    assert bounds(looks[:1], fractions[:1], alpha=alpha, spending=spending) == pytest.approx(found[:1])


def test_missing_values_change_bounds_and_no_new_value_makes_none() -> None:
    whole = bounds(LOOKS, FRACTIONS, alpha=0.05, spending="pocock")
    some = bounds([5, 9, 16, 32], FRACTIONS, alpha=0.05, spending="pocock")
    assert some[0] == whole[0]
    assert some[1] != whole[1]
    without = bounds([5, 5, 20, 40], FRACTIONS, alpha=0.05, spending="pocock")
    assert without[1] == math.inf
    unlooked = bounds([5, 20, 40], [0.125, 0.5, 1], alpha=0.05, spending="pocock")
    assert without[[0, 2, 3]] == pytest.approx(unlooked)
    assert bounds([0, 20], [0.5, 1], alpha=0.05, spending="pocock") == pytest.approx([math.inf, 1.959964])


def test_a_look_so_early_that_nothing_is_spent() -> None:
    found = bounds([1, 10_000], [1e-4, 1], alpha=0.05, spending="obrien_fleming")
    assert found == pytest.approx([math.inf, stats.norm.isf(0.025)])
    assert nominal_levels([1, 10_000], [1e-4, 1], alpha=0.05, spending="obrien_fleming")[0] == 0


@pytest.mark.parametrize("alpha", [0, 1, -0.1, math.nan])
def test_refuses_an_alpha_that_is_none(alpha: float) -> None:
    with pytest.raises(InputError, match="alpha is"):
        bounds([1], [1], alpha=alpha, spending="pocock")


def test_refuses_fractions_that_do_not_rise() -> None:
    for fractions in ([0.5, 0.5, 1], [0.5, 0.4, 1], [0.5, 1, 1.1], [0, 0.5, 1]):
        with pytest.raises(InputError, match="expected rising fractions"):
            bounds([1, 2, 3], fractions, alpha=0.05, spending="pocock")


def test_the_look_is_the_paired_t_test_and_its_interval() -> None:
    one, two = np.random.default_rng(0).normal(size=(2, 9))
    expected = stats.ttest_rel(one + 1, two)
    found = interim(one + 1 - two, 0.01)
    assert found is not None
    interval = expected.confidence_interval(0.99)
    assert found == pytest.approx(
        (9, (one + 1 - two).mean(), interval.low, interval.high, expected.pvalue, 0.01), rel=1e-9
    )
    assert found.crossed is bool(expected.pvalue <= 0.01)
    assert found.width == pytest.approx(interval.high - interval.low)
    strict = interim(one + 1 - two, 0)
    assert strict is not None
    assert (strict.low, strict.high, strict.crossed) == (-math.inf, math.inf, False)


def test_nothing_to_test() -> None:
    assert interim([1.0, 2.0], 0.05) is None
    assert interim([0.0, 0.0, 0.0, 0.0], 0.05) is None
    assert interim([0.25] * 5, 0.05) is None
    rounded = np.array([0.3, 0.7, 0.4]) - np.array([0.2, 0.6, 0.3])  # a tenth each, but for rounding
    assert np.ptp(rounded)
    assert interim(rounded, 0.05) is None
    assert interim([], 0.05) is None


def test_predictive_power_is_the_share_of_futures_that_reject() -> None:
    rng = np.random.default_rng(3)
    n, whole, bound = 20, 40, 2.0
    for z in (0.2, 1.0, 2.5):
        effects = rng.normal(z / math.sqrt(n), 1 / math.sqrt(n), 400_000)  # the posterior, flat prior
        sums = z * math.sqrt(n) + rng.normal(effects * (whole - n), math.sqrt(whole - n))
        share = (np.abs(sums) / math.sqrt(whole) > bound).mean()
        found = predictive_power(2 * stats.norm.sf(z), n / whole, 2 * stats.norm.sf(bound))
        assert float(found) == pytest.approx(share, abs=0.004)


def test_characteristics_are_those_of_whole_samples() -> None:
    """Against samples drawn value by value and tested by scipy."""
    nominal, rng = levels("pocock"), np.random.default_rng(5)
    rejected, seeds = [], []
    samples = rng.normal(0.6, 1, (4000, 40))
    p = np.array([stats.ttest_1samp(samples[:, :n], 0, axis=1).pvalue for n in LOOKS]).T
    for row in p <= nominal:
        at = int(row.argmax()) if row.any() else 3
        rejected.append(row[at])
        seeds.append(LOOKS[at])
    found = operating(LOOKS, nominal, 0.6, np.random.default_rng(6))
    assert found.rejected == pytest.approx(np.mean(rejected), abs=0.02)
    assert found.seeds == pytest.approx(np.mean(seeds), abs=0.8)
    assert found.futile == 0


def test_futility_saves_seeds_and_never_adds_an_error() -> None:
    nominal = levels("obrien_fleming")
    plain = operating(LOOKS, nominal, 0, np.random.default_rng(0))
    futile = operating(LOOKS, nominal, 0, np.random.default_rng(0), futility=True)
    assert futile.rejected <= plain.rejected
    assert futile.seeds < plain.seeds - 5
    assert 0.3 < futile.futile < 0.45


def naive(looks: range | tuple[int, ...], sweeps: int = 20_000) -> float:
    """How often no effect is found by a t-test at 0.05 after each of these numbers of seeds."""
    count = len(looks)
    return operating(tuple(looks), np.full(count, 0.05), 0, np.random.default_rng(0), sweeps=sweeps).rejected


def test_the_price_and_the_gain_of_looking() -> None:
    table = {
        (spending, effect): operating(LOOKS, levels(spending), effect, np.random.default_rng(2))
        for spending in SPENDING
        for effect in (0, 0.5, 0.8, 1.2)
    }
    fixed = {d: operating((40,), np.array([0.05]), d, np.random.default_rng(2)) for d in (0, 0.5, 0.8, 1.2)}
    for spending in SPENDING:
        assert table[spending, 0].rejected <= 0.053
    assert table["pocock", 0.8].seeds <= 20  # half of 40, with hardly any power lost
    assert table["pocock", 0.8].rejected > 0.99
    assert table["obrien_fleming", 0.5].rejected > fixed[0.5].rejected - 0.01
    assert table["obrien_fleming", 0.8].seeds < 29
    assert naive(LOOKS) > 0.13  # looking without bounds, at the same four sizes
    assert naive(range(3, 41)) > 0.25  # and after every seed


def test_six_looks_save_two_fifths_of_the_seeds() -> None:
    """The looks of sweeps/README.md's example, and the numbers that sweeps/statistics.md has of them."""
    looks = (10, 15, 20, 25, 30, 40)
    nominal = nominal_levels(looks, np.array(looks) / 40, alpha=0.05, spending="obrien_fleming")
    none, medium, large = (
        operating(looks, nominal, effect, np.random.default_rng(2)) for effect in (0, 0.5, 0.8)
    )
    assert none.rejected <= 0.053
    assert large.seeds <= 23
    assert large.rejected > 0.99
    assert medium.rejected > 0.85


@pytest.mark.parametrize("width", [0.7, 0.9, 1.0, 1.2, 1.5, 2])
def test_the_interval_at_the_stop_covers(width: float) -> None:
    """Stopping as soon as an interval is narrow picks samples that happen to vary little."""
    found = coverage(LOOKS, levels("pocock"), width, np.random.default_rng(4))
    plain = coverage(LOOKS, np.full(4, 0.05), width, np.random.default_rng(4))
    assert found.covered >= 0.96
    assert plain.covered < 0.945  # what an interval of 95% at each look would have
