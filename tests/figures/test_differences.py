from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from gst.analysis.source import Table
from gst.figures.files.differences import cell_difference, drawing_difference

TABLE = Table(("what", "value", "n"), (("mean", 0.1 + 0.2, 2), ("run", None, 1)))
CELLS = [["what", "value", "n"], ["mean", "0.3", "2"], ["run", "", "1"]]


def test_the_same_cells():
    assert cell_difference(CELLS, TABLE) is None


@pytest.mark.parametrize(
    ("row", "column", "text", "words"),
    [
        (1, 1, "0.31", "row 1 (mean), value: 0.31, not 0.30000000000000004"),
        (1, 1, "", "row 1 (mean), value: nothing, not 0.30000000000000004"),
        (1, 1, "much", "row 1 (mean), value: much, not 0.30000000000000004"),
        (2, 1, "0.5", "row 2 (run), value: 0.5, not nothing"),
        (2, 0, "runs", "row 2 (run), what: runs, not run"),
        (0, 2, "m", "its columns are what, value, m"),
    ],
)
def test_another_cell(row, column, text, words):
    cells = [list(line) for line in CELLS]
    cells[row][column] = text
    assert cell_difference(cells, TABLE) == words


def test_other_sizes():
    assert cell_difference(CELLS[:2], TABLE) == "it has 1 rows, not 2"
    assert cell_difference([*CELLS[:2], ["run"]], TABLE) == "row 2 has 1 cells, not 3"
    assert cell_difference([], TABLE) == "its columns are missing"


def drawing(**changes):
    values = {"y": np.array([0.5, 0.25, np.nan]), "title": "A", "name": "a"} | changes
    figure = go.Figure(go.Scatter(x=[1, 2, 3], y=values["y"], name=values["name"]))
    return json.loads(figure.update_layout(title_text=values["title"], meta=changes).to_json())


def test_the_same_drawing_whatever_its_provenance_and_rounding():
    assert drawing_difference(drawing(), drawing(meta="other")) is None
    assert drawing_difference(drawing(y=np.array([0.5 + 1e-15, 0.25, np.nan])), drawing()) is None
    assert drawing_difference(drawing(y=[0.5, 0.25, None]), drawing()) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"y": np.array([0.5, 0.26, np.nan])}, "data[0].y[1] is 0.26, not 0.25"),
        ({"y": np.array([0.5, 0.25])}, "data[0].y has 2 entries, not 3"),
        ({"y": np.array([0.5, 0.25, 0.0])}, "data[0].y[2] is 0.0, not nothing"),
        ({"name": "b"}, "data[0].name is b, not a"),
        ({"title": "B"}, "layout.title.text is B, not A"),
    ],
)
def test_another_drawing(changes, words):
    assert drawing_difference(drawing(**changes), drawing()) == words


def test_arrays_of_rows():
    def packed(values):
        return {"data": [{"z": {"dtype": "f8", "bdata": values, "shape": "1, 2"}}]}

    one, other = "AAAAAAAA8D8AAAAAAAAAQA==", "AAAAAAAA8D8AAAAAAADwPw=="
    assert drawing_difference(packed(one), {"data": [{"z": [[1, 2]]}]}) is None
    assert drawing_difference(packed(one), packed(other)) == "data[0].z[0][1] is 2.0, not 1.0"
