"""Queries in SQL, which can only read."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, dcc, html, no_update

from gst.dashboard.page import Context
from gst.dashboard.pieces import failure, field, fields, file_download, heading, table
from gst.dashboard.server import asker_gone
from gst.errors import GstError
from gst.store import Answer, Limits, Store, named_queries, sweep_names
from gst.store.queries import LONGEST, parameters_of
from gst.words import counted, csv_field

TITLE = "SQL"
ORDER = 6

FIRST = "SELECT status, count(*) AS runs FROM runs GROUP BY status ORDER BY status"
SHOWN = Limits(seconds=10, rows=500, bytes=2_000_000)
"""The part of an answer that the page shows."""
DOWNLOADED = Limits(seconds=30, rows=200_000, bytes=50_000_000)
"""The most that a file has, since a browser holds all of it in memory."""
MOST_PARAMETERS = 50
"""Number of fields for parameters."""


def layout(context: Context) -> list[Any]:
    """The statement, its parameters and its answer."""
    queries = [query.name for query in named_queries()]
    asked = context.query.get("query")
    name = asked if asked in queries else None
    chosen = dcc.Dropdown(queries, name, id="sql-query", placeholder="your own")
    return [
        heading(TITLE, "One statement, which can only read. The tables are described in db/README.md."),
        fields(field("Query that comes with gst", chosen, wide=True)),
        dcc.Textarea(id="sql-text", value=FIRST, spellCheck=False),
        html.Datalist([html.Option(value=sweep) for sweep in sweep_names(context.store)], id="sql-sweeps"),
        html.Div(id="sql-parameters", className="fields"),
        html.Div(
            [
                html.Button("Run", id="sql-run", className="plain main"),
                html.Button("Download CSV", id="sql-download", className="plain"),
                html.Span(id="sql-about"),
            ],
            className="pager",
        ),
        dcc.Download(id="sql-file"),
        html.Div(id="sql-problem"),
        dcc.Loading(html.Div(id="sql-answer"), delay_show=400),
    ]


def register(app: Dash, context: Context) -> None:
    """Fill in the queries that come with gst, and run them."""
    store = context.store
    given = [
        State("sql-text", "value"),
        State({"sql": "parameter", "name": ALL}, "value"),
        State({"sql": "parameter", "name": ALL}, "id"),
    ]

    @app.callback(Output("sql-text", "value"), Input("sql-query", "value"))
    def chosen(name: str | None) -> Any:
        return next((query.sql for query in named_queries() if query.name == name), no_update)

    @app.callback(Output("sql-parameters", "children"), Input("sql-text", "value"), *given[1:])
    def parameters(text: str | None, values: list[Any], ids: list[Any]) -> Any:
        before = valued(values, ids)
        wanted = parameters_of((text or "")[:LONGEST])[:MOST_PARAMETERS]
        if list(before) == list(wanted):
            return no_update  # what is typed stays
        return [parameter(name, before.get(name), sweep_names(store)) for name in wanted]

    @app.callback(
        Output("sql-answer", "children"),
        Output("sql-about", "children"),
        Output("sql-problem", "children"),
        Input("sql-run", "n_clicks"),
        *given,
        prevent_initial_call=True,
    )
    def run(clicks: int | None, text: str | None, values: list[Any], ids: list[Any]) -> Any:
        return answered(store, text or "", valued(values, ids)) if clicks else (no_update,) * 3

    @app.callback(
        Output("sql-file", "data"),
        Output("sql-problem", "children", allow_duplicate=True),
        Input("sql-download", "n_clicks"),
        *given,
        prevent_initial_call=True,
    )
    def download(clicks: int | None, text: str | None, values: list[Any], ids: list[Any]) -> Any:
        return downloaded(store, text or "", valued(values, ids)) if clicks else (no_update, no_update)


def answer(store: Store, sql: str, values: Mapping[str, str], limits: Limits = SHOWN) -> Answer:
    """The first rows of that query, with values for its parameters as a person typed them.

    Raises InputError for SQL that the database refuses or that takes long, and for parameters that lack one.
    """
    params = {
        name: typed(values[name]) for name in parameters_of(sql[:LONGEST]) if values.get(name, "") != ""
    }
    return store.answer(sql, params, limits, asker_gone())


def typed(text: str) -> str | int | float:
    """A number where the text is one, else the text."""
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def as_csv(rows: Answer) -> str:
    """The rows under a header; an empty field for what is missing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([csv_field(value) for value in row] for row in (rows.columns, *rows.rows))
    return text.getvalue()


def valued(values: Sequence[Any], ids: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What is typed into the fields of the parameters, by name."""
    return {
        each["name"]: "" if value is None else str(value) for value, each in zip(values, ids, strict=True)
    }


def parameter(name: str, value: str | None, sweeps: Sequence[str]) -> html.Div:
    """A field for the value of a parameter; sweeps are suggested."""
    suggested: dict[str, Any] = {"list": "sql-sweeps"} if name == "sweep" else {}
    start = value or (sweeps[0] if name == "sweep" and sweeps else "")
    return field(
        f":{name}", dcc.Input(id={"sql": "parameter", "name": name}, value=start, type="text", **suggested)
    )


def answered(store: Store, text: str, values: Mapping[str, str]) -> tuple[Any, str, Any]:
    """The rows, a line about them, and an error message if there is one."""
    began = time.perf_counter()
    try:
        found = answer(store, text, values)
    except GstError as error:
        return None, "", failure(str(error))
    took = f"{time.perf_counter() - began:.2f} s"
    count = counted(len(found.rows), "row")
    words = f"the first {count}" if found.more else count
    return table(found.columns, found.rows), f"{words}, {took}", None


def downloaded(store: Store, text: str, values: Mapping[str, str]) -> tuple[Any, Any]:
    """The file, and an error message if there is one."""
    try:
        found = answer(store, text, values, DOWNLOADED)
    except GstError as error:
        return no_update, failure(str(error))
    if found.more:
        return no_update, failure(
            f"more than {DOWNLOADED.rows:,} rows or {DOWNLOADED.bytes // 1_000_000} MB:"
            " use gst sql ... --format csv for a file of them"
        )
    return file_download(as_csv(found).encode(), "answer.csv"), None
