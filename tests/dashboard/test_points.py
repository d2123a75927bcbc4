"""Points and correlations, against scipy and the store."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from stores import Run, fill
from tradeoffs import PRUNED, pruned, targeted

from gst.analysis.quantities import RUN_QUANTITIES
from gst.dashboard.points import (
    GROUPS,
    PANELS,
    Placed,
    correlations,
    draw_points,
    paired_sweep,
    placed,
)
from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.panels.scatter import Scatter
from gst.figures.style import signed


@pytest.fixture
def hand(store):
    return paired_sweep(store, "hand").points


def test_points_are_completed_runs_with_the_store_s_numbers(store, hand):
    rows = store.query("tradeoff", sweep="hand")
    found = [(p.run.key, p.run.stability, p.run.final_accuracy) for p in hand]
    columns = [rows.columns.index(name) for name in ("key", "stability", "final_test_accuracy")]
    assert found == [tuple(row[column] for column in columns) for row in rows.rows]


@pytest.mark.parametrize("name", RUN_QUANTITIES)
def test_every_variable_has_a_number_of_each_run_or_none(hand, name):
    assert {type(RUN_QUANTITIES[name].of(point.run)) for point in hand} <= {float, int, type(None)}


@pytest.mark.parametrize("name", GROUPS)
def test_every_group_has_a_name_for_each_run(hand, name):
    assert all(point.group(name) for point in hand)


def test_unpruned_runs_are_shown_and_do_not_count(hand):
    shown = placed(hand, "stability", "final_accuracy")
    assert [p.counts for p in shown] == [False, False, True, True, True, True]
    assert [(p.x, p.y) for p in shown if p.counts] == [(2 * s / 2, a) for s, a in PRUNED]
    assert len(placed(hand, "iterative_rate", "final_accuracy")) == 4  # unpruned ones have no rate


def test_runs_pruned_before_training_have_no_stability(writable):
    fill(writable, [Run("scratch", 0, [0.5, 0.5], events=[(-1, 0.5, 0.25)])], name="scratch")
    found = paired_sweep(writable, "scratch").points
    assert placed(found, "stability", "final_accuracy") == ()
    assert len(placed(found, "final_accuracy", "final_gap")) == 1


NAMES = (
    "Pearson r between configurations",
    "Pearson r within configurations",
    "Pearson r of all runs",
    "Kendall τ of all runs",
    "Spearman ρ of all runs",
)


def grid(configurations: int = 4, seeds: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Stabilities and accuracies of runs, [configurations, seeds]."""
    x, y = np.random.default_rng(5).uniform(0.25, 0.5, (2, configurations, seeds))
    return x + np.linspace(0, 0.25, configurations)[:, None], y + np.linspace(0, 0.125, seeds)


def crossed(store, name: str = "crossed") -> tuple[Placed, ...]:
    """The points of a sweep of those runs."""
    x, y = grid()
    runs = [
        pruned(f"arm {arm}", seed, float(x[arm, seed]), float(y[arm, seed]))
        for arm, seed in np.ndindex(x.shape)
    ]
    fill(
        store, runs, name=name, configs={f"arm {arm}": targeted("largest", lr=0.5 + arm) for arm in range(4)}
    )
    return placed(paired_sweep(store, name).points, "stability", "final_accuracy")


def test_correlations_are_scipy_s_over_the_runs_that_count(hand):
    found = correlations(placed(hand, "stability", "final_accuracy"))
    assert tuple(each.name for each in found) == NAMES
    between, within, *pooled = found
    assert (between.correlation, within.correlation) == (None, None)
    assert "at least 3 of them, found 2" in between.why
    assert "at least 3 seeds, found 2" in within.why
    x, y = zip(*PRUNED, strict=True)
    wanted = [stats.pearsonr(x, y), stats.kendalltau(x, y), stats.spearmanr(x, y)]
    for each, own in zip(pooled, wanted, strict=True):
        assert each.correlation is not None, each.why
        assert each.correlation.value == pytest.approx(own.statistic)
        assert (each.correlation.n, each.correlation.p, each.correlation.low) == (4, None, None)
        assert each.correlation.method == "no interval: 2 configurations are too few to draw from"


