from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gst.errors import InputError
from gst.stats import power_for_correlation, runs_for_correlation, seeds_for_half_width


def half_width(deviation: float, n: int, level: float) -> float:
    return float(stats.t.ppf((1 + level) / 2, n - 1)) * deviation / math.sqrt(n)


@given(st.floats(0.01, 20), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_first_number_of_seeds_that_is_enough(deviation: float, level: float) -> None:
    n = seeds_for_half_width(deviation, 1, level=level)
    assert half_width(deviation, n, level) <= 1
    assert n == 2 or half_width(deviation, n - 1, level) > 1


def test_known_numbers() -> None:
    assert seeds_for_half_width(0.26, 0.2) == 9  # 2.306 * 0.26 / 3 = 0.1998
    assert runs_for_correlation(0.3) == runs_for_correlation(-0.3) == 85  # the textbook's
    assert runs_for_correlation(0.5, power=0.9) == 38
    assert runs_for_correlation(0.9999) == 4
    assert power_for_correlation(0.3, 85) == pytest.approx(0.8, abs=0.003)


@given(st.floats(0.02, 0.99), st.floats(0.001, 0.2), st.floats(0.3, 0.99))
def test_power_and_runs_are_inverse(r: float, alpha: float, power: float) -> None:
    n = runs_for_correlation(r, alpha=alpha, power=power)
    assert power_for_correlation(r, n, alpha=alpha) >= power - 1e-9
    assert n == 4 or power_for_correlation(r, n - 1, alpha=alpha) < power


def test_simulated_power() -> None:
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, 4000, 30))
    y = 0.5 * x + math.sqrt(0.75) * noise
    found = stats.pearsonr(x, y, axis=1).pvalue < 0.05
    assert power_for_correlation(0.5, 30) == pytest.approx(found.mean(), abs=0.03)


@pytest.mark.parametrize("r", [0, 1, -1, 2, math.nan])
def test_refuses_a_correlation_that_cannot_be_sought(r: float) -> None:
    with pytest.raises(InputError, match="size of the correlation"):
        runs_for_correlation(r)


def test_refuses_what_makes_no_sense() -> None:
    for arguments in ((0, 1), (1, 0), (-1, 1), (1, math.inf)):
        with pytest.raises(InputError, match="expected a positive number"):
            seeds_for_half_width(*arguments)
    with pytest.raises(InputError, match="level is 95: expected a number between 0 and 1"):
        seeds_for_half_width(1, 1, level=95)
    with pytest.raises(InputError, match="at least 4 runs, found 3"):
        power_for_correlation(0.5, 3)
