"""Large tables: a browser asks the server for the rows in sight, sorted and filtered, as somebody scrolls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import dash_ag_grid as dag
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from gst.dashboard.grid import OPTIONS, TALL, Column, cell, definition, height
from gst.words import counted

BLOCK = 200
"""Rows that a browser may ask for at a time."""
_SERVED: Mapping[str, Any] = {
    **OPTIONS,
    "suppressNoRowsOverlay": True,
    "cacheBlockSize": BLOCK,
    "maxBlocksInCache": 20,
    "maxConcurrentDatasourceRequests": 1,  # the component keeps one answer in wait
    "blockLoadDebounceMillis": 60,
}


class Part(NamedTuple):
    """What a browser asks for: rows from `first` to before `end`, sorted and filtered by names of columns.

    `filters` has for each such column the kind of comparison and what the values are compared with.
    """

    first: int
    end: int
    sort: str | None
    descending: bool
    filters: Mapping[str, tuple[str, str]]


Rows = Callable[..., tuple[Sequence[Mapping[str, Any]], int]]
"""From a part and the values of the inputs to its rows, by names of columns, and their number in all."""


def served_grid(name: str, columns: Sequence[Column], **options: Any) -> html.Div:
    """A table whose rows a callback of `serve` gives, and how many there are."""
    table = dag.AgGrid(
        id=name,
        rowModelType="infinite",
        columnDefs=[definition(column) for column in columns],
        dashGridOptions={**_SERVED, **options},
        style=height(TALL),
    )
    count, asked = html.P(id=f"{name}-count", className="about"), dcc.Store(id=f"{name}-asked")
    return html.Div([table, count, asked], className="grid")


def serve(
    app: Dash, name: str, rows: Rows, inputs: Sequence[Input], quiet: Sequence[Input] = (), noun: str = "row"
) -> None:
    """Have that table show these rows, from the top when an input changes, in place when a quiet one does."""

    @app.callback(
        Output(name, "getRowsResponse"),
        Output(f"{name}-count", "children"),
        Output(name, "style"),
        Input(name, "getRowsRequest"),
        *(State(it.component_id, it.component_property) for it in (*inputs, *quiet)),
        prevent_initial_call=True,
    )
    def part(request: Mapping[str, Any], *values: Any) -> Any:
        found, count = rows(part_of(request), *values)
        shown = [{key: it if isinstance(it, bool) else cell(it) for key, it in row.items()} for row in found]
        words = counted(count, noun) if count else f"no {noun}"
        return {"rowData": shown, "rowCount": count}, words, height(count)

    for function, changed in (("again", inputs), ("renewed", quiet)):
        if changed:
            app.clientside_callback(  # type: ignore[no-untyped-call]
                ClientsideFunction("gst", function),
                Output(f"{name}-asked", "data", allow_duplicate=True),  # so that it waits for its page
                *changed,
                State(name, "id"),
                prevent_initial_call=True,
            )


def part_of(request: Mapping[str, Any]) -> Part:
    """The part that a browser asks for, BLOCK rows at most."""
    first = max(0, int(request["startRow"]))
    order = (request["sortModel"] or [{"colId": None, "sort": "asc"}])[0]
    filters = {
        name: (str(found["type"]), str(found.get("filter", "")))
        for name, found in (request["filterModel"] or {}).items()
    }
    end = max(first, min(int(request["endRow"]), first + BLOCK))
    return Part(first, end, order["colId"], order["sort"] == "desc", filters)
