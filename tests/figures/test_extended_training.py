"""Figures 1a and 6 of Jin 2022, on runs made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_figures import drawn, in_legend, words
from level_stores import Level, Levels, fill_levels, level_config
from level_sweeps import TEST, configs_of, means, runs_of

from gst.errors import InputError
from gst.figures import FIGURES
from gst.figures.axes import left_axis
from gst.figures.panels.matching_levels import shaded
from gst.figures.papers import jin2022

ARMS = ("noisy extended", "IMP", "noisy", "extended")


@pytest.fixture
def levels(store):
    fill_levels(store, runs_of(*ARMS), configs_of(*ARMS))
    return store


def difference(one, other, first, second):
    return [(a[second] - b[first]) / 32 for a, b in zip(TEST[other], TEST[one], strict=True)]


def test_levels_are_compared_with_their_own_seeds(levels):
    found = jin2022.fig1a(levels, "hand")
    (panel,) = found.panels
    for it in panel.levels:
        expected = difference("IMP", "extended", it.level, it.level)
        assert it.rule.value == pytest.approx(np.mean(expected))
        assert it.rule.deviation == pytest.approx(np.std(expected, ddof=1))
    # In 32nds, level 1: 0, 1, -1; level 2: -5, -6, -5; level 3: 1, 1, 1.
    assert [(it.level, it.match) for it in panel.levels] == [(0, True), (1, True), (2, False), (3, False)]
    assert [it.epochs for it in panel.levels] == [3, 5, 7, 9]
    assert {member.arm for member in found.source.members} == {"IMP", "extended"}


def test_extended_training_stands_where_pruning_of_the_same_level_does(levels):
    found = jin2022.fig1a(levels, "hand")
    for arm, series in zip(("IMP", "extended"), found.panels[0].panel.series, strict=True):
        assert [mark.x for mark in series.marks] == [1, 0.5, 0.25, 0.125]
        assert [mark.group.mean for mark in series.marks] == pytest.approx(means(arm))


def test_the_picture_shades_where_there_is_no_difference(levels):
    found = jin2022.fig1a(levels, "hand")
    figure = FIGURES["jin_fig1a"].draw(found)
    assert [(it.x0, it.x1) for it in figure.layout.shapes] == [(-0.5, 1.5)]
    one, other = drawn(figure, "lines+markers")
    assert (list(one.y), list(other.y)) == (pytest.approx(means("IMP")), pytest.approx(means("extended")))
    assert (one.marker.symbol, other.marker.symbol) == ("square", "circle")
    assert one.x[0] > 0 > other.x[0]  # a little apart
    assert list(figure.layout.xaxis.ticktext) == ["100", "50", "25", "12.5"]
    above = figure.layout.xaxis2
    assert (list(above.ticktext), above.side, above.overlaying) == (["3", "5", "7", "9"], "top", "x")
    assert list(above.tickvals) == list(figure.layout.xaxis.tickvals)
    text = words(figure)
    assert (
        "Shaded: both match at 2 of 4 levels; from level 0 on, all match down to 50% of the weights." in text
    )
    assert "n = 3 at every mark" in text


def test_shades_reach_halfway_to_the_next_level_and_join():
    class Pair:
        def __init__(self, left, match):
            self.weights_left, self.match = left, match

    axis = left_axis([1, 0.5, 0.25, 0.125, 0.0625])
    pairs = [Pair(2.0**-k, k in (1, 2, 4)) for k in range(5)]
    assert shaded(axis, tuple(pairs)) == [(0.5, 2.5), (3.5, 4.5)]


def test_one_seed_shades_nothing(store):
    fill_levels(store, runs_of("IMP", "extended", seeds=1), configs_of("IMP", "extended"))
    figure = FIGURES["jin_fig1a"].draw(jin2022.fig1a(store, "hand"))
    assert len(figure.layout.shapes) == 0
    assert "No level is shaded: fewer than two seeds are on both sides." in words(figure)


def test_a_level_that_pruning_does_not_have_has_no_place(store):
    configs = {"IMP": level_config(levels=1), "extended": level_config("extended")}
    runs = [Levels("IMP", 0, [Level(0.5)] * 2), Levels("extended", 0, [Level(0.5)] * 3)]
    fill_levels(store, runs, configs)
    found = jin2022.fig1a(store, "hand")
    assert [mark.about.level for mark in found.panels[0].panel.series[1].marks] == [0, 1]
    assert [mark.x for mark in jin2022.fig6(store, "hand").panels[0].series[1].marks] == [3, 5, 7]


def test_both_against_epochs_for_every_noise(levels):
    found = jin2022.fig6(levels, "hand")
    pairs = found.parts[:2]
    assert [(pair.pruned.label, pair.extended.label) for pair in pairs] == [
        ("IMP", "extended"), ("noisy", "noisy extended"),
    ]  # fmt: skip
    both = (("IMP", "noisy"), ("extended", "noisy extended"))
    for arms, side in zip(both, found.panels[0].sides, strict=True):
        for arm, series in zip(arms, side.series, strict=True):
            assert [mark.x for mark in series.marks] == [3, 5, 7, 9]
            assert [mark.group.mean for mark in series.marks] == pytest.approx(means(arm))
    # Each at its own optimal level, which validation chooses: 3 and 1, 2 and 2.
    clean, noisy = (pair.best for pair in pairs)
    expected = difference("extended", "IMP", 3, 1)
    assert (clean.value, clean.n) == (pytest.approx(np.mean(expected)), 3)
    assert clean.deviation == pytest.approx(np.std(expected, ddof=1))
    assert noisy.value == pytest.approx(np.mean(difference("noisy extended", "noisy", 2, 2)))


def test_the_picture_by_epoch(levels):
    figure = FIGURES["jin_fig6"].draw(jin2022.fig6(levels, "hand"))
    curves = drawn(figure, "lines+markers")
    assert [(it.marker.symbol, it.line.dash) for it in curves] == [("square", "solid")] * 2 + [
        ("circle", "dot")
    ] * 2
    assert [it.line.color for it in curves[:2]] == [it.line.color for it in curves[2:]]
    stars = [it for it in drawn(figure, "markers") if it.marker.symbol == "star"]
    assert [it.x[0] for it in stars] == [5, 7, 9, 7]
    text = words(figure)
    assert "Clean: extended dense at level 3 less pruning at level 1, +16.67 ± " in text
    assert "points (standard deviation, n = 3): worse." in text
    assert in_legend(figure) == [
        "clean", "25% noise", "iterative pruning", "extended dense", "optimal of each",
    ]  # fmt: skip


def test_the_table_has_differences_and_means(levels):
    table = jin2022.fig6(levels, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    level_by_level = [row for row in rows if row["what"] == "test_error: pruned less extended"]
    assert [(row["label_noise"], row["level"]) for row in level_by_level] == [
        (noise, level) for noise in (0, 0.25) for level in range(4)
    ]
    assert [row["verdict"] for row in level_by_level[:4]] == ["match", "match", "better", "worse"]
    best = [row for row in rows if row["what"].startswith("test_error, each at its optimal level")]
    assert [row["verdict"] for row in best] == ["worse", "worse"]
    assert sum(row["what"] == "mean test_error" for row in rows) == 16
    assert sum(row["what"] == "run at level" for row in rows) == 48


def test_a_side_that_is_missing_is_said_to_be(store):
    fill_levels(store, runs_of("IMP", "noisy extended"), configs_of("IMP", "noisy extended"))
    text = words(FIGURES["jin_fig6"].draw(jin2022.fig6(store, "hand")))
    assert "Clean: no completed run of extended training." in text
    assert "25% noise: no completed run of iterative pruning." in text
    with pytest.raises(InputError, match="with the same labels"):
        jin2022.fig1a(store, "hand")


def test_two_arms_of_one_kind_and_noise_are_refused(store):
    configs = {"a": level_config(fraction=0.5), "b": level_config(fraction=0.25)}
    fill_levels(store, [Levels(arm, 0, [Level(0.5), Level(0.75)]) for arm in configs], configs)
    with pytest.raises(InputError, match="two arms of iterative pruning with clean labels, 'a' and 'b'"):
        jin2022.fig6(store, "hand")
