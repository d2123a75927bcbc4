"""Figures 1b, 2 and 5 of Jin 2022, on runs made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from comparisons import compared
from drawn_figures import drawn, words
from level_stores import Level, Levels, fill_levels, level_config
from level_sweeps import configs_of, groups, runs_of
from students import student

from gst.analysis.levels import verdict
from gst.errors import InputError
from gst.figures import FIGURES
from gst.figures.papers import jin2022

ARMS = ("IMP", "noisy")


@pytest.fixture
def levels(store):
    fill_levels(store, runs_of(*ARMS), configs_of(*ARMS))
    return store


def differences(arm, level):
    """By group and seed."""
    return [
        [groups(arm, seed, level)[group] - groups(arm, seed, 0)[group] for seed in range(3)]
        for group in range(5)
    ]


@pytest.mark.parametrize(
    ("name", "levels_of"),
    [
        ("jin_fig1b", {"optimal": {"clean": 1, "25% noise": 2},
                       "sparsest better": {"clean": 2, "25% noise": 3}}),
        ("jin_fig2a", {"optimal": {"clean": 1, "25% noise": 2}}),
        ("jin_fig2b", {"sparsest better": {"clean": 2, "25% noise": 3}}),
        ("jin_fig5", {"optimal": {"25% noise": 2}}),
    ],
)  # fmt: skip
def test_which_level_each_figure_shows_of_each_arm(levels, name, levels_of):
    found = FIGURES[name].numbers(levels, "hand")
    assert {
        panel.which: {it.arm.name: it.level.level for it in panel.arms} for panel in found.panels
    } == levels_of


def test_differences_are_paired_and_averaged_over_runs(levels):
    panel = jin2022.fig2a(levels, "hand").panels[0]
    for it, (arm, level) in zip(panel.arms, (("IMP", 1), ("noisy", 2)), strict=True):
        expected = differences(arm, level)
        assert [group.x for group in it.groups] == [1, 2, 3, 4, 5]
        assert [list(group.values) for group in it.groups] == expected
        assert [group.group.mean for group in it.groups] == [np.mean(row) for row in expected]
        deviations = [group.about.deviation for group in it.groups]
        assert deviations == pytest.approx([np.std(row, ddof=1) for row in expected])
        sizes = np.abs(expected)  # [group, seed]; the top fifth is one group of five
        assert it.ratios == pytest.approx(sizes[4] / sizes[:4].mean(axis=0))
    clean, noisy = panel.arms
    assert [verdict(group.about) for group in clean.groups] == ["match"] + ["better"] * 4
    assert [verdict(group.about) for group in noisy.groups] == ["match"] + ["worse"] * 4
    for group, values in zip(noisy.groups, differences("noisy", 2), strict=True):
        found = group.group.estimate
        assert (found.n, found.method) == (3, "95% t")
        assert (found.low, found.high) == pytest.approx(
            student(values) if np.ptp(values) else (values[0],) * 2
        )


def test_two_panels_side_by_side(levels):
    figure = FIGURES["jin_fig1b"].draw(jin2022.fig1b(levels, "hand"))
    shown = {(it.xaxis, it.name): list(it.y) for it in drawn(figure, "lines+markers")}
    assert shown == {
        (axis, name): [np.mean(row) for row in differences(arm, level)]
        for axis, name, arm, level in (
            ("x", "clean", "IMP", 1), ("x", "25% noise", "noisy", 2),
            ("x2", "clean", "IMP", 2), ("x2", "25% noise", "noisy", 3),
        )
    }  # fmt: skip
    dots = [it for it in drawn(figure, "markers") if it.marker.size == 4]
    assert sum(len(it.x) for it in dots) == 4 * 15
    assert {len(row) for it in dots for row in it.customdata} == {5}  # key, seed, difference, arm, group
    zero = [it for it in figure.layout.shapes if (it.y0, it.y1) == (0, 0)]
    assert [it.xref for it in zero] == ["x domain", "x2 domain"]
    text = words(figure)
    for part in (
        "n = 3 at every mark",
        "<b>Optimal level</b>",
        "<b>Sparsest level better than dense</b>",
        "lowest mean validation error",
        "Clean, optimal at level 1, 50% of the weights",
        "4 groups lower, 1 match, 0 higher",
        "25% noise, sparsest better at level 3, 12.5% of the weights",
        "The last of 5 equally large groups",
    ):
        assert part in text


def test_one_arm_has_its_level_in_the_heading(store):
    fill_levels(store, runs_of("IMP"), configs_of("IMP"))
    figure = FIGURES["jin_fig2b"].draw(jin2022.fig2b(store, "hand"))
    assert "<b>Sparsest level better than dense</b>: level 2, 25% of the weights" in words(figure)


def made(store, accuracies, losses=((1.0, 2.0), (1.0, 2.0), (1.0, 2.0)), seeds=2):
    """A store of an arm whose levels have these test accuracies in 32nds, and losses of two groups."""
    levels = [Level(test / 32, groups=row) for test, row in zip(accuracies, losses, strict=True)]
    fill_levels(store, [Levels("IMP", seed, levels) for seed in range(seeds)], {"IMP": level_config()})
    return store


def test_where_dense_networks_are_best_there_is_no_difference_to_show(store):
    found = jin2022.fig1b(made(store, (16, 12, 8)), "hand")
    assert [panel.arms for panel in found.panels] == [(), ()]
    figure = FIGURES["jin_fig1b"].draw(found)
    assert not figure.layout.shapes  # the line at 0 would strike through the words
    text = words(figure)
    assert "no mark · 2 runs" in text
    assert "interval" not in text
    assert text.count("no level to show, for the reason below") == 2
    assert "Clean: the dense networks are best, so that there is no difference." in text
    assert "Clean: no level is better than the dense networks." in text


def test_losses_that_are_not_finite_are_counted(store):
    found = jin2022.fig2a(made(store, (16, 20, 8), ((1.0, 2.0), (0.5, math.nan), (1, 1))), "hand")
    (it,) = found.panels[0].arms
    assert ([group.x for group in it.groups], it.lost) == ([1], 2)
    assert "2 losses are not finite" in words(FIGURES["jin_fig2a"].draw(found))


def test_the_ratio_of_the_hardest_fifth_is_the_one_that_gst_compare_has(store):
    """Mean over runs of the ratio in each: 12 and 1.5. The ratio of mean changes would be 14 / 3."""
    changes = [(1, -1, 1, -1, 12), (0, 0, 4, 4, 3)]
    runs = [
        Levels("IMP", seed, [Level(0.5, groups=[8.0] * 5), Level(0.75, groups=[8.0 + it for it in row])])
        for seed, row in enumerate(changes)
    ]
    fill_levels(store, runs, {"IMP": level_config(levels=1)})
    (shown,) = jin2022.fig2a(store, "hand").panels[0].arms
    value = {"quantity": "loss_change_of_the_hardest_fifth", "arms": ["best"], "value": 1, "unit": "ratio"}
    (found,) = compared(
        store, values=[value | {"place": "Section 3"}], groups={"best": {"kind": "imp", "at": "optimal"}}
    ).values
    assert shown.concentration == found.ours.value == (12 + 1.5) / 2
    assert (len(shown.ratios), found.ours.n) == (2, (2,))


def test_no_finite_loss_is_not_a_lack_of_runs(store):
    found = jin2022.fig2a(made(store, (16, 20, 8), ((1.0, 2.0), (math.nan,) * 2, (1, 1)), seeds=3), "hand")
    text = words(FIGURES["jin_fig2a"].draw(found))
    assert "6 losses are not finite" in text
    assert "none is of two runs" not in text
    assert "no level to show" in text


def test_one_seed_has_no_verdict(store):
    found = jin2022.fig2a(made(store, (16, 20, 8), seeds=1), "hand")
    assert {verdict(group.about) for group in found.panels[0].arms[0].groups} == {None}
    sparsest = FIGURES["jin_fig2b"].draw(jin2022.fig2b(store, "hand"))
    assert "Clean: of one seed no level can be said to be better than the dense network." in words(sparsest)
    assert "fewer than two seeds, so no verdict on groups" in words(FIGURES["jin_fig2a"].draw(found))


def test_groups_that_do_not_change_have_no_ratio(store):
    (it,) = jin2022.fig2a(made(store, (16, 20, 8)), "hand").panels[0].arms
    assert it.concentration is None
    assert [verdict(group.about) for group in it.groups] == ["match", "match"]


def test_the_table_has_groups_and_runs(levels):
    table = jin2022.fig5(levels, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert sum(row["what"] == "mean loss difference" for row in rows) == 5
    single = [row for row in rows if row["what"] == "loss difference"]
    assert [row["value"] for row in single] == [value for row in differences("noisy", 2) for value in row]
    assert {row["which"] for row in single} == {"optimal"}
    (ratio,) = (row["value"] for row in rows if "top fifth" in row["what"])
    assert ratio == pytest.approx(4 / 1.5)


def test_without_groups_the_figure_is_refused(store):
    runs = [
        replace(run, levels=[replace(level, groups=()) for level in run.levels]) for run in runs_of("IMP")
    ]
    fill_levels(store, runs, configs_of("IMP"))
    with pytest.raises(InputError, match="none of its runs has the losses of EL2N groups"):
        jin2022.fig2a(store, "hand")


def test_figure_5_is_of_wrong_labels(store):
    fill_levels(store, runs_of("IMP"), configs_of("IMP"))
    with pytest.raises(InputError, match="no completed run of iterative pruning with label noise"):
        jin2022.fig5(store, "hand")
