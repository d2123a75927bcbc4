"""What makes a version of a sweep, what it is called, and which one a name means."""

from __future__ import annotations

import pytest
from designs import designed, noisy, to_the_stop
from stores import Run, claimed, fill, play, run_config, sweep_of

from gst.config import RunConfig, RunSpec
from gst.config.key import older_key, whole_json
from gst.errors import InputError, UnknownNameError
from gst.store import run_states, sweep_version

A, B, C = (run_config(lr=lr) for lr in (0.1, 0.2, 0.3))
MEASURED = RunConfig.model_validate({**A.model_dump(), "measure": {"flatness": {"epoch": 0}}})


def register(store, configs, seeds=(0,), options="", **words):
    sweep_id = store.register(sweep_of(configs, seeds, name="x")._replace(options=options, **words))
    (version,) = store.sweeps(sweep_id=sweep_id)
    return version


def members(store, name="x"):
    query = (
        "SELECT m.arm, r.seed, m.position FROM sweep_runs m JOIN runs r ON r.run_id = m.run_id "
        "WHERE m.sweep_id = :sweep_id ORDER BY m.position"
    )
    return store.query(query, sweep_id=store.sweep_id(name)).rows


def test_more_seeds_grow_a_version_and_fewer_leave_it(store):
    first = register(store, {"a": A, "b": B}, (3, 1))
    small = [("a", 3, 0), ("a", 1, 1), ("b", 3, 2), ("b", 1, 3)]
    assert members(store) == small
    for seeds in ((1,), (3,)):
        assert register(store, {"a": A, "b": B}, seeds).sweep_id == first.sweep_id
        assert members(store) == small
    assert register(store, {"b": B, "a": A}, (2, 5)).runs == 8
    assert members(store) == [
        (arm, s, 4 * n + m) for n, arm in enumerate("ab") for m, s in enumerate((1, 2, 3, 5))
    ]
    assert len(store.sweeps()) == 1


def test_growing_keeps_what_is_there(store):
    fill(store, [Run("a", 0, [0.5]), Run("a", 2, [0.25], status="failed")], name="x", configs={"a": A})
    before = {it.key: it for it in run_states(store)}
    register(store, {"a": A}, (0, 1, 2))
    after = {it.key: it for it in run_states(store, store.sweep_id("x"))}
    assert {key: after[key] for key in before} == before
    assert [it.status for it in after.values()] == ["completed", "pending", "failed"]


def test_other_words_are_no_version_and_are_those_of_the_file_now(store):
    first = register(store, {"a": A}, title="Old", text="old")
    again = register(store, {"a": A}, title="New", text="new", claim="c", figures=())
    assert (again.sweep_id, again.title, again.claim) == (first.sweep_id, "New", "c")
    assert store.query("SELECT text FROM sweeps").rows == [("new",)]


def test_options_are_those_that_lead_to_the_version_from_the_text_it_has(store):
    """The version from before an edit has options once it is made from the file as it is now."""
    first = register(store, {"a": A}, text="epochs: 2")
    edited = register(store, {"a": B}, text="epochs: 3")
    again = register(store, {"a": A}, text="epochs: 3", options="-s training.epochs=2")
    assert (again.sweep_id, again.options) == (first.sweep_id, "-s training.epochs=2")
    assert store.sweep_id("x") == edited.sweep_id
    assert register(store, {"a": B}, text="epochs: 3", options="-s training.epochs=3").options == ""


@pytest.mark.parametrize("configs", [{"a": B}, {"z": A}, {"a": A, "b": B}, {"a": MEASURED}])
def test_other_configurations_arms_or_measurements_are_another_version(store, configs):
    first = register(store, {"a": A})
    other = register(store, configs)
    assert other.sweep_id != first.sweep_id
    assert register(store, configs, (1,)).sweep_id == other.sweep_id


def test_a_name_means_the_files_own_version_whatever_came_later(store):
    sketch = register(store, {"a": B}, options="--scale 0.1")
    assert store.sweep_id("x") == sketch.sweep_id
    own = register(store, {"a": A})
    assert register(store, {"a": B}, options="--scale 0.1").sweep_id == sketch.sweep_id
    assert store.sweep_id("x") == own.sweep_id
    edited = register(store, {"a": C})
    assert store.sweep_id("x") == edited.sweep_id
    assert register(store, {"a": A}).sweep_id == store.sweep_id("x") == own.sweep_id


