"""The rows of an answer as a table shows them: its columns, and a part of them, sorted and filtered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

from gst.dashboard.grid import Column
from gst.dashboard.served import Part
from gst.store import Answer
from gst.words import is_missing, is_number, readable

_SAMPLE = 100
"""Rows that tell how wide a column is."""
_LARGEST = 2_000
"""Characters of a value that are shown; a file has all of them."""
_TEXTS, _NUMBERS = (
    {"filter": name, "filterParams": {"filterOptions": kinds, "maxNumConditions": 1}}
    for name, kinds in (
        ("agTextColumnFilter", ["contains", "notContains", "equals"]),
        ("agNumberColumnFilter", ["equals", "lessThan", "greaterThan"]),
    )
)
"""What AG Grid is told of a column that the server filters."""
_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "contains": lambda value, wanted: wanted in value,
    "notContains": lambda value, wanted: wanted not in value,
    "equals": lambda value, wanted: value == wanted,
    "lessThan": lambda value, wanted: value < wanted,
    "greaterThan": lambda value, wanted: value > wanted,
}


def answer_columns(found: Answer) -> list[Column]:
    """A column of a table for each of the answer, by its place: names may be there twice."""
    return [
        Column(
            f"{place}:{name[:40]}",
            name,
            max(len(name) + 3, *(len(_text(row[place])) for row in found.rows[:_SAMPLE]), 0),
            number := any(is_number(row[place]) for row in found.rows[:_SAMPLE]),
            more=_NUMBERS if number else _TEXTS,
        )
        for place, name in enumerate(found.columns)
    ]


def answer_part(found: Answer, part: Part) -> tuple[list[dict[str, Any]], int]:
    """The rows of that part by names of columns, and how many rows the filters let through.

    Numbers are sorted before words, and what is missing comes last.
    """
    columns = {column.name: place for place, column in enumerate(answer_columns(found))}
    rows = found.rows
    for name, (kind, wanted) in part.filters.items():
        if name in columns:
            rows = [row for row in rows if _passes(row[columns[name]], kind, wanted)]
    if part.sort in columns:
        place = columns[part.sort]
        known = [row for row in rows if not is_missing(row[place])]
        known.sort(key=lambda row: _rank(row[place]), reverse=part.descending)
        rows = known + [row for row in rows if is_missing(row[place])]
    shown = (
        {name: _text(row[place]) for name, place in columns.items()} for row in rows[part.first : part.end]
    )
    return list(shown), len(rows)


def _rank(value: Any) -> tuple[bool, Any]:
    return (False, value) if isinstance(value, Real) else (True, str(value))


def _passes(value: Any, kind: str, wanted: str) -> bool:
    """Whether a filter lets the value through: numbers are compared as such, texts whatever their case.

    A number equals what is shown of it, too.
    """
    if kind not in _HOLDS or is_missing(value):
        return kind == "notContains"
    if kind == "equals" and isinstance(value, float) and _passes(readable(value), kind, wanted):
        return True
    try:
        sides: tuple[Any, Any] = float(value), float(wanted)
    except (TypeError, ValueError):
        sides = str(value).lower(), wanted.lower()
    if "ontains" in kind:
        sides = str(value).lower(), wanted.lower()
    return _HOLDS[kind](*sides)


def _text(value: Any) -> str:
    text = readable(value)
    return text if len(text) <= _LARGEST else f"{text[:_LARGEST]}…"
