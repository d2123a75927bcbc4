"""Tables of which a browser draws only the rows in sight: their columns, their cells, and small ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import dash_ag_grid as dag
from dash import html

from gst.dashboard.place import at
from gst.words import is_number, readable, visible

TALL = 18
"""Rows that are in sight; a table of more scrolls in itself."""
_ROW, _HEAD = 31, 34
"""Pixels of rows and of the heading."""
_LETTER, _NARROW, _WIDE = 8, 56, 440
"""Pixels of a letter, and of columns at least and at most, unless somebody makes one wider."""
OPTIONS: Mapping[str, Any] = {
    "rowHeight": _ROW,
    "headerHeight": _HEAD,
    "enableCellTextSelection": True,
    "ensureDomOrder": True,
    "enableBrowserTooltips": True,
    "suppressFieldDotNotation": True,
    "suppressMultiSort": True,
    "suppressDragLeaveHidesColumns": True,
}
"""What AG Grid is told of every table. It is never told to take a text for HTML or code."""


class Link(NamedTuple):
    """A cell that leads to another page."""

    text: str
    href: str


class Status(NamedTuple):
    """A cell with the colour of its words, which a class of the style sheet has."""

    text: str
    kind: str


class Column(NamedTuple):
    """A column: its name among those of a row, its heading, and its width in letters."""

    name: str
    heading: str
    letters: int = 12
    number: bool = False
    hint: str = ""
    """What is said of the column to who points at its heading."""
    drawn: bool = False
    """Whether cells are Links or Statuses."""
    more: Mapping[str, Any] = MappingProxyType({})
    """What else AG Grid is to know."""


def grid(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, most: int = _WIDE, **attributes: Any
) -> html.Div:
    """Rows under a header, numbers to the right, to sort and, where they are many, to filter in the browser.

    A cell may be a value, a Link or a Status; a column with texts of more than `most` pixels breaks them into
    lines.
    """
    tall = len(rows) > TALL
    cells = [[cell(value) for value in row] for row in rows]
    found = [
        _column(place, str(name), [row[place] for row in rows], most) for place, name in enumerate(columns)
    ]
    definitions = [{**definition(column), "filter": tall} for column in found]
    wide = sum(each["width"] for each in definitions)
    options = {**OPTIONS, "suppressColumnVirtualisation": True}  # who searches the page finds all of a row
    table = dag.AgGrid(
        rowData=[{f"c{place}": value for place, value in enumerate(row)} for row in cells],
        columnDefs=definitions,
        dashGridOptions=options if tall else {**options, "domLayout": "autoHeight"},
        style={"width": f"min(100%, {wide + (20 if tall else 2)}px)", **(height(len(rows)) if tall else {})},
    )
    return html.Div(table, className="grid", **attributes)


def _column(place: int, name: str, values: Sequence[Any], most: int) -> Column:
    widest = max((len(_text(cell(value))) for value in values), default=0)
    drawn = any(isinstance(value, Link | Status) for value in values)
    more = {
        "comparator": {"function": "natural"},
        "filterValueGetter": {"function": f"text(params.data.c{place})"},
        **({"wrapText": True, "autoHeight": True, "width": most} if widest * _LETTER > most else {}),
    }
    numbers = any(map(is_number, values))
    return Column(f"c{place}", name, max(widest, len(name) + 3), numbers, drawn=drawn, more=more)


def definition(column: Column) -> dict[str, Any]:
    """The column as AG Grid takes it."""
    heading = visible(column.heading)
    return {
        "field": column.name,
        "colId": column.name,
        "headerName": heading,
        "headerTooltip": column.hint or heading,
        "width": min(max(column.letters * _LETTER + 34, _NARROW), _WIDE),
        "cellDataType": False,
        "tooltipValueGetter": {"function": "text(params.value)"},
        **({"cellRenderer": "Cell"} if column.drawn else {}),
        **({"type": "rightAligned"} if column.number else {}),
        **column.more,
    }


def cell(value: Any) -> Any:
    """The value as the browser gets it: text that shows control characters, or what a cell is made of."""
    if isinstance(value, Link):
        return {"text": visible(value.text), "href": at(value.href)}
    if isinstance(value, Status):
        return value._replace(text=visible(value.text))._asdict()
    return visible(readable(value))


def _text(found: Any) -> str:
    return str(found["text"] if isinstance(found, dict) else found)


def height(rows: int) -> dict[str, Any]:
    """The style of a table of that many rows, with room for a bar to scroll sideways."""
    return {"height": _HEAD + _ROW * min(max(rows, 1), TALL) + 20}
