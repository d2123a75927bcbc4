from __future__ import annotations

import numpy as np
import pytest
from courses import COURSES
from drawn_figures import in_legend, words
from stores import Run, fill, run_config
from students import student

from gst.figures import FIGURES
from gst.figures.frame import LEGEND_LINE, draw
from gst.figures.panels.bands import faded
from gst.figures.panels.curves import CurvesPanel, fine
from gst.figures.panels.event_marks import points
from gst.figures.style import BASELINE, COLOURS


@pytest.fixture
def short(store):
    fill(store, COURSES)
    return store


def drawn(store, **parameters):
    return draw(FIGURES["dynamics"].numbers(store, "hand", **parameters))


def curves(figure):
    """The mean curves: lines of more than a point without a fill, that answer to hovering."""
    return [trace for trace in figure.data if trace.mode == "lines" and trace.hovertemplate]


def test_each_arm_has_its_curve_with_epochs_from_zero(short):
    found = curves(drawn(short))
    assert [(trace.name, trace.x.tolist(), trace.y.tolist()) for trace in found[:3]] == [
        ("none", [0, 1, 2, 3], [0.375, 0.5, 0.625, 0.625]),
        ("S", [0, 1, 2, 3], [0.375, 0.5, 0.75, 0.625]),
        ("L", [0, 1, 2, 3], [0.375, 0.25, 0.375, 0.875]),
    ]
    assert [trace.line.color for trace in found] == [BASELINE, *COLOURS[:3]]


def test_a_band_is_filled_from_its_low_to_its_high_end(short):
    low, high = (trace for trace in drawn(short).data if trace.name == "S" and trace.line.width == 0)
    assert (low.fill, high.fill) == (None, "tonexty")
    ends = [student([0.25, 0.5]), (0.5, 0.5), (0.75, 0.75), student([0.75, 0.5])]
    assert list(zip(low.y, high.y, strict=True)) == [pytest.approx(end) for end in ends]
    assert high.fillcolor == faded(COLOURS[0]) == "rgba(0, 114, 178, 0.22)"


def test_the_legend_gives_stability_and_n(short):
    figure = drawn(short)
    assert in_legend(figure) == [
        "none: n = 2",
        "S: stability 91.67%, n = 2",
        "L: stability 50.00%, n = 2",
        "noise: stability 83.33%, n = 2",
    ]
    assert figure.layout.showlegend


def test_drops_are_named_at_the_last_event(short):
    notes = {it.text: it for it in drawn(short).layout.annotations}
    drop = notes["<b>−37.5 points</b>"]
    assert (drop.x, drop.y, drop.xanchor, drop.font.color) == (2, 0.375, "left", COLOURS[1])
    assert drop.hovertext == "L, event of epoch 2: 75.00% to 37.50%, n = 2"
    other = notes["<b>−25.0 points</b>"]
    assert (other.x, other.xanchor, other.font.color) == (2, "right", COLOURS[2])


def test_endings_are_symbols_behind_the_curves(short):
    (ending,) = (trace for trace in drawn(short).data if trace.mode == "markers")
    assert (ending.name, list(ending.y), ending.marker.color) == ("noise", [0.375], COLOURS[2])
    assert ending.x[0] > 3
    low, high = student([0.5, 0.25])
    assert ending.error_y.array == pytest.approx((high - 0.375,))
    assert ending.error_y.arrayminus == pytest.approx((0.375 - low,))
    assert "tested without any filter that noise ever acted on" in words(drawn(short))
    assert "tested without any filter" not in words(drawn(short, arms="L,S"))


def test_an_ending_below_the_panel_says_its_value(store):
    flat = [0.875] * 10
    fill(store, [Run("noise", 0, flat, events=[(0, 0.875, 0.875)], ending=0.125)])
    figure = drawn(store)
    low, _ = figure.layout.yaxis.range
    (ending,) = (trace for trace in figure.data if trace.mode == "markers")
    assert 0.125 < low < ending.y[0] < 0.875
    assert "← 12.5%" in words(figure)


