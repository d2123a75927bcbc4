"""Numbers as rows, for files, terminals and pages."""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """One value, or None, per column in each row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
