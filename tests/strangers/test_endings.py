"""How runs end, and how failures are told, whatever was raised and whoever ended the process."""

from __future__ import annotations

import json
import traceback
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
import torch
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from stores import claimed, run_config, sweep_of
from typer.testing import CliRunner

from gst.cli import app
from gst.config import RunSpec
from gst.errors import Fenced, GpuLost
from gst.launch.attempt import Machine, attempt
from gst.store import Filter, Store, silent_runs
from gst.store.alive import Silent
from gst.store.reading import sweep_states
from gst.store.schema import runs
from gst.store.utc_time import Present
from gst.words import LONGEST_TEXT, exception_line, shortened

SPEC = RunSpec(run_config(epochs=2), 0)


def trace_of(error: Exception) -> str:
    try:
        raise error
    except Exception:
        return traceback.format_exc()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            trace_of(OperationalError("SELECT 1", {}, Exception("the server\nis gone"))),
            "sqlalchemy.exc.OperationalError: (builtins.Exception) the server",
        ),
        (trace_of(ValueError("one\n  two\nthree")), "ValueError: one"),
        (trace_of(KeyError("x")), "KeyError: 'x'"),
        ("RuntimeError: broken", "RuntimeError: broken"),
        ("Traceback\nRuntimeError: broken", "RuntimeError: broken"),
        ("", ""),
    ],
)
def test_the_reason_of_a_failure_is_its_type_and_first_line(text, line):
    assert exception_line(text) == line


def test_of_a_chain_of_exceptions_the_last_one_is_told():
    try:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second\nand more") from error
    except ValueError:
        assert exception_line(traceback.format_exc()) == "ValueError: second"


@pytest.mark.parametrize("length", [0, 99, 100, 101, 1000, 10**6])
def test_a_text_that_is_too_long_loses_its_middle(length):
    text = "<" + "x" * max(0, length - 2) + ">" if length > 1 else ""
    found = shortened(text, 100)
    assert len(found) <= 100
    assert found == text or (found[0], found[-1]) == ("<", ">")
    assert ("characters left out" in found) == (length > 100)


class Told:
    """A sink that keeps how the attempt ended."""

    spec = SPEC

    def __init__(self):
        self.ending = None

    def not_the_runs_fault(self, error):
        return False

    def watching(self):
        return nullcontext()

    def end(self, ending):
        self.ending = ending


class Wordless(Exception):
    """Whoever asks what it says is told something else."""

    def __str__(self):
        raise MemoryError


def chained() -> Exception:
    """An exception at the end of a chain that is as long as can be."""
    error = ValueError("first")
    for number in range(3000):
        later = ValueError(number)
        later.__cause__ = error
        error = later
    return error


def deep() -> Exception:
    """A group in a group, so deep that who would tell of it does not return."""
    error = ValueError("in the depth")
    for _ in range(3000):
        error = ExceptionGroup("group", [error])
    return error


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (Wordless(), "Wordless"),
        (chained(), "ValueError: 2999"),
        (deep(), "ExceptionGroup: group (1 sub-exception)"),
        (ValueError("x" * 50_000_000), "ValueError: xxxx"),
        (ValueError("a\x00b\ud800"), "ValueError: a\\x00b\\ud800"),
        (SystemExit(7), "RuntimeError: the code of the run exited with status 7"),
        (MemoryError(), "MemoryError"),
        (RecursionError("too deep"), "RecursionError: too deep"),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, BaseException) else "",
)
def test_whatever_a_run_raises_it_has_failed_and_its_record_is_small(tmp_path, raised, reason):
    def dataset():
        raise raised

    sink = Told()
    attempt(sink, Machine(torch.device("cpu"), 1, 0), dataset, ["last line"])
    assert sink.ending.status == "failed"
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        recorder = start(store)
        recorder.fail(sink.ending.traceback, sink.ending.log_tail)
        told = store.run(recorder.key)
    assert reason in told.run["reason"]
    assert len(told.run["reason"]) <= 500
    assert told.attempts[0]["log_tail"] == "last line"
    assert 0 < len(told.attempts[0]["traceback"]) <= LONGEST_TEXT


