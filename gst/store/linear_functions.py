"""SQLite's functions of texts, in time with the sum of their lengths.

SQLite's own take time with the product, hours for texts of some megabytes, or with a number in a format, and
none can be interrupted.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

MOST_CHARACTERS = 1000
"""Different characters that one trim takes away."""

_REPEATED = re.compile(r"%[^%a-zA-Z]*\.(\*|\d{7,})[^%a-zA-Z]*c")
"""The form of a character that is written so many times, one by one; for * the number is among the values."""
_LARGE = re.compile(r"\s*[-+]?\d{7,}")


def use_linear_functions(connection: sqlite3.Connection, longest: int) -> None:
    """Have that connection use them; they make texts of at most so many characters."""

    def replaced(text: Any, old: Any, new: Any) -> Any:
        if text is None or old is None:
            return None
        if not old:
            return _text(text) if isinstance(text, bytes) else text
        if new is None:
            return None
        text, old, new = _text(text), _text(old), _text(new)
        if len(text) + text.count(old) * (len(new) - len(old)) > longest:
            raise OverflowError  # which SQLite calls "string or blob too big"
        return text.replace(old, new)

    def formatted(*values: Any) -> Any:
        repeated = _REPEATED.search(_text(values[0])) if values else None
        if repeated and (repeated[1] != "*" or any(_LARGE.match(_text(value)) for value in values[1:])):
            raise OverflowError
        with closing(sqlite3.connect(":memory:")) as own:
            own.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
            return own.execute(f"SELECT printf({', '.join('?' * len(values))})", values).fetchone()[0]

    for name in ("printf", "format"):
        connection.create_function(name, -1, formatted, deterministic=True)
    connection.create_function("replace", 3, replaced, deterministic=True)
    connection.create_function("instr", 2, _place, deterministic=True)
    for name, strip in (("trim", str.strip), ("ltrim", str.lstrip), ("rtrim", str.rstrip)):

        def trimmed(text: Any, characters: Any, strip: Any = strip) -> Any:
            if text is None or characters is None:
                return None
            different = set(_text(characters))
            if len(different) > MOST_CHARACTERS:
                raise OverflowError
            return strip(_text(text), "".join(different)) if different else _text(text)

        connection.create_function(name, 2, trimmed, deterministic=True)


def _place(text: Any, part: Any) -> int | None:
    """The place of the part in the text, from 1 on, or 0; bytes in bytes, and characters in characters."""
    if text is None or part is None:
        return None
    if isinstance(text, bytes) and isinstance(part, bytes):
        return text.find(part) + 1
    return _text(text).find(_text(part)) + 1


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
