from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gst.dashboard.words import ago, counted, duration, shown


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
    assert shown(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "1 h 0 min"), (3900, "1 h 5 min"),
        (48 * 3600, "2 d 0 h"), (90 * 3600, "3 d 18 h"),
    ],
)  # fmt: skip
def test_time_spans(seconds, text):
    assert duration(seconds) == text


def test_how_long_ago():
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert ago(noon - timedelta(minutes=2), noon) == "2 min ago"
    assert ago(noon + timedelta(seconds=3), noon) == "0 s ago"  # clocks of machines differ
    assert ago(None, noon) == ""


def test_nouns_go_with_their_numbers():
    assert (counted(1, "run"), counted(1200, "run")) == ("1 run", "1,200 runs")
