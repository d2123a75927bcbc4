from __future__ import annotations

import csv
import io

import pytest

from gst.dashboard.answers import answer, as_csv, typed
from gst.errors import InputError


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("0.5", 0.5), ("1e-3", 0.001), ("hand", "hand")])
def test_what_is_typed_is_a_number_where_it_reads_as_one(text, value):
    assert typed(text) == value
    assert type(typed(text)) is type(value)


def test_a_query_is_answered_with_its_first_rows(store):
    found = answer(store, "SELECT epoch FROM epochs ORDER BY epoch, run_id", {}, most=4)
    assert (len(found.rows.rows), found.more) == (4, True)
    whole = answer(store, "SELECT count(*) AS n FROM runs WHERE seed = :seed", {"seed": "1", "other": "x"})
    assert whole.rows.columns == ("n",)
    assert whole.rows.rows == [(store.query("SELECT count(*) FROM runs WHERE seed = 1").rows[0][0],)]
    assert not whole.more


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM nothing", "nothing"),
        ("DELETE FROM runs", "starts with 'DELETE'"),
        ("WITH one AS (SELECT 1) DELETE FROM runs", "readonly|read-only|not authorized"),
        ("SELECT :seed", "the parameter seed is missing"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("", "no statement"),
    ],
)
def test_what_cannot_be_answered_is_said(store, sql, words):
    with pytest.raises(InputError, match=words):
        answer(store, sql, {"seed": ""})


def test_csv_has_every_row_and_nothing_for_what_is_missing(store):
    found = answer(store, "SELECT key, reason FROM runs ORDER BY run_id", {})
    rows = list(csv.reader(io.StringIO(as_csv(found.rows))))
    assert rows[0] == ["key", "reason"]
    assert rows[1:] == [[key, reason or ""] for key, reason in found.rows.rows]
