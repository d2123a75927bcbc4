"""How runs end, and how failures are told, whatever was raised and whoever ended the process."""

from __future__ import annotations

import traceback
from contextlib import nullcontext

import pytest
import torch
from sqlalchemy.exc import OperationalError
from stores import claimed, run_config, sweep_of

from gst.config import RunSpec
from gst.errors import Fenced
from gst.launch.attempt import Machine, attempt
from gst.store import Store
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


class Silent(Exception):
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
        (Silent(), "Silent"),
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
