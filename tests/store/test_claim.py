from datetime import timedelta

import pytest
from stores import (
    DIGITS,
    PROVENANCE,
    Run,
    claimed,
    epoch_record,
    event_of,
    fill,
    play,
    present,
    records_of,
    run_config,
    saved,
    sweep_of,
)

from gst.config import RunSpec, run_key
from gst.errors import Fenced, InputError
from gst.records import EpochRecords, Probe
from gst.store import checkpoints
from gst.words import readable

CONFIG = run_config(epochs=6)
SPEC = RunSpec(CONFIG, 0)
KEY = run_key(SPEC)
TABLES = ("epochs", "pruning_events", "layer_prunings", "probes")


@pytest.fixture
def sweep_id(store):
    return store.register(sweep_of({"arm": CONFIG}))


@pytest.fixture
def driver(store, sweep_id):
    return store.take_over(sweep_id)


@pytest.fixture
def claim(store, sweep_id, driver):
    def claim(**changes):
        arguments = {
            "sweep_id": sweep_id,
            "driver_epoch": driver,
            "provenance": PROVENANCE,
        }
        return store.claim(KEY, **arguments | changes)

    return claim


def run_row(store):
    return store.run(KEY).run


def full_epoch(epoch):
    events = [event_of(epoch, 0.5, 0.25), *([event_of(-1, 0.1, 0.1)] if epoch == 0 else [])]
    return EpochRecords(epoch_record(epoch), tuple(events), (Probe(epoch, "pruned", 0.5, 1.0, 360),))


def epochs_of(store):
    return {
        name: [row[0] for row in store.query(f"SELECT epoch FROM {name} ORDER BY epoch").rows]
        for name in TABLES
    }


def test_a_first_claim(store, sweep_id, driver, claim):
    before = present(store)
    recorder = claim()
    assert (recorder.key, recorder.attempt, recorder.spec) == (KEY, 1, SPEC)
    assert (recorder.next_epoch, recorder.checkpoint) == (0, None)
    run = run_row(store)
    assert (run["status"], run["attempt"], run["stall"]) == ("running", 1, 1)
    assert (run["sweep_id"], run["driver_epoch"], run["last_epoch"]) == (sweep_id, driver, None)
    assert before <= run["started"] == run["heartbeat"] <= present(store)
    (attempt,) = store.run(KEY).attempts
    assert attempt["ended"] is attempt["outcome"] is attempt["dataset_id"] is None
    assert (attempt["host"], attempt["pid"], attempt["device"], attempt["git_dirty"]) == (
        "host",
        1,
        "cpu",
        False,
    )
    assert (attempt["precision"], attempt["first_epoch"], attempt["started"]) == ("fp32", 0, run["started"])


def test_provenance_may_bring_the_data_set(store, claim):
    from dataclasses import replace

    claim(provenance=replace(PROVENANCE, dataset=DIGITS, precision="tf32", gpu="H200"))
    claim(provenance=replace(PROVENANCE, dataset=DIGITS))
    rows = store.query(
        "SELECT a.precision, a.gpu, d.name, d.train, d.content_hash FROM attempts a "
        "JOIN datasets d ON d.dataset_id = a.dataset_id ORDER BY a.attempt"
    ).rows
    assert rows == [("tf32", "H200", "digits", 1437, "d1"), ("fp32", None, "digits", 1437, "d1")]
    assert len(store.query("SELECT * FROM datasets").rows) == 1


@pytest.mark.parametrize("status", ["completed", "failed", "diverged"])
def test_a_run_that_has_ended_is_not_claimed(store, sweep_id, driver, claim, status):
    play(claim(), Run("arm", 0, [0.5], status=status))
    before = run_row(store)
    assert claim() is None
    assert run_row(store) == before
    assert len(store.run(KEY).attempts) == 1


def test_a_configuration_that_somebody_changed_in_the_store_is_not_trained(store, claim, write_sql):
    write_sql("UPDATE configs SET config = replace(config, '0.001', '0.01')")
    with pytest.raises(InputError, match="the configuration in the store is not the one of its key"):
        claim()
    assert store.query("SELECT status FROM runs").rows == [("pending",)]


def test_the_newest_driver_wins(store, sweep_id, claim):
    assert (store.take_over(sweep_id), store.take_over(sweep_id)) == (2, 3)
    with pytest.raises(Fenced, match="driver 2 of the sweep is superseded: driver 3"):
        claim(driver_epoch=2)
    assert run_row(store)["status"] == "pending"
    assert claim(driver_epoch=3).attempt == 1


def test_what_does_not_exist_is_said(store, sweep_id, claim):
    with pytest.raises(InputError, match="no sweep with id 99"):
        claim(sweep_id=99)
    with pytest.raises(InputError, match="no sweep with id 99"):
        store.take_over(99)
    with pytest.raises(InputError, match="no run 'abc'"):
        store.claim("abc", sweep_id=sweep_id, driver_epoch=1, provenance=PROVENANCE)


