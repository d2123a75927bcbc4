"""Long lists of values in pieces that a database takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

CHUNK = 1000
"""Values in one IN (...); Postgres takes 65,535 and SQLite 32,766."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in their order, at most CHUNK at a time."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
