"""gst cancel and gst retry, of runs that wait and of one that is being trained."""

from __future__ import annotations

import csv
import io
import json

import pytest
from stores import Run, fill
from tiny_sweep import RUNS, records, statuses

from gst.launch import attempt
from gst.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def mixed(folder):
    """A store with a run in every state but cancelled; its runs by state."""
    states = ("completed", "failed", "diverged", "interrupted", "pending")
    with Store.open("gst.db", create=True) as store:
        fill(store, [Run("a", seed, [0.5], status=state) for seed, state in enumerate(states)])
        fill(store, [Run("b", 9, [0.25, 0.5], status="running")], name="other")
        return {status: key for key, status in store.query("SELECT key, status FROM runs").rows}


def changed(result):
    assert result.exit_code == 0, result.output
    return {row["key"]: row["was"] for row in csv.DictReader(io.StringIO(result.stdout))}


def status_of(key):
    with Store.open("gst.db", readonly=True) as store:
        return store.run(key).run["status"]


def test_named_runs_are_cancelled(gst, mixed):
    result = gst("cancel", mixed["pending"][:10], mixed["running"][:10], "--format", "csv")
    assert changed(result) == {mixed["pending"]: "pending", mixed["running"]: "running"}
    assert result.stderr == "2 runs are cancelled, of which 1 stop at the end of their epoch at the latest\n"
    assert status_of(mixed["running"]) == status_of(mixed["pending"]) == "cancelled"
    assert status_of(mixed["interrupted"]) == "interrupted"


def test_a_sweep_s_runs_are_cancelled_and_retried(gst, mixed):
    found = changed(gst("cancel", "--sweep", "hand", "--format", "csv"))
    assert found == {mixed[status]: status for status in ("interrupted", "pending")}
    assert status_of(mixed["running"]) == "running"  # it is of the other sweep
    listed = csv.DictReader(io.StringIO(gst("ls", "--status", "cancelled", "--format", "csv").stdout))
    assert {(row["key"], row["reason"]) for row in listed} == {
        (mixed["interrupted"], "cancelled while interrupted"),
        (mixed["pending"], "cancelled while pending"),
    }
    one = gst("status", "hand")
    assert "1 completed, 1 failed, 1 diverged, 2 cancelled" in one.stderr
    (row, *_) = json.loads(gst("status", "--format", "json").stdout)[::-1]
    assert row["cancelled"] == 2

    back = gst("retry", "--sweep", "hand", "--format", "csv")
    assert changed(back) == {
        mixed["interrupted"]: "cancelled",
        mixed["pending"]: "cancelled",
        mixed["failed"]: "failed",
    }
    assert back.stderr == "3 runs are pending again; `gst sweep FILE` trains what is left\n"
    assert changed(gst("retry", "--sweep", "hand", "--diverged", "--format", "csv")) == {
        mixed["diverged"]: "diverged"
    }
    assert status_of(mixed["completed"]) == "completed"


def test_an_arm_of_a_sweep_can_be_cancelled(gst, mixed):
    assert changed(gst("cancel", "--sweep", "other", "--arm", "b", "--format", "csv")) == {
        mixed["running"]: "running"
    }
    again = gst("cancel", "--sweep", "other", "--arm", "b")
    assert again.stdout == "key  was\n"
    assert again.stderr == "0 runs are cancelled; nothing there was left to do\n"


@pytest.mark.parametrize(
    ("command", "state", "message"),
    [
        (
            "cancel",
            "completed",
            "is completed; only runs that are pending, interrupted, running can be cancelled",
        ),
        ("cancel", "failed", "is failed; only runs that are pending"),
        ("retry", "completed", "is completed; only runs that are failed, cancelled can be retried"),
        ("retry", "pending", "is pending; only runs that are failed"),
        ("retry", "diverged", "can be retried without --diverged"),
    ],
)
def test_a_run_that_is_named_must_be_in_a_state_for_it(refused, mixed, command, state, message):
    other = "pending" if command == "cancel" else "failed"
    assert message in refused(command, mixed[other], mixed[state])
    assert status_of(mixed[other]) == other  # all or nothing


