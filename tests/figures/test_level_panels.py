"""Figures 3 and 4 of Jin 2022, on runs made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from drawn_figures import drawn, in_legend, words
from level_stores import Level, Levels, fill_levels, level_config
from level_sweeps import LOSSES, NOISE, OPTIMAL, TEST, configs_of, means, runs_of
from stores import Run, fill
from students import student

from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.papers import jin2022

ARMS = ("noisy", "IMP")


@pytest.fixture
def levels(store):
    fill_levels(store, runs_of(*ARMS), configs_of(*ARMS))
    return store


def test_a_series_for_each_noise_the_clean_one_first(levels):
    found = jin2022.fig3(levels, "hand")
    assert [(it.name, it.noise) for it in found.panels[0].series] == [("clean", 0), ("25% noise", NOISE)]
    for arm, it in zip(("IMP", "noisy"), found.panels[0].series, strict=True):
        assert [mark.x for mark in it.marks] == [1, 0.5, 0.25, 0.125]
        assert [mark.group.mean for mark in it.marks] == pytest.approx(means(arm))
        assert [mark.group.n for mark in it.marks] == [3] * 4
        assert it.optimal.about.level == OPTIMAL[arm]
    mark = found.panels[0].series[0].marks[1]
    values = [1 - row[1] / 32 for row in TEST["IMP"]]
    assert list(mark.values) == values
    assert mark.group.estimate[:3] == pytest.approx((np.mean(values), *student(values)))
    assert mark.group.estimate.method == "95% t"


def test_losses_of_images_with_right_and_wrong_labels(levels):
    found = jin2022.fig4(levels, "hand")
    series = found.panels[0].series
    assert [it.name for it in series] == ["25% noise"] * 2
    for row, it in zip(LOSSES, series, strict=True):
        assert [mark.group.mean for mark in it.marks] == [loss + 1 / 64 for loss in row]
        assert it.optimal is it.marks[2]
    assert {run.arm for run in found.runs.runs} == {"noisy"}
    assert {member.arm for member in found.source.members} == {"noisy"}


def test_a_loss_that_is_not_finite_is_counted_and_never_made_up(store):
    runs = runs_of("noisy")
    runs[0] = replace(runs[0], levels=[*runs[0].levels[:-1], Level(0.25, 0.25, 2.0, math.nan)])
    fill_levels(store, runs, configs_of("noisy"))
    found = jin2022.fig4(store, "hand")
    original, noisy = found.panels[0].series
    assert [mark.group.n for mark in noisy.marks] == [3, 3, 3, 2]
    assert [mark.group.n for mark in original.marks] == [3] * 4
    text = words(FIGURES["jin_fig4"].draw(found))
    assert "1 value of the noisy loss is not a finite number, and has no place here." in text
    assert "n = 3 at every mark but noisy at level 3 (2)" in text


def test_the_table_has_means_runs_and_what_is_missing(store):
    runs = runs_of(*ARMS)
    runs[-1] = replace(runs[-1], status="failed")
    fill_levels(store, runs, configs_of(*ARMS))
    table = jin2022.fig3(store, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    means_of = [row for row in rows if row["what"] == "mean test_error"]
    assert [(row["arm"], row["level"], row["n"], row["optimal"]) for row in means_of] == [
        *(("IMP", level, 2, level == 1) for level in range(4)),
        *(("noisy", level, 3, level == 2) for level in range(4)),
    ]
    assert [row["against_dense"] for row in means_of][4:] == ["match", "better", "better", "better"]
    assert [row["epochs"] for row in means_of][:4] == [3, 5, 7, 9]
    assert sum(row["what"] == "run at level" for row in rows) == 20
    assert [(row["arm"], row["seed"]) for row in rows if row["what"] == "failed run"] == [("IMP", 2)]


def test_the_picture_of_errors(levels):
    found = jin2022.fig3(levels, "hand")
    figure = FIGURES["jin_fig3"].draw(found)
    curves = drawn(figure, "lines+markers")
    assert [list(it.y) for it in curves] == [pytest.approx(means("IMP")), pytest.approx(means("noisy"))]
    assert [list(it.x) for it in curves] == [[0, 1, 2, 3]] * 2
    assert len({it.line.color for it in curves}) == 2
    stars = [it for it in drawn(figure, "markers") if it.marker.symbol == "star"]
    assert [(it.x[0], it.y[0], it.marker.color) for it in stars] == [
        (1, pytest.approx(means("IMP")[1]), curves[0].line.color),
        (2, pytest.approx(means("noisy")[2]), curves[1].line.color),
    ]
    dashed = [(it.y0, it.line.color) for it in figure.layout.shapes if it.line.dash == "dash"]
    assert dashed == [
        (pytest.approx(means(arm)[0]), it.line.color)
        for arm, it in zip(("IMP", "noisy"), curves, strict=True)
    ]
    assert list(figure.layout.xaxis.ticktext) == ["100", "50", "25", "12.5"]
    dots = [it for it in drawn(figure, "markers") if it.marker.size == 4]
    assert sum(len(it.x) for it in dots) == 24
    key = found.parts[-1].arms[0].levels[0].runs[0].key
    assert key[:12] in {row[0] for it in dots for row in it.customdata}
    text = words(figure)
    for part in (
        "n = 3 at every mark",
        "6 runs",
        "lowest mean validation error",
        "25% noise: optimal at level 2, 25% of the weights; test error against dense networks −25.00 ± 0.00",
        "Clean: optimal at level 1, 50% of the weights; test error against dense networks −7.29 ± 1.80",
        "(standard deviation, n = 3): better.",
    ):
        assert part in text
    assert in_legend(figure) == ["clean", "25% noise", "optimal level", "dense networks"]


def test_the_picture_of_losses(levels):
    figure = FIGURES["jin_fig4"].draw(jin2022.fig4(levels, "hand"))
    curves = {it.line.dash: list(it.y) for it in drawn(figure, "lines+markers")}
    assert curves == {
        dash: [loss + 1 / 64 for loss in row] for dash, row in zip(("dash", "solid"), LOSSES, strict=True)
    }
    stars = [it for it in drawn(figure, "markers") if it.marker.symbol == "star"]
    assert [it.y[0] for it in stars] == [0.25 + 1 / 64, 1 + 1 / 64]


def test_one_seed_has_no_interval_and_no_verdict(store):
    fill_levels(store, runs_of("IMP", seeds=1), configs_of("IMP"))
    found = jin2022.fig3(store, "hand")
    assert {mark.group.estimate for mark in found.panels[0].series[0].marks} == {None}
    text = words(FIGURES["jin_fig3"].draw(found))
    assert "No mean has an interval: none is of two runs." in text
    assert "50% of the weights; fewer than two seeds, so no verdict." in text


def test_without_images_held_out_levels_are_chosen_by_test_error(store):
    runs = [Levels("IMP", seed, [Level(0.5), Level(0.75), Level(0.625)]) for seed in (0, 1)]
    fill_levels(store, runs, {"IMP": level_config()})
    found = jin2022.fig3(store, "hand")
    assert (found.parts[-1].by, found.parts[-1].arms[0].optimal.level) == ("test", 1)
    assert "lowest mean test error" in words(FIGURES["jin_fig3"].draw(found))


def test_levels_are_chosen_by_the_error_that_is_asked_for(levels, store):
    by_test = jin2022.fig3(levels, "hand", select_by="test")
    for arm in by_test.parts[-1].arms:
        assert arm.optimal.test_error == min(level.test_error for level in arm.levels)
    assert by_test.parts[-1].by == "test"
    assert "lowest mean test error over the runs of an arm, as asked for" in words(
        FIGURES["jin_fig3"].draw(by_test)
    )
    assert jin2022.fig3(levels, "hand", select_by="validation").parts[-1].by == "validation"
    with pytest.raises(UnknownNameError, match="did you mean 'validation'"):
        jin2022.fig3(levels, "hand", select_by="validaton")


def test_scaled_runs_are_hollow_and_said_to_be(store):
    fill_levels(store, [Levels("IMP", 0, [Level(0.5), Level(0.75)])], {"IMP": level_config(scale=0.5)})
    figure = FIGURES["jin_fig3"].draw(jin2022.fig3(store, "hand"))
    assert {it.marker.symbol for it in drawn(figure, "lines+markers")} == {"square-open"}
    assert "scaled down to 0.5 of the sweep file's epochs" in words(figure)
    assert "star-open" in {it.marker.symbol for it in drawn(figure, "markers")}


def test_arms_of_the_same_noise_are_named_by_their_labels(store):
    configs = {"a": level_config(fraction=0.5), "b": level_config(fraction=0.25)}
    fill_levels(store, [Levels(arm, 0, [Level(0.5), Level(0.75)]) for arm in configs], configs)
    found = jin2022.fig3(store, "hand")
    assert [it.name for it in found.panels[0].series] == ["a", "b"]
    figure = FIGURES["jin_fig3"].draw(found)
    assert len({it.line.color for it in drawn(figure, "lines+markers")}) == 2


def test_an_arm_without_a_run_yet_is_missing(store):
    fill_levels(store, [*runs_of("IMP"), replace(runs_of("noisy")[0], status="failed")], configs_of(*ARMS))
    found = jin2022.fig3(store, "hand")
    assert [it.name for it in found.panels[0].series] == ["clean"]
    assert "3 of 6 missing: 1 failed, 2 pending" in words(FIGURES["jin_fig3"].draw(found))


@pytest.mark.parametrize("name", [name for name in FIGURES if name.startswith("jin_")])
def test_sweeps_without_levels_are_refused_and_others_unknown(store, name):
    fill(store, [Run("a", 0, [0.5])])
    with pytest.raises(InputError, match="none of its 1 completed runs was summed up level by level"):
        FIGURES[name].numbers(store, "hand")
    with pytest.raises(UnknownNameError):
        FIGURES[name].numbers(store, "nothing")


@pytest.mark.parametrize("name", ["jin_fig3", "jin_fig4", "jin_fig1b", "jin_fig5"])
def test_sweeps_without_what_the_figure_is_about_are_refused(store, name):
    fill_levels(store, runs_of("extended"), configs_of("extended"))
    with pytest.raises(InputError, match="has no completed run of iterative pruning"):
        FIGURES[name].numbers(store, "hand")


def test_a_star_says_what_it_is_to_whoever_hovers(levels):
    figure = FIGURES["jin_fig3"].draw(FIGURES["jin_fig3"].numbers(levels, "hand"))
    star, *_ = (it for it in drawn(figure, "markers") if it.marker.symbol == "star")
    assert star.hovertemplate.startswith("optimal<br>")
    assert star.customdata[0][2] == "level 1, after 5 epochs, 50% of the weights left"