def test_a_zombie_can_write_nothing_after_the_run_was_claimed_again(store, claim):
    old = claim()
    old.write(full_epoch(0))
    new = claim()
    assert (old.attempt, new.attempt) == (1, 2)
    before = store.run(KEY)
    for write in (
        lambda: old.write(full_epoch(1)),
        lambda: old.uses(DIGITS),
        old.finish,
        old.diverged,
        old.interrupt,
        lambda: old.fail("trace", "log"),
    ):
        with pytest.raises(Fenced, match=rf"run {KEY[:12]}: attempt 1 is no longer the one that is running"):
            write()
    assert store.run(KEY) == before
    assert [it["outcome"] for it in before.attempts] == ["lost", None]
    new.write(full_epoch(0))
    new.finish()
    with pytest.raises(Fenced):
        new.write(full_epoch(1))


def test_the_lost_attempt_ended_at_its_last_sign_of_life(store, claim):
    claim().write(full_epoch(0))
    heartbeat = run_row(store)["heartbeat"]
    claim()
    lost, running = store.run(KEY).attempts
    assert (lost["outcome"], lost["ended"]) == ("lost", heartbeat)
    assert lost["seconds"] == (heartbeat - lost["started"]).total_seconds()
    assert running["outcome"] is None


def test_rows_after_the_checkpoint_are_deleted(store, claim):
    first = claim()
    for epoch in range(5):
        first.write(full_epoch(epoch), checkpoint=saved(epoch) if epoch in (1, 2) else None)
    second = claim()
    assert (second.next_epoch, second.checkpoint, second.attempt) == (3, saved(2), 2)
    assert epochs_of(store) == {
        "epochs": [0, 1, 2],
        "pruning_events": [-1, 0, 1, 2],
        "layer_prunings": [-1, -1, 0, 0, 1, 1, 2, 2],
        "probes": [0, 1, 2],
    }
    assert (run_row(store)["last_epoch"], run_row(store)["checkpoint_epoch"]) == (2, 2)
    assert store.run(KEY).attempts[1]["first_epoch"] == 3
    for epoch in range(3, 6):
        second.write(full_epoch(epoch))
    second.finish()
    assert epochs_of(store)["pruning_events"] == [-1, 0, 1, 2, 3, 4, 5]


def test_a_run_without_el2n_networks_has_no_epoch_of_them(store, claim):
    claim().write(full_epoch(0), checkpoint=saved(0))
    assert claim().next_epoch == 1
    assert (run_row(store)["el2n_epoch"], run_row(store)["last_epoch"]) == (None, 0)


def test_what_came_before_training_is_deleted_with_the_first_epoch(store, claim):
    """After a checkpoint that EL2N networks have left: rows of epoch -1 are yielded with epoch 0."""
    first = claim()
    first.scored(-2, 1.0, checkpoint=saved(-2))
    first.scored(-1, 1.0, checkpoint=saved(-1))
    first.write(full_epoch(0))
    second = claim()
    assert (second.next_epoch, second.checkpoint) == (0, saved(-1))
    assert set(map(tuple, epochs_of(store).values())) == {()}
    run = run_row(store)
    assert (run["last_epoch"], run["checkpoint_epoch"]) == (None, -1)
    second.write(full_epoch(0))
    assert epochs_of(store)["pruning_events"] == [-1, 0]


def test_an_el2n_network_that_gets_further_is_no_stall(store, claim):
    first = claim()
    first.scored(-3, 1.0)
    assert run_row(store)["stall"] == 0
    second = claim()  # there is no checkpoint
    assert (second.next_epoch, run_row(store)["stall"]) == (0, 1)
    second.scored(-3, 1.0)
    assert run_row(store)["stall"] == 1
    second.scored(-2, 1.0, checkpoint=saved(-2))
    assert (run_row(store)["stall"], run_row(store)["seconds"]) == (0, 3.0)
    third = claim()
    assert (third.next_epoch, third.checkpoint) == (-1, saved(-2))
    assert [it["first_epoch"] for it in store.run(KEY).attempts] == [0, 0, 0]
    with pytest.raises(Fenced):
        first.scored(-2, 1.0)


def test_an_attempt_falls_back_to_the_checkpoint_before(store, claim):
    first = claim()
    for epoch in range(5):
        first.write(full_epoch(epoch), checkpoint=saved(epoch) if epoch in (0, 1, 3) else None)
    second = claim()
    second.fall_back("3.pt is damaged")
    assert (second.next_epoch, second.checkpoint) == (2, saved(1))
    assert epochs_of(store)["pruning_events"] == [-1, 0, 1]
    run = run_row(store)
    assert checkpoints(run) == (saved(1),)
    assert (run["last_epoch"], run["furthest_epoch"], run["artifacts"]) == (1, None, "elsewhere")
    attempt = store.run(KEY).attempts[-1]
    assert (attempt["first_epoch"], attempt["fallback"]) == (2, "3.pt is damaged")
    second.write(full_epoch(2), checkpoint=saved(2))
    assert checkpoints(run_row(store)) == (saved(2), saved(1))