def test_first_epochs_are_cut_where_they_would_flatten_the_rest(store):
    rising = [0.125, 0.5, *[0.75 + epoch / 1024 for epoch in range(38)]]
    fill(store, [Run("none", 0, rising)])
    found = FIGURES["dynamics"].numbers(store, "hand")
    low, high = found.panel(CurvesPanel).window
    most = float(np.quantile(rising, 0.1))
    lowest = most - 0.6 * (max(rising) - most)
    margin = 0.05 * (max(rising) - lowest)
    assert (low, high) == pytest.approx((lowest - margin, max(rising) + margin))
    assert "Curves leave the panel" in words(draw(found))


def test_a_collapse_at_an_event_is_inside_the_panel(store):
    """However few of the arms and epochs it takes; what was before the first event may leave the panel."""
    runs = [Run("none", 0, [0.01, *[0.875] * 49])]
    runs += [Run(f"mild {arm}", 0, [0.01, *[0.875] * 49], events=[(20, 0.875, 0.75)]) for arm in range(8)]
    deep = [0.01, *[0.875] * 19, 0.1, *[0.875] * 29]
    fill(store, [*runs, Run("PruneL", 0, deep, events=[(20, 0.875, 0.1)])])
    found = FIGURES["dynamics"].numbers(store, "hand")
    low, high = found.panel(CurvesPanel).window
    margin = 0.05 * (0.875 - 0.1)
    assert (low, high) == pytest.approx((0.1 - margin, 0.875 + margin))
    assert "leave the panel before epoch 20, the first pruning event, where" in words(draw(found))


def test_a_wide_band_leaves_the_panel_where_no_accuracy_can_be(short):
    found = FIGURES["dynamics"].numbers(short, "hand").panel(CurvesPanel)
    assert max(it.curve.high.max() for it in found.curves) > 1.9
    low, high = found.window
    assert low < 0.25
    assert 1 < high <= 1.05


def test_flat_curves_are_shown_whole(store):
    fill(store, [Run("none", 0, [0.5, 0.5])])
    figure = drawn(store)
    assert figure.layout.yaxis.range == (0.49, 0.51)
    assert "Curves leave the panel" not in words(figure)


def test_losses_are_cut_above(store):
    fill(store, [Run("none", 0, [0.5] * 4)])
    figure = drawn(store, quantity="train_loss")
    assert figure.layout.yaxis.title.text == "Training loss"
    assert figure.layout.yaxis.tickformat is None
    assert figure.layout.yaxis.range == (0.49, 0.51)


def test_losses_that_are_no_numbers_leave_an_empty_panel(short):
    found = FIGURES["dynamics"].numbers(short, "hand", quantity="test_loss")
    first = (panel := found.panel(CurvesPanel)).curves[0]
    lost = first._replace(curve=first.curve._replace(mean=first.curve.mean * np.nan, low=None, high=None))
    figure = draw(found._replace(panels=(panel._replace(curves=(lost,)),)))
    assert figure.layout.yaxis.range == (0, 1)


def test_it_says_what_it_shows_and_what_is_missing(store):
    small = run_config(epochs=4).model_copy(update={"scale": 0.5})
    fill(
        store,
        [*COURSES, Run("small", 0, [0.5] * 4), Run("small", 1, [0.5] * 4, status="failed")],
        configs={"small": small},
    )
    figure = drawn(store)
    assert figure.layout.title.text == "By hand"
    text = words(figure)
    for part in (
        "digits_cnn on digits · test accuracy after each epoch's pruning · 9 runs · 95% intervals",
        "1 of 10 missing: 1 failed",
        "open symbols: scaled down to 0.5 of the sweep file's epochs",
        "Bands: 95% t, of the mean over runs.",
        "No band where there is one run: small.",
    ):
        assert part in text


def test_hovering_tells_the_runs_of_a_curve(short):
    trace = curves(drawn(short))[2]
    keys = [run.key for run in FIGURES["dynamics"].numbers(short, "hand").panel(CurvesPanel).curves[2].runs]
    assert trace.hovertemplate.endswith(
        f"n = 2<br>seed 0: run {keys[0][:12]}<br>seed 1: run {keys[1][:12]}<extra></extra>"
    )
    assert trace.hovertemplate.startswith("<b>L</b>, epoch %{x}<br>mean %{y:.2%}")
    ends = [student([0.25, 0.5]), (0.25, 0.25), student([0.25, 0.5]), student([0.75, 1.0])]
    assert [tuple(row) for row in trace.customdata] == [pytest.approx(end) for end in ends]


