import math
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError
from stores import DIGITS, Run, claimed, epoch_record, event_of, fill, records_of, run_config, saved, sweep_of

from gst.config import RunSpec, run_key
from gst.errors import Fenced
from gst.records import EpochRecords, Probe

CONFIG = run_config(epochs=4)
SPEC = RunSpec(CONFIG, 7)
KEY = run_key(SPEC)


@pytest.fixture
def recorder(store):
    sweep_id = store.register(sweep_of({"arm": CONFIG}, (7,)))
    return claimed(store, SPEC, sweep_id, store.take_over(sweep_id))


def test_everything_that_an_epoch_yields_comes_back(store, recorder):
    first = EpochRecords(
        epoch_record(0, level=2, train_loss=0.1, train_accuracy=1 / 3, test_loss=2 / 3, test_accuracy=0.3,
                     lr=1e-3, filters_left=17, parameters_left=2**40, seconds=1.5),
        (event_of(-1, 0.1, 0.2, 3), event_of(0, 0.9, 0.3, 2)),
        (Probe(0, "pruned", 0.25, 1.25, 360), Probe(0, "zeroed", 0.5, 1.5, 360)),
    )  # fmt: skip
    recorder.write(first)
    details = store.run(KEY)
    run_id = details.run["run_id"]
    (epoch,) = details.epochs
    assert epoch == {"run_id": run_id, **{name: getattr(first.epoch, name) for name in first.epoch.__slots__}}
    before, event = details.events
    assert (before["epoch"], before["removed"], before["mask_hash"]) == (-1, 3, "mask-1")
    assert (before["instability"], before["stability"]) == (-1.0, 2.0)
    assert (event["test_accuracy_before"], event["test_accuracy_after"]) == (0.9, 0.3)
    assert (event["test_loss_before"], event["test_loss_after"], event["n_test"]) == (1.0, 2.0, 360)
    assert event["stability"] == 0.3 / 0.9
    assert event["instability"] == (0.9 - 0.3) / 0.9
    assert [(it["epoch"], it["layer"], it["total"], it["kept_after"], it["mean_score"], it["removed"])
            for it in details.layers] == [
        (-1, "conv1", 8, 5, 0.125, [0, 1, 2]),
        (-1, "fc1", 256, 256, None, None),
        (0, "conv1", 8, 6, 0.125, [0, 1]),
        (0, "fc1", 256, 256, None, None),
    ]  # fmt: skip
    assert store.query("SELECT count(*) FROM layer_prunings WHERE removed IS NULL").rows == [(2,)]
    assert [(it["name"], it["test_accuracy"], it["test_loss"]) for it in details.probes] == [
        ("pruned", 0.25, 1.25),
        ("zeroed", 0.5, 1.5),
    ]


def test_writing_moves_the_run_on(store, recorder):
    before = store.run(KEY).run
    assert recorder.next_epoch == 0
    recorder.write(EpochRecords(epoch_record(0, seconds=0.5)))
    recorder.write(EpochRecords(epoch_record(1, seconds=0.25)), checkpoint=saved(1))
    recorder.write(EpochRecords(epoch_record(2, seconds=0.125)))
    run = store.run(KEY).run
    assert recorder.next_epoch == 3
    assert (run["last_epoch"], run["checkpoint"], run["checkpoint_epoch"]) == (2, "1.pt", 1)
    assert (run["seconds"], run["stall"], run["status"]) == (0.875, 0, "running")
    assert run["heartbeat"] > before["heartbeat"]
    assert store.checkpoints() == {"1.pt"}
    recorder.finish()
    assert store.checkpoints() == frozenset()


def test_a_beat_moves_the_heartbeat_and_nothing_else(store, recorder):
    recorder.write(EpochRecords(epoch_record(0)), checkpoint=saved(0))
    before = store.run(KEY)
    recorder.beat()
    after = store.run(KEY)
    assert after.run["heartbeat"] > before.run["heartbeat"]
    assert dict(after.run) | {"heartbeat": None} == dict(before.run) | {"heartbeat": None}
    assert (after.attempts, after.epochs) == (before.attempts, before.epochs)
    recorder.finish()
    with pytest.raises(Fenced):
        recorder.beat()


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (lambda it: it.finish(), (None, None)),
        (lambda it: it.finish(kept=True), ("1.pt", 1)),
        (lambda it: it.diverged(), (None, None)),
        (lambda it: it.interrupt(), ("1.pt", 1)),
        (lambda it: it.fail("trace", "log"), ("1.pt", 1)),
    ],
    ids=["completed", "kept", "diverged", "interrupted", "failed"],
)
def test_what_remains_of_a_checkpoint_at_the_end(store, recorder, end, left):
    recorder.write(EpochRecords(epoch_record(0)))
    recorder.write(EpochRecords(epoch_record(1)), checkpoint=saved(1))
    end(recorder)
    run = store.run(KEY).run
    assert (run["checkpoint"], run["checkpoint_epoch"]) == left
    assert store.checkpoints() == (frozenset() if left == (None, None) else {"1.pt"})


