from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
import pingouin
import pytest
from drawn_sweeps import Design, drawn
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats

from gst.errors import InputError
from gst.stats import kendall
from gst.stats.correlation import correlation, fisher_correlation
from gst.stats.crossed import (
    CrossedRuns,
    between_correlation,
    between_without_each,
    crossed_runs,
    crossed_weights,
    pooled_correlation,
    seeds_correlation,
    within_correlation,
)

# pingouin's, which pandas means to take away
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


class Labelled(NamedTuple):
    """Runs with labels of any kind."""

    x: np.ndarray
    y: np.ndarray
    configurations: list[str]
    seeds: list[int]


def labelled(runs: CrossedRuns, missing: int = 0) -> Labelled:
    kept = np.random.default_rng(9).permutation(len(runs.x))[missing:]
    return Labelled(
        runs.x[kept],
        runs.y[kept],
        [f"configuration {99 - it}" for it in runs.configurations[kept]],
        [100 + 3 * int(it) for it in runs.seeds[kept]],
    )


RUNS = drawn(Design(12, 8), seed=1, slope=-0.4)


@pytest.mark.parametrize("missing", [0, 11])
def test_within_is_the_repeated_measures_correlation_of_pingouin(missing: int) -> None:
    runs = labelled(RUNS, missing)
    frame = pd.DataFrame(runs._asdict())
    expected = pingouin.rm_corr(frame, "x", "y", "configurations")["r"].iloc[0]
    assert within_correlation(crossed_runs(*runs)).value == pytest.approx(expected, abs=1e-6)


def test_within_leaves_out_each_seed() -> None:
    runs = labelled(RUNS)
    frame = pd.DataFrame(runs._asdict())

    def place(rows: pd.DataFrame) -> float:
        return math.atanh(pingouin.rm_corr(rows, "x", "y", "configurations")["r"].iloc[0])

    left = np.array([place(frame[frame["seeds"] != seed]) for seed in sorted(set(runs.seeds))])
    error = math.sqrt(7 / 8 * ((left - left.mean()) ** 2).sum())
    half = stats.t.ppf(0.975, 7) * error
    found = within_correlation(crossed_runs(*runs))
    assert found[1:3] == pytest.approx(np.tanh([place(frame) - half, place(frame) + half]), abs=1e-6)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(place(frame)) / error, 7), abs=1e-6)
    assert (found.n, found.unit) == (8, "seeds")


def test_between_is_fishers_of_the_means() -> None:
    means = pd.DataFrame(labelled(RUNS, 11)._asdict()).groupby("configurations")[["x", "y"]].mean()
    found = between_correlation(crossed_runs(*labelled(RUNS, 11)))
    expected = fisher_correlation("pearson", means["x"], means["y"])
    assert found[:5] == pytest.approx(expected[:5])
    assert (found.n, found.unit) == (12, "configurations")


def test_without_each_configuration() -> None:
    frame = pd.DataFrame(labelled(RUNS)._asdict())
    expected = sorted(
        between_correlation(crossed_runs(*(rows[name].to_list() for name in frame))).value
        for one in set(frame["configurations"])
        if (rows := frame[frame["configurations"] != one]).size
    )
    assert sorted(between_without_each(crossed_runs(*labelled(RUNS)))) == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["pearson", "kendall", "spearman"])
def test_pooled_draws_configurations_and_seeds(kind: str) -> None:
    """Against resamples that are put together run by run."""
    runs, function = (
        RUNS,
        {"pearson": stats.pearsonr, "kendall": stats.kendalltau, "spearman": stats.spearmanr}[kind],
    )
    grid = np.arange(96).reshape(12, 8)
    generator, values = np.random.default_rng(5), []
    order = np.lexsort((runs.seeds, runs.configurations))
    x, y = runs.x[order], runs.y[order]
    for _ in range(1500):
        configurations, seeds = generator.integers(12, size=12), generator.integers(8, size=8)
        chosen = grid[np.ix_(configurations, seeds)].ravel()
        values.append(function(x[chosen], y[chosen]).statistic)
    low, high = np.quantile(values, [0.025, 0.975])
    found = pooled_correlation(kind, runs)  # type: ignore[arg-type]
    assert found.value == pytest.approx(function(runs.x, runs.y).statistic)
    assert found.low == pytest.approx(low, abs=0.08 * (high - low))
    assert found.high == pytest.approx(high, abs=0.08 * (high - low))
    assert found.p is None
    assert found.method == "95% crossed bootstrap, 10,000 resamples over 12 configurations and 8 seeds"


