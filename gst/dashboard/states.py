"""The statuses of runs as a bar and in words."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html

from gst.dashboard.markup import STATES


def bar(counts: Mapping[str, int]) -> html.Div:
    """A bar with a part for each status that occurs, as wide as it has runs."""
    parts = [
        html.Span(
            className=f"part {state}", style={"flexGrow": counts[state]}, title=f"{counts[state]} {state}"
        )
        for state in _ordered(counts)
    ]
    return html.Div(parts, className="bar", title=words(counts))


def legend(counts: Mapping[str, int]) -> html.Div:
    """How many runs are in each status that occurs, each with the colour that it has in the bar."""
    return html.Div(
        [
            html.Span([html.I(className=f"dot {state}"), f"{counts[state]:,} {state}"], className="state")
            for state in _ordered(counts)
        ],
        className="states",
    )


def words(counts: Mapping[str, int]) -> str:
    """The same in one line: `3 completed, 1 failed`."""
    return ", ".join(f"{counts[state]:,} {state}" for state in _ordered(counts))


def _ordered(counts: Mapping[str, int]) -> list[str]:
    known = [state for state in STATES if counts.get(state)]
    return known + [state for state in counts if counts[state] and state not in STATES]
