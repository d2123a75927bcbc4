import json
import time

import pytest
import sqlalchemy
from stores import Run, claimed, fill, play, run_config, sweep_of

from gst.config import RunSpec, config_from_json, config_hash, run_key
from gst.errors import UnknownNameError

A, B, C = (run_config(lr=lr) for lr in (0.1, 0.2, 0.3))


def tables(store):
    names = ("sweeps", "configs", "runs", "sweep_runs")
    return {name: store.query(f"SELECT * FROM {name} ORDER BY 1, 2, 3, 4").rows for name in names}


def test_a_sweep_becomes_rows(store):
    sweep = sweep_of({"first": A, "second": B}, (3, 1), name="one", title="A title")
    sweep_id = store.register(sweep)
    (row,) = store.frame("SELECT * FROM sweeps").to_dict("records")
    assert row["sweep_id"] == sweep_id
    assert (row["name"], row["title"], row["text"], row["driver_epoch"]) == ("one", "A title", sweep.text, 0)
    assert row["digest"] == sweep.digest()
    figures = row["figures"]
    assert (json.loads(figures) if isinstance(figures, str) else figures) == ["tradeoff"]
    members = store.query(
        "SELECT arm, position, key, seed, status FROM sweep_runs NATURAL JOIN (SELECT run_id, key, "
        "seed, status FROM runs) r ORDER BY position"
    ).rows
    assert members == [
        (arm, position, run_key(RunSpec(config, seed)), seed, "pending")
        for position, (arm, config, seed) in enumerate(
            [("first", A, 3), ("first", A, 1), ("second", B, 3), ("second", B, 1)]
        )
    ]
    for text, digest, lr, model in store.query("SELECT config, hash, lr, model FROM configs").rows:
        config = config_from_json(text)
        assert config in (A, B)
        assert (digest, lr, model) == (config_hash(config), config.training.optimizer.lr, "digits_cnn")
    assert store.remaining(sweep_id) == [key for _, _, key, _, _ in members]


def test_registering_again_changes_nothing_but_which_is_newest(store):
    one, two = sweep_of({"a": A}, name="same"), sweep_of({"a": B}, name="same")
    first, second = store.register(one), store.register(two)
    assert first != second
    assert store.sweep_id("same") == second
    before = tables(store)
    assert store.register(one) == first
    assert store.sweep_id("same") == first
    assert [row.sweep_id for row in store.sweeps()] == [first, second]
    after = tables(store)
    assert after.pop("sweeps") != before.pop("sweeps")  # the time
    assert after == before


def test_runs_are_shared_between_sweeps_with_an_arm_in_each(store):
    one = store.register(sweep_of({"base": A, "x": B}, (0, 1), name="one"))
    recorder = claimed(store, RunSpec(A, 0), one, store.take_over(one))
    play(recorder, Run("base", 0, [0.5]))
    two = store.register(sweep_of({"y": C, "baseline": A}, (1, 0), name="two"))
    assert len(store.query("SELECT * FROM runs").rows) == 6
    assert len(store.query("SELECT * FROM configs").rows) == 3
    assert [row["name"] for row in store.run(run_key(RunSpec(A, 0))).sweeps] == ["one", "two"]
    assert store.remaining(two) == [run_key(RunSpec(*it)) for it in ((C, 1), (C, 0), (A, 1))]
    assert store.progress(two).counts["completed"] == 1


def test_a_run_may_be_in_two_arms_of_a_sweep_and_is_trained_once(store):
    sweep_id = store.register(sweep_of({"a": A, "also a": A, "b": B}, (0, 1)))
    assert store.remaining(sweep_id) == [run_key(RunSpec(*it)) for it in ((A, 0), (A, 1), (B, 0), (B, 1))]
    play(claimed(store, RunSpec(A, 0), sweep_id, store.take_over(sweep_id)), Run("a", 0, [0.5]))
    progress = store.progress(sweep_id)
    assert (progress.runs, progress.counts["completed"], progress.epochs_total) == (4, 1, 16)
    assert [(arm.arm, arm.runs, arm.completed) for arm in progress.arms] == [
        ("a", 2, 1),
        ("also a", 2, 1),
        ("b", 2, 0),
    ]
    assert store.sweeps()[0].runs == 4
    assert list(store.frame("tradeoff", sweep="hand").arm) == ["a", "also a"]


def test_what_has_ended_does_not_remain(store):
    statuses = ["completed", "failed", "diverged", "interrupted", "running", "pending"]
    sweep_id = fill(store, [Run("a", seed, [0.5], status=status) for seed, status in enumerate(statuses)])
    seeds = {row[0]: row[1] for row in store.query("SELECT key, seed FROM runs").rows}
    assert [seeds[key] for key in store.remaining(sweep_id)] == [3, 4, 5]


def test_an_unknown_sweep_is_answered_with_those_there_are(store):
    store.register(sweep_of({"a": A}, name="quickstart"))
    with pytest.raises(UnknownNameError, match="no sweep 'quickstar'; did you mean 'quickstart'"):
        store.sweep_id("quickstar")


def test_four_thousand_runs_take_few_statements_and_no_more_than_a_few_seconds(store):
    sweep = sweep_of({f"arm {n}": run_config(lr=1e-5 * (n + 1)) for n in range(100)}, range(40))
    statements = []
    sqlalchemy.event.listen(store._engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    start = time.process_time()
    sweep_id = store.register(sweep)
    assert time.process_time() - start < 5  # about 0.2 s; on the clock, it would be longer where others run
    assert len(statements) < 20
    assert len(store.remaining(sweep_id)) == 4000
