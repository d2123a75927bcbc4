"""Runs, their pruning events and their probes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stores import SCRATCH, Run, claimed, epoch_record, event_of, fill, run_config, sweep_of

from gst.analysis.curves import curve_values
from gst.analysis.results import ProbeResult, distinct, event_drops, last_drops, probe_results, run_results
from gst.analysis.source import find_source
from gst.config import RunSpec
from gst.errors import InputError
from gst.figures import FIGURES
from gst.records import EpochRecords
from gst.store import Store


def results(store: Store, *runs: Run):
    fill(store, runs)
    return run_results(store, find_source(store, "hand"))


def test_churn_and_calibration_are_of_events_that_removed_something_and_of_the_last_epoch(store: Store):
    spec = RunSpec(run_config(epochs=3), 0)
    sweep_id = store.register(sweep_of({"arm": spec.config}))
    recorder = claimed(store, spec, sweep_id, store.take_over(sweep_id))
    told = [
        (0.5, 0.25, 0.375, 1),
        (0.25, 0.25, 0.125, 1),
        (1.0, 0.0, 1.0, 0),
    ]  # churn, before, after, removed
    for epoch, (churn, before, after, removed) in enumerate(told):
        event = event_of(epoch, 0.5, 0.5, removed)
        event = replace(event, churn=churn, ece_before=before, ece_after=after)
        of_epoch = epoch_record(epoch, test_ece=epoch / 8, distance=epoch / 2)
        recorder.write(EpochRecords(of_epoch, (event,)))
    recorder.finish(peak_memory=1000)
    (found,) = run_results(store, find_source(store, "hand"))
    assert (found.churn, found.ece_rise) == ((0.5 + 0.25) / 2, (0.125 - 0.125) / 2)
    assert (found.final_ece, found.final_distance) == (2 / 8, 2 / 2)
    for quantity, values in (("test_ece", [0, 1 / 8, 2 / 8]), ("distance", [0, 1 / 2, 1])):
        assert curve_values(store, find_source(store, "hand"), "arm", quantity).tolist() == [values]


def test_runs_without_churn_and_calibration_have_no_value_and_no_curve(store: Store):
    found, _ = results(
        store, Run("cut", 0, [0.5, 0.75], events=[(0, 0.5, 0.25)]), Run("none", 0, [0.5, 0.75])
    )
    assert (found.churn, found.ece_rise, found.final_ece, found.final_distance) == (None,) * 4
    with pytest.raises(InputError, match="none of its runs has a value of churn"):
        FIGURES["by"].numbers(store, "hand", y="churn")
    with pytest.raises(InputError, match="sweep 'hand': none of its runs has a value of test_ece"):
        FIGURES["dynamics"].numbers(store, "hand", quantity="test_ece")


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


def drops(store: Store, *runs: Run):
    fill(store, runs)
    return event_drops(store, find_source(store, "hand"))


def test_every_event_of_a_run_in_its_order(store: Store):
    run = Run("cut", 3, [0.5, 0.625, 0.75], events=[(0, 0.5, 0.25), (2, 0.875, 0.8125)])
    first, second = drops(store, run)
    assert (first.arm, first.seed, first.epoch, first.before, first.after) == ("cut", 3, 0, 0.5, 0.25)
    assert (first.drop, first.previous, first.drop_since_previous) == (0.25, None, None)
    assert (second.epoch, second.drop) == (2, 0.0625)
    # 0.625 is of the epoch before; 0.875, which one more epoch of training made of it, does not count.
    assert (second.previous, second.drop_since_previous) == (0.625, -0.1875)


def test_the_last_event_is_the_one_that_removed_something_last(store: Store):
    run = Run("cut", 0, [0.5] * 3, events=[(0, 0.5, 0.25), (1, 0.5, 0.375), (2, 0.5, 0.125, 0)])
    other = Run("cut", 1, [0.5] * 3, events=[(0, 0.5, 0.25)])
    found = drops(store, run, other)
    assert [(event.seed, event.epoch) for event in found] == [(0, 0), (0, 1), (1, 0)]
    assert [event.epoch for event in last_drops(found).values()] == [1, 0]


def test_neither_scratch_nor_unpruned_nor_unfinished_runs_have_events(store: Store):
    found = drops(
        store,
        Run("none", 0, [0.5]),
        Run("scratch", 0, [0.5], events=[(SCRATCH, 0.5, 0.25)]),
        Run("cut", 0, [0.5], events=[(0, 0.5, 0.25)], status="failed"),
        Run("cut", 1, [0.5], events=[(0, 0.5, 0.375)]),
    )
    assert [(event.arm, event.seed) for event in found] == [("cut", 1)]


def test_a_run_in_two_arms_has_its_events_in_both(store: Store):
    fill(store, [Run("cut", 0, [0.5], events=[(0, 0.5, 0.25)])])
    config = store.spec(find_source(store, "hand").keys[0]).config
    store.register(sweep_of({"cut": config, "again": config}, name="twice"))
    found = event_drops(store, find_source(store, "twice"))
    assert [event.arm for event in found] == ["cut", "again"]
    assert len(last_drops(found)) == 1
    assert found[0].drop == pytest.approx(0.25)


def test_a_row_for_each_probe_of_a_completed_run(store):
    fill(
        store,
        [
            Run("noise", 0, [0.5, 0.75], events=[(0, 0.5, 0.25)], ending=0.125),
            Run("noise", 1, [0.5, 0.5], events=[(0, 0.5, 0.25)], ending=0.25),
            Run("noise", 2, [0.5, 0.5], events=[(0, 0.5, 0.25)], ending=0.5, status="failed"),
            Run("none", 0, [0.5, 0.5]),
        ],
    )
    source = find_source(store, "hand")
    keys = [member.key for member in source.members]
    assert probe_results(store, source) == (
        ProbeResult("noise", keys[0], 0, "targeted_filters_removed", 1, 0.125),
        ProbeResult("noise", keys[1], 1, "targeted_filters_removed", 1, 0.25),
    )
