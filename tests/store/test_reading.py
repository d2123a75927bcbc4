"""How far sweeps are and what a report says of one, against the store's own account of each."""

from __future__ import annotations

import pytest
from level_stores import Level, Levels, fill_levels, level_config
from stores import PROVENANCE, Run, claimed, fill, flatness_of, normality_of, records_of
from tradeoffs import HAND
from troubled import TROUBLED

from gst.errors import UnknownNameError
from gst.store import Filter, run_page, sweep_names, sweep_version
from gst.store.account import account
from gst.store.reading import (
    failures,
    leveled_sweeps,
    results_version,
    runs_version,
    store_version,
    sweep_states,
)


@pytest.fixture
def filled(store):
    """A store with two sweeps: `hand`, which is complete, and `troubled`."""
    fill(store, HAND)
    fill(store, TROUBLED, name="troubled")
    return store


def test_each_sweep_stands_as_the_store_says(filled):
    states = sweep_states(filled)
    assert [state.progress.name for state in states] == ["troubled", "hand"] == list(sweep_names(filled))
    for state in states:
        own = filled.progress(state.progress.sweep_id)
        assert state.progress._replace(age=None) == own._replace(age=None, arms=())
        assert (state.version.meant, state.version.options) == (True, "")
    troubled = states[0].progress
    counts = {status: count for status, count in troubled.counts.items() if count}
    assert counts == {
        "completed": 3, "running": 1, "interrupted": 1, "failed": 1, "diverged": 1, "pending": 2,
    }  # fmt: skip
    assert troubled.epochs_done == 3 + 1 + 2 + 3 + 1 + 3 + 3
    assert troubled.epochs_total == 9 * 3 - 2  # the failed run leaves two undone


def test_an_earlier_version_of_a_sweep_is_not_the_one_that_its_name_means(filled):
    fill(filled, [Run("other", 0, [0.5])], name="hand")
    states = [state for state in sweep_states(filled) if state.progress.name == "hand"]
    assert [(state.version.meant, state.progress.runs) for state in states] == [(True, 1), (False, 6)]
    old = states[1].version.address
    assert list(sweep_names(filled)) == ["hand", "troubled", old]
    assert sweep_names(filled)[old] == f"{old} (an earlier file's own options)"


def test_a_store_without_sweeps_has_nothing_to_say(store):
    assert sweep_states(store) == ()
    assert failures(store, 5) == ()
    assert leveled_sweeps(store) == sweep_names(store) == {}
    assert store_version(store) == store_version(store)


def test_sweeps_with_levels_are_told_from_the_others(filled):
    fill_levels(filled, [Levels("new", 0, [Level(0.5)])], {"new": level_config("none")}, name="leveled")
    assert leveled_sweeps(filled) == {"leveled": "leveled"}


def test_failed_runs_come_with_what_they_left(filled):
    found = {failure.status: failure for failure in failures(filled, 5)}
    assert found.keys() == {"failed", "diverged"}
    failure = found["failed"]
    assert (failure.seed, failure.attempts, failure.last_epoch) == (1, 1, 0)
    assert failure.traceback.endswith("RuntimeError: broken")
    assert failure.log_tail == "last line"
    assert failures(filled, 0) == ()


def test_marks_change_with_what_they_stand_for(filled):
    sweep_id = filled.sweep_id("troubled")
    driver = filled.take_over(sweep_id)
    key = next(key for key in filled.remaining(sweep_id) if filled.run(key).run["status"] == "pending")
    ended = [row["key"] for row in run_page(filled, Filter("hand")).rows]

    def marks():
        sweeps = [sweep_version(filled, name) for name in ("troubled", "hand", "nothing")]
        return store_version(filled), results_version(filled), *sweeps, runs_version(filled, [key])

    before, kept = [marks()], runs_version(filled, ended)
    recorder = claimed(filled, filled.spec(key), sweep_id, driver)
    before.append(marks())
    for epoch in range(3):
        recorder.write(records_of(Run("any", 0, [0.5, 0.5, 0.5]), epoch))
        before.append(marks())
    recorder.finish(peak_memory=1)
    before.append(marks())
    # The store and the run change at every step, results at the last, the sweep as the run begins and ends.
    assert [len(set(column)) for column in zip(*before, strict=True)] == [6, 2, 3, 1, 1, 6]
    assert kept == runs_version(filled, ended)


def test_marks_change_with_what_is_measured_of_completed_runs(filled):
    key, other = (row["key"] for row in run_page(filled, Filter("hand")).rows[:2])

    def marks():
        sweeps = [sweep_version(filled, name) for name in ("hand", "troubled")]
        return store_version(filled), results_version(filled), *sweeps

    before = [marks()]
    for found in (flatness_of(2), flatness_of(2, seconds=77.0), normality_of(2)):
        filled.add_measurements(key, [found])
        before.append(marks())
    filled.add_measurements(other, [flatness_of(2)])
    before.append(marks())
    assert [len(set(column)) for column in zip(*before, strict=True)] == [5, 5, 5, 1]


def test_an_account_has_what_the_runs_share_and_where_they_differ(filled):
    found = account(filled, "hand")
    shared, columns = dict(found.shared), found.arms.columns
    assert shared["model"] == "digits_cnn"
    assert shared["augment"] is False
    assert not set(shared) & set(columns)
    assert "lr" in columns
    assert [row[:2] for row in found.arms.rows] == [("none", 2), ("hard", 2), ("soft", 2)]
    assert found.figures == ("tradeoff",)
    assert found.stopped.rows == []
    with pytest.raises(UnknownNameError):
        account(filled, "nothing")


def test_an_account_knows_what_runs_were_trained_with_and_which_stopped(filled):
    found = account(filled, "troubled")
    assert "gpu" not in found.software.columns  # no attempt has one
    (row,) = found.software.rows
    assert dict(zip(found.software.columns, row, strict=True)) == {
        "gst": PROVENANCE.gst, "git_commit": "abc", "git_dirty": False, "torch": PROVENANCE.torch,
        "python": PROVENANCE.python, "device": "cpu", "precision": "fp32",
        "deterministic": PROVENANCE.deterministic, "host": "host", "attempts": 6,
    }  # fmt: skip
    assert [row[0] for row in found.datasets.rows] == ["digits"]
    assert [(row[0], row[2], row[3]) for row in found.stopped.rows] == [
        ("base", 1, "failed"), ("pruned", 2, "diverged"),
    ]  # fmt: skip