def test_who_lost_the_run_cannot_fall_back(store, claim):
    old = claim()
    old.write(full_epoch(0), checkpoint=saved(0))
    claim()
    with pytest.raises(Fenced):
        old.fall_back("late")
    assert epochs_of(store)["epochs"] == [0]


@pytest.mark.parametrize("with_checkpoint", [False, True])
def test_without_a_usable_checkpoint_everything_is_deleted(store, claim, with_checkpoint):
    first = claim()
    for epoch in range(3):
        first.write(full_epoch(epoch), checkpoint=saved(1) if with_checkpoint and epoch == 1 else None)
    second = claim()
    if with_checkpoint:
        second.fall_back("1.pt is gone")
    assert (second.next_epoch, second.checkpoint) == (0, None)
    assert set(map(tuple, epochs_of(store).values())) == {()}
    run = run_row(store)
    assert (run["last_epoch"], checkpoints(run)) == (None, ())
    second.write(full_epoch(0))
    assert epochs_of(store)["pruning_events"] == [-1, 0]


def test_other_runs_keep_their_rows(store):
    sweep_id = fill(
        store, [Run("a", seed, [0.5, 0.6], [(0, 0.5, 0.4)], status="running") for seed in range(3)]
    )
    spec = store.spec(store.remaining(sweep_id)[1])
    claimed(store, spec, sweep_id, store.take_over(sweep_id))
    rows = store.query(
        "SELECT r.seed, count(e.epoch) FROM runs r LEFT JOIN epochs e ON e.run_id = r.run_id "
        "GROUP BY r.seed ORDER BY r.seed"
    ).rows
    assert rows == [(0, 2), (1, 0), (2, 2)]


def test_attempts_without_progress_end_in_failure(store, claim):
    for attempt in range(1, 6):
        recorder = claim()
        assert recorder.attempt == attempt
    recorder.beat(peak_memory=3 * 10**9)
    assert claim() is None
    run = run_row(store)
    assert (run["status"], run["attempt"]) == ("failed", 5)
    assert run["reason"].startswith(
        "5 attempts in a row ended without a word and without getting further; attempt 5 gave its last sign "
        f"of life from process 1 on host at {readable(run['heartbeat'])} UTC, having used 3.0 GB of memory."
    )
    assert run["ended"] is not None
    assert [it["outcome"] for it in store.run(KEY).attempts] == ["lost"] * 5
    assert claim() is None


def test_what_is_known_of_an_attempt_that_vanished_is_told_by_the_next_of_the_same_driver(
    store, claim, sweep_id
):
    assert claim().lost is None
    told = claim().lost
    assert told.startswith("attempt 1 gave its last sign of life from process 1 on host at ")
    assert "memory" not in told.partition(".")[0]
    known = claim(died="Memory ran out, and Ray ended its process").lost
    assert " UTC. Memory ran out, and Ray ended its process: try a smaller batch_size, " in known
    assert claim(driver_epoch=store.take_over(sweep_id)).lost is None  # the driver vanished, and knows


def test_the_patience_can_be_chosen(store, claim):
    assert claim(max_stall=1) is not None
    assert claim(max_stall=1) is None


def test_an_epoch_that_no_attempt_reached_before_is_progress(store, claim):
    for last in range(6):
        recorder = claim(max_stall=2)
        for epoch in range(last + 1):
            recorder.write(full_epoch(epoch))
        assert run_row(store)["stall"] == 0


def test_epochs_trained_again_are_no_progress(store, claim):
    # A run that crashes at the same epoch every time gets an end, however many epochs come before.
    for _ in range(3):
        recorder = claim(max_stall=3)
        recorder.write(full_epoch(0))
        recorder.write(full_epoch(1))
    assert run_row(store)["stall"] == 2
    assert claim(max_stall=3) is not None
    assert claim(max_stall=3) is None


def test_a_new_checkpoint_is_progress(store, claim):
    claim().write(full_epoch(0))
    recorder = claim()
    assert run_row(store)["stall"] == 1
    recorder.write(full_epoch(0), checkpoint=saved(0))
    assert run_row(store)["stall"] == 0


def test_training_up_to_a_lost_checkpoint_again_is_progress(store, claim):
    recorder = claim()
    for epoch in range(3):
        recorder.write(full_epoch(epoch), checkpoint=saved(epoch))
    again = claim()
    again.fall_back("2.pt is gone")
    again.fall_back("1.pt is gone")
    again.write(full_epoch(0))
    assert run_row(store)["stall"] == 0


