from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from scipy import stats
from stores import Run, fill, sweep_of
from students import student
from tradeoffs import HAND, PRUNED, pruned

from gst.analysis.quantities import RUN_QUANTITIES
from gst.analysis.results import run_results
from gst.analysis.source import find_source
from gst.figures.frame import compose
from gst.figures.panels.fit import Fit, least_squares
from gst.figures.panels.scatter import scatter_panel
from gst.figures.sweep_runs import without_event
from gst.stats.correlation import Correlation


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
    assert found.fit.pearson.value == pytest.approx(stats.pearsonr(x, y).statistic)
    assert found.fit.kendall.value == pytest.approx(stats.kendalltau(x, y).statistic)
    # Runs of one seed or one configuration are no independent pairs, so that there is no p.
    assert [(it.n, it.p) for it in (found.fit.pearson, found.fit.kendall)] == [(4, None)] * 2


def crossed(configurations=5, seeds=4):
    """Runs whose stability and accuracy depend on configuration and seed."""
    generator = np.random.default_rng(3)
    x, y = generator.uniform(0.25, 0.375, (2, configurations, seeds))
    x += np.linspace(0, 0.25, configurations)[:, None]
    y += np.linspace(0.25, 0, configurations)[:, None] + np.linspace(0, 0.125, seeds)
    return [
        pruned(f"arm {arm}", seed, float(x[arm, seed]), float(y[arm, seed]))
        for arm in range(configurations)
        for seed in range(seeds)
    ]


def frame_of(store):
    """What the runs of the store say, apart from the figure."""
    rows = store.frame("tradeoff", sweep="hand")
    return rows.rename(columns={"stability": "x", "final_test_accuracy": "y"})[["arm", "seed", "x", "y"]]


def test_correlations_between_and_within_configurations_and_of_all_runs(store):
    fill(store, crossed())
    fit, frame = scatter(store).fit, frame_of(store)
    means = frame.groupby("arm")[["x", "y"]].mean()
    expected = stats.pearsonr(means["x"], means["y"])
    interval = expected.confidence_interval(0.95)
    assert fit.between[:5] == pytest.approx((expected.statistic, *interval, 5, expected.pvalue))
    inside = frame[["x", "y"]] - frame.groupby("arm")[["x", "y"]].transform("mean")
    assert fit.within.value == pytest.approx(stats.pearsonr(inside["x"], inside["y"]).statistic)
    assert (fit.within.n, fit.within.unit) == (4, "seeds")
    assert fit.pearson.value == pytest.approx(stats.pearsonr(frame["x"], frame["y"]).statistic)
    assert fit.kendall.value == pytest.approx(stats.kendalltau(frame["x"], frame["y"]).statistic)
    assert (fit.pearson.n, fit.pearson.p, fit.kendall.p) == (20, None, None)
    assert fit.pearson.method == "95% crossed bootstrap, 10,000 resamples over 5 configurations and 4 seeds"
    assert fit.pearson.low < fit.pearson.value < fit.pearson.high
    assert fit.notes == ()


def test_the_arm_that_carries_most_of_the_correlation_is_named(store):
    fill(store, crossed())
    found, frame = scatter(store), frame_of(store)
    means = frame.groupby("arm")[["x", "y"]].mean()
    without = {arm: means.drop(arm).corr().loc["x", "y"] for arm in means.index}
    whole = means.corr().loc["x", "y"]
    arm = min(without, key=lambda it: without[it] * np.sign(whole))
    assert found.fit.weakest == (arm, pytest.approx(without[arm]))
    words = f"r of stability and final test accuracy between configurations is weakest without {arm}: "
    assert f"{words}{without[arm]:+.2f}." in found.reading()
    other = found.fit._replace(weakest=found.fit.weakest._replace(value=-without[arm]))
    assert other.weakest_words() == (
        f"r between configurations is weakest without {arm}: {-without[arm]:+.2f}, of the other sign."
    )
    row = next(row for row in found.rows() if row["what"] == "between, without one arm")
    assert (row["arm"], row["value"]) == (arm, pytest.approx(without[arm]))


