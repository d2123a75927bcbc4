"""Values are made once, and again when what they were made from has changed."""

from __future__ import annotations

import threading
import time

import pytest

from gst.dashboard.kept import Kept
from gst.errors import InputError


@pytest.fixture
def made():
    """The keys of the values that were made, in order."""
    return []


def kept(made, marks, most=None):
    def make(key):
        made.append(key)
        if key == "bad":
            raise InputError("there is no bad")
        return f"{key} at {marks[key]}"

    return Kept(make, lambda key: marks[key], most)


def test_a_value_is_made_again_once_its_mark_has_changed(made):
    marks = {"a": "1", "b": "1"}
    values = kept(made, marks)
    assert (values.of("a"), values.of("a"), values.of("b")) == ("a at 1", "a at 1", "b at 1")
    marks["a"] = "2"
    assert (values.of("a"), values.of("b")) == ("a at 2", "b at 1")
    assert made == ["a", "b", "a"]


def test_no_more_are_kept_than_allowed_and_the_oldest_go(made):
    values = kept(made, dict.fromkeys("abc", "1"), most=2)
    for key in "abacab":
        values.of(key)
    assert made == ["a", "b", "c", "b"]


def test_what_cannot_be_made_is_said_and_tried_again(made):
    values = kept(made, {"a": "1", "bad": "1"})
    for _ in range(2):
        assert values.gathered(["a", "bad"]) == (["a at 1"], ["there is no bad"])
    assert made == ["a", "bad", "bad"]


def test_threads_that_ask_at_once_have_it_made_once_and_wait_for_no_other(made):
    begun, go = threading.Event(), threading.Event()

    def make(key):
        made.append(key)
        if key == "slow":
            begun.set()
            assert go.wait(10)
        return key

    values = Kept(make, lambda key: "1")
    threads = [threading.Thread(target=values.of, args=("slow",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    time.sleep(0.05)
    assert values.of("quick") == "quick"
    go.set()
    for thread in threads:
        thread.join(10)
    assert made == ["slow", "quick"]