def test_correlations_are_between_and_within_configurations_and_of_all_runs(writable):
    between, within, *pooled = (it.correlation for it in correlations(crossed(writable)))
    x, y = grid()
    expected = stats.pearsonr(x.mean(axis=1), y.mean(axis=1))
    interval = expected.confidence_interval(0.95)
    assert between[:5] == pytest.approx((expected.statistic, *interval, 4, expected.pvalue))
    inside = [(it - it.mean(axis=1, keepdims=True)).ravel() for it in (x, y)]
    assert (within.value, within.n) == (pytest.approx(stats.pearsonr(*inside).statistic), 3)
    for it, function in zip(pooled, (stats.pearsonr, stats.kendalltau, stats.spearmanr), strict=True):
        assert it.value == pytest.approx(function(x.ravel(), y.ravel()).statistic)
        assert it.low < it.value < it.high
        assert (it.p, it.unit) == (None, "runs")
        assert it.method == "95% crossed bootstrap, 10,000 resamples over 4 configurations and 3 seeds"
    again = correlations(placed(paired_sweep(writable, "crossed").points, "stability", "final_accuracy"))
    assert [it.correlation for it in again] == [between, within, *pooled]


@pytest.mark.parametrize("sweep", ["crossed", "hand"])
def test_the_page_and_the_figure_have_the_same_correlations(writable, sweep):
    crossed(writable)
    fit = FIGURES["tradeoff"].numbers(writable, sweep).panel(Scatter).fit
    shown = placed(paired_sweep(writable, sweep).points, "stability", "final_accuracy")
    page = {it.name: it.correlation for it in correlations(shown)}
    assert list(page.values())[:4] == [fit.between, fit.within, fit.pearson, fit.kendall]
    assert (fit.kendall is not None, fit.between is not None) == (True, sweep == "crossed")


def test_there_is_no_p_where_a_sweep_looked_at_its_data(writable):
    shown = crossed(writable)
    between, within, *pooled = (it.correlation for it in correlations(shown))
    looked = [it.correlation for it in correlations(shown, looked=True)]
    assert between.p is not None
    assert looked == [it._replace(p=None) for it in (between, within, *pooled)]


def test_a_selection_is_correlated_by_itself(writable):
    pairs = [
        (0.25, 0.75),
        (0.375, 0.5),
        (0.5, 0.625),
        (0.625, 0.125),
        (0.75, 0.375),
        (0.875, 0.25),
        (1.0, 0.5),
    ]
    fill(writable, [pruned("arm", seed, *pair) for seed, pair in enumerate(pairs)], name="seven")
    shown = placed(paired_sweep(writable, "seven").points, "stability", "final_accuracy")
    chosen = {p.point.run.key for p in shown if p.x < 1}
    found = {it.name: it for it in correlations(shown, chosen)}
    x, y = zip(*pairs[:-1], strict=True)
    # Runs of one configuration are independent pairs, for which p holds.
    pearson = found["Pearson r of all runs"].correlation
    expected = stats.pearsonr(x, y)
    assert (pearson.n, pearson.value, pearson.p) == (
        6, pytest.approx(expected.statistic), pytest.approx(expected.pvalue),
    )  # fmt: skip
    assert "at least 3 of them, found 1" in found["Pearson r between configurations"].why
    few = correlations(shown, list(chosen)[:1])
    assert [each.correlation for each in few] == [None] * 5
    assert all("at least 3 pairs, found 1" in each.why for each in few)


def test_a_run_in_two_sweeps_counts_once(writable):
    # The same configurations under another name are the same runs.
    fill(writable, [pruned("hard", seed, *PRUNED[seed], status="pending") for seed in (0, 1)], name="second")
    with pytest.raises(InputError, match="no completed run yet"):
        paired_sweep(writable, "second")
    twice = placed([*paired_sweep(writable, "hand").points] * 2, "stability", "final_accuracy")
    assert correlations(twice)[2].correlation.n == 4