def test_the_slopes_of_the_mixed_model_are_in_the_table(store):
    """Between, as the design is balanced, it is the slope of the configurations' means."""
    fill(store, crossed())
    found, frame = scatter(store), frame_of(store)
    rows = {row["what"]: row for row in found.rows()}
    means = frame.groupby("arm")[["x", "y"]].mean()
    assert rows["slope between"]["value"] == pytest.approx(np.polyfit(means["x"], means["y"], 1)[0], rel=1e-4)
    within = rows["slope within"]
    assert within["low"] < within["value"] < within["high"]
    assert (within["method"], within["x"], within["y"]) == (
        "mixed model, 95% t", "stability", "final_accuracy",
    )  # fmt: skip


def test_unpruned_arms_are_baselines_of_the_same_quantity(hand):
    (none,) = scatter(hand).baselines
    assert (none.name, none.n, none.mean) == ("none", 2, 0.375)
    assert none.estimate[:3] == pytest.approx((0.375, *student([0.25, 0.5])))
    (of_gap,) = scatter(hand, y="final_gap").baselines
    assert of_gap.mean == 1 - 0.375


@pytest.mark.parametrize("x", ["mean_drop", "last_drop"])
def test_drops_rise_where_stabilities_fall(hand, x):
    found = scatter(hand, x=x)
    assert [dot.x for dot in found.points] == [0.5 * (1 - stability) for stability, _ in PRUNED]
    assert found.fit.pearson.value == pytest.approx(-scatter(hand).fit.pearson.value)


def test_an_interval_follows_from_its_values_alone(store):
    """Not from the sweep's name, nor from the order of arms and seeds; drops are stabilities upside down."""
    fill(store, crossed())
    first, drop = scatter(store).fit, scatter(store, x="mean_drop").fit
    for one, other in ((first.between, drop.between), (first.within, drop.within)):
        assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))
    configs = {it.arm: store.spec(it.key).config for it in find_source(store, "hand").members}
    store.register(sweep_of(dict(reversed(configs.items())), (3, 1, 0, 2), name="other"))
    source = find_source(store, "other")
    other = scatter_panel(source, run_results(store, source), "stability", "final_accuracy").fit
    for (name, one), (_, two) in zip(first.correlations(), other.correlations(), strict=True):
        assert one[:3] == pytest.approx(two[:3], rel=1e-9), name


def test_an_event_from_nothing_is_an_event_without_a_stability(store):
    """It is NULL: not the 1 of a run that has no event, and not left out in silence."""
    nothing = Run("nothing", 0, [0.5, 0.5], events=[(0, 0.0, 0.25)])
    half = Run("half", 0, [0.5, 0.5], events=[(0, 0.0, 0.25), (1, 0.5, 0.125)])
    fill(store, [*HAND, nothing, half])
    found = scatter(store)
    assert {dot.run.arm: dot.x for dot in found.points if dot.run.arm in ("nothing", "half")} == {
        "half": 0.25
    }
    assert found.fit.notes[-1] == (
        "1 pruned run had no pruning event while it trained, or none from a test accuracy above 0: "
        "it has no stability, and is not in the correlation"
    )
    (note,) = without_event(run_results(store, find_source(store, "hand")))
    assert note.startswith(
        "1 pruned run has no measured pruning event, or none from a test accuracy above 0,"
    )


def test_runs_without_events_are_noted_and_left_out_where_x_needs_events(store):
    fill(store, [*HAND, Run("scratch", 0, [0.5, 0.5], events=[(-1, 0.125, 0.0625)])])
    found = scatter(store)
    assert found.arms == ("hard", "soft")
    assert found.fit.notes[-1] == (
        "1 pruned run had no pruning event while it trained: it has no stability, "
        "and is not in the correlation"
    )
    assert scatter(store, x="final_gap", y="final_accuracy").arms == ("hard", "soft", "scratch")


def test_what_could_not_be_computed_is_noted(hand):
    """Two configurations and two seeds: no correlation between or within them, and no interval."""
    found = scatter(hand)
    assert (found.fit.between, found.fit.within, found.fit.model, found.fit.weakest) == (None,) * 4
    assert (found.fit.pearson.low, found.fit.pearson.high) == (None, None)
    notes = (
        "not computed: between configurations: "
        "a correlation between configurations needs at least 3 of them, found 2",
        "not computed: within configurations: "
        "a correlation within configurations needs at least 3 seeds, found 2; run more seeds",
    )
    assert found.fit.notes == notes
    assert list(found.reading())[-2:] == [f"N{note[1:]}." for note in notes]
    assert [row["method"] for row in found.fit.rows()] == [
        "no interval: 2 configurations are too few to draw from"
    ] * 2


