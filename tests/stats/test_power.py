from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from statsmodels.stats.power import TTestIndPower, TTestPower

from gst.errors import InputError
from gst.stats.power import (
    interval_half_width,
    power_for_difference,
    seeds_for_difference,
    seeds_for_half_width,
)
from gst.stats.spread import Spread


def half_width(deviation: float, n: int, level: float) -> float:
    return float(stats.t.ppf((1 + level) / 2, n - 1)) * deviation / math.sqrt(n)


@given(st.floats(0.01, 20), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_first_number_of_seeds_that_is_enough(deviation: float, level: float) -> None:
    n = seeds_for_half_width(deviation, 1, level=level)
    assert half_width(deviation, n, level) <= 1
    assert n == 2 or half_width(deviation, n - 1, level) > 1


def test_known_numbers() -> None:
    assert seeds_for_half_width(0.26, 0.2) == 9  # 2.306 * 0.26 / 3 = 0.1998


@given(st.floats(0.01, 20), st.integers(2, 400), st.floats(1, 2))
def test_the_half_width_is_that_of_the_t_interval(deviation: float, n: int, per_seed: float) -> None:
    _, high = stats.t.interval(0.95, per_seed * (n - 1), scale=deviation / math.sqrt(n))
    assert interval_half_width(deviation, n, per_seed=per_seed) == pytest.approx(high)


EFFECTS = st.floats(0.02, 3)
ALPHAS = st.sampled_from([0.001, 0.01, 0.05, 0.2])


@given(st.floats(0.02, 4.9), st.integers(2, 200), ALPHAS)
def test_power_is_that_of_statsmodels(shift: float, n: int, alpha: float) -> None:
    """Paired, and unpaired with equal variances: 0.5 each, so that their difference has a deviation of 1.

    For a noncentrality of 5 or more statsmodels may have NaN.
    """
    effect = shift / math.sqrt(n)
    found = power_for_difference(-effect, 1, n, alpha=alpha)
    assert found == pytest.approx(TTestPower().power(effect, n, alpha), abs=1e-6)
    found = power_for_difference(effect, 1, n, alpha=alpha, per_seed=2)
    assert found == pytest.approx(TTestIndPower().power(effect * math.sqrt(2), n, alpha), abs=1e-6)


@pytest.mark.parametrize(
    ("effect", "n", "per_seed"), [(0.5, 10, 1), (1.5, 3, 2), (0.1, 60, 1.37), (3, 2, 1), (3, 20, 1)]
)
def test_power_is_the_integral_over_the_estimated_deviation(effect: float, n: int, per_seed: float) -> None:
    """Given the estimate s, the mean over s / sqrt(n) is normal; s has the density of a chi distribution."""
    degrees = per_seed * (n - 1)
    bound, shift = stats.t.ppf(0.975, degrees), effect * math.sqrt(n)

    def rejected(s: float) -> float:
        outside = stats.norm.sf(bound * s - shift) + stats.norm.cdf(-bound * s - shift)
        return float(outside * stats.chi.pdf(s * math.sqrt(degrees), degrees) * math.sqrt(degrees))

    expected, _ = integrate.quad(rejected, 0, 8, epsabs=1e-10, limit=200)
    assert power_for_difference(effect, 1, n, per_seed=per_seed) == pytest.approx(expected, abs=1e-7)


@given(EFFECTS, st.floats(0.3, 0.99), ALPHAS, st.floats(1, 2))
def test_the_first_number_of_seeds_that_has_the_power(
    effect: float, power: float, alpha: float, per_seed: float
) -> None:
    n = seeds_for_difference(effect, 1, alpha=alpha, power=power, per_seed=per_seed)
    assert power_for_difference(effect, 1, n, alpha=alpha, per_seed=per_seed) >= power
    if n > 2:
        assert power_for_difference(effect, 1, n - 1, alpha=alpha, per_seed=per_seed) < power


def test_seeds_of_the_textbook() -> None:
    """Cohen's tables: 64 a side for d = 0.5, 26 for d = 0.8; 34 pairs for d = 0.5."""
    assert seeds_for_difference(0.5, math.sqrt(2), per_seed=2) == 64
    assert seeds_for_difference(0.8, math.sqrt(2), per_seed=2) == 26
    assert seeds_for_difference(0.5, 1) == 34
    assert seeds_for_difference(50, 0.1) == 2


def test_simulated_power_of_welchs_test() -> None:
    """The test has estimated degrees of freedom, the formula those of the true variances."""
    one, two = np.random.default_rng(0).normal(size=(2, 20000, 8))
    found = stats.ttest_ind(1.8 + one, 2 * two, axis=1, equal_var=False).pvalue < 0.05
    per_seed = 25 / 17  # (1 + 4)^2 / (1 + 16)
    assert power_for_difference(1.8, math.sqrt(5), 8, per_seed=per_seed) == pytest.approx(
        found.mean(), abs=0.01
    )


def test_a_plan_on_the_upper_end_of_a_pilots_deviation_is_seldom_too_small() -> None:
    """A true deviation of 1, pilots of 5 seeds: the shares of plans that have the power asked for."""
    pilots = np.random.default_rng(0).normal(size=(1000, 5)).std(axis=1, ddof=1)
    needed = seeds_for_difference(0.8, 1)

    def enough(deviations: list[float]) -> float:
        return float(np.mean([seeds_for_difference(0.8, it) >= needed for it in deviations]))

    spreads = [Spread(deviation, 4, 1) for deviation in pilots]
    assert enough([it.deviation for it in spreads]) < 0.5
    assert enough([it.upper().deviation for it in spreads]) == pytest.approx(0.975, abs=0.015)


@pytest.mark.parametrize("difference", [1e5, 1e7, 1e300])
def test_a_difference_out_of_all_proportion_is_found_by_two_seeds(difference: float) -> None:
    assert power_for_difference(difference, 0.5, 2) == pytest.approx(1)
    assert seeds_for_difference(difference, 0.5) == 2


def test_refuses_what_makes_no_sense() -> None:
    for arguments in ((0, 1), (1, 0), (-1, 1), (1, math.inf)):
        with pytest.raises(InputError, match="expected a positive number"):
            seeds_for_half_width(*arguments)
    with pytest.raises(InputError, match="level is 95: expected a number between 0 and 1"):
        seeds_for_half_width(1, 1, level=95)
    with pytest.raises(InputError, match="size of the difference is 0: expected a positive number"):
        seeds_for_difference(0, 1)
    with pytest.raises(InputError, match="power is 80: expected a number between 0 and 1"):
        seeds_for_difference(1, 1, power=80)
    with pytest.raises(InputError, match="at least 2 of them, found 1"):
        power_for_difference(1, 1, 1)
    with pytest.raises(InputError, match="at least 2 of them, found 1"):
        interval_half_width(1, 1)
    with pytest.raises(InputError, match="more than 1,000,000,000 seeds"):
        seeds_for_difference(1e-9, 1)
