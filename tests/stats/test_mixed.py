from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from drawn_sweeps import Design, drawn
from scipy import stats

from gst.errors import InputError
from gst.stats.crossed import CrossedRuns, crossed_runs
from gst.stats.mixed import mixed_model


def without(runs: CrossedRuns, missing: int) -> CrossedRuns:
    kept = np.sort(np.random.default_rng(9).permutation(len(runs.x))[missing:])
    return crossed_runs(*(column[kept] for column in runs))


def design(runs: CrossedRuns) -> np.ndarray:
    means = pd.Series(runs.x).groupby(runs.configurations).transform("mean").to_numpy()
    return np.stack((np.ones(len(means)), means, runs.x - means), axis=1)


@pytest.mark.parametrize(("shape", "missing"), [((12, 8), 0), ((4, 20), 5), ((21, 10), 7)])
def test_the_estimates_are_those_of_statsmodels(shape: tuple[int, int], missing: int) -> None:
    runs = without(drawn(Design(*shape), seed=5, slope=-0.4), missing)
    found, fixed = mixed_model(runs), design(runs)
    frame = pd.DataFrame(runs._asdict()).assign(between=fixed[:, 1], within=fixed[:, 2], all=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = smf.mixedlm(
            "y ~ between + within",
            frame,
            groups="all",
            re_formula="0",
            vc_formula={"configurations": "0 + C(configurations)", "seeds": "0 + C(seeds)"},
        ).fit(reml=True, method=["bfgs", "powell"], gtol=1e-10, maxiter=2000)
    assert found.between.value == pytest.approx(expected.params["between"], abs=1e-6)
    assert found.within.value == pytest.approx(expected.params["within"], abs=1e-6)
    variances = (found.configuration_variance, found.seed_variance, found.residual_variance)
    assert variances == pytest.approx((*expected.vcomp, expected.scale), abs=1e-5)
    assert found.log_likelihood == pytest.approx(expected.llf, abs=1e-8)


@pytest.mark.parametrize("missing", [0, 5])
def test_rounding_changes_last_digits_alone(missing: int) -> None:
    """In another order sums round as on another machine; a figure there says the same in nine digits."""
    runs = without(drawn(Design(12, 8), seed=5, slope=-0.4), missing)
    order = np.random.default_rng(3).permutation(len(runs.x))
    found, other = (mixed_model(it) for it in (runs, crossed_runs(*(column[order] for column in runs))))
    for slope, again in zip(found[:2], other[:2], strict=True):
        assert again == pytest.approx(slope, rel=1e-12)
    assert other[2:] == pytest.approx(found[2:], rel=1e-12)


@pytest.mark.parametrize("missing", [0, 9])
def test_errors_are_those_of_generalized_least_squares(missing: int) -> None:
    """With the whole covariance matrix written out, which the model never makes."""
    runs = without(drawn(Design(9, 7), seed=6, slope=0.3), missing)
    found, fixed = mixed_model(runs), design(runs)
    same = [labels[:, None] == labels for labels in (runs.configurations, runs.seeds)]
    covariance = (
        found.configuration_variance * same[0]
        + found.seed_variance * same[1]
        + found.residual_variance * np.eye(len(runs.x))
    )
    inverse = np.linalg.inv(covariance)
    information = np.linalg.inv(fixed.T @ inverse @ fixed)
    slopes = information @ fixed.T @ inverse @ runs.y
    assert (found.between.value, found.within.value) == pytest.approx(tuple(slopes[1:]), rel=1e-8)
    errors = np.sqrt(np.diag(information))[1:]
    assert (found.between.error, found.within.error) == pytest.approx(tuple(errors), rel=1e-6)
    for slope in (found.between, found.within):
        half = stats.t.ppf(0.975, slope.degrees) * slope.error
        assert (slope.low, slope.high) == pytest.approx((slope.value - half, slope.value + half))
        assert slope.p == pytest.approx(2 * stats.t.sf(abs(slope.value / slope.error), slope.degrees))
    assert found.between.degrees == 7
    assert found.within.degrees == 63 - missing - 9 - 7


def test_between_is_the_line_through_the_means() -> None:
    """Where every configuration has every seed, and configurations do vary."""
    runs = drawn(Design(12, 8), seed=1, slope=-0.4)
    means = pd.DataFrame(runs._asdict()).groupby("configurations")[["x", "y"]].mean()
    expected = stats.linregress(means["x"], means["y"])
    found = mixed_model(runs).between
    assert found.value == pytest.approx(expected.slope, rel=1e-6)
    assert found.error == pytest.approx(expected.stderr, rel=1e-3)


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least 4 configurations, 3 seeds"):
        mixed_model(drawn(Design(3, 8), seed=1))
    with pytest.raises(InputError, match="at least 4 configurations, 3 seeds"):
        mixed_model(drawn(Design(8, 2), seed=1))
    runs = drawn(Design(5, 5), seed=1)
    with pytest.raises(InputError, match="x to vary"):
        mixed_model(runs._replace(x=runs.configurations.astype(float)))


@pytest.mark.parametrize("slope", [0, -0.5])
def test_nothing_left_to_tell_an_error_from_is_refused(slope: float) -> None:
    """Configuration, seed and, with a slope, x explain y to the last digit: any slope would have no error."""
    runs = drawn(Design(5, 5), seed=1)
    y = 0.03 * runs.configurations + 0.05 * runs.seeds + slope * runs.x
    with pytest.raises(InputError, match="needs y to vary besides"):
        mixed_model(runs._replace(y=y))
    noise = 1e-4 * np.random.default_rng(1).normal(size=len(y))
    assert mixed_model(runs._replace(y=y + noise)).within.value == pytest.approx(slope, abs=0.01)


def test_seeds_without_a_variance_of_their_own() -> None:
    """The best deviation is then 0, at the edge of what is allowed."""
    runs = drawn(Design(8, 6), seed=3)
    y = runs.y - pd.Series(runs.y).groupby(runs.seeds).transform("mean").to_numpy()
    found = mixed_model(runs._replace(y=y))
    assert found.seed_variance == pytest.approx(0, abs=1e-9)
    assert np.isfinite(found.log_likelihood)