@pytest.mark.parametrize("command", ["cancel", "retry"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name runs by the beginnings of their keys, or give --sweep"),
        (("abc", "--sweep", "hand"), "one of the two"),
        (("--arm", "a"), "name runs"),
        (("zzz",), "no run 'zzz'"),
        (("--sweep", "hant"), "no sweep 'hant'; did you mean 'hand'?"),
        (("--sweep", "hand", "--arm", "aa"), "no arm of sweep hand 'aa'; did you mean 'a'?"),
    ],
)
def test_it_must_be_clear_which_runs_are_meant(refused, mixed, command, arguments, message):
    assert message in refused(command, *arguments)
    assert status_of(mixed["pending"]) == "pending"


def test_an_arm_needs_its_sweep(refused, mixed):
    assert "--arm names an arm of a sweep" in refused("cancel", mixed["pending"], "--arm", "a")


@pytest.fixture
def cancelling(folder, monkeypatch):
    """Have each run of a sweep that is begun cancelled by somebody in its second epoch, if it is chosen."""
    real = attempt.train

    def install(*numbers):
        begun = []

        def train(state):
            begun.append(state)
            for found in real(state):
                if len(begun) - 1 in numbers and found.epoch.epoch == 1:
                    with Store.open(str(folder / "gst.db")) as store:
                        running = store.query("SELECT key FROM runs WHERE status = 'running'").rows
                        store.cancel(key for (key,) in running)
                yield found

        monkeypatch.setattr(attempt, "train", train)

    yield install
    monkeypatch.setattr(attempt, "train", real)


@pytest.mark.parametrize("seconds", [0, 1000], ids=["with checkpoints", "without"])
def test_a_run_that_is_cancelled_while_it_trains_stops_and_the_others_go_on(
    gst, folder, cancelling, monkeypatch, complete_store, seconds
):
    cancelling(1)
    result = gst("sweep", "tiny.yaml", "--local", "--checkpoint", seconds)
    assert result.exit_code == 0, result.output
    assert "1 of 4 runs are cancelled, and not among the numbers above" in result.stderr
    assert "`gst retry --sweep tiny` takes that back" in result.stderr
    assert "3/4 runs completed, 1 cancelled, 10/10 epochs" in result.stderr
    assert statuses(folder / "gst.db") == ["cancelled", "completed", "completed", "completed"]
    kept = list((folder / "gst-artifacts").rglob("*.pt"))
    assert len(kept) == (seconds == 0)  # what the run can go on from

    again = gst("sweep", "tiny.yaml", "--local")
    assert again.exit_code == 0
    assert "tiny: 4 runs, nothing left to do" in again.stderr

    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert len(changed(gst("retry", "--sweep", "tiny", "--format", "csv"))) == 1
    last = gst("sweep", "tiny.yaml", "--local")
    assert last.exit_code == 0, last.output
    assert statuses(folder / "gst.db") == ["completed"] * RUNS
    assert records(folder / "gst.db") == records(complete_store)
    assert not list((folder / "gst-artifacts").rglob("*.pt"))


def test_a_sweep_whose_runs_are_all_cancelled_ends_with_a_word(gst, folder, cancelling):
    cancelling(0, 1, 2, 3)
    result = gst("sweep", "tiny.yaml", "--local")
    assert result.exit_code == 0, result.output
    assert "4 of 4 runs are cancelled" in result.stderr
    assert "no completed run" in result.stderr
    assert result.stdout == ""


def test_a_plan_leaves_cancelled_runs_out(gst, complete):
    with Store.open("gst.db") as store:
        key = store.query("SELECT key FROM runs WHERE run_id = 1").rows[0][0]
    text = (complete.parent / "tiny.yaml").read_text().replace("seeds: 2", "seeds: 3")
    (complete.parent / "more.yaml").write_text(text)
    with Store.open("gst.db") as store:
        from gst.config import load_sweep

        sweep_id = store.register(load_sweep(complete.parent / "more.yaml"))
        waiting = store.remaining(sweep_id)
        assert key not in waiting
        assert store.cancel(waiting[:1]) == waiting[:1]
    result = gst("plan", "more.yaml", "--format", "json")
    (found,) = json.loads(result.stdout)
    assert (found["runs_left"], found["epochs_left"]) == (1, 3)
    assert [arm["cancelled"] for arm in found["arms"]] == [1, 0]
