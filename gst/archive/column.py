"""The columns of a table in files, and one text for each value, whichever database or file it came from."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, TypeAlias

Kind = Literal["integer", "float", "text", "boolean", "time", "json"]
Row: TypeAlias = tuple[Any, ...]

LONGEST_TEXT = 16_000_000
"""Characters of one value."""
CHUNK_TEXT = 32_000_000
"""Characters of the texts in memory at a time, beyond which a chunk has fewer rows."""
DIGEST_RANGE = 1 << 256


class Column(NamedTuple):
    """A column: its name, the kind of its values, and whether a value may be missing (None)."""

    name: str
    kind: Kind
    nullable: bool


def canonical(value: Any, kind: Kind) -> str | None:
    """The text of a value of that kind, None for a missing one: equal values have equal texts.

    Times are in UTC to the microsecond, floats have as many digits as tell them apart, JSON has sorted
    keys. What is not a number is missing, and zero has no sign: SQLite keeps neither.
    """
    if value is None:
        return None
    match kind:
        case "float":
            return None if math.isnan(value) else repr(float(value) + 0.0)
        case "integer":
            return str(int(value))
        case "boolean":
            return "true" if value else "false"
        case "time":
            return _time_text(value)
        case "json":
            return json.dumps(value, sort_keys=True, separators=(",", ":"))
        case "text":
            return str(value)


def parsed(text: str, kind: Kind) -> Any:
    """The value that `canonical` wrote. Raises ValueError for any other text."""
    match kind:
        case "float":
            return _float(text)
        case "integer":
            return _integer(text)
        case "boolean":
            return _boolean(text)
        case "time":
            return _time(text)
        case "json":
            return plain_json(text)
        case "text":
            return text


def plain_json(text: str) -> Any:
    """The value of that JSON. Raises ValueError for NaN and infinities, and for nesting without end."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def fingerprint(texts: Sequence[str | None]) -> int:
    """A number for a row of canonical texts, below 2**256.

    Rows of a table are a set: the sum of their numbers (modulo 2**256) tells two tables apart, in
    whatever order databases return them.
    """
    return int.from_bytes(hashlib.sha256(json.dumps(texts).encode()).digest(), "big")


def total(numbers: Iterable[int]) -> int:
    """The sum of fingerprints, a fingerprint itself."""
    return sum(numbers) % DIGEST_RANGE


def _time_text(value: datetime) -> str:
    assert value.tzinfo is not None, "a time without a zone"
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _integer(text: str) -> int:
    if not text.lstrip("-").isdecimal():  # int() takes blanks and underscores too
        raise ValueError(text)
    number = int(text)
    if not -(1 << 63) <= number < 1 << 63:  # what databases hold
        raise ValueError(text)
    return number


def _float(text: str) -> float:
    if "_" in text or text != text.strip():
        raise ValueError(text)
    return float(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # beyond the years that there are
        raise ValueError(text) from None
