"""Differences of arms as the rows of a table, of a page or a report."""

from __future__ import annotations

from typing import Any, NamedTuple

from dash import html

from gst.analysis.contrasts import ArmContrast
from gst.dashboard.grid import grid
from gst.figures.panels.contrasts import Contrasts
from gst.figures.style import signed
from gst.words import readable

COLUMNS = ("arms", "difference", "95% interval", "p", "seeds")
NAMES = 210
"""Most pixels of the names of arms, so that a narrow screen has room for their difference."""


class ContrastTable(NamedTuple):
    """The contrasts, a row each; what they are about, and how they were made."""

    about: str
    rows: list[list[Any]]
    method: str


def contrast_table(found: Contrasts) -> ContrastTable | None:
    """The table of these contrasts; None where no arms can be paired."""
    if not found.found:
        return None
    unit = ", percentage points" if found.quantity.is_share else ""
    about = f"Difference in {found.quantity.words}{unit}"
    return ContrastTable(about, [_row(it, found) for it in found.found], " ".join(found.reading()))


def contrasted(found: Contrasts, title: Any) -> list[Any]:
    """The table on a page, under that heading; nothing where no arms can be paired."""
    shown = contrast_table(found)
    if shown is None:
        return []
    about, method = (html.P(words, className="about") for words in (shown.about, shown.method))
    return [title, about, grid(COLUMNS, shown.rows, most=NAMES), method]


def _row(it: ArmContrast, of: Contrasts) -> list[Any]:
    """The row of a contrast, or why there is none."""
    if it.test is None:
        return [it.name, "", it.reason, "", ""]
    value, low, high = (
        signed(of.quantity.in_unit(end), plus=True) for end in (it.test.value, it.test.low, it.test.high)
    )
    p = "" if it.adjusted is None else readable(it.adjusted, 2)
    return [it.name, value, f"[{low}, {high}]", p, it.test.n[0]]
