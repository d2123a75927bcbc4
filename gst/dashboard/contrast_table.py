"""Differences of arms as a table of a page or a report."""

from __future__ import annotations

from typing import Any

from dash import html

from gst.analysis import ArmContrast
from gst.dashboard.pieces import cell, table
from gst.figures.panels.contrasts import Contrasts
from gst.figures.style import signed


def contrast_table(found: Contrasts) -> list[Any]:
    """The contrasts, a row each, and how they were made; nothing where no arms can be paired."""
    if not found.found:
        return []
    unit = ", percentage points" if found.quantity.is_share else ""
    return [
        html.P(f"Difference in {found.quantity.words}{unit}", className="about"),
        table(("arms", "difference", "95% interval", "p", "seeds"), [_row(it, found) for it in found.found]),
        html.P(" ".join(found.reading()), className="about"),
    ]


def p_words(p: float) -> str:
    """A p value with two digits."""
    return f"{p:.2g}" if p >= 1e-99 else "< 1e-99"


def _row(it: ArmContrast, of: Contrasts) -> list[Any]:
    """The row of a contrast, or why there is none."""
    if it.test is None:
        return [cell(it.name), "", cell(it.reason), "", ""]
    value, low, high = (
        _signed(of.quantity.in_unit(end)) for end in (it.test.value, it.test.low, it.test.high)
    )
    p = "" if it.adjusted is None else p_words(it.adjusted)
    return [cell(it.name), value, f"[{low}, {high}]", p, it.test.n[0]]


def _signed(value: float) -> str:
    """A number with its sign, also where it is a plus."""
    return f"{'+' if value > 0 else ''}{signed(value)}"
