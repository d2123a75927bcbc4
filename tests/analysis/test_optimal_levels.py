"""The one-deviation rule over levels, in Python and in the store's views."""

from __future__ import annotations

import numpy as np
import pytest
from level_stores import Level, Levels, fill_levels, level_config

from gst.analysis.levels import (
    chosen_by,
    error_difference,
    level_results,
    level_summaries,
    optimal_level,
    paired_rule,
    sparsest_better,
    verdict,
)
from gst.analysis.source import find_source

# Test accuracies by seed and level, in sixteenths; the last level is better by exactly one deviation.
TEST = [(8, 9, 10, 9, 4, 9), (8, 9, 11, 7, 5, 8), (8, 10, 9, 8, 6, 10)]
VALIDATION = [(8, 12, 9, 8, 8, 8), (8, 12, 9, 8, 8, 8), (8, 12, 9, 8, 8, 8)]
VERDICTS = ["match", "better", "better", "match", "worse", "better"]


def runs(arm="IMP", test=TEST, validation=None):
    held_out = validation or [(None,) * len(row) for row in test]
    return [
        Levels(arm, seed, [Level(t / 16, v and v / 16) for t, v in zip(*rows, strict=True)])
        for seed, rows in enumerate(zip(test, held_out, strict=True))
    ]


def filled(store, runs, **configs):
    arms = dict.fromkeys(run.arm for run in runs)
    fill_levels(store, runs, {arm: configs.get(arm) or level_config(levels=5) for arm in arms})
    return level_summaries(level_results(store, find_source(store, "hand")))


def test_each_level_against_the_dense_network_of_its_seed(store):
    found = filled(store, runs())
    assert [(it.level, it.n, it.epochs) for it in found] == [(k, 3, 3 + 2 * k) for k in range(6)]
    assert [it.weights_left for it in found] == [2.0**-k for k in range(6)]
    errors = 1 - np.array(TEST) / 16
    assert [it.test_error for it in found] == pytest.approx(errors.mean(axis=0).tolist())
    changes = errors - errors[:, :1]
    assert [it.change.value for it in found] == pytest.approx(changes.mean(axis=0).tolist())
    assert [it.change.deviation for it in found] == pytest.approx(changes.std(axis=0, ddof=1).tolist())
    assert [it.against_dense for it in found] == VERDICTS


def test_the_optimal_level_and_the_sparsest_that_is_better(store):
    found = filled(store, runs(validation=VALIDATION), IMP=level_config(levels=5, validation=0.25))
    assert chosen_by(found) == "validation"
    assert optimal_level(found, "validation").level == 1
    assert optimal_level(found, "test").level == 2
    assert sparsest_better(found).level == 5
    assert sparsest_better(found[3:5]) is None


def test_runs_that_remove_nothing_have_no_sparsest_level(store):
    found = filled(store, runs(), IMP=level_config("extended", levels=5))
    assert [it.against_dense for it in found] == VERDICTS
    assert sparsest_better(found) is None
    (row,) = store.query("optimal_sparsity", sweep="hand").rows
    assert row[-3:] == (None, None, None)


def test_of_equal_levels_the_least_sparse_is_optimal(store):
    found = filled(store, runs(test=[(8, 9, 9)] * 2))
    assert chosen_by(found) == "test"
    assert optimal_level(found, "test").level == 1
    assert [it.against_dense for it in found] == ["match", "better", "better"]


def test_one_run_has_no_verdict(store):
    found = filled(store, runs(test=TEST[:1]))
    assert {it.against_dense for it in found} == {None}
    assert {it.change for it in found} == {None}
    assert sparsest_better(found) is None
    assert optimal_level(found, "test").level == 2


def test_a_difference_of_arms_is_paired_by_seed(store):
    one = runs(test=[(8, 4), (8, 8), (8, 2)])
    other = runs("other", [(8, 8), (8, 13), (8, 9)])[1:]
    found = filled(store, [*one, *other], other=level_config("extended", levels=5))
    first, second = (next(it for it in found if (it.arm, it.level) == (arm, 1)) for arm in ("IMP", "other"))
    rule = error_difference(first.runs, second.runs)
    assert (rule.value, rule.n) == (6 / 16, 2)
    assert rule.deviation == pytest.approx(np.std([5 / 16, 7 / 16], ddof=1))
    assert verdict(rule) == "worse"
    assert error_difference(first.runs[:1], second.runs) is None
    assert paired_rule(first.runs, second.runs, lambda it: it.validation_error) is None


@pytest.mark.parametrize("validation", [VALIDATION, None])
def test_the_views_of_the_store_say_the_same(store, validation):
    share = 0.25 if validation else 0.0
    more = runs("noisy", [row[::-1] for row in TEST][:2])
    ours = filled(
        store,
        [*runs(validation=validation), *more],
        IMP=level_config(levels=5, validation=share),
        noisy=level_config(levels=5, label_noise=0.25),
    )
    columns = "level, n, weights_left, test_error, validation_error, error_change, against_dense"
    rows = store.query(f"SELECT {columns} FROM level_summary ORDER BY config_id, level").rows
    for it, (level, n, left, test, held_out, change, against) in zip(ours, rows, strict=True):
        assert (it.level, it.n, it.weights_left, it.against_dense) == (level, n, left, against)
        assert it.test_error == pytest.approx(test)
        assert it.validation_error == (None if held_out is None else pytest.approx(held_out))
        assert it.change.value == pytest.approx(change)
    for arm in ("IMP", "noisy"):
        of_arm = [it for it in ours if it.arm == arm]
        by = "validation" if arm == "IMP" and validation else "test"
        config = of_arm[0].runs[0].config_id
        sql = "SELECT level FROM optimal_levels WHERE config_id = :config AND chosen_by = :by"
        assert list(store.query(sql, config=config, by=by).rows) == [(optimal_level(of_arm, by).level,)]
        rows = store.query("SELECT level FROM sparsest_better WHERE config_id = :config", config=config).rows
        best = sparsest_better(of_arm)
        assert list(rows) == ([] if best is None else [(best.level,)])
