"""Points and correlations, against scipy and the store."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from stores import Run, fill
from tradeoffs import PRUNED, pruned

from gst.analysis.quantities import RUN_QUANTITIES
from gst.dashboard.points import GROUPS, PANELS, correlations, draw_points, placed, run_points
from gst.errors import InputError, UnknownNameError


@pytest.fixture
def hand(store):
    return run_points(store, "hand")


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
    found = run_points(writable, "scratch")
    assert placed(found, "stability", "final_accuracy") == ()
    assert len(placed(found, "final_accuracy", "final_gap")) == 1


def test_correlations_are_scipy_s_over_the_runs_that_count(hand):
    found = correlations(placed(hand, "stability", "final_accuracy"), "stability", "final_accuracy")
    x, y = zip(*PRUNED, strict=True)
    wanted = [stats.pearsonr(x, y), stats.kendalltau(x, y), stats.spearmanr(x, y)]
    for each, own in zip(found, wanted, strict=True):
        assert each.correlation is not None, each.why
        assert each.correlation.value == pytest.approx(own.statistic)
        assert each.correlation.p == pytest.approx(own.pvalue)
        assert each.correlation.n == 4
        assert each.correlation.low <= each.correlation.value <= each.correlation.high
    again = correlations(placed(hand, "stability", "final_accuracy"), "stability", "final_accuracy")
    assert again == found


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
    shown = placed(run_points(writable, "seven"), "stability", "final_accuracy")
    chosen = {p.point.run.key for p in shown if p.x < 1}
    found = correlations(shown, "stability", "final_accuracy", chosen)[0].correlation
    x, y = zip(*pairs[:-1], strict=True)
    assert (found.n, found.value) == (6, pytest.approx(stats.pearsonr(x, y).statistic))
    few = correlations(shown, "stability", "final_accuracy", list(chosen)[:1])
    assert [each.correlation for each in few] == [None] * 3
    assert all("at least 3 pairs, found 1" in each.why for each in few)


def test_a_run_in_two_sweeps_counts_once(writable):
    # The same configurations under another name are the same runs.
    fill(writable, [pruned("hard", seed, *PRUNED[seed], status="pending") for seed in (0, 1)], name="second")
    with pytest.raises(InputError, match="no completed run yet"):
        run_points(writable, "second")
    twice = placed([*run_points(writable, "hand")] * 2, "stability", "final_accuracy")
    assert correlations(twice, "stability", "final_accuracy")[0].correlation.n == 4


def test_kendalls_of_many_runs_has_an_interval_of_another_kind_and_the_page_says_so(hand, page, monkeypatch):
    correlated = page("tradeoff").correlated
    shown = placed(hand, "stability", "final_accuracy")
    said = str(correlated(shown, "stability", "final_accuracy", None))
    assert "percentile bootstrap over runs, 2,000 resamples. p assumes" in said
    monkeypatch.setattr("gst.stats.kendall.MOST_RESAMPLED", 3)
    drawn = "percentile bootstrap, 2,000 resamples"
    methods = [it.correlation.method for it in correlations(shown, "stability", "final_accuracy")]
    assert methods == [f"95% {method}" for method in (drawn, "jackknife", drawn)]
    said = str(correlated(shown, "stability", "final_accuracy", None))
    assert "2,000 resamples, but for Kendall τ over 4 runs a 95% jackknife. p assumes" in said


def test_points_are_those_of_the_newest_sweep(writable):
    fill(writable, [pruned("new", 0, 0.5, 0.5), pruned("new", 1, 0.5, 0.5, status="running")], name="hand")
    assert len(run_points(writable, "hand")) == 1
    with pytest.raises(UnknownNameError):
        run_points(writable, "nothing")


def test_the_picture_shows_each_point_with_its_key(hand):
    shown = placed(hand, "stability", "final_accuracy")
    figure = draw_points(shown, "stability", "final_accuracy", "arm")
    drawn = [row[0] for trace in figure.data for row in trace.customdata]
    assert sorted(drawn) == sorted(p.point.run.key for p in shown)
    assert {trace.type for trace in figure.data} == {"scattergl"}
    assert [trace.name for trace in figure.data] == ["none (unpruned)", "hard", "soft"]
    assert figure.data[0].marker.symbol.endswith("-open")


def test_panels_split_the_points_and_share_a_legend(hand):
    shown = placed(hand, "stability", "final_accuracy")
    figure = draw_points(shown, "stability", "final_accuracy", "kind", "arm")
    assert [note.text for note in figure.layout.annotations] == ["arm none", "arm hard", "arm soft"]
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2
    assert np.sum([len(trace.x) for trace in figure.data]) == 6
    assert PANELS == 9


def test_a_picture_of_nothing_is_empty():
    assert len(draw_points((), "stability", "final_accuracy", "arm", "sweep").data) == 0
