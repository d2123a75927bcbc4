"""Pieces of HTML for files that no server answers for; everything that goes in is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import NewType

from gst.analysis import Table
from gst.dashboard.words import is_number, shown

Markup = NewType("Markup", str)
"""HTML, as opposed to text."""

STATES = ("completed", "running", "interrupted", "pending", "cancelled", "diverged", "failed")
"""Statuses of runs in the order of a bar; each has its colour in the style sheet."""


def paragraph(text: str, kind: str = "") -> Markup:
    """A paragraph of plain text."""
    return Markup(f'<p class="{kind}">{escape(text)}</p>')


def block(title: str, text: str) -> Markup:
    """Lines of text that open on a click."""
    return Markup(f"<details><summary>{escape(title)}</summary><pre>{escape(text)}</pre></details>")


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Names and values."""
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(shown(value))}</td></tr>" for name, value in pairs
    )
    return Markup(f'<div class="scroll"><table>{rows}</table></div>')


def table(found: Table) -> Markup:
    """Rows under a header, numbers to the right."""
    numeric = [any(is_number(row[place]) for row in found.rows) for place in range(len(found.columns))]
    kinds = [' class="number"' if right else "" for right in numeric]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(found.columns, kinds, strict=True))
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{escape(shown(value))}</td>" for value, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in found.rows
    )
    return Markup(
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def bar(counts: Mapping[str, int]) -> Markup:
    """A bar with a part for each status that occurs, and its legend."""
    known = [state for state in STATES if counts.get(state)]
    parts = "".join(
        f'<span class="part {state}" style="flex-grow: {counts[state]}"></span>' for state in known
    )
    words = "".join(
        f'<span class="state"><i class="dot {state}"></i>{counts[state]:,} {state}</span>' for state in known
    )
    return Markup(f'<div class="bar">{parts}</div><div class="states">{words}</div>')