def test_an_interrupted_attempt_has_not_stalled(store, sweep_id, driver, claim):
    for _ in range(4):
        claim(max_stall=2).interrupt()
    assert (run_row(store)["status"], run_row(store)["stall"]) == ("interrupted", 0)
    for _ in range(4):
        claim(max_stall=2)
        assert store.interrupt(sweep_id, driver) == 1
    assert run_row(store)["stall"] == 0


def test_a_run_that_another_sweep_trains_is_left_alone(store, claim, sweep_id, write_sql):
    other = store.register(sweep_of({"shared": CONFIG}, name="other"))
    recorder = claim()
    recorder.write(full_epoch(0))
    elsewhere = {"sweep_id": other, "driver_epoch": store.take_over(other)}
    assert claim(**elsewhere) is None
    assert (run_row(store)["attempt"], run_row(store)["sweep_id"]) == (1, sweep_id)
    recorder.write(full_epoch(1))
    # Without a sign of life for two minutes it counts as abandoned.
    for seconds, expected in ((110, None), (130, 2)):
        moment = (present(store) - timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")
        write_sql("UPDATE runs SET heartbeat = :moment", moment=moment)
        taken = claim(**elsewhere)
        assert (taken and taken.attempt) == expected
    assert run_row(store)["sweep_id"] == other


def test_an_interrupted_run_may_be_claimed_by_another_sweep_at_once(store, claim):
    other = store.register(sweep_of({"shared": CONFIG}, name="other"))
    recorder = claim()
    recorder.write(full_epoch(0), checkpoint=saved(0))
    recorder.interrupt()
    taken = claim(sweep_id=other, driver_epoch=store.take_over(other))
    assert (taken.attempt, taken.next_epoch) == (2, 1)


def test_a_driver_that_ends_interrupts_its_own_runs_and_no_others(store):
    configs = {name: run_config(epochs=2, lr=lr) for name, lr in (("a", 0.1), ("b", 0.2), ("c", 0.3))}
    sweep_id = store.register(sweep_of(configs))
    first = store.take_over(sweep_id)
    recorders = {
        name: claimed(store, RunSpec(config, 0), sweep_id, first) for name, config in configs.items()
    }
    play(recorders["c"], Run("c", 0, [0.5]))
    second = store.take_over(sweep_id)
    claimed(store, RunSpec(configs["b"], 0), sweep_id, second)
    assert store.interrupt(sweep_id, first) == 1
    assert store.interrupt(sweep_id, first) == 0
    rows = store.query(
        "SELECT lr, status, a.attempt, outcome, a.ended IS NULL FROM runs r JOIN configs c "
        "ON c.config_id = r.config_id JOIN attempts a ON a.run_id = r.run_id ORDER BY lr, a.attempt"
    ).rows
    assert [(*row[:4], bool(row[4])) for row in rows] == [
        (0.1, "interrupted", 1, "interrupted", False),
        (0.2, "running", 1, "lost", False),
        (0.2, "running", 2, None, True),
        (0.3, "completed", 1, "completed", False),
    ]
    with pytest.raises(Fenced):
        recorders["a"].write(records_of(Run("a", 0, [0.5]), 0))


def test_retry_makes_failed_runs_pending_and_keeps_their_checkpoint(store, sweep_id, claim):
    recorder = claim()
    recorder.write(full_epoch(0), checkpoint=saved(0))
    recorder.fail("Traceback\nRuntimeError: broken", "log")
    assert run_row(store)["reason"] == "RuntimeError: broken"
    assert store.retry(sweep_id=sweep_id) == [KEY]
    run = run_row(store)
    assert (run["status"], run["stall"], run["reason"], run["ended"]) == ("pending", 0, None, None)
    again = claim()
    assert (again.attempt, again.next_epoch, again.checkpoint) == (2, 1, saved(0))


def test_retry_touches_nothing_else(store):
    sweep_id = fill(store, [
        Run("a", seed, [0.5], status=status)
        for seed, status in enumerate(["completed", "failed", "diverged", "interrupted", "failed", "running"])
    ])  # fmt: skip
    failed = sorted(row[0] for row in store.query("SELECT key FROM runs WHERE status = 'failed'").rows)
    other = store.register(sweep_of({"x": CONFIG}, name="other"))
    assert store.retry(sweep_id=other) == []
    assert store.retry(keys=[failed[0], KEY]) == failed[:1]
    assert store.retry(sweep_id=sweep_id) == failed[1:]
    assert store.retry() == []
    counts = store.progress(sweep_id).counts
    assert counts == {
        "completed": 1,
        "failed": 0,
        "diverged": 1,
        "interrupted": 1,
        "pending": 2,
        "running": 1,
        "cancelled": 0,
    }