def test_arrows_point_at_the_events_of_the_least_stable_arm_one_at_neighbours(store):
    events = [(1, 0.5, 0.25), (2, 0.5, 0.125), (5, 0.75, 0.5)]
    fill(store, [Run("L", 0, [0.5] * 8, events=events), Run("S", 0, [0.5] * 8, events=[(3, 0.5, 0.5)])])
    figure = draw(FIGURES["v1_fig2"].numbers(store, "hand"))
    arrows = [it for it in figure.layout.annotations if it.showarrow]
    assert [(arrow.x, arrow.arrowcolor) for arrow in arrows] == [(2, COLOURS[0]), (5, COLOURS[0])]
    assert arrows[0].hovertext == ("L, event of epoch 1: −25.0 points<br>L, event of epoch 2: −37.5 points")
    assert "Arrows: events of the least stable arm" in words(figure)
    assert not any(it.showarrow or "Arrows" in it.text for it in drawn(store).layout.annotations)


def test_many_arms_have_their_legend_beside_and_broken_lines(store):
    events = [(0, 0.5, 0.25)]
    fill(store, [Run(f"arm {number}", 0, [0.5, 0.5], events=events) for number in range(8)])
    figure = drawn(store)
    assert figure.layout.legend.orientation is None
    assert [trace.line.dash for trace in curves(figure)] == ["solid"] * 6 + ["dash"] * 2
    few = drawn(store, arms="arm 0,arm 1")
    assert few.layout.legend.orientation == "h"
    # The buttons stand where the legend does not.
    assert (figure.layout.modebar.orientation, few.layout.modebar.orientation) == ("h", "v")


def test_names_are_not_taken_for_tags(store):
    fill(store, [Run("<b>a", 0, [0.5, 0.5])])
    figure = drawn(store)
    assert figure.data[0].name.startswith("&lt;b&gt;a: ")
    assert curves(figure)[0].hovertemplate.startswith("<b>&lt;b&gt;a</b>")


def test_where_there_are_many_arms_the_figure_is_higher(store):
    fill(store, [Run(f"arm {number}", 0, [0.5, 0.5]) for number in range(30)])
    figure = drawn(store)
    assert figure.layout.height > drawn(store, arms="arm 0").layout.height
    assert figure.layout.height - figure.layout.margin.t - figure.layout.margin.b >= 30 * LEGEND_LINE
    assert "No bands: no arm has two runs." in words(figure)


def test_drops_at_the_end_are_named_inside_the_panel(store):
    events = [(8, 0.75, 0.25)]
    runs = [Run(arm, 0, [0.75] * 8 + [0.25, 0.5], events=events) for arm in ("a", "b")]
    fill(store, runs)
    drops = [it for it in drawn(store).layout.annotations if "points" in it.text and "Drops" not in it.text]
    assert [(drop.xanchor, drop.yshift) for drop in drops] == [("right", 0), ("right", 20)]


def test_few_epochs_have_a_tick_each(store):
    fill(store, [Run("a", 0, [0.5] * 3), Run("a", 1, [0.5] * 3)])
    assert drawn(store).layout.xaxis.dtick == 1
    fill(store, [Run("a", 0, [0.5] * 13)], name="longer")
    longer = FIGURES["dynamics"].numbers(store, "longer")
    assert draw(longer).layout.xaxis.dtick is None


def test_curves_are_above_every_band(short):
    kinds = [
        "band" if trace.line.width == 0 else "curve"
        for trace in drawn(short).data
        if trace.mode == "lines" and len(trace.x) > 1
    ]
    assert kinds == ["band"] * 8 + ["curve"] * 4


def test_numbers_in_words():
    assert [fine(value) for value in (1, 0.9999999, 0.99957, 0.98904, 1.25)] == [
        "100%", "100%", "99.957%", "98.90%", "125.00%",
    ]  # fmt: skip
    assert [points(drop) for drop in (0.0714, -0.001, 0.0001, -0.0001)] == [
        "−7.1 points", "+0.1 points", "±0.0 points", "±0.0 points",
    ]  # fmt: skip
