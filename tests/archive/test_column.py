from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

import pytest
from archive_values import VALUES
from hypothesis import given

from gst.archive.column import canonical, fingerprint, parsed, total


@pytest.mark.parametrize("kind", VALUES)
def test_what_was_written_is_read(kind):
    @given(VALUES[kind])
    def law(value):
        text = canonical(value, kind)
        assert parsed(text, kind) == value
        assert canonical(parsed(text, kind), kind) == text

    law()


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "text", None),
        (math.nan, "float", None),
        (-0.0, "float", "0.0"),
        (1, "float", "1.0"),
        (math.inf, "float", "inf"),
        (0.1 + 0.2, "float", "0.30000000000000004"),
        (True, "boolean", "true"),
        (1, "boolean", "true"),
        (
            datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=1))),
            "time",
            "2026-01-02T02:04:00.000000+00:00",
        ),
        ({"b": [1, 2], "a": None}, "json", '{"a":null,"b":[1,2]}'),
    ],
)
def test_equal_values_have_one_text(value, kind, text):
    assert canonical(value, kind) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.0", "integer"), (" 1", "integer"), ("1_0", "integer"), ("--1", "integer"),
        (str(2**63), "integer"),
        ("1_0.0", "float"), (" 1.0", "float"), ("one", "float"), ("1", "boolean"), ("True", "boolean"),
        ("2026-01-02T03:04:05", "time"), ("yesterday", "time"), ("{", "json"),
    ],
)  # fmt: skip
def test_other_texts_are_refused(text, kind):
    with pytest.raises(ValueError):  # noqa: PT011
        parsed(text, kind)


def test_fingerprints_tell_rows_apart_and_not_their_order():
    rows = [["a", "b"], ["ab", None], ["ab", ""], ["", "ab"], ["None", None], [None, "None"]]
    numbers = [fingerprint(row) for row in rows]
    assert len(set(numbers)) == len(rows)
    assert total(numbers) == total(reversed(numbers))
    assert total(numbers) != total([*numbers, numbers[0]])  # a row twice is another table
    assert 0 <= total(numbers) < 2**256
