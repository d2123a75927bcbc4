from __future__ import annotations

import hashlib
import json
import math

import pytest

from gst.analysis.source import Table
from gst.figures.files.export import canonical, numbers_sha256


def test_it_is_the_hash_of_columns_and_rows():
    table = Table(("what", "value"), (("a", 0.5), ("b", None)))
    text = json.dumps([["what", "value"], [["a", "0.5"], ["b", None]]])
    assert numbers_sha256(table) == hashlib.sha256(text.encode()).hexdigest()


def of(value):
    return numbers_sha256(Table(("a",), ((value,),)))


@pytest.mark.parametrize(
    ("one", "other"),
    [(0.1 + 0.2, 0.3), (0.0, -1e-17), (1, 1.0), (4.4e-6, 4.4e-6 * (1 + 1e-12)), (None, ""), (-0.0, 0)],
)
def test_rounding_makes_no_difference(one, other):
    assert of(one) == of(other)


@pytest.mark.parametrize(
    ("one", "other"), [(0.5, 0.50000001), (0.0, None), ("0.1", "0.10"), (True, 1), (math.nan, None), (1, 2)]
)
def test_anything_else_does(one, other):
    assert of(one) != of(other)


def test_columns_count():
    assert numbers_sha256(Table(("a",), ())) != numbers_sha256(Table(("b",), ()))


def test_canonical():
    assert [canonical(value) for value in (math.inf, -2.0, 1e-13, "x", None, False)] == [
        "inf", "-2", "0", "x", None, "False",
    ]  # fmt: skip
