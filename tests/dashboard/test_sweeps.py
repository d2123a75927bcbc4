"""How far sweeps are, against the store's own account of each."""

from __future__ import annotations

import pytest
from stores import Run, claimed, fill, records_of

from gst.dashboard.sweeps import Paces, failures, results_version, sweep_names, sweep_states, version
from gst.store import Store


def test_each_sweep_stands_as_the_store_says(store):
    states = sweep_states(store)
    assert [state.progress.name for state in states] == ["troubled", "hand"] == sweep_names(store)
    for state in states:
        own = store.progress(state.progress.sweep_id)
        assert state.progress == own._replace(arms=())
        assert state.newest
    troubled = states[0].progress
    counts = {status: count for status, count in troubled.counts.items() if count}
    assert counts == {
        "completed": 3, "running": 1, "interrupted": 1, "failed": 1, "diverged": 1, "pending": 2,
    }  # fmt: skip
    assert troubled.epochs_done == 3 + 1 + 2 + 3 + 1 + 3 + 3
    assert troubled.epochs_total == 9 * 3 - 2  # the failed run leaves two undone


def test_an_earlier_version_of_a_sweep_is_not_the_newest(writable):
    fill(writable, [Run("other", 0, [0.5])], name="hand")
    states = [state for state in sweep_states(writable) if state.progress.name == "hand"]
    assert [(state.newest, state.progress.runs) for state in states] == [(True, 1), (False, 6)]


def test_a_store_without_sweeps_has_nothing_to_say(tmp_path):
    with Store.open(str(tmp_path / "empty.db"), create=True) as store:
        assert sweep_states(store) == ()
        assert failures(store, 5) == ()
        assert version(store) == version(store)


def test_failed_runs_come_with_what_they_left(store):
    (failure,) = failures(store, 5)
    assert (failure.seed, failure.attempts, failure.last_epoch) == (1, 1, 0)
    assert failure.traceback.endswith("RuntimeError: broken")
    assert failure.log_tail == "last line"
    assert failures(store, 0) == ()


def test_the_version_changes_with_every_epoch_and_the_results_with_every_completed_run(writable):
    sweep_id = writable.sweep_id("troubled")
    driver = writable.take_over(sweep_id)
    key = next(key for key in writable.remaining(sweep_id) if writable.run(key).run["status"] == "pending")
    marks = [(version(writable), results_version(writable))]
    recorder = claimed(writable, writable.spec(key), sweep_id, driver)
    marks.append((version(writable), results_version(writable)))
    for epoch in range(3):
        recorder.write(records_of(Run("any", 0, [0.5, 0.5, 0.5]), epoch))
        marks.append((version(writable), results_version(writable)))
    recorder.finish(peak_memory=1)
    marks.append((version(writable), results_version(writable)))
    assert len({mark for mark, _ in marks}) == len(marks)
    assert len({mark for _, mark in marks[:-1]}) == 1
    assert marks[-1][1] != marks[0][1]


def test_a_pace_is_of_epochs_between_two_looks(store):
    paces = Paces(store)
    progress = sweep_states(store)[0].progress
    assert paces.snapshots(0.0, [progress])[progress.sweep_id].epochs_per_second is None
    later = progress._replace(epochs_done=progress.epochs_done + 6)
    found = paces.snapshots(4.0, [later])[progress.sweep_id]
    assert found.epochs_per_second == 1.5
    assert found.seconds_left == pytest.approx((progress.epochs_total - later.epochs_done) / 1.5)
