from __future__ import annotations

import pytest
from stores import SCRATCH, Run, fill, sweep_of

from gst.analysis import event_drops, find_source, last_drops
from gst.store import Store


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
