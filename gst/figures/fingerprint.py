"""Numbers as one hash, so that a picture can say which numbers it was drawn from."""

from __future__ import annotations

import hashlib
import json
import math

from gst.analysis import Table

DIGITS, PLACES = 9, 12
"""Significant digits that count, and decimals: machines differ in the last ones of a sum."""


def numbers_sha256(table: Table) -> str:
    """The sha256 of columns and rows; numbers that differ by rounding alone have the same."""
    rows = [[canonical(value) for value in row] for row in table.rows]
    return hashlib.sha256(json.dumps([list(table.columns), rows]).encode()).hexdigest()


def canonical(value: object) -> str | None:
    """The value as text: of a number the digits that count, an empty string like None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if not math.isfinite(value):
        return str(float(value))
    return f"{round(float(value), PLACES) + 0.0:.{DIGITS}g}"  # plus zero, for there is a negative one
