"""The picture of the dynamics as a figure of its own, and what other figures need around the panel."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import add_note, subtitle, title_layout
from gst.figures.dynamics import Dynamics
from gst.figures.dynamics_axes import QUANTITY, Panel
from gst.figures.dynamics_panel import add_dynamics
from gst.figures.style import HEIGHT

BESIDE = 8
"""Arms from here on have their legend beside the panel, not above it."""
ROW, ENTRY, ENTRIES = 22, 300, 3
"""Height and width in pixels of an entry of the legend, and how many fit in a line above panels."""
BOTTOM = 150


def draw(found: Dynamics, *, arrows: bool = False) -> go.Figure:
    """The figure of these numbers; `arrows` point at all events of the least stable arm."""
    figure = make_subplots(rows=1, cols=1)
    panel = add_dynamics(figure, found, 1, 1, arrows=arrows)
    arms = len(found.courses)
    beside = arms >= BESIDE
    top = 110 if beside else 110 + legend_height(arms)
    title_layout(
        figure,
        found.source.title,
        subtitle(found, what(found)),
        height=max(HEIGHT, top + BOTTOM + (ROW * arms + 20 if beside else 0)),
        margin={"l": 90, "r": 30, "t": top, "b": BOTTOM},
        showlegend=True,
        legend=BESIDE_PANEL if beside else ABOVE_PANELS,
        modebar={"orientation": "h" if beside else "v"},  # where no legend is
    )
    events = [
        "Arrows: events of the least stable arm; one where they are in adjacent epochs, at the largest."
    ]
    add_note(figure, [*method_words(found, panel), *(events if arrows else [])], width=170)
    return figure


def what(found: Dynamics) -> str:
    """The quantity, for a subtitle."""
    words = QUANTITY[found.quantity].lower()
    return f"{words} after each epoch's pruning" if found.quantity.startswith("test") else words


ABOVE_PANELS: dict[str, Any] = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "yref": "container",
    "y": 0.85,
    "yanchor": "top",
    "entrywidth": ENTRY,
    "tracegroupgap": 0,
    "font": {"size": 13},
}
BESIDE_PANEL: dict[str, Any] = {
    "tracegroupgap": 0,
    "x": 1.01,
    "xanchor": "left",
    "y": 1,
    "yanchor": "top",
    "font": {"size": 12},
}


def legend_height(arms: int) -> int:
    """The pixels that the legend above panels takes for that many arms."""
    return 24 + ROW * math.ceil(arms / ENTRIES)


def method_words(found: Dynamics, panel: Panel) -> list[str]:
    """What a reader must know of the panel, a sentence or two each."""
    sentences = []
    if found.method:
        sentences.append(f"Bands: {found.method}, of the mean over runs.")
    one = [course.arm for course in found.courses if course.curve.n < 2]
    if len(one) == len(found.courses):
        sentences.append("No bands: no arm has two runs.")
    elif one:
        named = ", ".join(one) if len(one) <= 3 else f"{len(one)} arms"
        sentences.append(f"No band where there is one run: {named}.")
    if found.marked:
        sentences.append(
            "Drops are from the test before an arm's last pruning event to the one after it, means over runs."
        )
    if found.level_ends:
        sentences.append("Dotted: where a level of training ends and the next one begins.")
    if found.endings:
        sentences.append("Symbols at the end: tested without any filter that noise ever acted on.")
    if panel.cut:
        sentences.append("Curves leave the panel where they would flatten the rest; the table has all of it.")
    return sentences
