from __future__ import annotations

from inspect import unwrap

import pytest
from drawn_figures import words
from stores import fill
from tradeoffs import HAND, PRUNED

from gst.errors import UnknownNameError
from gst.figures import FIGURES
from gst.figures.frame import draw
from gst.figures.panels.curves import CurvesPanel
from gst.figures.panels.scatter import Scatter
from gst.figures.papers.gst2020 import fig2


def test_best_accuracy_is_the_papers_and_final_can_be_had(hand):
    found = fig2(hand, "hand")
    assert [dot.y for dot in found.panel(Scatter).points] == [accuracy + 0.125 for _, accuracy in PRUNED]
    assert found.runs.accuracy == "best"
    final = fig2(hand, "hand", accuracy="final")
    assert [dot.y for dot in final.panel(Scatter).points] == [accuracy for _, accuracy in PRUNED]
    with pytest.raises(UnknownNameError, match="no accuracy 'worst'"):
        fig2(hand, "hand", accuracy="worst")


def test_it_agrees_with_the_trade_off_and_the_dynamics(hand):
    found, other = fig2(hand, "hand", accuracy="final"), FIGURES["tradeoff"].numbers(hand, "hand")
    assert found.panel(Scatter).fit == other.panels[0].fit
    assert found.panel(Scatter).points == other.panels[0].points
    assert list(found.panel(CurvesPanel).rows()) == list(
        FIGURES["dynamics"].numbers(hand, "hand").panel(CurvesPanel).rows()
    )


def test_some_arms_alone(hand):
    found = fig2(hand, "hand", arms="none,soft")
    assert (found.panel(Scatter).arms, len(found.source.keys)) == (("soft",), 4)


def test_the_table_has_both_panels(hand):
    columns, rows = fig2(hand, "hand").table()
    what = [row[columns.index("what")] for row in rows]
    assert what == (
        ["pearson", "kendall", "mean best_accuracy"]
        + ["mean stability"] * 2
        + ["event"] * 2
        + ["test_accuracy"] * 6
        + ["run"] * 6
    )
    assert [row[columns.index("best_test_accuracy")] for row in rows][-1] == 0.25 + 0.125


def test_left_are_the_curves_and_right_the_runs(hand):
    figure = draw(fig2(hand, "hand"))
    curves = [trace.name for trace in figure.data if trace.xaxis == "x" and trace.hovertemplate]
    runs = [
        (trace.name, len(trace.x)) for trace in figure.data if trace.xaxis == "x2" and trace.mode == "markers"
    ]
    assert (curves, runs) == (["none", "hard", "soft"], [("hard", 2), ("soft", 2)])
    assert {shape.xref for shape in figure.layout.shapes} == {"x2 domain"}
    colours = {trace.name: trace.marker.color for trace in figure.data if trace.mode == "markers"}
    lines = {
        trace.name: trace.line.color for trace in figure.data if trace.hovertemplate and trace.mode == "lines"
    }
    assert {arm: lines[arm] for arm in colours} == colours


def test_it_says_what_it_shows(store):
    fill(store, [*HAND, HAND[0].__class__("lost", 0, [0.5], status="failed")])
    figure = draw(fig2(store, "hand"))
    assert figure.layout.title.text == "By hand"
    text = words(figure)
    for part in (
        "digits_cnn on digits · best test accuracy since the last pruning event · 6 runs",
        "2 of 8 missing: 1 failed, 1 pending",
        "All 4 runs r = −0.83, τ = −0.67",
        "Dashed: mean of the unpruned runs, which are not in the correlation.",
        "Runs share configurations and seeds.",
        "Not computed: between configurations: a correlation between configurations needs at least 3",
        "Not computed: within configurations: a correlation within configurations needs at least 3 seeds",
    ):
        assert part in text


@pytest.mark.parametrize(
    "name", ["fig2_vgg11", "fig2_resnet18", "figB2_vgg11", "figB2_resnet18", "figB2_resnet18_ebn"]
)
def test_the_figures_are_of_their_own_sweeps(name):
    assert (unwrap(FIGURES[name].numbers), FIGURES[name].sweep) == (fig2, name)
