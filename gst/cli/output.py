"""Rows on standard output, for people and for programs."""

from __future__ import annotations

import csv
import json
import math
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Literal, TextIO

from gst.words import csv_field, is_missing, is_number, json_visible, readable, visible

Format = Literal["table", "json", "csv"]
"""How rows are written."""
Answer = Literal["text", "json"]
"""How an answer that is no table is written."""


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], form: Format) -> None:
    """Rows as a table with aligned columns, as a list of JSON objects, or as CSV with a header."""
    rows = list(rows)
    match form:
        case "json":
            print_json([dict(zip(columns, row, strict=True)) for row in rows])
        case "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow([csv_field(name) for name in columns])
            writer.writerows([csv_field(value) for value in row] for row in rows)
        case "table":
            print_text(table(columns, rows))


def print_json(value: Any) -> None:
    """The value as indented JSON; times in ISO 8601, what is not a number as null.

    What the encoding of standard output may lack is escaped as JSON has it.
    """
    unicode = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    text = json.dumps(plain(value), indent=2, ensure_ascii=not unicode)
    sys.stdout.write(f"{json_visible(text)}\n")  # with no line broken, which would be no JSON


def print_text(text: str) -> None:
    """The text and a line break; what a terminal would obey is escaped."""
    sys.stdout.write(f"{_fitted(visible(text, lines=True), sys.stdout)}\n")


_TAKEN: ContextVar[list[str] | None] = ContextVar("notes", default=None)


@contextmanager
def taken_notes() -> Iterator[list[str]]:
    """A context whose notes come into this list, in place of standard error."""
    notes: list[str] = []
    token = _TAKEN.set(notes)
    try:
        yield notes
    finally:
        _TAKEN.reset(token)


def note(text: str) -> None:
    """A line for people, on standard error: whoever reads the output does not want it."""
    if (taken := _TAKEN.get()) is not None:
        taken.append(visible(text, lines=True))
        return
    sys.stderr.write(f"{_fitted(visible(text, lines=True), sys.stderr)}\n")
    sys.stderr.flush()


def _fitted(text: str, stream: TextIO) -> str:
    """The text with line breaks between words where sentences are wider than a terminal; tables stay."""
    if not stream.isatty():
        return text
    most = _terminal_width()
    return "\n".join(
        line
        if len(line) <= most or "  " in line.lstrip()
        else textwrap.fill(line, most, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


def _terminal_width() -> int:
    return max(40, shutil.get_terminal_size().columns)


def width_up_to(most: int) -> int:
    """So many columns, or those of the terminal that standard output is, where it has fewer."""
    return min(most, _terminal_width()) if sys.stdout.isatty() else most


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Aligned columns under a header, numbers to the right; without a border, so that it can be cut."""
    numeric = [
        any(not is_missing(row[i]) for row in rows)
        and all(is_missing(row[i]) or is_number(row[i]) for row in rows)
        for i in range(len(columns))
    ]
    lines = [[visible(name) for name in columns], *([cell(value) for value in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def cell(value: Any) -> str:
    """A value as a cell of a table: four digits of a float, a time to the second, nothing for none."""
    return visible(readable(value, digits=4))


def plain(value: Any) -> Any:
    """The value as JSON has it: times in ISO 8601, what is not a number as None, named tuples as mappings."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
