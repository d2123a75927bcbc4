"""The sign of life during long epochs, and what a run does that is no longer its own."""

from __future__ import annotations

import logging
import threading
import time

import pytest
import sqlalchemy
from stores import PROVENANCE
from tiny_sweep import records

from gst.errors import Fenced
from gst.launch import attempt
from gst.launch import heartbeat as module
from gst.launch.heartbeat import Heartbeat
from gst.launch.trial import run_trial
from gst.store.alive import BUSY

SHORT = 0.02
PATIENCE = 120


class Recorder:
    """Counts beats; what they raise is told beforehand."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.beats = 0

    def beat(self, **_):
        self.beats += 1
        if self.answers:
            raise self.answers.pop(0)


def eventually(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "gst-heartbeat"]


def test_three_signs_may_go_missing_before_a_run_counts_as_abandoned():
    assert BUSY.total_seconds() == 4 * module.SECONDS


def test_it_beats_until_the_end_and_no_longer():
    recorder = Recorder()
    with Heartbeat(recorder, SHORT):
        eventually(lambda: recorder.beats > 3)
    beats = recorder.beats
    assert threads() == []
    time.sleep(5 * SHORT)
    assert recorder.beats == beats


def test_a_quick_attempt_asks_the_store_for_nothing():
    recorder = Recorder()
    with Heartbeat(recorder):
        pass
    assert recorder.beats == 0


def test_a_store_that_is_away_is_only_logged(caplog):
    away = sqlalchemy.exc.OperationalError("UPDATE", {}, OSError("no route to host"))
    recorder = Recorder(away, ValueError("of any kind"))
    with caplog.at_level(logging.WARNING, "gst"), Heartbeat(recorder, SHORT) as heartbeat:
        eventually(lambda: recorder.beats > 3)
        heartbeat.check()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "no route to host" in said[0]
    assert "of any kind" in said[1]


def test_once_refused_it_says_so_and_beats_no_more():
    recorder = Recorder(Fenced("run abc: attempt 1 is no longer the one that is running"))
    with Heartbeat(recorder, SHORT) as heartbeat:
        eventually(lambda: not threads())
        with pytest.raises(Fenced, match="attempt 1 is no longer"):
            heartbeat.check("an optimizer", (), {})
    assert recorder.beats == 1


def test_an_end_does_not_wait_for_a_store_that_hangs(monkeypatch):
    monkeypatch.setattr(module, "JOIN_SECONDS", 0.05)
    let_go = threading.Event()
    recorder = Recorder()
    recorder.beat = let_go.wait
    began = time.monotonic()
    with Heartbeat(recorder, SHORT):
        time.sleep(5 * SHORT)
    assert time.monotonic() - began < 5
    let_go.set()
    eventually(lambda: not threads())


@pytest.fixture
def during(monkeypatch):
    """Have the training step of that number, counted from 1, last until something is done."""
    steps = []

    def install(step, do):
        real = attempt.start

        def start(*arguments):
            state = real(*arguments)

            def slow(*_):
                steps.append(None)
                if len(steps) == step:
                    do()

            state.optimizer.register_step_post_hook(slow)
            return state

        monkeypatch.setattr(attempt, "start", start)
        return steps

    monkeypatch.setattr(module, "SECONDS", SHORT)
    return install


def test_a_long_epoch_keeps_its_run(registered, during):
    """Another sweep that asks for the run in the middle of the epoch would get one without a recent sign."""
    store, key = registered.store, registered.keys[0]
    claims = []

    def slow_epoch():
        with sqlalchemy.create_engine(registered.assignment.url).begin() as connection:
            connection.execute(sqlalchemy.text("UPDATE runs SET heartbeat = '2020-01-01 00:00:00.000000'"))
        eventually(lambda: store.run(key).run["heartbeat"].year > 2020)
        other = store.register(registered.spec._replace(name="other"))
        claims.append(
            store.claim(
                key,
                sweep_id=other,
                driver_epoch=store.take_over(other),
                provenance=PROVENANCE,
            )
        )

    during(2, slow_epoch)
    run_trial(key, registered.assignment)
    assert claims == [None]
    assert registered.status(key) == "completed"
    assert threads() == []


def test_a_run_that_is_taken_away_stops_in_the_middle_of_the_epoch(registered, during):
    store, key = registered.store, registered.keys[0]
    before = records(registered.file)

    def taken():
        store.claim(
            key,
            sweep_id=registered.assignment.sweep_id,
            driver_epoch=registered.assignment.driver_epoch,
            provenance=PROVENANCE,
        )
        eventually(lambda: not threads())

    steps = during(2, taken)
    run_trial(key, registered.assignment)
    assert len(steps) == 2  # of four in an epoch
    run = store.run(key)
    assert (run.run["status"], run.run["attempt"]) == ("running", 2)
    assert [it["outcome"] for it in run.attempts] == ["lost", None]
    assert records(registered.file) == before


def test_a_cancelled_run_stops_in_the_middle_of_the_epoch(registered, during):
    store, key = registered.store, registered.keys[0]

    def cancelled():
        assert store.cancel([key]) == [key]
        eventually(lambda: not threads())

    steps = during(3, cancelled)
    run_trial(key, registered.assignment)
    assert len(steps) == 3
    assert registered.status(key) == "cancelled"


def test_the_results_are_the_same_with_a_heart_that_beats_quickly(registered, tmp_path, monkeypatch):
    chosen = registered.keys[0], registered.keys[2]
    for key in chosen:
        run_trial(key, registered.assignment)
    monkeypatch.setattr(module, "SECONDS", 0.001)
    store = type(registered.store).open(f"sqlite:///{tmp_path / 'other.db'}", create=True)
    with store:
        sweep_id = store.register(registered.spec)
        there = registered.assignment._replace(
            url=f"sqlite:///{tmp_path / 'other.db'}",
            sweep_id=sweep_id,
            driver_epoch=store.take_over(sweep_id),
        )
        for key in chosen:
            run_trial(key, there)
    assert records(tmp_path / "other.db") == records(registered.file)
