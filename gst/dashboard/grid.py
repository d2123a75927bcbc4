"""Tables of pages that scroll: only the rows in sight are drawn, and a large one gets its rows in parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import dash_ag_grid as dag
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from gst.words import counted, is_number, readable, visible

BLOCK = 200
"""Rows that a browser asks for at a time."""
_TALL = 18
"""Rows that are in sight; a table of more scrolls in itself."""
_ROW, _HEAD = 31, 34
"""Pixels of rows and of the heading."""
_LETTER, _NARROW, _WIDE = 8, 56, 440
"""Pixels of a letter, and of columns at least and at most, unless somebody makes one wider."""


class Link(NamedTuple):
    """A cell that leads to another page."""

    text: str
    href: str


class Status(NamedTuple):
    """A cell with the colour of its words, which a class of the style sheet has."""

    text: str
    kind: str


class Column(NamedTuple):
    """A column of a large table: its name for the server, its heading, and its width in letters."""

    name: str
    heading: str
    letters: int = 12
    number: bool = False
    hint: str = ""
    """What is said of the column to who points at its heading."""
    drawn: bool = False
    """Whether cells are Links or Statuses."""
    filtered: bool = False
    """Whether the server filters by it."""
    more: Mapping[str, Any] = MappingProxyType({})
    """What else AG Grid is to know."""


class Part(NamedTuple):
    """What a browser asks for: rows from `first` to before `end`, sorted and filtered by names of columns.

    `filters` has for each such column the kind of comparison and what the values are compared with.
    """

    first: int
    end: int
    sort: str | None
    descending: bool
    filters: dict[str, tuple[str, str]]


Rows = Callable[..., tuple[Sequence[dict[str, Any]], int]]
"""From a part and the values of the inputs to its rows, by names of columns, and their number in all."""


def grid(columns: Sequence[str], rows: Sequence[Sequence[Any]], **attributes: Any) -> html.Div:
    """Rows under a header, numbers to the right, to sort and, where they are many, to filter in the browser.

    A cell may be a value, a Link or a Status; a column with long texts breaks them into lines.
    """
    tall = len(rows) > _TALL
    cells = [[_cell(value) for value in row] for row in rows]
    widest = [max((len(_text(row[place])) for row in cells), default=0) for place in range(len(columns))]
    definitions = [
        _definition(
            Column(
                f"c{place}",
                str(name),
                max(widest[place], len(str(name)) + 3),
                any(is_number(row[place]) for row in rows),
                drawn=any(isinstance(row[place], dict) for row in cells),
                more={
                    **(
                        {"filter": True, "filterValueGetter": {"function": f"text(params.data.c{place})"}}
                        if tall
                        else {}
                    ),
                    "comparator": {"function": "natural"},
                    **(_LONG if widest[place] * _LETTER > _WIDE else {}),
                },
            )
        )
        for place, name in enumerate(columns)
    ]
    table = dag.AgGrid(
        rowData=[{f"c{place}": value for place, value in enumerate(row)} for row in cells],
        columnDefs=definitions,
        dashGridOptions={
            **_OPTIONS,
            "suppressColumnVirtualisation": True,  # who searches the page finds all of a row
            **({} if tall else {"domLayout": "autoHeight"}),
        },
        style=_height(len(rows)) if tall else {},
    )
    return html.Div(table, className="grid", **attributes)


def served_grid(name: str, columns: Sequence[Column], **options: Any) -> html.Div:
    """A table whose rows a callback of `serve` gives, and how many there are."""
    table = dag.AgGrid(
        id=name,
        rowModelType="infinite",
        columnDefs=definitions(columns),
        dashGridOptions=_OPTIONS | _SERVED | options,
        style=_height(_TALL),
    )
    return html.Div(
        [table, html.P(id=f"{name}-count", className="about"), dcc.Store(id=f"{name}-asked")],
        className="grid",
        id=f"{name}-all",
    )


def definitions(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """The columns as AG Grid takes them."""
    return [_definition(column) for column in columns]


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
    def part(request: dict[str, Any], *values: Any) -> Any:
        found, count = rows(_part(request), *values)
        shown = [{name: _cell(value) for name, value in row.items()} for row in found]
        return (
            {"rowData": shown, "rowCount": count},
            counted(count, noun) if count else f"no {noun}",
            _height(count),
        )

    for function, changed in (("again", inputs), ("renewed", quiet)):
        if changed:
            app.clientside_callback(  # type: ignore[no-untyped-call]
                ClientsideFunction("gst", function),
                Output(f"{name}-asked", "data", allow_duplicate=True),  # so that it waits for its page
                *changed,
                State(name, "id"),
                prevent_initial_call=True,
            )


def _height(rows: int) -> dict[str, Any]:
    """The height of a table of that many rows, with room for a bar to scroll sideways."""
    return {"height": _HEAD + _ROW * min(max(rows, 1), _TALL) + 20}


def _part(request: Mapping[str, Any]) -> Part:
    (order,) = request["sortModel"] or [{"colId": None, "sort": "asc"}]
    filters = {
        name: (str(found["type"]), str(found.get("filter", "")))
        for name, found in (request["filterModel"] or {}).items()
    }
    return Part(request["startRow"], request["endRow"], order["colId"], order["sort"] == "desc", filters)


_OPTIONS: dict[str, Any] = {
    "rowHeight": _ROW,
    "headerHeight": _HEAD,
    "enableCellTextSelection": True,
    "ensureDomOrder": True,
    "enableBrowserTooltips": True,
    "suppressFieldDotNotation": True,
    "suppressCellFocus": True,
    "suppressMultiSort": True,
    "suppressDragLeaveHidesColumns": True,
}
_LONG = {"wrapText": True, "autoHeight": True}
_SERVED: dict[str, Any] = {
    "suppressNoRowsOverlay": True,
    "cacheBlockSize": BLOCK,
    "maxBlocksInCache": 20,
    "maxConcurrentDatasourceRequests": 1,  # the component keeps one answer in wait
    "blockLoadDebounceMillis": 60,
}


def _definition(column: Column) -> dict[str, Any]:
    width = min(max(column.letters * _LETTER + 34, _NARROW), _WIDE)
    found: dict[str, Any] = {
        "field": column.name,
        "colId": column.name,
        "headerName": visible(column.heading),
        "headerTooltip": column.hint or visible(column.heading),
        "width": width,
        "sortable": True,
        "resizable": True,
        "cellDataType": False,
        "tooltipValueGetter": {"function": "text(params.value)"},
        **column.more,
    }
    if column.drawn:
        found["cellRenderer"] = "Cell"
    if column.number:
        found["type"] = "rightAligned"
    if column.filtered:
        kinds = (
            ["equals", "lessThan", "greaterThan"] if column.number else ["contains", "notContains", "equals"]
        )
        found |= {
            "filter": "agNumberColumnFilter" if column.number else "agTextColumnFilter",
            "filterParams": {"filterOptions": kinds, "maxNumConditions": 1},
        }
    return found


def _cell(value: Any) -> Any:
    """The value as the browser gets it: text that shows control characters, or what a cell is made of."""
    if isinstance(value, Link | Status):
        return value._replace(text=visible(value.text))._asdict()
    return value if isinstance(value, bool) else visible(readable(value))


def _text(cell: Any) -> str:
    return str(cell["text"] if isinstance(cell, dict) else cell)
