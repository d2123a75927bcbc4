"""Tables that scroll: what the browser is given, and what it asks for."""

from __future__ import annotations

import json

import pytest
from dash import Dash, Input
from plotly.utils import PlotlyJSONEncoder

from gst.dashboard.grid import Column, Link, Part, Status, grid, serve, served_grid


def table(columns, rows):
    return grid(columns, rows).children


def test_cells_are_text_and_numbers_stand_to_the_right():
    found = table(("name", "n"), [["a", 1], ["b", None], ["c", 0.123456789]])
    assert found.rowData == [{"c0": "a", "c1": "1"}, {"c0": "b", "c1": ""}, {"c0": "c", "c1": "0.123457"}]
    assert [column.get("type") for column in found.columnDefs] == [None, "rightAligned"]
    assert [column["headerName"] for column in found.columnDefs] == ["name", "n"]


def test_control_characters_can_be_seen_and_nothing_is_html_or_code():
    evil = "\x1b[31m<b>x</b>\u202e\n"
    found = table((evil,), [[evil], [Link(evil, "/runs")], [Status(evil, "failed")]])
    shown = "\\x1b[31m<b>x</b>\\u202e\\n"
    assert found.columnDefs[0]["headerName"] == shown
    texts = [row["c0"]["text"] if isinstance(row["c0"], dict) else row["c0"] for row in found.rowData]
    assert texts == [shown] * 3
    assert not hasattr(found, "dangerously_allow_code") or not found.dangerously_allow_code
    assert "markdown" not in json.dumps(found.columnDefs)


def test_a_long_table_scrolls_and_a_long_text_is_broken():
    short, long = table(("a",), [["x"]] * 3), table(("a",), [["x" * 100]] * 3000)
    assert short.dashGridOptions["domLayout"] == "autoHeight"
    assert "domLayout" not in long.dashGridOptions
    assert long.style["height"] < 700
    assert [column.get("filter", False) for column in (*short.columnDefs, *long.columnDefs)] == [False, True]
    assert not short.columnDefs[0].get("wrapText")
    assert long.columnDefs[0]["wrapText"]


@pytest.fixture
def asked():
    """What a browser is answered that asks a table, and the parts that its rows were asked for."""
    app, parts = Dash("grid"), []

    def rows(part, word):
        parts.append((part, word))
        return [{"n": number, "w": Link(word, "/")} for number in range(part.first, min(part.end, 7))], 7

    app.layout = served_grid("t", [Column("n", "N", number=True), Column("w", "W", drawn=True)])
    serve(app, "t", rows, [Input("word", "value")])

    def ask(**request):
        body = {
            "output": "..t.getRowsResponse...t-count.children...t.style..",
            "outputs": [
                {"id": "t", "property": "getRowsResponse"},
                {"id": "t-count", "property": "children"},
                {"id": "t", "property": "style"},
            ],
            "inputs": [{"id": "t", "property": "getRowsRequest", "value": request}],
            "state": [{"id": "word", "property": "value", "value": "x\x07"}],
            "changedPropIds": ["t.getRowsRequest"],
        }
        return app.server.test_client().post("/_dash-update-component", json=body).get_json()["response"]

    return ask, parts


def test_a_part_is_what_the_browser_asks_for(asked):
    ask, parts = asked
    found = ask(startRow=5, endRow=10, sortModel=[{"colId": "n", "sort": "desc"}], filterModel={})
    assert found["t"]["getRowsResponse"] == {
        "rowData": [
            {"n": "5", "w": {"text": "x\\x07", "href": "/"}},
            {"n": "6", "w": {"text": "x\\x07", "href": "/"}},
        ],
        "rowCount": 7,
    }
    assert found["t-count"]["children"] == "7 rows"
    ask(
        startRow=0,
        endRow=1,
        sortModel=[],
        filterModel={"n": {"filterType": "number", "type": "lessThan", "filter": 3}},
    )
    assert parts == [
        (Part(5, 10, "n", True, {}), "x\x07"),
        (Part(0, 1, None, False, {"n": ("lessThan", "3")}), "x\x07"),
    ]


def test_everything_that_is_sent_is_json():
    assert json.dumps(served_grid("t", [Column("n", "N", filtered=True)]), cls=PlotlyJSONEncoder)
