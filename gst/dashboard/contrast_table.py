"""Differences of arms as a table of a page or a report."""

from __future__ import annotations

from typing import Any

from dash import html

from gst.analysis import ArmContrast
from gst.dashboard.pieces import cell, table
from gst.figures.panels.contrasts import Contrasts
from gst.figures.style import signed
from gst.words import readable


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


def _row(it: ArmContrast, of: Contrasts) -> list[Any]:
    """The row of a contrast, or why there is none."""
    if it.test is None:
        return [cell(it.name), "", cell(it.reason), "", ""]
    value, low, high = (
        signed(of.quantity.in_unit(end), plus=True) for end in (it.test.value, it.test.low, it.test.high)
    )
    p = "" if it.adjusted is None else readable(it.adjusted, 2)
    return [cell(it.name), value, f"[{low}, {high}]", p, it.test.n[0]]
