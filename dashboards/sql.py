"""Questions in SQL; nothing can be written."""

from __future__ import annotations

import time

from dash import ALL, Input, Output, State, dcc, html, no_update

from gst.dashboard.answers import DOWNLOADED, SHOWN, answer, as_csv
from gst.dashboard.pieces import failure, field, fields, heading, table
from gst.dashboard.sweeps import sweep_names
from gst.dashboard.words import counted
from gst.errors import GstError
from gst.store import named_queries
from gst.store.queries import parameters_of

TITLE = "SQL"
ORDER = 6

FIRST = "SELECT status, count(*) AS runs FROM runs GROUP BY status ORDER BY status"


def layout(context):
    """The statement, its parameters and its answer."""
    queries = {query.name: query.name for query in named_queries()}
    asked = context.query.get("query")
    name = asked if asked in queries else None
    chooser = {"id": "sql-query", "placeholder": "your own"}
    return [
        heading(TITLE, "One statement, which can only read. The tables are described in db/README.md."),
        fields(field("Query that comes with gst", dcc.Dropdown(queries, name, **chooser), wide=True)),
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


def register(app, context):
    """Fill in queries that come with gst, and answer."""
    store = context.store
    given = [
        State("sql-text", "value"),
        State({"sql": "parameter", "name": ALL}, "value"),
        State({"sql": "parameter", "name": ALL}, "id"),
    ]

    @app.callback(Output("sql-text", "value"), Input("sql-query", "value"))
    def chosen(name):
        return next((query.sql for query in named_queries() if query.name == name), no_update)

    @app.callback(Output("sql-parameters", "children"), Input("sql-text", "value"), *given[1:])
    def parameters(text, values, ids):
        before = valued(values, ids)
        wanted = parameters_of(text or "")
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
    def run(clicks, text, values, ids):
        return answered(store, text or "", valued(values, ids)) if clicks else (no_update,) * 3

    @app.callback(
        Output("sql-file", "data"),
        Output("sql-problem", "children", allow_duplicate=True),
        Input("sql-download", "n_clicks"),
        *given,
        prevent_initial_call=True,
    )
    def download(clicks, text, values, ids):
        return downloaded(store, text or "", valued(values, ids)) if clicks else (no_update, no_update)


def valued(values, ids):
    """What is typed into the fields of the parameters, by name."""
    return {
        each["name"]: "" if value is None else str(value) for value, each in zip(values, ids, strict=True)
    }


def parameter(name, value, sweeps):
    """A field for the value of a parameter; sweeps are suggested."""
    suggested = {"list": "sql-sweeps"} if name == "sweep" else {}
    start = value or (sweeps[0] if name == "sweep" and sweeps else "")
    return field(
        f":{name}", dcc.Input(id={"sql": "parameter", "name": name}, value=start, type="text", **suggested)
    )


def answered(store, text, values):
    """The rows, a line about them, and what is wrong."""
    began = time.perf_counter()
    try:
        found = answer(store, text, values)
    except GstError as error:
        return None, "", failure(str(error))
    rows = found.rows
    took = f"{time.perf_counter() - began:.2f} s"
    words = f"the first {SHOWN:,} rows" if found.more else counted(len(rows.rows), "row")
    return table(rows.columns, rows.rows), f"{words}, {took}", None


def downloaded(store, text, values):
    """The file, and what is wrong."""
    try:
        found = answer(store, text, values, DOWNLOADED)
    except GstError as error:
        return no_update, failure(str(error))
    if found.more:
        return no_update, failure(
            f"more than {DOWNLOADED:,} rows: use gst sql ... --format csv for a file of them"
        )
    return dcc.send_string(as_csv(found.rows), "answer.csv"), None
