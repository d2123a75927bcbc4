"""Figure 7 of Jin 2022, on runs made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_figures import drawn, words
from level_stores import Level, Levels, fill_levels, level_config
from level_sweeps import TEST, configs_of, means, runs_of

from gst.errors import InputError
from gst.figures import FIGURES
from gst.figures.papers import jin2022

ARMS = ("half", "dense", "IMP", "noisy", "noisy half")


@pytest.fixture
def levels(store):
    fill_levels(store, runs_of(*ARMS), configs_of(*ARMS))
    return store


def test_widths_stand_by_the_weights_they_have_of_the_full_network(levels):
    found = jin2022.fig7(levels, "hand")
    pruned, narrow = (side.series for side in found.panels[0].sides)
    assert [[mark.x for mark in it.marks] for it in pruned] == [[1, 0.5, 0.25, 0.125]] * 2
    clean, noisy = narrow
    assert [(mark.x, mark.about.arm) for mark in clean.marks] == [(1, "dense"), (0.5, "half")]
    assert [mark.group.mean for mark in clean.marks] == [*means("dense"), *means("half")]
    # Nobody trained a dense network of full width with noise: it is level 0 of pruning.
    assert [(mark.x, mark.about.arm) for mark in noisy.marks] == [(1, "noisy"), (0.5, "noisy half")]
    assert [mark.group.mean for mark in noisy.marks] == pytest.approx(
        [means("noisy")[0], *means("noisy half")]
    )
    assert clean.optimal.about.arm == "half"  # by validation: by test error both are the same


def test_the_best_width_is_compared_with_the_best_level_and_the_full_width(levels):
    clean, noisy = jin2022.fig7(levels, "hand").parts[:2]
    expected = [(a[1] - b[0]) / 32 for a, b in zip(TEST["IMP"], TEST["half"], strict=True)]
    assert (clean.best.value, clean.best.n) == (pytest.approx(np.mean(expected)), 3)
    assert clean.best.deviation == pytest.approx(np.std(expected, ddof=1))
    gain = [(a[0] - b[0]) / 32 for a, b in zip(TEST["dense"], TEST["half"], strict=True)]
    assert (clean.gain.value, clean.gain.deviation) == (np.mean(gain), np.std(gain, ddof=1))
    assert noisy.gain.value == pytest.approx((10 - 20 + 11 - 20 + 10 - 20) / 3 / 32)
    assert noisy.best.value == pytest.approx((2 * (18 - 20) + 19 - 20) / 3 / 32)


def test_the_picture(levels):
    figure = FIGURES["jin_fig7"].draw(jin2022.fig7(levels, "hand"))
    curves = drawn(figure, "lines+markers")
    assert [it.marker.symbol for it in curves] == ["square", "square", "circle", "circle"]
    assert [list(it.x) for it in curves] == [[0, 1, 2, 3]] * 2 + [[0, 1]] * 2
    assert curves[0].line.color == curves[2].line.color != curves[1].line.color
    text = words(figure)
    for part in (
        "Clean: width 0.5 less pruning at level 1, 50% of the weights, +7.29 ± ",
        "width 0.5 less full width, 0.00 ± 3.12 points (standard deviation, n = 3): they match.",
        "25% noise: width 0.5 less pruning at level 2, 25% of the weights, −5.21 ± 1.80 points",
        "better; width 0.5 less full width, −30.21 ± 1.80 points",
        "The optimal width is chosen the same way.",
        "n = 3 at every mark",
    ):
        assert part in text


def test_ticks_go_on_where_networks_are_narrower_than_the_sparsest(store):
    configs = {
        "IMP": level_config(levels=1),
        **{f"W{w}": level_config("none", width=w) for w in (0.75, 0.25, 0.125)},
    }
    runs = [Levels(arm, 0, [Level(0.5)] * (2 if arm == "IMP" else 1)) for arm in configs]
    fill_levels(store, runs, configs)
    figure = FIGURES["jin_fig7"].draw(jin2022.fig7(store, "hand"))
    assert list(figure.layout.xaxis.ticktext) == ["100", "50", "25", "12.5"]


def test_the_table(levels):
    table = jin2022.fig7(levels, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [(row["what"], row["label_noise"], row["verdict"]) for row in rows[:2]] == [
        ("test_error of the best width less that of optimal pruning", 0, "worse"),
        ("test_error of the best width less that of the full width", 0, "match"),
    ]
    assert [row["x"] for row in rows if row["what"] == "mean test_error"][-4:] == [1, 0.5, 1, 0.5]


def test_either_side_may_be_missing(store):
    fill_levels(store, runs_of("IMP", "noisy half"), configs_of("IMP", "noisy half"))
    text = words(FIGURES["jin_fig7"].draw(jin2022.fig7(store, "hand")))
    assert "Clean: no completed dense network." in text
    assert (
        "25% noise: width 0.5 is best, and no network of the full width completed; no completed run" in text
    )
    assert "the widest one has 100%" not in text
    fill_levels(store, runs_of("half"), configs_of("half"), name="narrow")
    found = jin2022.fig7(store, "narrow")
    assert [mark.x for mark in found.panels[0].sides[1].series[0].marks] == [1]
    assert "here the widest one has 100% of the weights" in words(FIGURES["jin_fig7"].draw(found))


def test_where_the_full_width_is_best_it_is_said(store):
    full, half = (level_config("none", width=width) for width in (1.0, 0.5))
    runs = [Levels("full", 0, [Level(0.75)]), Levels("half", 0, [Level(0.5)])]
    fill_levels(store, runs, {"full": full, "half": half})
    text = words(FIGURES["jin_fig7"].draw(jin2022.fig7(store, "hand")))
    assert "Clean: the full width is best; no completed run of iterative pruning." in text


def test_widths_of_one_network_are_one_mark(store):
    configs = {"full": level_config("none"), "half": level_config("none", width=0.5)}
    runs = [Levels("full", 0, [Level(0.75)]), Levels("half", 0, [Level(0.5)])]
    fill_levels(store, runs, configs | {"the same": configs["half"]})
    found = jin2022.fig7(store, "hand")
    (dense,) = found.panels[0].sides[1].series
    assert [(mark.x, mark.about.arm) for mark in dense.marks] == [(1, "full"), (0.5, "half")]


def test_extended_training_alone_is_refused(store):
    fill_levels(store, runs_of("extended"), configs_of("extended"))
    with pytest.raises(InputError, match="no completed run of iterative pruning or dense networks"):
        jin2022.fig7(store, "hand")