def test_options_of_an_older_gst_are_unknown_until_the_sweep_is_run_again(store, write_sql):
    own, other = register(store, {"a": A}), register(store, {"a": B})
    write_sql("UPDATE sweeps SET options = NULL")
    assert store.sweep_id("x") == other.sweep_id
    assert [it.words for it in store.sweeps()] == ["options unknown"] * 2
    assert [it.label for it in store.sweeps()] == [other.address, own.address]
    assert register(store, {"a": B}, options="--scale 0.1").label == other.address
    assert store.sweep_id("x") == own.sweep_id
    assert register(store, {"a": A}).words == "the file's own options"
    assert register(store, {"a": A}, options="-s training.epochs=2").options == ""


def test_versions_of_an_older_gst_that_differ_in_seeds_are_one_from_now_on(store, write_sql):
    """Their digests were of seeds too: the larger goes on, whichever came last."""
    large, small = register(store, {"a": A}, (0, 1, 2)), register(store, {"b": A})
    write_sql("UPDATE sweep_runs SET arm = 'a'")
    write_sql("UPDATE sweeps SET digest = 'former' || digest, options = NULL")
    assert store.sweep_id("x") == small.sweep_id
    assert register(store, {"a": A}).sweep_id == store.sweep_id("x") == large.sweep_id


def test_addresses(store):
    own, other = register(store, {"a": A}), register(store, {"a": B}, options="-s a=1")
    assert own.address == f"x@{own.digest[:7]}"
    assert (own.called, own.label, other.called, other.label) == ("x", "x", other.address, other.address)
    for name in (other.address, f"x@{other.digest}", f"x@{other.digest[:3]}"):
        assert store.version(name).sweep_id == store.sweep_id(name) == other.sweep_id
        assert len(store.frame("progress", sweep=name)) == 1
    rows = store.query("SELECT sweep_id FROM sweep_addresses WHERE address = :it", it=other.address).rows
    assert rows == [(other.sweep_id,)]
    assert sweep_version(store, "x") != sweep_version(store, other.address)
    for version in (own, other):
        (key,) = store.remaining(version.sweep_id)
        assert [it["name"] for it in store.run(key).sweeps] == [version.called]


def test_a_beginning_of_several_is_refused(store, write_sql):
    for number, config in enumerate((A, B)):
        sweep_id, digest = register(store, {"a": config}).sweep_id, f"abc{number}000000"
        write_sql("UPDATE sweeps SET digest = :digest WHERE sweep_id = :it", digest=digest, it=sweep_id)
    with pytest.raises(InputError, match="sweep 'x@abc': 2 versions begin so; give more digits"):
        store.sweep_id("x@abc")
    assert store.version("x@abc1").meant


def test_what_is_not_there_is_answered_with_what_is(store):
    address = register(store, {"a": A}).address
    for name in ("x@nothing", "x@%", "x@"):
        with pytest.raises(UnknownNameError, match=f"no sweep '{name}'; .*here are: {address}"):
            store.sweep_id(name)
    with pytest.raises(UnknownNameError, match="no sweep 'xx@123'; there are: x"):
        store.sweep_id("xx@123")


def test_a_file_may_have_an_at_in_its_name(store):
    sweep_id = store.register(sweep_of({"a": A}, name="x@y"))
    assert store.sweep_id("x@y") == store.sweep_id(store.sweeps()[0].address) == sweep_id


def test_a_number_of_seeds_in_the_place_of_a_design_is_another_version(store):
    """Its runs would be in no look, and its looks would be of other runs."""
    to_the_stop(store, designed(), noisy(0.05), looks=1)
    decided = store.sweep_id("designed")
    runs, looks = store.progress(decided).runs, store.looks(decided)
    assert store.register(designed()._replace(design=None, options="--seeds 40")) != decided
    assert store.register(designed()) == store.sweep_id("designed") == decided
    assert (store.progress(decided).runs, store.looks(decided)) == (runs, looks)


def test_a_run_under_a_former_key_is_not_entered_again(store, write_sql):
    """As schema 0008 left a run whose new key another had: the measurement is in configuration and key."""
    version = register(store, {"a": MEASURED})
    write_sql("UPDATE configs SET config = :text, hash = 'former'", text=whole_json(MEASURED))
    write_sql("UPDATE runs SET key = :key", key=older_key(RunSpec(MEASURED, 0)))
    grown = register(store, {"a": MEASURED}, (0, 1))
    assert (grown.sweep_id, grown.runs) == (version.sweep_id, 2)


def test_a_version_counts_each_run_once(store):
    sweep_id = store.register(sweep_of({"a": A, "also a": A}, (0, 1), name="x"))
    play(claimed(store, RunSpec(A, 0), sweep_id, store.take_over(sweep_id)), Run("a", 0, [0.5]))
    found = store.version("x")
    assert (found.runs, found.completed) == (2, 1)
