"""What pages are put together from: headings, controls, tables and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from dash import dcc, html

from gst.dashboard.words import is_number, shown

# Without a word, plotly offers to send the data of any graph to its maker's server.
CONFIG: Mapping[str, Any] = MappingProxyType(
    {"displaylogo": False, "responsive": True, "showSendToCloud": False, "plotlyServerURL": ""}
)
"""How every graph behaves."""


def heading(title: str, *about: Any) -> html.Div:
    """The title of a page, and a line about it."""
    return html.Div([html.H1(title), *([html.P(list(about), className="about")] if about else [])])


def field(label: str, control: Any, *, wide: bool = False) -> html.Div:
    """A control under its label."""
    name = "field wide" if wide else "field"
    return html.Div([html.Span(label, className="label"), control], className=name)


def fields(*controls: Any) -> html.Div:
    """Controls side by side."""
    return html.Div(list(controls), className="fields")


def message(text: Any) -> html.P:
    """Something the reader should know."""
    return html.P(text, className="message")


def failure(text: str, trace: str | None = None) -> html.Div:
    """Something that went wrong, and where."""
    inside: list[Any] = [html.P(text)]
    if trace:
        inside.append(html.Pre(trace.rstrip(), className="trace"))
    return html.Div(inside, className="failure")


def link(text: Any, address: str) -> dcc.Link:
    """A link to another page of the dashboard."""
    return dcc.Link(text, href=address)


def graph(figure: Any = None, **attributes: Any) -> dcc.Graph:
    """A plotly figure, or the place for one."""
    given = {} if figure is None else {"figure": figure}
    return dcc.Graph(config=dict(CONFIG), **given, **attributes)  # type: ignore[arg-type]


def table(columns: Sequence[Any], rows: Sequence[Sequence[Any]], **attributes: Any) -> html.Div:
    """Rows under a header, numbers to the right; a cell may be any component."""
    numeric = [any(is_number(row[place]) for row in rows) for place in range(len(columns))]
    classes = ["number" if right else "" for right in numeric]
    head = html.Tr([html.Th(name, className=kind) for name, kind in zip(columns, classes, strict=True)])
    body = [
        html.Tr([html.Td(_cell(value), className=kind) for value, kind in zip(row, classes, strict=True)])
        for row in rows
    ]
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="scroll", **attributes)


def _cell(value: Any) -> Any:
    return value if hasattr(value, "to_plotly_json") or isinstance(value, list) else shown(value)
