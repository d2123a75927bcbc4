"""Figures drawn for pages and kept until a run of their sweep changes its status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go
from dash import html

from gst.dashboard.kept import Kept
from gst.dashboard.parameters import parameters
from gst.dashboard.pieces import graph, message
from gst.errors import GstError
from gst.figures import FIGURES
from gst.store import Store, sweep_version

ALWAYS: Mapping[str, str] = {"tradeoff": "Stability and accuracy", "dynamics": "Accuracy by epoch"}
"""Figures that pages and reports of every sweep have, and their headings."""
MOST = 16
"""Drawn figures that are kept at most."""


def with_headings(named: Iterable[str]) -> dict[str, str]:
    """The figures of these names that there are, then those of every sweep, with their headings."""
    known = dict.fromkeys(it for it in (*named, *ALWAYS) if it in FIGURES)
    return {name: ALWAYS.get(name, FIGURES[name].title) for name in known}


class Asked(NamedTuple):
    """A figure, and what it is drawn from."""

    name: str
    sweep: str
    given: tuple[tuple[str, str], ...] = ()
    """Parameters of the figure and what was chosen for them; one that is not there has its default."""


Drawing = tuple[Any, go.Figure]
"""The numbers of a figure, and their picture."""


def kept_drawings(store: Store) -> Kept[Asked, Drawing]:
    """Drawn figures, which are drawn again once a run of their sweep changes its status."""

    def drawn(asked: Asked) -> Drawing:
        own = parameters(asked.name)
        given = {name: own[name].meant(text) for name, text in asked.given}
        numbers = FIGURES[asked.name].numbers(store, asked.sweep, **given)
        return numbers, FIGURES[asked.name].draw(numbers)

    return Kept(drawn, lambda asked: sweep_version(store, asked.sweep), MOST)


def shown(drawings: Kept[Asked, Drawing], asked: Asked, name: str) -> Any:
    """The figure in a graph with the id `name`, or why it cannot be drawn."""
    try:
        _, figure = drawings.of(asked)
    except GstError as error:
        return [message(str(error)), *_how(asked)]
    return html.Div(graph(figure, id=name), className="panels")


def _how(asked: Asked) -> list[Any]:
    """The command that trains the runs of a paper's figure."""
    own = asked.sweep in FIGURES[asked.name].sweeps
    return [html.P(["Its runs come from ", html.Code(f"gst sweep {asked.sweep}"), "."])] if own else []