def test_weights_are_products() -> None:
    configurations, seeds = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0])
    weights = np.concatenate([*crossed_weights(configurations, seeds, 4000)])
    assert weights.shape == (4000, 4)
    # Each configuration and each seed is drawn once on average, independently.
    assert weights.mean(axis=0) == pytest.approx(np.ones(4), abs=0.1)
    grid = np.concatenate([*crossed_weights(np.arange(6) // 2, np.arange(6) % 2, 50)]).reshape(50, 3, 2)
    assert all(np.linalg.matrix_rank(it) == 1 for it in grid)
    assert (grid.sum(axis=(1, 2)) == 6).all()


def test_neither_order_nor_labels_matter() -> None:
    """The labels' names, that is: seeds are drawn in the order of their numbers."""
    one, other = crossed_runs(*labelled(RUNS)), RUNS
    for function in (between_correlation, within_correlation):
        assert function(one)[:5] == pytest.approx(function(other)[:5])
    assert pooled_correlation("kendall", one)[:4] == pytest.approx(pooled_correlation("kendall", other)[:4])


def test_few_configurations_or_seeds_have_no_interval() -> None:
    three = drawn(Design(3, 8), seed=1)
    found = pooled_correlation("pearson", three)
    assert found.value == pytest.approx(stats.pearsonr(three.x, three.y).statistic)
    assert (found.low, found.high, found.p) == (None, None, None)
    assert found.method == "no interval: 3 configurations are too few to draw from"
    between = between_correlation(three)
    assert between.low is None
    assert between.p is not None
    assert pooled_correlation("pearson", drawn(Design(9, 2), seed=1)).method.startswith(
        "no interval: 2 seeds"
    )
    with pytest.raises(InputError, match="at least 3 of them, found 2"):
        between_correlation(drawn(Design(2, 8), seed=1))
    with pytest.raises(InputError, match="at least 3 seeds, found 2"):
        within_correlation(drawn(Design(9, 2), seed=1))
    with pytest.raises(InputError, match="at least 4, found 3"):
        between_without_each(three)


def test_too_few_runs_that_vary_have_a_value_without_an_interval() -> None:
    """Many resamples of four configurations of one or two runs each have nothing but equal x."""
    runs = crossed_runs([0, 0, 0, 0, 1], [1, 2, 3, 4, 6], list("aabcd"), [0, 1, 0, 1, 2])
    found = pooled_correlation("pearson", runs)
    assert found.value == pytest.approx(stats.pearsonr(runs.x, runs.y).statistic)
    assert (found.low, found.high, found.p, found.n) == (None, None, None, 5)
    assert found.method.startswith("no interval: ")
    assert found.method.endswith("% of the resamples have no variation")


def test_one_configuration_has_independent_runs() -> None:
    runs = drawn(Design(1, 12), seed=3)
    assert pooled_correlation("pearson", runs) == correlation("pearson", runs.x, runs.y)
    with pytest.raises(InputError, match="one configuration"):
        within_correlation(runs)


def test_a_quantity_of_the_configuration_alone_has_no_correlation_within() -> None:
    runs = RUNS._replace(x=RUNS.configurations.astype(float))
    with pytest.raises(InputError, match="does not vary within configurations"):
        within_correlation(runs)
    assert between_correlation(runs).n == 12
    assert pooled_correlation("pearson", runs).low is not None


@pytest.mark.parametrize("kind", ["pearson", "kendall"])
def test_of_given_configurations_seeds_alone_are_left_out(kind: str) -> None:
    runs, function = (
        drawn(Design(3, 6), seed=2),
        {"pearson": stats.pearsonr, "kendall": stats.kendalltau}[kind],
    )

    def place(rows: np.ndarray) -> float:
        return math.atanh(function(runs.x[rows], runs.y[rows]).statistic)

    left = np.array([place(runs.seeds != seed) for seed in range(6)])
    half = stats.t.ppf(0.975, 5) * math.sqrt(5 / 6 * ((left - left.mean()) ** 2).sum())
    whole = place(np.ones(18, dtype=bool))
    found = seeds_correlation(kind, runs)  # type: ignore[arg-type]
    assert found[:3] == pytest.approx((math.tanh(whole), math.tanh(whole - half), math.tanh(whole + half)))


def test_many_runs_have_kendalls_interval_from_two_jackknives(monkeypatch: pytest.MonkeyPatch) -> None:
    resampled = pooled_correlation("kendall", drawn(Design(20, 20), seed=4, slope=-0.5))
    monkeypatch.setattr(kendall, "MOST_RESAMPLED", 100)
    found = pooled_correlation("kendall", drawn(Design(20, 20), seed=4, slope=-0.5))
    assert found.method == "95% jackknife over 20 configurations and 20 seeds"
    width = resampled.high - resampled.low
    assert found.low == pytest.approx(resampled.low, abs=0.25 * width)
    assert found.high == pytest.approx(resampled.high, abs=0.25 * width)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), *[st.integers(0, 5)] * 2), min_size=8, max_size=14
    )
)
@example(
    [
        (0, 0, 0, 0),
        (1, 0, 0, 0),
        (1, 1, 0, 0),
        (2, 2, 0, 0),
        (0, 1, 0, 0),
        (0, 2, 0, 3),
        (2, 0, 0, 5),
        (2, 1, 1, 5),
    ]
)
def test_whatever_runs_there_are(rows: list[tuple[int, int, int, int]]) -> None:
    """Missing runs, repeated values: a number, or an InputError."""
    runs = {(configuration, seed): (x, y) for configuration, seed, x, y in rows}
    x, y = np.array([*runs.values()], dtype=float).T
    assume(len(x) > 2 and np.ptp(x) and np.ptp(y))
    found = crossed_runs(x, y, [it for it, _ in runs], [it for _, it in runs])
    for function in (
        between_correlation,
        within_correlation,
        lambda it: pooled_correlation("kendall", it, resamples=40),
    ):
        try:
            it = function(found)
        except InputError:
            continue
        assert -1 <= it.value <= 1
        assert it.low is None or it.low <= it.high
