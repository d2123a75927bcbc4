"""Partial correlations between configurations, held against pingouin and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin
import pytest

from gst.errors import InputError
from gst.stats.crossed import between_correlation, crossed_runs
from gst.stats.partial import partial_correlations

CONFIGURATIONS, SEEDS = 14, 3


def runs(seed=0, predictors=3):
    """Predictors [predictors, n] that overlap, an outcome [n], and the labels of runs of a crossed design."""
    draw = np.random.default_rng(seed)
    of, its = np.repeat(np.arange(CONFIGURATIONS), SEEDS), np.tile(np.arange(SEEDS), CONFIGURATIONS)
    means = draw.normal(size=(predictors, CONFIGURATIONS)) + draw.normal(size=CONFIGURATIONS)
    outcome = means[0] - means[-1] + draw.normal(size=CONFIGURATIONS)
    noisy = [it[of] + 0.3 * draw.normal(size=len(of)) for it in (*means, outcome)]
    return np.array(noisy[:-1]), noisy[-1], of, its


def test_values_intervals_and_p_are_those_of_pingouin_on_the_means():
    x, y, of, seeds = runs()
    table = pd.DataFrame([*x, y, of], index=["a", "b", "c", "y", "of"]).T.groupby("of").mean()
    for name, it in zip("abc", partial_correlations(x, y, of, seeds, resamples=50), strict=True):
        others = [other for other in "abc" if other != name]
        (row,) = pingouin.partial_corr(table, name, "y", others).to_dict("records")
        low, high = next(value for key, value in row.items() if key.startswith("CI95"))
        p = next(value for key, value in row.items() if key.startswith("p"))
        assert it.found.value == pytest.approx(row["r"], abs=1e-12)
        assert it.found.p == pytest.approx(p, rel=1e-9)
        assert (it.found.low, it.found.high) == pytest.approx(
            (low, high), abs=0.006
        )  # it rounds to two digits
        assert (it.found.n, it.found.unit, it.given) == (CONFIGURATIONS, "configurations", 2)


def test_a_partial_correlation_is_that_of_what_regressions_on_the_others_leave():
    x, y, of, seeds = runs(1)
    means = np.array([[values[of == c].mean() for c in range(CONFIGURATIONS)] for values in (*x, y)])
    basis = np.array([np.ones(CONFIGURATIONS), *means[1:3]]).T
    left = [it - basis @ np.linalg.lstsq(basis, it, rcond=None)[0] for it in (means[0], means[3])]
    assert partial_correlations(x, y, of, seeds, resamples=50)[0].found.value == pytest.approx(
        np.corrcoef(left)[0, 1], abs=1e-12
    )


def test_with_nothing_given_it_is_the_correlation_between_configurations():
    x, y, of, seeds = runs(2, predictors=1)
    (it,) = partial_correlations(x, y, of, seeds, resamples=50)
    plain = between_correlation(crossed_runs(x[0], y, of, seeds))
    assert it.found[:5] == pytest.approx(plain[:5], abs=1e-9)


def test_the_drawn_interval_is_that_of_a_plain_loop_over_draws():
    x, y, of, seeds = runs(3)
    draw, found = np.random.default_rng(5), []
    grid = np.array([*x, y]).reshape(4, CONFIGURATIONS, SEEDS)
    for _ in range(4000):
        drawn = grid[:, draw.integers(CONFIGURATIONS, size=CONFIGURATIONS)][
            ..., draw.integers(SEEDS, size=SEEDS)
        ]
        inverse = np.linalg.inv(np.corrcoef(drawn.mean(axis=2)))
        found.append(-inverse[0, 3] / np.sqrt(inverse[0, 0] * inverse[3, 3]))
    it = partial_correlations(x, y, of, seeds)[0]
    assert it.drawn == pytest.approx(np.quantile(found, [0.025, 0.975]), abs=0.04)
    assert it.drawn == partial_correlations(x, y, of, seeds)[0].drawn


def test_too_few_configurations_and_predictors_that_repeat_each_other_are_refused():
    x, y, of, seeds = runs(4)
    few = of < 5
    with pytest.raises(InputError, match="given 2 other predictors needs 6 configurations, found 5"):
        partial_correlations(x[:, few], y[few], of[few], seeds[few])
    with pytest.raises(InputError, match="follows from the others"):
        partial_correlations([x[0], x[1], x[0] + 2 * x[1]], y, of, seeds)


def test_of_many_sweeps_in_which_nothing_is_there_a_twentieth_is_found():
    """160 sweeps of three predictors: 0.05 +- 3 standard errors, 0.02."""
    found = []
    for seed in range(160):
        draw = np.random.default_rng(1000 + seed)
        x, _, of, seeds = runs(seed)
        y = draw.normal(size=CONFIGURATIONS)[of] + 0.3 * draw.normal(size=SEEDS)[seeds]
        found += [it.found.p < 0.05 for it in partial_correlations(x, y, of, seeds, resamples=40)]
    assert 0.02 < np.mean(found) < 0.09
