"""Runs and versions that are removed, with all that is about them, and those that stay whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from designs import designed, to_the_stop
from stores import Run, claimed, fill, flatness_of, normality_of, records_of, run_config, sweep_of
from tradeoffs import HAND, TWINS

from gst.config import RunSpec, run_key
from gst.errors import Fenced, InputError
from gst.records import EpochRecords
from gst.store import run_states
from gst.store.remove import Members
from gst.store.schema import metadata

A, B = run_config(epochs=2), run_config(epochs=2, lr=0.25)


def counts(store):
    """The number of rows of each table that has any."""
    found = {name: store.query(f"SELECT count(*) FROM {name}").rows[0][0] for name in metadata.tables}
    return {name: number for name, number in found.items() if number}


def keys(store, name, arm=None):
    sweep_id = store.sweep_id(name)
    return [it.key for it in run_states(store, sweep_id, arm)]


@pytest.fixture
def full(store):
    """A sweep whose runs have rows in most tables, tags and notes."""
    measured = (flatness_of(0), normality_of(1))
    sweep_id = fill(store, [*HAND, Run("hard", 2, [0.5, 0.25], [(0, 0.5, 0.25)], measured=measured)])
    store.tag(keys(store, "hand"), add=["paper"])
    store.note("odd", keys=keys(store, "hand")[:2])
    store.note("of all", sweep_id=sweep_id)
    return store


def test_a_sweep_goes_with_every_row_that_is_about_it(full):
    before = counts(full)
    assert {"attempts", "epochs", "eigenvalues", "layer_prunings", "run_tags", "notes"} < before.keys()
    told = full.removal(Members(sweep_ids=(full.sweep_id("hand"),)))
    assert counts(full) == before
    found = full.remove(Members(sweep_ids=(full.sweep_id("hand"),)))
    assert found == told
    assert (len(found.runs), found.versions, found.shared) == (9, found.versions, 0)
    assert found.versions[0].startswith("hand@")
    assert counts(full) == {"datasets": 1}
    assert found.rows == {name: number for name, number in before.items() if name != "datasets"}


def test_another_sweep_is_untouched(full):
    fill(full, [Run("none", 0, [0.5])], name="other")
    other = full.run(keys(full, "other")[0])
    full.remove(Members(sweep_ids=(full.sweep_id("hand"),)))
    assert full.run(other.key) == other
    assert [it.name for it in full.sweeps()] == ["other"]
    full.remove(Members(sweep_ids=(full.sweep_id("other"),)))
    assert counts(full) == {"datasets": 1}


def test_runs_of_another_sweep_stay_and_count_as_trained_by_it(store):
    first = fill(store, [Run("a", 0, [0.5, 0.5]), Run("b", 0, [0.5, 0.75])], configs={"a": A, "b": B})
    second = store.register(sweep_of({"again": A}, (0, 1), name="later"))
    before = store.run(run_key(RunSpec(A, 0)))
    found = store.remove(Members(sweep_ids=(first,)))
    assert (found.runs, found.shared) == ((run_key(RunSpec(B, 0)),), 1)
    after = store.run(before.key)
    assert (after.epochs, after.run["status"]) == (before.epochs, "completed")
    assert [(it["sweep_id"], it["driver_epoch"]) for it in (after.run, *after.attempts)] == [(second, 0)] * 2
    assert [it["arm"] for it in after.sweeps] == ["again"]


def test_a_sweep_all_of_whose_runs_stay_elsewhere_goes_too(store):
    first = fill(store, [Run("a", 0, [0.5, 0.5])], configs={"a": A})
    second = store.register(sweep_of({"again": A}, name="later"))
    found = store.remove(Members(sweep_ids=(first,)))
    assert (found.runs, found.shared) == ((), 1)
    after = store.run(run_key(RunSpec(A, 0)))
    assert [it["sweep_id"] for it in (after.run, *after.attempts)] == [second] * 2


def test_an_arm_goes_and_the_same_file_brings_it_back(store):
    configs = {"a": A, "b": B}
    sweep_id = fill(store, [Run(arm, seed, [0.5, 0.5]) for arm in "ab" for seed in (0, 1)], configs=configs)
    found = store.remove(Members(sweep_ids=(sweep_id,), arm="b"))
    assert (len(found.runs), found.versions) == (2, ())
    assert store.registered(sweep_of(configs, (0, 1, 2))) == sweep_id
    assert store.register(sweep_of(configs, (0, 1, 2))) == sweep_id
    states = {(it.status, arm) for arm in "ab" for it in run_states(store, sweep_id, arm)}
    assert states == {("completed", "a"), ("pending", "a"), ("pending", "b")}


def test_a_run_in_two_arms_stays_with_the_other(store):
    sweep_id = fill(store, [Run("one", 0, [0.5, 0.5])], configs={"one": A, "two": A})
    found = store.remove(Members(sweep_ids=(sweep_id,), arm="one"))
    assert (found.runs, found.shared, found.rows) == ((), 1, {"sweep_runs": 1})
    assert [it.status for it in run_states(store, sweep_id)] == ["completed"]


def test_a_named_run_goes_from_every_sweep_and_a_version_with_its_last_run(store):
    fill(store, [Run("a", 0, [0.5, 0.5]), Run("b", 0, [0.5, 0.5])], configs={"a": A, "b": B})
    store.register(sweep_of({"alone": A}, name="later"))
    found = store.remove(Members((run_key(RunSpec(A, 0)),)))
    assert [it.partition("@")[0] for it in found.versions] == ["later"]
    assert [it.name for it in store.sweeps()] == ["hand"]
    assert keys(store, "hand") == [run_key(RunSpec(B, 0))]


@pytest.fixture
def training(store):
    """A sweep with a completed, a failed and a pending run, and one that somebody trains; its recorder."""
    runs = [Run("a", 0, [0.5, 0.5]), Run("a", 1, [0.5], status="failed")]
    sweep_id = fill(store, [*runs, Run("a", 2, status="pending")], configs={"a": A})
    store.register(sweep_of({"a": A}, (0, 1, 2, 3)))
    recorder = claimed(store, RunSpec(A, 3), sweep_id, store.take_over(sweep_id))
    recorder.write(records_of(Run("a", 3, [0.5]), 0))
    return recorder


@pytest.mark.parametrize("seed", [2, 3])
def test_what_is_trained_or_about_to_be_is_refused(store, training, seed):
    before = counts(store)
    for members in (Members(sweep_ids=(store.sweep_id("hand"),)), Members((run_key(RunSpec(A, seed)),))):
        for act in (store.removal, store.remove):
            with pytest.raises(InputError, match="sweep hand: 1 run in training; nothing is removed"):
                act(members)
    assert counts(store) == before


def test_runs_that_have_ended_go_while_others_train(store, training):
    store.remove(Members(tuple(run_key(RunSpec(A, seed)) for seed in (0, 1))))
    training.write(records_of(Run("a", 3, [0.5, 0.5]), 1))
    assert len(keys(store, "hand")) == 2


def test_whoever_trained_a_run_cannot_write_into_one_that_came_in_its_place(store, training):
    """SQLite gives the number of a removed row to the next one."""
    store.cancel([training.key])
    number = store.run(training.key).run["run_id"]
    store.remove(Members((training.key,)))
    sweep_id = store.register(sweep_of({"a": A}, (0, 1, 2, 3)))
    again = claimed(store, RunSpec(A, 3), sweep_id, store.take_over(sweep_id))
    run = store.run(training.key).run
    assert (run["attempt"], run["run_id"] >= number) == (training.attempt, True)
    for act in (lambda: training.write(EpochRecords(records_of(Run("a", 3, [0.5]), 0).epoch)), training.beat):
        with pytest.raises(Fenced):
            act()
    again.write(records_of(Run("a", 3, [0.5]), 0))


def test_a_version_that_has_decided_on_its_runs_goes_whole_or_not_at_all(store):
    sweep_id, _ = to_the_stop(store, designed(), lambda arm, seed: 0.5 + 0.25 * (arm == "B") + seed / 128)
    some = keys(store, store.sweeps()[0].name)[:1]
    with pytest.raises(InputError, match=r"has decided at \d looks? on all of its runs"):
        store.remove(Members(tuple(some)))
    assert store.remove(Members(sweep_ids=(sweep_id,))).rows["looks"] >= 1
    assert counts(store).keys() <= {"datasets"}


def test_a_removed_run_is_trained_anew(store):
    sweep = sweep_of(TWINS, (0, 1))
    sweep_id = fill(store, HAND, configs=TWINS)
    key = run_key(RunSpec(TWINS["hard"], 1))
    before = store.run(key)
    store.remove(Members((key,)))
    with pytest.raises(InputError, match="no run"):
        store.run(key)
    assert store.register(sweep) == sweep_id
    recorder = claimed(store, RunSpec(TWINS["hard"], 1), sweep_id, store.take_over(sweep_id))
    hard = next(it for it in HAND if (it.arm, it.seed) == ("hard", 1))
    for epoch in range(2):
        recorder.write(records_of(hard, epoch))
    recorder.finish()
    after = store.run(key)
    for one, other in ((before.epochs, after.epochs), (before.events, after.events)):
        assert [{**row, "run_id": 0} for row in one] == [{**row, "run_id": 0} for row in other]


def test_a_sweep_that_is_registered_meanwhile_has_all_of_its_runs(store):
    """Whichever comes first: it shares a run that is about to go."""
    arms = {f"arm{number}": run_config(epochs=1, lr=0.001 * number) for number in range(1, 30)}
    for turn in range(6):
        doomed = store.register(sweep_of(arms, range(4), name=f"left{turn}"))
        with ThreadPoolExecutor(2) as both:
            gone = both.submit(store.remove, Members(sweep_ids=(doomed,)))
            right = both.submit(store.register, sweep_of(arms, range(4), name=f"right{turn}"))
            assert len(gone.result().versions) == 1
            assert len(run_states(store, right.result())) == 29 * 4
        assert [it.name for it in store.sweeps()] == [f"right{turn}"]
        store.remove(Members(sweep_ids=(right.result(),)))
    assert counts(store) == {}
