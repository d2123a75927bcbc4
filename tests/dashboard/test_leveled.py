"""The page of levels: numbers, pictures and the table, without a browser."""

from __future__ import annotations

import json

import numpy as np
import pytest
from level_stores import Level, Levels, fill_levels, level_config
from level_sweeps import configs_of, groups, means, runs_of
from plotly.utils import PlotlyJSONEncoder

from gst.dashboard.leveled import (
    error_series,
    group_curves,
    level_choices,
    leveled_sweep,
    optimal_rows,
)
from gst.errors import InputError, UnknownNameError

ARMS = ("IMP", "noisy", "extended", "half")


def as_text(found) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def leveled(writable):
    """A store with the sweep `leveled` beside two that have no levels."""
    fill_levels(writable, runs_of(*ARMS), configs_of(*ARMS), name="leveled")
    return writable


@pytest.fixture
def sweep(leveled):
    return leveled_sweep(leveled, "leveled")


def test_only_sweeps_with_levels_have_any(leveled):
    with pytest.raises(InputError, match="none of its 6 completed runs was summed up"):
        leveled_sweep(leveled, "hand")
    with pytest.raises(UnknownNameError):
        leveled_sweep(leveled, "nothing")


def test_errors_across_weights_and_epochs(sweep):
    found = {it.name: it for it in error_series([sweep], "weights")}
    assert list(found) == ["IMP", "noisy", "half"]  # extended training keeps all its weights
    assert [mark.x for mark in found["IMP"].marks] == [1, 0.5, 0.25, 0.125]
    assert [mark.x for mark in found["half"].marks] == [0.5]
    assert [mark.group.mean for mark in found["IMP"].marks] == pytest.approx(means("IMP"))
    found = {it.name: it for it in error_series([sweep], "epochs")}
    assert [mark.x for mark in found["extended"].marks] == [3, 5, 7, 9]


@pytest.mark.parametrize(
    ("which", "levels"),
    [
        ("optimal", {"IMP": 1, "noisy": 2}),
        ("sparsest", {"IMP": 2, "noisy": 3}),
        ("3", {"IMP": 3, "noisy": 3}),
    ],
)
def test_losses_of_groups_at_a_level(sweep, which, levels):
    for shown in ("loss", "change"):
        curves = {it.arm.name: it for it in group_curves([sweep], which, shown)}
        assert {name: it.level.level for name, it in curves.items()} == levels
        for arm, level in levels.items():
            rows = np.array([groups(arm, seed, level) for seed in range(3)])
            if shown == "change":
                rows -= np.array([groups(arm, seed, 0) for seed in range(3)])
            assert [it.x for it in curves[arm].groups] == [1, 2, 3, 4, 5]
            means_of = [it.group.mean for it in curves[arm].groups]
            assert means_of == pytest.approx(rows.mean(axis=0).tolist())
            assert {it.group.n for it in curves[arm].groups} == {3}


def test_levels_to_choose(sweep):
    assert list(level_choices([sweep])) == ["optimal", "sparsest", "0", "1", "2", "3"]
    assert group_curves([sweep], "17", "loss") == ()


def test_the_table_of_optimal_levels(sweep):
    rows = {row[0]: row for row in optimal_rows([sweep])}
    assert rows["IMP"][1:] == [
        3, 1, "50%", 5, "42.71%", "−7.29 ± 1.80 points (standard deviation, n = 3)", "better", "2 (25%)",
        "validation error",
    ]  # fmt: skip
    assert list(rows) == ["IMP", "noisy", "extended"]  # a dense network has but one level
    assert rows["noisy"][8] == "3 (12.5%)"
    assert rows["extended"][7] == "worse"  # what validation chooses, test images need not like


def test_several_sweeps_have_their_names_before_the_arms(leveled, sweep):
    fill_levels(
        leveled, [Levels("a", 0, [Level(0.5)])], {"a": level_config("none", width=0.25)}, name="other"
    )
    both = [sweep, leveled_sweep(leveled, "other")]
    assert [it.name for it in error_series(both, "epochs")][-1] == "other: a"
    assert optimal_rows(both)[0][0] == "leveled: IMP"


def test_the_page_shows_them(page, leveled):
    levels = page("levels")
    found, problems = [leveled_sweep(leveled, "leveled")], ["no sweep 'nothing'"]
    assert problems[0] in as_text(levels.about([], problems, "weights"))
    assert "it is shown by epochs only" in as_text(levels.about(found, problems, "weights"))
    assert "it is shown by epochs only" not in as_text(levels.about(found, (), "epochs"))
    shown = as_text(levels.optimal(found))
    assert "lowest mean validation error" in shown
    assert "at least one standard deviation" in shown
    assert '"type": "Graph"' in as_text(levels.groups(found, "optimal", "loss"))
    assert "No arm has losses of EL2N groups" in as_text(levels.groups(found, "17", "loss"))
    assert levels.NONE in as_text(levels.optimal([]))
    assert levels.NONE in as_text(levels.about([], [], "weights"))


def test_the_callbacks_answer_once_and_then_keep_still(leveled, call):
    outputs = (
        "..levels-errors.children...levels-about.children...levels-optimal.children...levels-level.options"
    )
    outputs += "...levels-mark.data.."
    inputs = {"levels-sweeps.value": ["leveled"], "levels-across.value": "weights", "version.data": "1"}
    answer = call(outputs, inputs, {"levels-mark.data": None})["response"]
    graph, _ = answer["levels-errors"]["children"]["props"]["children"]
    names = [it["name"] for it in graph["props"]["figure"]["data"] if it["showlegend"]]
    assert names == ["IMP", "noisy", "half", "optimal level"]
    assert [it["value"] for it in answer["levels-level"]["options"]][:3] == ["optimal", "sparsest", "0"]
    again = call(outputs, inputs, {"levels-mark.data": answer["levels-mark"]["data"]})
    assert again["response"] == {}
    outputs = "..levels-groups.children...levels-groups-mark.data.."
    inputs = {
        "levels-sweeps.value": ["leveled"], "levels-level.value": "optimal", "levels-loss.value": "change",
        "version.data": "1",
    }  # fmt: skip
    answer = call(outputs, inputs, {"levels-groups-mark.data": None})["response"]
    drawn = answer["levels-groups"]["children"]["props"]["children"][0]["props"]["figure"]["data"]
    assert [it["name"] for it in drawn if it["showlegend"]] == ["IMP, level 1", "noisy, level 2"]
