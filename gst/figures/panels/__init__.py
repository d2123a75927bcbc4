"""Legend, headings and notes of panels that are not yet drawn by `frame`."""

from __future__ import annotations

from collections.abc import Iterable

import plotly.graph_objects as go

from gst.figures.caption import add_note
from gst.figures.style import wrapped

Axes = tuple[str, str]
"""The axes of a panel, as plotly's traces name them: `("x2", "y2")`."""
WIDE = 160
"""Letters that fit into a line of a note that has the width of all panels."""
LINE = 16
"""Pixels that a line of a note is high."""


def head(figure: go.Figure, axes: Axes, text: str) -> None:
    """Write the heading of the panel with those axes above it."""
    figure.add_annotation(
        text=text,
        xref=f"{axes[0]} domain",
        x=0,
        xanchor="left",
        yref=f"{axes[1]} domain",
        y=1,
        yanchor="bottom",
        yshift=6,
        align="left",
    )


def show_legend(figure: go.Figure, *, above: int = 48) -> None:
    """Put the legend in one line above the panels, so many pixels: their headings fit in between."""
    layout = figure.layout
    inner = layout.height - layout.margin.t - layout.margin.b
    figure.update_layout(
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1 + above / inner,
            "yanchor": "bottom",
            "tracegroupgap": 0,
        },
    )


def add_notes(figure: go.Figure, notes: Iterable[str], *, below: int = 68) -> None:
    """Write the notes under all panels, so many pixels below them; the figure grows as they need."""
    lines = list(notes)
    add_note(figure, lines, below=below, width=WIDE)
    layout = figure.layout
    needed = below + 8 + LINE * sum(wrapped(line, WIDE).count("<br>") + 1 for line in lines)
    more = max(0, needed - layout.margin.b)
    figure.update_layout(margin_b=layout.margin.b + more, height=layout.height + more)
