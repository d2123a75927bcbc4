"""Dynamics of runs with many levels."""

from __future__ import annotations

from level_stores import fill_levels
from level_sweeps import configs_of, runs_of

from gst.figures import FIGURES
from gst.figures.panels.arm_means import ArmMeans
from gst.figures.panels.curves import CurvesPanel

ARMS = ("IMP", "extended", "dense")


def test_epochs_go_on_over_levels_whose_ends_are_marked(store):
    fill_levels(store, runs_of(*ARMS), configs_of(*ARMS))
    found = FIGURES["dynamics"].numbers(store, "hand")
    panel = found.panel(CurvesPanel)
    assert [len(it.curve.x) for it in panel.curves] == [9, 9, 3]
    assert [it.pruned for it in panel.curves] == [True, False, False]
    assert panel.level_ends == (2, 4, 6)
    figure = FIGURES["dynamics"].draw(found)
    marks = [it for it in figure.layout.shapes if it.line.dash == "dot"]
    assert [(it.x0, it.x1, it.yref) for it in marks] == [(x, x, "y domain") for x in (2.5, 4.5, 6.5)]
    assert "Dotted: where a level of training ends" in figure.layout.annotations[-1].text


def test_extended_training_is_a_baseline_and_no_pruned_run(store):
    fill_levels(store, runs_of(*ARMS), configs_of(*ARMS))
    found = FIGURES["tradeoff"].numbers(store, "hand")
    assert [(arm.name, arm.pruned) for arm in found.panel(ArmMeans).arms] == [
        ("IMP", True), ("extended", False), ("dense", False),
    ]  # fmt: skip
    assert not any("no pruning event" in note for note in found.panels[0].fit.notes)
    FIGURES["tradeoff"].draw(found)


def test_runs_without_levels_have_no_marks(hand):
    found = FIGURES["dynamics"].numbers(hand, "hand")
    assert found.panel(CurvesPanel).level_ends == ()
    assert len(FIGURES["dynamics"].draw(found).layout.shapes) == 0
