"""What tests look for in a picture."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go


def words(figure: go.Figure) -> str:
    """Its subtitle, headings and notes, each on a line."""
    notes = [it.text for it in figure.layout.annotations]
    return "\n".join([figure.layout.title.subtitle.text, *notes]).replace("<br>", " ")


def drawn(figure: go.Figure, mode: str) -> list[Any]:
    """Its traces of that mode with a mark, so without entries of the legend."""
    return [it for it in figure.data if it.mode == mode and it.x[0] is not None]


def in_legend(figure: go.Figure) -> list[str]:
    """The names in its legend."""
    return [it.name for it in figure.data if it.showlegend]
