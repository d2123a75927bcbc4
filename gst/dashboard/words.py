"""Values as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

KEY_DIGITS = 12
"""How much of a run key people see."""


def shown(value: Any) -> str:
    """A value in a table: six digits of a number, a time to the second, nothing for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def is_number(value: Any) -> bool:
    """Whether a table shows the value to the right."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def duration(seconds: float) -> str:
    """A time span in its largest units: `1 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def moment(value: datetime | str | None) -> datetime | None:
    """A time out of a query, which SQLite gives as text without a zone."""
    if value is None or value == "":
        return None
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def ago(value: datetime | str | None, now: datetime) -> str:
    """How long ago that was: `12 s ago`."""
    found = moment(value)
    return "" if found is None else f"{duration(max(0.0, (now - found).total_seconds()))} ago"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and its noun: `1 run`, `2 runs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
