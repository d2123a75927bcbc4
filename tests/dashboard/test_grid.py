"""Tables that scroll: what the browser is given."""

from __future__ import annotations

import json

from gst.dashboard.grid import Link, Status, grid


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


def test_truth_is_told_in_words():
    assert table(("a",), [[True], [False]]).rowData == [{"c0": "yes"}, {"c0": "no"}]


def test_long_texts_break_into_lines_where_a_table_is_to_be_narrow():
    narrow, wide = (grid(("arms", "n"), [["a " * 20, 1]], **most).children for most in ({"most": 210}, {}))
    assert narrow.columnDefs[0]["width"] == 210
    assert narrow.columnDefs[0]["wrapText"]
    assert "wrapText" not in wide.columnDefs[0]
