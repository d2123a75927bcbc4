"""The first place where a file shows something else than the numbers give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gst.analysis.source import Table
from gst.figures.files.embedding import unpacked
from gst.figures.files.export import canonical

CLOSE = 1e-9
"""Numbers of a drawing that differ by less, relatively or by itself, differ by rounding."""


def cell_difference(cells: Sequence[Sequence[str]], table: Table) -> str | None:
    """Where header or rows of a CSV differ from the table, in words; None where they do not."""
    if not cells or tuple(cells[0]) != table.columns:
        return f"its columns are {', '.join(cells[0]) if cells else 'missing'}"
    if len(cells) - 1 != len(table.rows):
        return f"it has {len(cells) - 1} rows, not {len(table.rows)}"
    for number, (found, expected) in enumerate(zip(cells[1:], table.rows, strict=True), start=1):
        if len(found) != len(expected):
            return f"row {number} has {len(found)} cells, not {len(expected)}"
        for column, text, value in zip(table.columns, found, expected, strict=True):
            if canonical(_read(text, value)) != canonical(value):
                return f"row {number} ({expected[0]}), {column}: {text or 'nothing'}, not {_shown(value)}"
    return None


def drawing_difference(found: Mapping[str, Any], expected: Mapping[str, Any]) -> str | None:
    """Where data, layout or rows of a figure differ from another's, in words; None where they do not.

    What the layout says of provenance is not looked at.
    """
    found, expected = unpacked(found), unpacked(expected)
    one, other = (
        {name: value for name, value in it.get("layout", {}).items() if name != "meta"}
        for it in (found, expected)
    )
    rows = _difference(found["rows"], expected["rows"], "rows") if "rows" in found else None
    return (
        rows or _difference(found.get("data"), expected["data"], "data") or _difference(one, other, "layout")
    )


def _difference(found: Any, expected: Any, place: str) -> str | None:
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in dict.fromkeys([*expected, *found]):
            if difference := _difference(found.get(key), expected.get(key), f"{place}.{key}"):
                return difference
        return None
    if isinstance(found, list) and isinstance(expected, list):
        if len(found) != len(expected):
            return f"{place} has {len(found)} entries, not {len(expected)}"
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            if difference := _difference(one, other, f"{place}[{number}]"):
                return difference
        return None
    return None if _same(found, expected) else f"{place} is {_shown(found)}, not {_shown(expected)}"


def _same(found: Any, expected: Any) -> bool:
    if isinstance(found, int | float) and isinstance(expected, int | float):
        return math.isclose(found, expected, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(found == expected)


def _read(text: str, like: object) -> object:
    """The text of a cell as the kind of value that it should be, as far as it is one."""
    if isinstance(like, int | float) and not isinstance(like, bool):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value) if len(str(value)) < 60 else f"{str(value)[:60]}..."