def test_a_gpu_that_fails_for_good_is_told_once_the_run_has_failed(monkeypatch):
    """The next run would fail at it, and the one after that."""

    def dataset():
        raise RuntimeError("CUDA error: device-side assert triggered")

    def empty_cache():
        raise RuntimeError(
            "CUDA error: device-side assert triggered\nfor debugging pass CUDA_LAUNCH_BLOCKING=1"
        )

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", empty_cache)
    sink = Told()
    with pytest.raises(
        GpuLost, match=r": CUDA error: device-side assert triggered; the same command carries on$"
    ):
        attempt(sink, Machine(torch.device("cpu"), 1, 0), dataset, [])
    assert sink.ending.status == "failed"


def start(store):
    sweep_id = store.register(sweep_of({"arm": SPEC.config}))
    return claimed(store, SPEC, sweep_id, store.take_over(sweep_id))


TRACE = "Traceback (most recent call last):\nRuntimeError: broken"


@pytest.mark.parametrize(
    ("trace", "tail", "memory"),
    [(TRACE, "", 1 << 63), (TRACE, "\ud800", 1), (f"{TRACE} \ud800", "", 1)],
    ids=["memory", "log", "traceback"],
)
def test_a_failure_that_the_database_does_not_take_is_recorded_without_its_details(
    tmp_path, trace, tail, memory
):
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        recorder = start(store)
        recorder.fail(trace, tail, peak_memory=memory)
        told = store.run(recorder.key)
        assert told.run["status"] == told.attempts[0]["outcome"] == "failed"
        assert told.run["reason"].startswith("failed, and the database refuses to keep why: ")
        with pytest.raises(Fenced):
            recorder.fail(TRACE, "")


def silenced(store, seconds):
    """Two runs of a sweep that is being trained, the first of them without a sign of life for so long."""
    config = run_config(epochs=2)
    sweep_id = store.register(sweep_of({"arm": config, "again": config, "other": run_config(lr=0.5)}))
    driver = store.take_over(sweep_id)
    recorders = [claimed(store, store.spec(key), sweep_id, driver) for key in store.remaining(sweep_id)]
    with store._writer.begin() as connection:
        beat = Present(timedelta(seconds=-seconds))
        connection.execute(update(runs).where(runs.c.key == recorders[0].key).values(heartbeat=beat))
    return sweep_id, recorders


WORDS = (
    "1 run marked as running without a sign of life for 3 h 0 min: nobody trains it; "
    "`gst sweep FILE` carries on"
)


def test_a_run_that_nobody_trains_is_told_wherever_its_status_is(tmp_path, monkeypatch):
    monkeypatch.setenv("GST_DB_URL", str(tmp_path / "gst.db"))
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        sweep_id, (silent, alive) = silenced(store, 3 * 3600)
        progress = store.progress(sweep_id)
        assert progress.counts["running"] == 2
        assert (progress.silent.words, progress.silent.runs) == (WORDS, 1)
        (state,) = sweep_states(store)
        assert state.progress.silent.words == WORDS
        assert 0 <= state.progress.age < 3600
        assert store.run(silent.key).silent.words == WORDS
        assert store.run(alive.key).silent is None
        assert silent_runs(store, Filter("hand", "other")) is None
    for command, told in (
        (["status"], f"hand: {WORDS}"),
        (["status", "hand"], WORDS),
        (["ls"], WORDS),
        (["ls", "--sweep", "hand"], WORDS),
        (["show", silent.key], f"running, but: {WORDS}"),
    ):
        said = CliRunner().invoke(app, command)
        assert said.exit_code == 0, said.output
        assert told in said.output, command
        assert said.output.count("sign of life") == 1
    for command in (["status", "hand"], ["ls", "--sweep", "hand", "--arm", "other"], ["show", alive.key]):
        said = CliRunner().invoke(app, command)
        assert ("sign of life" in said.output) == (command[0] == "status")
    as_json = json.loads(CliRunner().invoke(app, ["status", "hand", "--format", "json"]).stdout)
    assert as_json["counts"]["running"] == 2
    assert as_json["silent"]["runs"] == 1


@pytest.mark.parametrize(("seconds", "silent"), [(0, False), (110, False), (130, True)])
def test_a_run_is_silent_when_another_sweep_may_take_it(tmp_path, seconds, silent):
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        sweep_id, _ = silenced(store, seconds)
        assert (store.progress(sweep_id).silent is not None) == silent
        assert (silent_runs(store, Filter()) is not None) == silent


def test_a_sweep_that_never_gave_a_sign_of_life_is_told_without_a_time():
    assert Silent.of(0, None, datetime.now(UTC)) is None
    assert Silent.of(2, None, datetime.now(UTC)).words == (
        "2 runs marked as running without a sign of life: nobody trains them; `gst sweep FILE` carries on"
    )
