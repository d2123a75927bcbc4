from __future__ import annotations

from level_stores import Level, Levels, fill_levels, level_config
from stores import Run, fill

from gst.analysis.levels import group_loss_results, level_results
from gst.analysis.source import find_source

CONFIGS = {"IMP": level_config(), "dense": level_config("none", width=0.5, label_noise=0.25)}


def levels(*accuracies, **changes):
    return [Level(test, **changes) for test in accuracies]


def test_each_level_of_each_completed_run_in_the_order_of_the_sweep(store):
    runs = [
        Levels("IMP", 1, levels(0.5, 0.75, 0.25, validation=0.625)),
        Levels("IMP", 0, levels(0.5, 0.625, 0.375)),
        Levels("dense", 0, levels(0.75, original=0.25, noisy=1.5)),
        Levels("dense", 1, levels(0.75), status="failed"),
    ]
    fill_levels(store, runs, CONFIGS)
    found = level_results(store, find_source(store, "hand"))
    assert [(it.arm, it.seed, it.level) for it in found] == [
        ("IMP", 0, 0), ("IMP", 0, 1), ("IMP", 0, 2), ("IMP", 1, 0), ("IMP", 1, 1), ("IMP", 1, 2),
        ("dense", 0, 0),
    ]  # fmt: skip
    assert [it.epochs for it in found] == [3, 5, 7] * 2 + [3]
    assert [it.weights_left for it in found[:3]] == [1, 0.5, 0.25]
    assert [it.test_error for it in found[:3]] == [0.5, 0.375, 0.625]
    assert [it.validation_error for it in found] == [None] * 3 + [0.375] * 3 + [None]
    dense = found[-1]
    assert (dense.kind, dense.width, dense.label_noise, dense.weights) == ("none", 0.5, 0.25, 512)
    assert (dense.original_loss, dense.noisy_loss, dense.train_loss) == (0.25, 1.5, 0.875)
    assert (dense.model, dense.dataset, dense.scale, dense.test_loss) == ("digits_cnn", "digits", 1, 1)
    assert {it.key for it in found} == set(find_source(store, "hand").keys)


def test_a_loss_that_is_not_finite_is_none(store):
    fill_levels(store, [Levels("IMP", 0, levels(0.5, original=float("nan")))], {"IMP": level_config()})
    (it,) = level_results(store, find_source(store, "hand"))
    assert (it.original_loss, it.train_loss) == (None, None)


def test_a_run_in_two_arms_is_there_twice(store):
    fill_levels(store, [Levels("IMP", 0, levels(0.5))], {"IMP": level_config(), "again": level_config()})
    assert [it.arm for it in level_results(store, find_source(store, "hand"))] == ["IMP", "again"]


def test_groups_by_level(store):
    runs = [
        Levels("IMP", 0, [Level(0.5, groups=(0.25, 1.0)), Level(0.5, groups=(0.5, 0.75))]),
        Levels("IMP", 1, [Level(0.5, groups=(0.125,))], status="failed"),
    ]
    fill_levels(store, runs, {"IMP": level_config()})
    found = group_loss_results(store, find_source(store, "hand"))
    assert [(it.seed, it.level, it.bin, it.loss) for it in found] == [
        (0, 0, 1, 0.25), (0, 0, 2, 1.0), (0, 1, 1, 0.5), (0, 1, 2, 0.75),
    ]  # fmt: skip
    assert (found[0].n_original, found[0].n_noisy, found[0].noisy_loss) == (8, 0, None)


def test_a_sweep_without_levels_has_none(store):
    fill(store, [Run("a", 0, [0.5])])
    source = find_source(store, "hand")
    assert level_results(store, source) == group_loss_results(store, source) == ()


def test_a_run_that_completed_since_the_source_was_read_is_left_out(store):
    fill_levels(store, [Levels("IMP", 0, levels(0.5))], {"IMP": level_config()})
    source = find_source(store, "hand")
    pending = tuple(replaced._replace(status="running") for replaced in source.members)
    assert level_results(store, source._replace(members=pending)) == ()
