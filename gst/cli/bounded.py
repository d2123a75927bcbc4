"""Answers of bounded size: how much of each list and text there is room for, and what was cut."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gst.cli.output import plain
from gst.errors import InputError
from gst.words import shortened

MOST_CHARACTERS = 60_000
"""Characters of an answer as JSON."""
LONGEST_TEXT = 4_000
"""Characters of a text in it."""
_ITEMS = (1000, 300, 100, 30, 10, 3, 1)
"""Items of each list, tried one after another."""


def bounded(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for programs, with the beginnings of its lists where all of them would be too much.

    What is cut is told under `cut`, as in `epochs: the first 100 of 325`. Raises InputError for an answer
    that is too large whatever is cut.
    """
    whole = plain(answer)
    for most in _ITEMS:
        cut: dict[str, int] = {}
        found: dict[str, Any] = _first(whole, most, "", cut)
        if cut:
            found["cut"] = [f"{path}: the first {most} of {length:,}" for path, length in cut.items()]
        if len(json.dumps(found)) <= MOST_CHARACTERS:
            return found
    raise InputError(f"the answer has more than {MOST_CHARACTERS:,} characters: ask for less of it")


def _first(value: Any, most: int, path: str, cut: dict[str, int]) -> Any:
    """The value with at most so many items of each list; of lists that are cut, the longest by its path."""
    match value:
        case dict():
            return {key: _first(it, most, f"{path}.{key}".lstrip("."), cut) for key, it in value.items()}
        case list():
            if len(value) > most:
                cut[path] = max(len(value), cut.get(path, 0))
            return [_first(it, most, f"{path}[]", cut) for it in value[:most]]
        case str():
            return shortened(value, LONGEST_TEXT)
    return value