def test_a_completed_run_that_names_an_older_checkpoint_keeps_none(store, recorder):
    """As stores of earlier versions say it: the files went, the name stayed."""
    recorder.write(EpochRecords(epoch_record(0)), checkpoint=saved(0))
    recorder.write(EpochRecords(epoch_record(1)))
    recorder.finish(kept=True)
    assert store.checkpoints() == frozenset()


def test_a_loss_that_is_no_number_is_null(store, recorder):
    nan = math.nan
    event = replace(event_of(0, 0.5, 0.1), test_loss_after=nan, mean_score=nan)
    records = EpochRecords(
        epoch_record(0, train_loss=nan, test_loss=nan), (event,), (Probe(0, "pruned", 0.5, nan, 360),)
    )
    recorder.write(records)
    recorder.diverged()
    rows = store.query(
        "SELECT e.train_loss, e.test_loss, p.test_loss_before, p.test_loss_after, p.mean_score, "
        "b.test_loss FROM epochs e, pruning_events p, probes b"
    ).rows
    assert rows == [(None, None, 1.0, None, None, None)]
    assert store.query("SELECT count(*) FROM epochs WHERE train_loss IS NULL").rows == [(1,)]


def test_an_infinite_loss_stays_infinite(store, recorder):
    recorder.write(EpochRecords(epoch_record(0, train_loss=math.inf)))
    assert store.query("SELECT train_loss FROM epochs").rows == [(math.inf,)]


def test_an_accuracy_that_is_no_number_is_refused(recorder):
    with pytest.raises(IntegrityError):
        recorder.write(EpochRecords(epoch_record(0, test_accuracy=math.nan)))


def test_stability_is_null_where_there_was_no_accuracy_to_lose(store, recorder):
    recorder.write(EpochRecords(epoch_record(0), (event_of(0, 0.0, 0.5),)))
    assert store.query("SELECT instability, stability FROM pruning_events").rows == [(None, None)]


def test_an_epoch_is_written_once(store, recorder):
    recorder.write(EpochRecords(epoch_record(0, test_accuracy=0.5)))
    with pytest.raises(IntegrityError):
        recorder.write(EpochRecords(epoch_record(0, test_accuracy=0.6)))
    assert store.query("SELECT test_accuracy FROM epochs").rows == [(0.5,)]
    recorder.write(EpochRecords(epoch_record(1)))


def test_no_epoch_is_left_out(store, recorder):
    with pytest.raises(AssertionError, match="epoch 1 is written, and epoch 0 is not yet"):
        recorder.write(EpochRecords(epoch_record(1)))
    assert store.query("SELECT * FROM epochs").rows == []


def test_a_transaction_that_fails_leaves_nothing(store, recorder):
    recorder.write(EpochRecords(epoch_record(0)), checkpoint=saved(0))
    before = store.run(KEY)
    impossible = replace(event_of(1, 0.5, 0.4), n_test=None)
    with pytest.raises(IntegrityError):
        recorder.write(
            EpochRecords(epoch_record(1), (event_of(1, 0.5, 0.4), impossible)), checkpoint=saved(1)
        )
    assert store.run(KEY) == before
    assert recorder.next_epoch == 1
    recorder.write(EpochRecords(epoch_record(1)))


@pytest.mark.parametrize("outcome", ["completed", "diverged", "failed", "interrupted"])
def test_the_end_of_an_attempt(store, recorder, outcome):
    recorder.uses(DIGITS)
    recorder.write(EpochRecords(epoch_record(0)))
    trace = "Traceback (most recent call last):\n  File\nValueError: bad " + 1000 * "x" + "\n"
    end = {
        "completed": recorder.finish,
        "diverged": recorder.diverged,
        "failed": lambda **more: recorder.fail(trace, "the log", **more),
        "interrupted": recorder.interrupt,
    }[outcome]
    end(peak_memory=2**33)
    details = store.run(KEY)
    (attempt,) = details.attempts
    assert (details.run["status"], attempt["outcome"], attempt["peak_memory"]) == (outcome, outcome, 2**33)
    assert attempt["ended"] >= details.run["ended"] >= attempt["started"]
    assert attempt["seconds"] > 0
    failed = outcome == "failed"
    assert attempt["traceback"] == (trace if failed else None)
    assert attempt["log_tail"] == ("the log" if failed else None)
    assert details.run["reason"] == ("ValueError: bad " + 484 * "x" if failed else None)
    assert store.query(
        "SELECT d.name, d.test FROM attempts a JOIN datasets d ON d.dataset_id = a.dataset_id"
    ).rows == [("digits", 360)]


def test_a_data_set_is_entered_once(store):
    fill(store, [Run("a", seed, [0.5]) for seed in range(3)])
    rows = store.query("SELECT name, train, test, classes, content_hash, source FROM datasets").rows
    assert rows == [tuple(DIGITS)]


def test_records_by_hand_are_records(recorder):
    run = Run("a", 0, [(0.75, 0.5), 0.25], [(-1, 0.1, 0.1), (0, 0.5, 0.4), (1, 0.3, 0.2)])
    assert [event.epoch for event in records_of(run, 0).events] == [-1, 0]
    assert [event.epoch for event in records_of(run, 1).events] == [1]
    assert (records_of(run, 0).epoch.train_accuracy, records_of(run, 1).epoch.train_accuracy) == (0.75, 1.0)
