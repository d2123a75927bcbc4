"""Queries in SQL, which can only read."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, dcc, html, no_update

from gst.dashboard.answers import answer_columns, answer_part
from gst.dashboard.grid import definition
from gst.dashboard.kept import Kept
from gst.dashboard.page import Context, remembered
from gst.dashboard.pieces import failure, field, fields, file_download, heading
from gst.dashboard.served import Part, serve, served_grid
from gst.dashboard.server import asker_gone
from gst.errors import GstError
from gst.store import Answer, Limits, Store, sweep_names
from gst.store.queries import LONGEST, named_queries, parameters_of
from gst.words import counted, csv_field

TITLE = "SQL"
ORDER = 6

FIRST = "SELECT status, count(*) AS runs FROM runs GROUP BY status ORDER BY status"
SHOWN = Limits(seconds=10, rows=50_000, bytes=10_000_000)
"""The part of an answer that the page shows."""
ANSWERS = 4
"""Answers that are kept, so that a browser can ask for more of their rows; others are asked for again."""
DOWNLOADED = Limits(seconds=30, rows=200_000, bytes=50_000_000)
"""The most that a file has, since a browser holds all of it in memory."""
MOST_PARAMETERS = 50
"""Number of fields for parameters."""


def layout(context: Context) -> list[Any]:
    """The statement, its parameters and its answer."""
    named = {it.name: it.sql for it in named_queries()}
    name = context.query.get("query", "")
    asked = {it: value for it, value in context.query.items() if it == "sql" or it.startswith(":")}
    text = asked.get("sql", named.get(name, FIRST))
    data = {**asked, AT: time.time()} if "sql" in asked else None
    sweeps = list(sweep_names(context.store))
    parameters = [parameter(it[1:], value, sweeps) for it, value in asked.items() if it != "sql"]
    chosen = dcc.Dropdown(
        list(named), name if name in named else None, id="sql-query", placeholder="your own"
    )
    return [
        heading(TITLE, "One statement, which can only read. The tables are described in db/README.md."),
        fields(field("Query that comes with gst", chosen, wide=True)),
        field("Statement", dcc.Textarea(id="sql-text", value=text, spellCheck=False, className="statement")),
        html.Datalist([html.Option(value=sweep) for sweep in sweeps], id="sql-sweeps"),
        html.Div(parameters, id="sql-parameters", className="fields"),
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
        dcc.Store(id="sql-asked", data=data),
        dcc.Store(id="sql-shown"),
        html.Div(served_grid("sql-rows", ()), id="sql-answer", hidden=True),
    ]


def register(app: Dash, context: Context) -> None:
    """Fill in the queries that come with gst, and run them."""
    store = context.store
    given = [
        State("sql-text", "value"),
        State({"sql": "parameter", "name": ALL}, "value"),
        State({"sql": "parameter", "name": ALL}, "id"),
    ]

    remembered(app, Input("sql-asked", "data"))

    @app.callback(Output("sql-text", "value"), Input("sql-query", "value"), prevent_initial_call=True)
    def chosen(name: str | None) -> Any:
        return next((query.sql for query in named_queries() if query.name == name), no_update)

    @app.callback(Output("sql-parameters", "children"), Input("sql-text", "value"), *given[1:])
    def parameters(text: str | None, values: list[Any], ids: list[Any]) -> Any:
        before = valued(values, ids)
        wanted = parameters_of((text or "")[:LONGEST])[:MOST_PARAMETERS]
        if list(before) == list(wanted):
            return no_update  # what is typed stays
        return [parameter(name, before.get(name), list(sweep_names(store))) for name in wanted]

    answers: Kept[tuple[tuple[str, Any], ...], Answer] = Kept(
        lambda asked: answer(store, *question(dict(asked))), lambda _: "", ANSWERS
    )

    @app.callback(
        Output("sql-asked", "data"), Input("sql-run", "n_clicks"), *given, prevent_initial_call=True
    )
    def ask(clicks: int | None, text: str | None, values: list[Any], ids: list[Any]) -> Any:
        return question_data(text, valued(values, ids)) if clicks else no_update

    @app.callback(
        Output("sql-rows", "columnDefs"),
        Output("sql-shown", "data"),
        Output("sql-answer", "hidden"),
        Output("sql-about", "children"),
        Output("sql-problem", "children"),
        Input("sql-asked", "data"),
        running=[(Output("sql-run", "disabled"), True, False)],
    )
    def run(data: dict[str, Any] | None) -> Any:
        if not data:
            return (no_update,) * 5
        began = time.perf_counter()
        try:
            found = answers.of(tuple(data.items()))
        except GstError as error:
            return no_update, None, True, "", failure(str(error))
        took = f"{time.perf_counter() - began:.2f} s"
        return [definition(column) for column in answer_columns(found)], data, False, told(found, took), None

    def rows(part: Part, data: dict[str, Any] | None) -> Any:
        return answer_part(answers.of(tuple(data.items())), part) if data else ([], 0)

    serve(app, "sql-rows", rows, [Input("sql-shown", "data")])

    @app.callback(
        Output("sql-file", "data"),
        Output("sql-problem", "children", allow_duplicate=True),
        Input("sql-download", "n_clicks"),
        *given,
        prevent_initial_call=True,
    )
    def download(clicks: int | None, text: str | None, values: list[Any], ids: list[Any]) -> Any:
        return downloaded(store, text or "", valued(values, ids)) if clicks else (no_update, no_update)


AT = "_at"
"""When a question was asked: at another time it may have another answer."""


def question_data(text: str | None, values: Mapping[str, str]) -> dict[str, Any]:
    """A question as a browser remembers it, and as an address has it but for the time."""
    return {"sql": text or "", **{f":{name}": value for name, value in values.items()}, AT: time.time()}


def question(data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The statement of such a question, and what is typed for its parameters."""
    values = {name[1:]: str(value) for name, value in data.items() if name.startswith(":")}
    return str(data["sql"]), values


def told(found: Answer, took: str) -> str:
    """How many rows there are and how long that took, in words."""
    count = counted(len(found.rows), "row")
    return f"{f'the first {count}' if found.more else count}, {took}"


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
