"""Components that pages and reports share: headings, controls, tables, messages, charts, status bars."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from gst.archive.shipped import shipped_archives
from gst.dashboard.place import at
from gst.figures.files.page import CONFIG
from gst.figures.frame import LEGEND_LINE, entries_once, legend_lines
from gst.figures.style import TEMPLATE
from gst.records import STATUSES
from gst.words import is_number, readable


def heading(title: str, *about: Any) -> html.Div:
    """The title of a page, with a line about it."""
    return html.Div([html.H1(title), *([html.P(list(about), className="about")] if about else [])])


def field(label: str, control: Any, *, wide: bool = False) -> html.Div:
    """A control, which has an id, under its label."""
    name = "field wide" if wide else "field"
    known: dict[str, Any]
    if isinstance(control.id, str):
        known = {"htmlFor": control.id, "id": f"{control.id}-label"}
    else:  # as Dash writes it into a page
        known = {"htmlFor": json.dumps(control.id, sort_keys=True, separators=(",", ":"))}
    return html.Div([html.Label(label, className="label", **known), control], className=name)


def fields(*controls: Any) -> html.Div:
    """Controls side by side."""
    return html.Div(list(controls), className="fields")


def chooser(name: str, options: Collection[str], value: str | None = None) -> dcc.Dropdown:
    """A choice of exactly one, the first where `value` is none of them; a mapping gives labels."""
    given: Any = dict(options) if isinstance(options, Mapping) else list(options)
    chosen = value if value in options else next(iter(options), None)
    return dcc.Dropdown(given, chosen, id=name, clearable=False)


def message(text: Any) -> html.P:
    """A highlighted message."""
    return html.P(text, className="message")


def first_run() -> html.P:
    """What a reader of a store without sweeps can do: train one, or take in what comes with gst."""
    known = shipped_archives()
    trains = ["There is no sweep yet. ", html.Code("gst sweep quickstart"), " makes one"]
    if not known:
        return message([*trains, "."])
    told = f" takes in runs that come with gst, trained once: {', '.join(known)}. "
    one = html.Code("gst import --shipped NAME")
    return message([*trains, "; ", html.Code("gst import --shipped"), told, one, " takes in one of them."])


def failure(text: str, trace: str | None = None) -> html.Div:
    """An error message, with a traceback if there is one."""
    inside: list[Any] = [html.P(text)]
    if trace:
        inside.append(html.Pre(trace.rstrip(), className="trace"))
    return html.Div(inside, className="failure")


def link(text: Any, address: str) -> dcc.Link:
    """A link to another page of the dashboard."""
    return dcc.Link(text, href=at(address))


def graph(figure: Any = None, **attributes: Any) -> html.Div:
    """A plotly figure, or an empty place for one, and a menu that saves it as it is seen, on light paper."""
    given = {} if figure is None else {"figure": figure}
    drawn = dcc.Graph(config=dict(CONFIG), **given, **attributes)  # type: ignore[arg-type]
    saved: list[dict[str, Any]] = [{"data-picture": it, "children": it.upper()} for it in ("png", "svg")]
    return html.Div([drawn, menu(html.Button(className="plain", **it) for it in saved)], className="graph")


def menu(buttons: Iterable[html.Button]) -> html.Details:
    """Buttons that save a figure in one format each, shown by a click."""
    return html.Details([html.Summary("Download"), html.Div(list(buttons))], className="download")


def framed(figure: go.Figure, height: int, revision: str) -> go.Figure:
    """The chart with the legend below it; a zoom outlives new data for as long as `revision` stays.

    The chart is as much higher as the legend has lines on a wide screen; where it has more, it scrolls.
    """
    legend = LEGEND_LINE * max(2, legend_lines(entries_once(figure)))
    height += legend - 2 * LEGEND_LINE
    return figure.update_layout(
        template=TEMPLATE,
        height=height,
        margin={"l": 80, "r": 20, "t": 36, "b": 60},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "font_size": 12}
        | {"maxheight": max(legend, 120)},
        showlegend=True,
        uirevision=revision,
    )


def file_download(content: bytes, file: str) -> Any:
    """A file of that name for the browser to save; the value of a dcc.Download."""
    return dcc.send_bytes(content, file)  # type: ignore[attr-defined, no-untyped-call]


def folded(summary: Any, *inside: Any) -> html.Details:
    """Components that a click on the summary shows and hides."""
    return html.Details([html.Summary(summary), *inside])


def cell(found: Any) -> html.Div:
    """A cell of a table whose text may wrap."""
    return html.Div(found, className="words")


def table(columns: Sequence[Any], rows: Sequence[Sequence[Any]], **attributes: Any) -> html.Div:
    """Rows under a header, numbers to the right; a cell may be any component."""
    numeric = [any(is_number(row[place]) for row in rows) for place in range(len(columns))]
    classes = ["number" if right else "" for right in numeric]
    head = html.Tr([html.Th(name, className=kind) for name, kind in zip(columns, classes, strict=True)])
    body = [
        html.Tr([html.Td(_plain(value), className=kind) for value, kind in zip(row, classes, strict=True)])
        for row in rows
    ]
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="scroll", **attributes)


def facts(pairs: Iterable[tuple[str, object]]) -> html.Div:
    """A table of names and values."""
    rows = [html.Tr([html.Th(name), html.Td(_plain(value))]) for name, value in pairs]
    return html.Div(html.Table(html.Tbody(rows)), className="scroll")


def _plain(value: Any) -> Any:
    return value if hasattr(value, "to_plotly_json") or isinstance(value, list) else readable(value)


def status_bar(counts: Mapping[str, int]) -> html.Div:
    """A bar whose parts are as wide as each status has runs, and its legend.

    The style sheet has the colour of each status and its place in the bar.
    """
    occurring = [(status, counts[status]) for status in STATUSES if counts.get(status)]
    parts = [
        html.Span(className=f"part {status}", style={"flexGrow": count}, title=f"{count:,} {status}")
        for status, count in occurring
    ]
    legend = [
        html.Span([html.I(className="dot"), f"{count:,} {status}"], className=f"state {status}")
        for status, count in occurring
    ]
    return html.Div([html.Div(parts, className="bar"), html.Div(legend, className="states")])