def test_a_seed_of_two_sweeps_is_one_seed(writable):
    """Their random streams are the same, so that the jackknife leaves out the runs of both."""
    shown = crossed(writable)
    assert {p.point.run.seed for p in shown} == {0, 1, 2}
    other = [pruned(f"more {seed}", seed, 0.75 - seed / 8, 0.5 + seed / 8) for seed in range(3)]
    fill(
        writable, other, name="other", configs={it.arm: targeted("smallest", lr=9 + it.seed) for it in other}
    )
    both = (*shown, *placed(paired_sweep(writable, "other").points, "stability", "final_accuracy"))
    assert correlations(both)[1].correlation.n == 3
    assert correlations(both)[2].correlation.method.endswith("over 7 configurations and 3 seeds")


def test_the_page_has_a_row_for_each_correlation(writable, page):
    shown = crossed(writable)
    found = {name: page("tradeoff").row(it) for name, it in zip(NAMES, correlations(shown), strict=True)}
    x, y = grid()
    expected = stats.pearsonr(x.mean(axis=1), y.mean(axis=1))
    assert found[NAMES[0]] == [
        NAMES[0], signed(expected.statistic),
        "[{}, {}]".format(*map(signed, expected.confidence_interval(0.95))), f"{expected.pvalue:.2g}",
        "4 configurations",
    ]  # fmt: skip
    assert found[NAMES[1]][4] == "3 seeds"
    assert found[NAMES[2]][3:] == ["", "12 runs"]
    said = str(page("tradeoff").correlated(shown, None))
    assert "configurations and seeds are drawn, where they are enough; no p is valid." in said
    assert "Selected runs" not in said
    assert "Selected runs" in str(page("tradeoff").correlated(shown, [shown[0].point.run.key]))


def test_a_correlation_that_cannot_be_computed_says_why(hand, page):
    between, _, pearson, *_ = map(page("tradeoff").row, correlations(placed(hand, "stability", "final_gap")))
    assert between[:2] == [NAMES[0], ""]
    assert "at least 3 of them, found 2" in str(between[2])
    assert "2 configurations are too few to draw from" in str(pearson[2])
    assert pearson[4] == "4 runs"


def test_points_are_those_of_the_newest_sweep(writable):
    fill(writable, [pruned("new", 0, 0.5, 0.5), pruned("new", 1, 0.5, 0.5, status="running")], name="hand")
    assert len(paired_sweep(writable, "hand").points) == 1
    with pytest.raises(UnknownNameError):
        paired_sweep(writable, "nothing")


def test_the_picture_shows_each_point_with_its_key(hand):
    shown = placed(hand, "stability", "final_accuracy")
    figure = draw_points(shown, "stability", "final_accuracy", "arm")
    drawn = [row[0] for trace in figure.data for row in trace.customdata]
    assert sorted(drawn) == sorted(p.point.run.key for p in shown)
    assert {trace.type for trace in figure.data} == {"scatter"}
    assert [trace.name for trace in figure.data] == ["none (unpruned)", "hard", "soft"]
    assert not any(trace.marker.symbol.endswith("-open") for trace in figure.data)


def test_hollow_points_are_of_runs_that_were_scaled_down(hand):
    small = [it._replace(run=it.run._replace(scale=0.5)) if it.run.seed == 0 else it for it in hand]
    figure = draw_points(placed(small, "stability", "final_accuracy"), "stability", "final_accuracy", "arm")
    scales = {it.run.key: it.run.scale for it in small}
    for trace in figure.data:
        (hollow,) = {scales[key] < 1 for key, *_ in trace.customdata}
        assert trace.marker.symbol.endswith("-open") is hollow
    shown = [trace.name for trace in figure.data if trace.showlegend]
    assert shown == list(dict.fromkeys(trace.name for trace in figure.data))


def test_panels_split_the_points_and_share_a_legend(hand):
    shown = placed(hand, "stability", "final_accuracy")
    figure = draw_points(shown, "stability", "final_accuracy", "kind", "arm")
    assert [note.text for note in figure.layout.annotations] == ["arm none", "arm hard", "arm soft"]
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2
    assert np.sum([len(trace.x) for trace in figure.data]) == 6
    assert PANELS == 9


def test_a_picture_of_nothing_is_empty():
    assert len(draw_points((), "stability", "final_accuracy", "arm", "sweep").data) == 0
