from __future__ import annotations

import pytest
from stores import SCRATCH, Run, fill, run_config

from gst.analysis import distinct, find_source, run_results
from gst.store import Store


def results(store: Store, *runs: Run):
    fill(store, runs)
    return run_results(store, find_source(store, "hand"))


def test_every_quantity_of_a_pruned_run(store: Store):
    run = Run("cut", 3, [(0.75, 0.5), (1.0, 0.875), (1.0, 0.75)], events=[(0, 0.5, 0.25), (1, 0.75, 0.6)])
    (found,) = results(store, run)
    assert (found.arm, found.seed, found.kind, found.pruned, found.measured) == (
        "cut",
        3,
        "filters",
        True,
        True,
    )
    assert found.events == 2
    assert found.last_event == 1
    assert found.stability == pytest.approx((0.5 + 0.8) / 2)  # relative: GST 2020
    assert found.mean_drop == pytest.approx((0.25 + 0.15) / 2)  # absolute: GST 2019
    assert found.last_drop == pytest.approx(0.15)
    assert (found.final_accuracy, found.final_gap) == (0.75, 0.25)
    assert (found.best_accuracy, found.best_epoch, found.best_gap) == (0.875, 1, 0.125)
    assert found.accuracy("final") == 0.75
    assert found.accuracy("best") == 0.875
    assert found.gap("final") == 0.25
    assert found.gap("best") == 0.125


def test_the_best_is_sought_from_the_last_event_on(store: Store):
    (found,) = results(store, Run("cut", 0, [0.9, 0.5, 0.6], events=[(1, 0.5, 0.25)]))
    assert (found.best_accuracy, found.best_epoch) == (0.6, 2)


def test_unpruned_and_scratch_runs_are_stable_by_convention(store: Store):
    none, scratch = results(
        store, Run("none", 0, [0.75, 0.5]), Run("scratch", 0, [0.5, 0.625], events=[(SCRATCH, 0.1, 0.1)])
    )
    assert (none.stability, none.mean_drop, none.events, none.measured) == (1.0, 0.0, 0, True)
    assert (scratch.stability, scratch.events, scratch.scratch, scratch.measured) == (1.0, 0, True, False)
    assert none.best_accuracy == 0.75  # over all epochs: nothing was pruned
    assert not none.pruned
    assert scratch.pruned


def test_only_completed_runs_in_the_order_of_the_file(store: Store):
    found = results(
        store,
        Run("b", 1, [0.5]),
        Run("b", 0, [0.5]),
        Run("a", 0, [0.5], status="failed"),
        Run("a", 1, [0.5], status="diverged"),
        Run("c", 0, [0.5], status="running"),
    )
    assert [(run.arm, run.seed) for run in found] == [("b", 0), ("b", 1)]


def test_a_run_in_two_arms_is_there_twice_and_once_among_the_distinct(store: Store):
    config = run_config(epochs=1)
    fill(store, [Run("one", 0, [0.5]), Run("two", 1, [0.5])], configs={"one": config, "two": config})
    found = run_results(store, find_source(store, "hand"))
    assert len(found) == 4
    assert len(distinct(found)) == 2
    assert {run.seed for run in distinct(found)} == {0, 1}
