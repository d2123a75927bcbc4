"""The named queries about levels: exact numbers of hand-made runs, and the one-standard-deviation rule."""

from __future__ import annotations

import math

import pytest
from level_stores import Level, Levels, fill_levels, level_config

from gst.errors import UnknownNameError

# Test accuracies in sixteenths, by seed and level: better, worse, a match, better by exactly one deviation.
TEST = [(8, 10, 4, 9, 9), (8, 11, 5, 7, 8), (8, 12, 6, 8, 10)]
VALIDATION = (8, 9, 12, 8, 12)
AGAINST = ["match", "better", "worse", "match", "better"]


def runs(arm="IMP", test=TEST, validation=None, groups=(), **changes):
    """Runs of those test accuracies; the losses of groups grow with the level."""

    def level(number, accuracy):
        losses = [loss * (1 + number) for loss in groups]
        return Level(accuracy / 16, validation and validation[number] / 16, groups=losses)

    return [
        Levels(arm, seed, [level(number, it) for number, it in enumerate(row)], **changes)
        for seed, row in enumerate(test)
    ]


@pytest.fixture
def filled(store):
    """Five levels of three seeds with validation images, three of two without, and a failed run."""
    configs = {
        "IMP": level_config(levels=4, validation=0.25),
        "noisy": level_config(levels=4, label_noise=0.25),
        "Width": level_config("none", width=0.5),
    }
    failed = [Levels("IMP", 3, [Level(1.0)], status="failed")]
    fill_levels(
        store,
        [
            *runs(validation=VALIDATION, groups=(0.25, 0.5)),
            *failed,
            *runs("noisy", [(8, 6, 4), (8, 4, 6)]),
            *runs("Width", [(12,)]),
        ],
        configs,
    )
    return store


def asked(store, name, *columns):
    found = store.query(name, sweep="hand")
    places = [found.columns.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in found.rows]


def test_levels_are_those_of_every_run_from_its_dense_network_on(filled):
    columns = ("arm", "seed", "status", "level", "epochs", "weights_left", "test_error", "error_change")
    found = asked(filled, "levels", *columns)
    assert found[:3] == [
        ("IMP", 0, "completed", 0, 3, 1.0, 0.5, 0.0),
        ("IMP", 0, "completed", 1, 5, 0.5, 0.375, -0.125),
        ("IMP", 0, "completed", 2, 7, 0.25, 0.75, 0.25),
    ]
    assert found[15] == ("IMP", 3, "failed", 0, 3, 1.0, 0.0, 0.0)
    assert len(found) == 15 + 1 + 6 + 1
    assert asked(filled, "levels", "arm", "width", "label_noise", "kind")[-1] == ("Width", 0.5, 0.0, "none")
    assert asked(filled, "levels", "validation_error")[:2] == [(0.5,), (0.4375,)]


def test_what_a_level_does_to_losses(store):
    levels = [Level(0.5, original=0.5, noisy=1.5), Level(0.5, original=0.25, noisy=2.25)]
    fill_levels(store, [Levels("a", 0, levels)], {"a": level_config(levels=1, label_noise=0.5)})
    columns = ("train_loss", "loss_change", "original_loss", "noisy_loss", "noisy_gap")
    assert asked(store, "levels", *columns) == [(1.0, 0.0, 0.5, 1.5, 1.0), (1.25, 0.25, 0.25, 2.25, 2.0)]
    assert asked(store, "level_summary", "train_loss", "original_loss", "noisy_loss")[1] == (1.25, 0.25, 2.25)


def test_a_level_is_judged_by_one_standard_deviation(filled):
    found = asked(filled, "level_summary", "arm", "level", "n", "error_change", "deviation", "against_dense")
    assert [row[:3] for row in found[:5]] == [("IMP", level, 3) for level in range(5)]
    assert [row[5] for row in found[:5]] == AGAINST
    assert [row[3] for row in found[:5]] == [0, -3 / 16, 3 / 16, 0, -1 / 16]
    assert [row[4] for row in found[:5]] == [0, 1 / 16, 1 / 16, 1 / 16, 1 / 16]
    assert [row[1:] for row in found[5:8]] == [
        (0, 2, 0.0, 0.0, "match"),
        (1, 2, 3 / 16, pytest.approx(math.sqrt(2) / 16), "worse"),
        (2, 2, 3 / 16, pytest.approx(math.sqrt(2) / 16), "worse"),
    ]
    assert found[8:] == [("Width", 0, 1, 0.0, None, None)]
    assert asked(filled, "level_summary", "epochs", "weights_left", "test_error", "validation_error")[1] == (
        5, 0.5, 5 / 16, 7 / 16,
    )  # fmt: skip


