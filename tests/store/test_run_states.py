"""Where runs stand and how long they took, against what was written of each."""

from __future__ import annotations

import pytest
from stores import Run, claimed, fill, records_of, run_config, saved, sweep_of
from tradeoffs import HAND
from troubled import TROUBLED

from gst.config import RunSpec
from gst.store import RunState, run_states
from gst.store.run_states import epoch_seconds, keys_of_other_sweeps


@pytest.fixture
def filled(store):
    """A store with two sweeps: `hand`, which is complete, and `troubled`."""
    fill(store, HAND)
    fill(store, TROUBLED, name="troubled")
    return store


def test_states_are_those_of_the_runs_in_the_order_of_the_file(filled):
    sweep_id = filled.sweep_id("troubled")
    found = run_states(filled, sweep_id)
    assert [it.status for it in found] == [run.status for run in TROUBLED] + ["pending"] * 2
    for state in found:
        run = filled.run(state.key).run
        assert state._asdict() == {name: run[name] for name in RunState._fields}
    assert run_states(filled, sweep_id, "pruned") == found[3:6]
    every = run_states(filled)
    assert len(every) == 6 + 9
    assert set(found) < set(every)


def test_a_run_in_two_arms_has_one_state(store):
    config = run_config()
    sweep_id = store.register(sweep_of({"one": config, "two": config}, [0, 1]))
    assert len(run_states(store, sweep_id)) == 2 == len(run_states(store, sweep_id, "two"))
    assert run_states(store, sweep_id, "three") == ()


def test_a_checkpoint_is_final_only_if_it_is_of_the_last_epoch(store):
    spec = RunSpec(run_config(epochs=2), 0)
    sweep_id = store.register(sweep_of({"arm": spec.config}))
    recorder = claimed(store, spec, sweep_id, store.take_over(sweep_id))
    said = []

    def look():
        (state,) = run_states(store)
        said.append((state.epochs(0), state.checkpoint, state.final_checkpoint))

    look()
    run = Run("arm", 0, [0.5, 0.5])
    recorder.write(records_of(run, 0), saved(0, "first"))
    look()
    recorder.write(records_of(run, 1))
    look()
    assert said == [(0, None, False), (1, "first", True), (2, "first", False)]


def test_runs_of_other_sweeps_are_those_of_another_name(store):
    config, other = run_config(), run_config(epochs=7)
    store.register(sweep_of({"arm": config}, [0], name="one"))
    store.register(sweep_of({"arm": config}, [0, 1], name="one"))
    assert keys_of_other_sweeps(store, "one") == frozenset()
    sweep_id = store.register(sweep_of({"arm": config, "other": other}, [1], name="two"))
    assert keys_of_other_sweeps(store, "one") == {it.key for it in run_states(store, sweep_id)}
    assert len(keys_of_other_sweeps(store, "two")) == 2


def test_an_epoch_takes_its_share_of_completed_runs(store):
    configs = {"a": run_config(epochs=2), "b": run_config(epochs=3)}
    runs = [Run("a", 0, [0.5] * 2), Run("a", 1, [0.5] * 2), Run("b", 0, [0.5] * 3)]
    fill(store, [*runs, Run("b", 1, [0.5] * 3, status="failed")], configs=configs)
    # An epoch made by hand takes a quarter of a second.
    assert epoch_seconds(store, "epochs") == {(2,): 0.25, (3,): 0.25}
    assert epoch_seconds(store, "model", "width") == {("digits_cnn", 1.0): 0.25}
