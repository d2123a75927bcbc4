"""SQLite's functions of two texts, in time with the sum of their lengths.

SQLite's own take time with the product: hours for texts of some megabytes, and none can be interrupted.
"""

from __future__ import annotations

import sqlite3
from typing import Any

MOST_CHARACTERS = 1000
"""Different characters that one trim takes away."""


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
