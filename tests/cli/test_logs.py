"""gst logs: how attempts ended."""

from __future__ import annotations

import json

import pytest
from stores import Run, claimed, fill, play

from gst.store import Store


@pytest.fixture
def key(folder):
    """A run that failed, was retried and lost, and is being trained again."""
    with Store.open("gst.db", create=True) as store:
        sweep_id = fill(store, [Run("a", 0, [0.5], status="failed")])
        ((key,),) = store.query("SELECT key FROM runs").rows
        store.retry()
        for _ in range(2):
            claimed(store, store.spec(key), sweep_id, 1)
        return key


def finish(key, status):
    with Store.open("gst.db") as store:
        store.retry(statuses=("failed",))
        play(claimed(store, store.spec(key), 1, 1), Run("a", 0, [], status=status))


def test_every_attempt_is_told_of(gst, key):
    result = gst("logs", key[:10])
    assert result.stderr == f"run {key} is running\n"
    first, trace, tail, second, third = result.stdout.split("\n\n")
    assert first.startswith("attempt 1\n  outcome  failed\n  started  ")
    assert first.endswith("\n  device   cpu")
    assert trace.splitlines() == [
        "attempt 1, traceback",
        "  Traceback (most recent call last):",
        "    ...",
        "  RuntimeError: broken",
    ]
    assert tail == "attempt 1, last lines of its log\n  last line"
    assert second.startswith("attempt 2\n  outcome  lost\n")
    assert third.startswith("attempt 3\n  outcome  running\n")


def test_one_attempt_can_be_chosen(gst, key):
    assert gst("logs", key, "--attempt", "2").stdout.count("attempt ") == 1
    (found,) = json.loads(gst("logs", key, "--attempt", "1", "--format", "json").stdout)
    assert (found["attempt"], found["outcome"], found["log_tail"]) == (1, "failed", "last line")
    assert found["traceback"].endswith("RuntimeError: broken")
    assert [it["outcome"] for it in json.loads(gst("logs", key, "--format", "json").stdout)] == [
        "failed", "lost", None,
    ]  # fmt: skip


def test_the_reason_stands_on_top(gst, key):
    finish(key, "failed")
    assert gst("logs", key).stderr == f"run {key} is failed: RuntimeError: broken\n"


def test_a_run_that_nobody_tried(gst, folder):
    with Store.open("gst.db", create=True) as store:
        fill(store, [Run("a", 0, status="pending")])
        ((key,),) = store.query("SELECT key FROM runs").rows
    result = gst("logs", key)
    assert result.exit_code == 0
    assert result.stderr == f"run {key} is pending\nnobody has tried it yet\n"
    assert result.stdout == ""
    assert gst("logs", key, "--format", "json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("KEY", "--attempt", "4"), "no attempt of run KEY '4'; there are: 1, 2, 3"),
        (("zzz",), "no run 'zzz'"),
    ],
)
def test_what_is_not_there_is_named(refused, key, arguments, message):
    found = refused("logs", *(key if it == "KEY" else it for it in arguments))
    assert message.replace("KEY", key[:12]) in found
