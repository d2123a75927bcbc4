"""Pages that are but a function from a store to figures: the rest is added here."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html

from gst.dashboard.context import Context, Selection
from gst.dashboard.pieces import failure, field, graph, heading, message
from gst.dashboard.sweeps import sweep_names
from gst.errors import GstError
from gst.figures.style import TEMPLATE

Figures = Callable[[Any, Selection], Any]
"""What a simple page's file defines: one figure, several, or several under headings."""

Layout = Callable[[Context], Any]
Register = Callable[[Dash, Context], None]


def simple_page(name: str, title: str, figures: Figures) -> tuple[Layout, Register]:
    """The layout and the callbacks of a page that shows these figures, of a sweep to be chosen."""
    chooser, shown = f"{name}-sweep", f"{name}-figures"

    def layout(context: Context) -> Any:
        sweeps = sweep_names(context.store)
        asked = context.query.get("sweep", "")
        chosen = asked if asked in sweeps else next(iter(sweeps), None)
        control = dcc.Dropdown(sweeps, chosen, id=chooser, clearable=False)
        return [heading(title), field("Sweep", control), html.Div(id=shown)]

    def register(app: Dash, context: Context) -> None:
        def update(sweep: str | None, version: str) -> list[Any]:
            return drawn(figures, context.store, Selection(sweep))

        app.callback(Output(shown, "children"), Input(chooser, "value"), Input("version", "data"))(update)

    return layout, register


def drawn(figures: Figures, store: Any, selection: Selection) -> list[Any]:
    """What the page shows: its figures, or why there is none."""
    try:
        found = list(_named(figures(store, selection)))
    except GstError as error:
        return [message(str(error))]
    except Exception:
        return [failure("the page's figures cannot be drawn", traceback.format_exc())]
    if not found:
        return [message("There is nothing to show.")]
    return [part for title, figure in found for part in _section(title, figure)]


def _named(found: Any) -> Iterator[tuple[str | None, go.Figure]]:
    if isinstance(found, go.Figure):
        yield None, found
    elif isinstance(found, Mapping):
        yield from ((str(title), _checked(figure)) for title, figure in found.items())
    else:
        yield from ((None, _checked(figure)) for figure in found or ())


def _checked(figure: Any) -> go.Figure:
    if not isinstance(figure, go.Figure):
        raise TypeError(f"figures() returns plotly figures, found {type(figure).__name__}")
    return figure


def _section(title: str | None, figure: go.Figure) -> Iterator[Any]:
    if title is not None:
        yield html.H2(title)
    house = go.Figure(figure)
    if figure.layout.template == go.Figure().layout.template:  # the author chose none
        house.update_layout(template=TEMPLATE)
    yield graph(house)
