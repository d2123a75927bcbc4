from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gst.words import counted, cut, duration, fine_duration, listed, readable, short, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (True, "yes"),
        (3, "3"),
        (0.123456789, "0.123457"),
        (datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC), "2026-01-02 03:04:05"),
        ("text", "text"),
    ],
)
def test_values_as_people_read_them(value, text):
    assert readable(value) == text


def test_a_number_has_the_digits_that_are_asked_for():
    assert readable(0.123456789, digits=4) == "0.1235"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "1 h 0 min"), (3900, "1 h 5 min"),
        (48 * 3600, "2 d 0 h"), (90 * 3600, "3 d 18 h"),
    ],
)  # fmt: skip
def test_time_spans(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (61, "1 min 1 s"), (599, "9 min 59 s"),
        (600, "10 min"), (3599, "1 h 0 min"), (3660, "1 h 1 min"), (49 * 3600, "2 d 1 h"),
    ],
)  # fmt: skip
def test_fine_time_spans(seconds, text):
    assert fine_duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_000_000_000, "2.0 GB")]
)
def test_sizes(count, text):
    assert size(count) == text


def test_a_key_is_cut_to_twelve_digits():
    assert short("0123456789abcdef") == "0123456789ab"


def test_nouns_go_with_their_numbers():
    assert (counted(1, "run"), counted(1200, "run")) == ("1 run", "1,200 runs")


@pytest.mark.parametrize(
    ("names", "text"),
    [("", ""), ("ab", "a, b"), ("abc", "a, b and 1 more"), ("ab" * 999, "a, b and 1,996 more")],
)
def test_of_many_names_the_first_and_the_number_of_the_others(names, text):
    assert listed(list(names), 2) == text


def test_of_many_lines_the_first_and_one_with_the_number_of_the_others():
    assert cut(["a", "b"], 2) == ["a", "b"]
    assert cut(["a", "b", "c"], 1, "more runs") == ["a", "and 2 more runs"]
