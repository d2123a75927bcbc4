from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from scipy import stats
from stores import Run, fill
from tradeoffs import HAND, PRUNED, pruned

from gst.analysis import find_source, run_results
from gst.analysis.quantities import RUN_QUANTITIES
from gst.figures.frame import compose
from gst.figures.panels.fit import least_squares
from gst.figures.panels.scatter import scatter_panel


def scatter(store, x="stability", y="final_accuracy", **changes):
    source = find_source(store, "hand")
    return scatter_panel(source, run_results(store, source), x, y, **changes)


def drawn(found):
    return compose([scatter_without_points(found), found], "", "", found.reading())


def scatter_without_points(found):
    return found._replace(points=(), baselines=(), fit=found.fit._replace(line=None))


def test_points_and_line_are_of_the_pruned_runs(hand):
    found = scatter(hand)
    assert [(dot.run.arm, dot.run.seed, dot.x, dot.y) for dot in found.points] == [
        ("hard", 0, *PRUNED[0]), ("hard", 1, *PRUNED[1]), ("soft", 0, *PRUNED[2]), ("soft", 1, *PRUNED[3]),
    ]  # fmt: skip
    slope, intercept = np.polyfit(*zip(*PRUNED, strict=True), 1)
    assert found.fit.line == pytest.approx((slope, intercept))
    x, y = zip(*PRUNED, strict=True)
    assert (found.fit.pearson.value, found.fit.pearson.p) == pytest.approx(stats.pearsonr(x, y))
    assert (found.fit.kendall.value, found.fit.kendall.p) == pytest.approx(stats.kendalltau(x, y))
    assert (found.fit.pearson.n, found.fit.kendall.n) == (4, 4)


def test_unpruned_arms_are_baselines_of_the_same_quantity(hand):
    (none,) = scatter(hand).baselines
    assert (none.name, none.n, none.mean, none.estimate[:3]) == ("none", 2, 0.375, (0.375, 0.25, 0.5))
    (of_gap,) = scatter(hand, y="final_gap").baselines
    assert of_gap.mean == 1 - 0.375


@pytest.mark.parametrize("x", ["mean_drop", "last_drop"])
def test_drops_rise_where_stabilities_fall(hand, x):
    found = scatter(hand, x=x)
    assert [dot.x for dot in found.points] == [0.5 * (1 - stability) for stability, _ in PRUNED]
    assert found.fit.pearson.value == pytest.approx(-scatter(hand).fit.pearson.value)


def test_panels_of_other_quantities_or_names_have_resamples_of_their_own(store):
    values = np.random.default_rng(0).uniform(0.25, 0.75, (12, 2)).tolist()
    fill(store, [pruned("a", seed, *pair) for seed, pair in enumerate(values)])
    first = scatter(store)
    assert first.fit.pearson == scatter(store).fit.pearson
    others = [scatter(store, name="every 4"), scatter(store, x="mean_drop")]
    assert len({round(abs(found.fit.pearson.low), 9) for found in [first, *others]}) == 3


def test_runs_without_events_are_noted_and_left_out_where_x_needs_events(store):
    fill(store, [*HAND, Run("scratch", 0, [0.5, 0.5], events=[(-1, 0.125, 0.0625)])])
    found = scatter(store)
    assert found.arms == ("hard", "soft")
    assert found.fit.notes[-1] == (
        "1 pruned run had no pruning event while it trained: it has no stability, "
        "and is not in the correlation"
    )
    assert scatter(store, x="final_gap", y="final_accuracy").arms == ("hard", "soft", "scratch")


def test_an_interval_of_another_kind_is_noted(hand, monkeypatch):
    assert scatter(hand).fit.notes[1:] == ()  # two configurations are too few to draw
    monkeypatch.setattr("gst.stats.kendall.MOST_RESAMPLED", 3)
    found = scatter(hand)
    assert found.fit.notes[1:] == ("Kendall's interval is a 95% jackknife: so many are not resampled",)
    assert "Kendall's interval is a 95% jackknife: so many are not resampled." in list(found.reading())
    assert [row["method"] for row in found.fit.rows()] == [found.fit.pearson.method, "95% jackknife"]


