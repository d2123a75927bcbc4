"""Large tables: what a browser asks for, and what it is answered."""

from __future__ import annotations

import pytest
from dash import Dash, Input

from gst.dashboard.grid import Column, Link
from gst.dashboard.served import BLOCK, Part, part_of, serve, served_grid


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


def test_no_browser_gets_all_rows_at_once():
    request = {"startRow": -5, "endRow": 10**9, "sortModel": [], "filterModel": None}
    assert part_of(request) == Part(0, BLOCK, None, False, {})
    assert part_of(request | {"endRow": -1}) == Part(0, 0, None, False, {})  # -1 rows are all, to a database
