"""Values as people read them."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

KEY_DIGITS = 12
"""Digits of a run's key that are shown."""


def shown(value: Any) -> str:
    """A value as text: a float with six digits, a time to the second, an empty text for None."""
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
    """Whether a table aligns the value to the right."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def duration(seconds: float) -> str:
    """A time span in its two largest units: `1 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def ago(value: datetime | None, now: datetime) -> str:
    """The time since that moment: `12 s ago`."""
    return "" if value is None else f"{duration(max(0.0, (now - value).total_seconds()))} ago"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and its noun: `1 run`, `2 runs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