def test_the_summary_of_an_arm_is_that_of_its_configuration(filled):
    columns = (
        "level",
        "n",
        "weights_left",
        "test_error",
        "validation_error",
        "error_change",
        "against_dense",
    )
    of_view = filled.query(f"SELECT {', '.join(columns)} FROM level_summary ORDER BY config_id, level").rows
    assert sorted(asked(filled, "level_summary", *columns), key=repr) == sorted(of_view, key=repr)


def test_the_optimal_level_and_the_sparsest_that_is_better(filled):
    found = filled.query("optimal_sparsity", sweep="hand")
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    imp, noisy, width = rows
    assert imp == {
        "arm": "IMP", "n": 3, "dense_test_error": 0.5,
        "level_by_validation": 2, "sparsity_by_validation": 0.75, "error_by_validation": 11 / 16,
        "level_by_test": 1, "sparsity_by_test": 0.5, "error_by_test": 5 / 16,
        "sparsest_better_level": 4, "sparsest_better_sparsity": 15 / 16, "sparsest_better_error": 7 / 16,
    }  # fmt: skip
    assert (noisy["level_by_validation"], noisy["level_by_test"], noisy["sparsest_better_level"]) == (
        None,
        0,
        None,
    )
    assert (noisy["error_by_validation"], noisy["sparsity_by_test"]) == (None, 0.0)
    assert (width["n"], width["level_by_test"], width["sparsest_better_level"]) == (1, 0, None)


def test_groups_of_images_against_the_same_of_the_dense_network(store):
    losses = [[(0.25, 1.0), (0.5, 0.5)], [(0.25, 2.0), (0.25, 1.0)]]
    three = [
        Levels("a", seed, [Level(0.5, groups=it) for it in levels]) for seed, levels in enumerate(losses)
    ]
    fill_levels(store, three, {"a": level_config(levels=1)})
    columns = ("level", "bin", "n", "dense_loss", "loss", "loss_change", "deviation", "noisy_share")
    assert asked(store, "group_losses", *columns) == [
        (0, 1, 2, 0.25, 0.25, 0.0, 0.0, 0.0),
        (0, 2, 2, 1.5, 1.5, 0.0, 0.0, 0.0),
        (1, 1, 2, 0.25, 0.375, 0.125, pytest.approx(math.sqrt(0.03125)), 0.0),
        (1, 2, 2, 1.5, 0.75, -0.75, pytest.approx(math.sqrt(0.125)), 0.0),
    ]


def test_a_loss_that_is_not_finite_is_left_out_of_a_group(store):
    losses = [(0.25, 0.5), (0.25, float("nan")), (0.25, 1.0)]
    three = [
        Levels("a", seed, [Level(0.5, groups=(dense,)), Level(0.5, groups=(sparse,))])
        for seed, (dense, sparse) in enumerate(losses)
    ]
    fill_levels(store, three, {"a": level_config(levels=1)})
    found = asked(store, "group_losses", "level", "n", "loss_change", "deviation")
    assert found == [(0, 3, 0.0, 0.0), (1, 2, 0.5, pytest.approx(math.sqrt(0.125)))]


def test_only_completed_runs_of_that_sweep_count(filled):
    assert {n for (n,) in asked(filled, "group_losses", "n")} == {3}
    fill_levels(filled, runs("other", [(8, 16)]), {"other": level_config(levels=1, scale=0.5)}, name="other")
    assert {arm for (arm,) in asked(filled, "level_summary", "arm")} == {"IMP", "noisy", "Width"}
    for name in ("levels", "level_summary", "optimal_sparsity", "group_losses"):
        with pytest.raises(UnknownNameError, match="no sweep 'nowhere'; did you mean 'other'"):
            filled.query(name, sweep="nowhere")


@pytest.mark.parametrize("view", ["level_summary", "optimal_levels", "sparsest_better"])
def test_a_view_asks_no_question_for_each_of_its_rows(filled, view):
    """Or it takes a minute where there are 25,000 levels."""
    explain = "EXPLAIN QUERY PLAN" if filled.url.startswith("sqlite") else "EXPLAIN"
    plan = "\n".join(str(row) for row in filled.query(f"{explain} SELECT * FROM {view}").rows)
    assert "CORRELATED" not in plan
    assert "SubPlan" not in plan
