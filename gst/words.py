"""Values as people read them: hashes, numbers, times, durations and sizes, and texts from strangers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

SHORT = 12
"""Digits of a key or another hash that people see; commands take any unambiguous beginning of a key."""

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 but for tab and line feed, DEL, C1, marks of the direction of writing, line separators, surrogates."""
_IN_A_LINE = re.compile(f"[\t\n]|{_CONTROL.pattern}")


def short(digest: str) -> str:
    """The beginning of a key or another hash, long enough for people."""
    return digest[:SHORT]


def readable(value: Any, digits: int = 6) -> str:
    """A value as text: significant digits of a float, a time to the second, an empty text for none."""
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def is_number(value: Any) -> bool:
    """Whether a table aligns the value to the right."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_missing(value: Any) -> bool:
    """Whether there is no value: None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def duration(seconds: float) -> str:
    """A time span in its two largest units from minutes on: `42 s`, `5 min`, `1 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def fine_duration(seconds: float) -> str:
    """The same, with tenths of seconds below ten seconds and with seconds below ten minutes: `5 min 3 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if 60 <= seconds < 600:
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return duration(seconds)


def size(count: int) -> str:
    """A number of bytes in the largest unit that it reaches: `1.5 MB`."""
    value, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{count} bytes" if unit == "bytes" else f"{value:.1f} {unit}"


def counted(number: int, noun: str) -> str:
    """A number and its noun: `1 run`, `2 runs`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def cut(items: Sequence[str], most: int, more: str = "more") -> list[str]:
    """The items, or the first ones and how many others there are: `and 3 more`."""
    left = len(items) - most
    return [*items[:most], *([f"and {left:,} {more}"] if left > 0 else [])]


def listed(names: Sequence[str], most: int = 5) -> str:
    """The names in a line, or the first ones and how many others there are: `a, b and 3 more`."""
    return " ".join([", ".join(names[:most]), *cut(names, most)[most:]])


def control_character(text: str, *, lines: bool = False) -> str | None:
    """The first character of the text that a terminal obeys rather than shows, as `U+001B`, or None.

    Line feeds and tabs are such characters too, unless the text may have several `lines`.
    """
    found = (_CONTROL if lines else _IN_A_LINE).search(text)
    return f"U+{ord(found[0]):04X}" if found else None


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that spreadsheets take for a formula, and compute."""


def csv_field(value: Any) -> Any:
    """The value as a field of CSV for people: nothing where there is none, and no text that computes."""
    if is_missing(value):
        return ""
    if not isinstance(value, str):
        return value
    return visible(f"'{value}" if value.startswith(FORMULA) else value, lines=True)


def json_visible(text: str) -> str:
    """The JSON with each such character as an escape of JSON."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def visible(text: str, *, lines: bool = False) -> str:
    r"""The text with each such character as an escape that can be seen: `\x1b`, `\u202e`, `\n`."""
    return (_CONTROL if lines else _IN_A_LINE).sub(lambda found: ascii(found[0])[1:-1], text)


LONGEST_TEXT = 100_000
"""Characters that are kept of a traceback or a log: a message may be as large as its data."""


def shortened(text: str, most: int = LONGEST_TEXT) -> str:
    """The text, of at most that many characters: less of its middle, and how much, where it has more."""
    if len(text) <= most:
        return text
    left_out = f"\n... {len(text) - most:,} characters left out ...\n"
    half = (most - len(left_out)) // 2
    return text[:half] + left_out + text[-half:]


REASON_CHARACTERS = 500
_OF_GROUP = re.compile(r"^  \+ Exception Group Traceback .*?^  \| (\S[^\n]*)", re.MULTILINE | re.DOTALL)


def exception_line(traceback: str) -> str:
    """The exception's type and its message's first line; of a text that is no traceback, the last line.

    At most REASON_CHARACTERS of it.
    """
    if group := _OF_GROUP.search(traceback):
        return group[1][:REASON_CHARACTERS]
    lines = traceback.strip().rpartition("Traceback (most recent call last):\n")[2].split("\n")
    first = next((line for line in lines if line[:1].strip()), "")
    line = first if len(lines) > 1 and "Traceback (most recent" in traceback else lines[-1]
    return line[:REASON_CHARACTERS]
