"""Runs that are ended on purpose, and put back."""

import pytest
from stores import (
    DIGITS,
    PROVENANCE,
    Run,
    claimed,
    epoch_record,
    fill,
    play,
    records_of,
    run_config,
    saved,
    sweep_of,
)

from gst.config import RunSpec, run_key
from gst.errors import Fenced, InputError
from gst.records import EpochRecords
from gst.store import Store, bulk
from gst.store.schema import ENDED, STATUSES

CONFIG = run_config(epochs=3)
SPEC = RunSpec(CONFIG, 0)
KEY = run_key(SPEC)


@pytest.fixture
def sweep_id(store):
    return store.register(sweep_of({"arm": CONFIG}))


@pytest.fixture
def claim(store, sweep_id):
    driver = store.take_over(sweep_id)
    return lambda: claimed(store, SPEC, sweep_id, driver)


def statuses(store):
    return dict(store.query("SELECT key, status FROM runs").rows)


@pytest.fixture
def every_status(store):
    """A run in each state, and its key by that state."""
    fill(store, [Run("a", seed, [0.5], status=status) for seed, status in enumerate(STATUSES[:-1])])
    return {status: key for key, status in statuses(store).items()}


def test_what_has_not_ended_is_cancelled_and_says_what_it_was(store, every_status):
    open_ones = ("pending", "running", "interrupted")
    assert store.cancel(every_status.values()) == sorted(every_status[it] for it in open_ones)
    for status, key in every_status.items():
        run = store.run(key).run
        if status in open_ones:
            assert (run["status"], run["reason"]) == ("cancelled", f"cancelled while {status}")
            assert run["ended"] is not None
        else:
            assert run["status"] == status
    assert store.cancel(every_status.values()) == []


def test_the_attempt_of_a_running_run_is_closed_with_the_time_that_it_took(store, claim):
    claim().write(records_of(Run("a", 0, [0.5]), 0))
    store.cancel([KEY])
    (attempt,) = store.run(KEY).attempts
    assert attempt["outcome"] == "cancelled"
    assert attempt["ended"] == store.run(KEY).run["ended"]
    assert attempt["seconds"] == (attempt["ended"] - attempt["started"]).total_seconds()


def test_an_attempt_that_has_ended_keeps_its_outcome(store, claim):
    claim().interrupt()
    before = store.run(KEY).attempts
    store.cancel([KEY])
    assert store.run(KEY).attempts == before


def test_whoever_trains_a_cancelled_run_is_refused_and_its_rows_stay(store, claim):
    recorder = claim()
    recorder.write(EpochRecords(epoch_record(0)), checkpoint=saved(0))
    store.cancel([KEY])
    before = store.run(KEY)
    for write in (
        lambda: recorder.write(EpochRecords(epoch_record(1)), checkpoint=saved(1)),
        lambda: recorder.uses(DIGITS),
        recorder.finish,
        recorder.diverged,
        recorder.interrupt,
        lambda: recorder.fail("trace", "log"),
    ):
        with pytest.raises(Fenced):
            write()
    assert store.run(KEY) == before
    assert [row["epoch"] for row in before.epochs] == [0]


def test_a_driver_leaves_a_cancelled_run_alone(store, sweep_id, claim):
    claim()
    store.cancel([KEY])
    assert "cancelled" in ENDED
    assert store.remaining(sweep_id) == []
    driver = store.take_over(sweep_id)
    arguments = {"provenance": PROVENANCE}
    assert store.claim(KEY, sweep_id=sweep_id, driver_epoch=driver, **arguments) is None
    assert store.interrupt(sweep_id, driver) == 0
    assert statuses(store) == {KEY: "cancelled"}


def test_a_retried_run_goes_on_from_its_checkpoint_and_the_old_process_stays_out(store, sweep_id, claim):
    old = claim()
    old.write(EpochRecords(epoch_record(0)), checkpoint=saved(0))
    store.cancel([KEY])
    assert store.checkpoints() == {"0.pt"}
    assert store.retry(keys=[KEY], statuses=("failed", "cancelled")) == [KEY]
    run = store.run(KEY).run
    assert (run["status"], run["reason"], run["ended"]) == ("pending", None, None)
    with pytest.raises(Fenced):
        old.write(EpochRecords(epoch_record(1)))
    new = claim()
    assert (new.attempt, new.next_epoch, new.checkpoint) == (2, 1, saved(0))
    with pytest.raises(Fenced):
        old.write(EpochRecords(epoch_record(1)))
    play(new, Run("a", 0, []))
    assert [it["outcome"] for it in store.run(KEY).attempts] == ["cancelled", "completed"]


@pytest.mark.parametrize(
    ("named", "changed"),
    [
        (("failed",), {"failed"}),
        (("failed", "cancelled"), {"failed", "cancelled"}),
        (("failed", "cancelled", "diverged"), {"failed", "cancelled", "diverged"}),
    ],
)
def test_a_retry_takes_back_what_it_is_told_to(store, every_status, named, changed):
    store.cancel([every_status["interrupted"]])
    every_status["cancelled"] = every_status.pop("interrupted")
    found = store.retry(statuses=named)
    assert found == sorted(every_status[status] for status in changed)
    assert {statuses(store)[key] for key in found} == {"pending"}


def test_nobody_takes_back_what_is_complete(store, every_status):
    with pytest.raises(AssertionError):
        store.retry(statuses=("completed",))
    assert "completed" in statuses(store).values()


def test_many_runs_are_cancelled_and_retried_in_pieces(store, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 7)
    store.register(sweep_of({"arm": CONFIG}, range(30)))
    keys = sorted(statuses(store))
    assert store.cancel([*keys, "no such key"]) == keys
    assert store.retry(keys=keys, statuses=("cancelled",)) == keys


def test_a_store_opened_to_read_cancels_nothing(url, store, sweep_id):
    with Store.open(url, readonly=True) as reader, pytest.raises(InputError, match="opened read-only"):
        reader.cancel([KEY])
    assert statuses(store) == {KEY: "pending"}