def test_the_table_says_how_kendalls_of_many_runs_was_made(store, monkeypatch):
    fill(store, crossed())
    monkeypatch.setattr("gst.stats.kendall.MOST_RESAMPLED", 19)
    methods = {row["what"]: row["method"] for row in scatter(store).fit.rows() if "method" in row}
    over = "over 5 configurations and 4 seeds"
    assert methods["pearson"] == f"95% crossed bootstrap, 10,000 resamples {over}"
    assert methods["kendall"] == f"95% jackknife {over}"


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
        ("line", "x2 domain", 0.375, 0.375), ("rect", "x2 domain", *scatter(hand).baselines[0].estimate[1:3]),
    }  # fmt: skip
    assert figure.layout.xaxis2.title.text == RUN_QUANTITIES["stability"].title
    assert figure.layout.yaxis2.title.text == "Final test accuracy"


def test_hovering_tells_key_seed_and_arm(hand):
    trace = next(trace for trace in drawn(scatter(hand, x="mean_drop")).data if trace.name == "soft")
    (_, _, first, _) = scatter(hand).points
    assert tuple(trace.customdata[0]) == (first.run.key[:12], 0, "12.500%", "62.50%")
    assert trace.hovertemplate.startswith("<b>soft</b>, seed %{customdata[1]}<br>mean drop %{customdata[2]}")


FIT = Fit(
    Correlation(-0.78, -0.995, 0.724, 4, 0.221, "", "configurations"),
    Correlation(0.166, -0.084, 0.397, 20, 4.4e-6, "", "seeds"),
    Correlation(-0.287, -0.52, 0.002, 80, None, ""),
    Correlation(-0.298, -0.427, 0.082, 80, None, ""),
)


def test_the_heading_gives_each_correlation_with_its_units(hand):
    found = scatter(hand)._replace(fit=FIT)
    lines = [
        "Between 4 configurations <b>r = −0.78 [−0.99, 0.72]</b>, p = 0.22",
        "within them r = 0.17 [−0.08, 0.40], p = 4×10⁻⁶, 20 seeds",
        "all 80 runs r = −0.29 [−0.52, 0.00], τ = −0.30 [−0.43, 0.08]",
    ]
    assert found.heading.split("<br>") == lines
    alone = found._replace(fit=FIT._replace(between=None))
    assert alone.heading.split("<br>") == [lines[1].replace("within them", "Within configurations"), lines[2]]
    assert scatter(hand).heading == "All 4 runs r = −0.83, τ = −0.67"
    led = found._replace(lead="<b>Every 4</b>")
    assert led.heading == f"<b>Every 4</b><br>{found.heading}"
    assert (led.heading, "x2 domain") in [(it.text, it.xref) for it in drawn(led).layout.annotations]


def test_a_small_panel_has_the_correlations_of_all_runs_alone(hand):
    found = scatter(hand)._replace(fit=FIT, size="small")
    words = found.heading.replace('<span style="font-size:12px">', "").replace("</span>", "")
    assert words.split("<br>") == [
        "r = −0.29 [−0.52, 0.00]", "τ = −0.30 [−0.43, 0.08]",
    ]  # fmt: skip
    assert "r not computed" in found._replace(fit=Fit()).heading


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


def test_many_unpruned_arms_are_named_together(hand):
    panel = scatter(hand)
    (none,) = panel.baselines
    many = tuple(none._replace(name=f"none {at}", mean=0.25 + at / 16) for at in range(4))
    figure = compose([panel._replace(baselines=many)], "", "")
    lines = [it.y0 for it in figure.layout.shapes if it.type == "line"]
    assert lines == [it.mean for it in many]
    assert not [it for it in figure.layout.shapes if it.type == "rect"]
    (label,) = (it for it in figure.layout.annotations if "unpruned" in it.text)
    assert (label.text, label.y) == ("4 unpruned arms", many[-1].mean)
    assert [line.partition(":")[0] for line in label.hovertext.split("<br>")] == [it.name for it in many]