def test_a_run_in_two_arms_is_drawn_twice_and_counted_once(hand):
    source = find_source(hand, "hand")
    runs = run_results(hand, source)
    twice = scatter_panel(
        source, [*runs, *(run._replace(arm="again") for run in runs)], "stability", "final_accuracy"
    )
    assert (len(twice.points), twice.fit.pearson.n) == (8, 4)
    assert twice.fit.line == scatter(hand).fit.line


def test_rows_say_what_was_correlated(hand):
    rows = list(scatter(hand).rows())
    assert [(row["what"], row.get("x"), row.get("y")) for row in rows] == [
        ("pearson", "stability", "final_accuracy"),
        ("kendall", "stability", "final_accuracy"),
        ("mean final_accuracy", None, None),
    ]


def test_least_squares():
    assert least_squares([0, 1, 3], [1, 3, 7]) == pytest.approx((2, 1))


def test_the_panel_has_points_line_and_baseline_in_its_place(hand):
    figure = drawn(scatter(hand))
    markers = [trace for trace in figure.data if trace.mode == "markers"]
    assert [(trace.name, trace.xaxis, list(trace.y)) for trace in markers] == [
        ("hard", "x2", [0.75, 0.5]), ("soft", "x2", [0.625, 0.25]),
    ]  # fmt: skip
    (line,) = (trace for trace in figure.data if trace.mode == "lines")
    assert list(line.y) == pytest.approx(list(np.polyval(scatter(hand).fit.line, line.x)))
    assert {(shape.type, shape.xref, shape.y0, shape.y1) for shape in figure.layout.shapes} == {
        ("line", "x2 domain", 0.375, 0.375), ("rect", "x2 domain", 0.25, 0.5),
    }  # fmt: skip
    assert figure.layout.xaxis2.title.text == RUN_QUANTITIES["stability"].title
    assert figure.layout.yaxis2.title.text == "Final test accuracy"


def test_hovering_tells_key_seed_and_arm(hand):
    trace = next(trace for trace in drawn(scatter(hand, x="mean_drop")).data if trace.name == "soft")
    (_, _, first, _) = scatter(hand).points
    assert tuple(trace.customdata[0]) == (first.run.key[:12], 0, "12.500%", "62.50%")
    assert trace.hovertemplate.startswith("<b>soft</b>, seed %{customdata[1]}<br>mean drop %{customdata[2]}")


def test_the_heading_gives_both_correlations_and_n(hand):
    found = scatter(hand)
    wide, narrow = found._replace(size="wide").heading, found.heading
    assert wide.startswith("<b>r = −0.83 [")
    assert wide.endswith("; n = 4")
    assert narrow == wide.replace("; τ", "<br>τ")
    led = found._replace(lead="<b>Every 4</b>")
    assert led.heading == f"<b>Every 4</b><br>{narrow}"
    assert (led.heading, "x2 domain") in [(it.text, it.xref) for it in drawn(led).layout.annotations]


def test_only_stabilities_bend_their_axis(store):
    runs = [
        pruned("a", seed, stability, 0.5 + seed / 16) for seed, stability in enumerate([0.5, 0.99, 0.999])
    ]
    fill(store, runs)
    assert scatter(store).axis.curved
    assert not scatter(store, x="mean_drop").axis.curved
    assert "least-squares line in stability" in " ".join(scatter(store).reading())


def test_without_points_the_panel_stands(store):
    fill(store, [Run("none", 0, [0.5, 0.5])])
    figure = drawn(scatter(store))
    assert isinstance(figure, go.Figure)
    assert scatter(store).heading == "<b>No correlation</b>, for the reason below"
