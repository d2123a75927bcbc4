"""Parts of an answer, sorted and filtered by the server, against what the database makes of them."""

from __future__ import annotations

import pytest

from gst.dashboard.answers import answer_columns, answer_part
from gst.dashboard.served import Part
from gst.store import Answer, Limits

LIMITS = Limits(30, 10_000, 10_000_000)
EPOCHS = (
    "SELECT e.run_id, e.epoch, e.test_accuracy, r.status, r.reason FROM epochs e JOIN runs r USING (run_id)"
)


def shown(rows):
    return [list(row.values()) for row in rows]


@pytest.mark.parametrize("column", ["run_id", "epoch", "test_accuracy", "status", "reason"])
@pytest.mark.parametrize("descending", [False, True])
def test_an_answer_is_sorted_as_the_database_does(store, column, descending):
    found = store.answer(EPOCHS, {}, LIMITS)
    names = {it.heading: it.name for it in answer_columns(found)}
    rows, total = answer_part(found, Part(3, 12, names[column], descending, {}))
    assert total == len(found.rows)
    order = f"ORDER BY {column} IS NULL, {column} {'DESC' if descending else ''}"
    whole = store.answer(f"{EPOCHS} {order}", {}, LIMITS)
    place = list(names).index(column)
    expected, _ = answer_part(whole, Part(3, 12, None, False, {}))
    assert [row[place] for row in shown(rows)] == [row[place] for row in shown(expected)]


@pytest.mark.parametrize(
    ("column", "kind", "wanted", "where"),
    [
        ("test_accuracy", "lessThan", "0.5", "test_accuracy < 0.5"),
        ("test_accuracy", "greaterThan", "0.5", "test_accuracy > 0.5"),
        ("epoch", "equals", "1", "epoch = 1"),
        ("status", "contains", "COMPL", "status LIKE '%compl%'"),
        ("status", "notContains", "compl", "status NOT LIKE '%compl%'"),
        ("status", "equals", "failed", "status = 'failed'"),
        ("reason", "contains", "broken", "reason LIKE '%broken%'"),
        ("reason", "notContains", "broken", "coalesce(reason, '') NOT LIKE '%broken%'"),
        ("status", "no such kind", "x", "1 = 0"),
    ],
)
def test_an_answer_is_filtered_as_the_database_does(store, column, kind, wanted, where):
    found = store.answer(f"{EPOCHS} ORDER BY 1, 2", {}, LIMITS)
    names = {it.heading: it.name for it in answer_columns(found)}
    rows, total = answer_part(found, Part(0, 1000, None, False, {names[column]: (kind, wanted)}))
    expected = store.answer(f"{EPOCHS} WHERE {where} ORDER BY 1, 2", {}, LIMITS)
    assert shown(rows) == shown(answer_part(expected, Part(0, 1000, None, False, {}))[0])
    assert total == len(expected.rows)


def test_a_number_is_found_by_what_is_shown_of_it_and_by_what_it_is():
    found = Answer(("x",), [(2 / 3,), (1 / 3,), (1.5,)])
    for wanted, number in (("0.666667", 1), (repr(2 / 3), 1), ("1.50", 1), ("0.66667", 0)):
        assert answer_part(found, Part(0, 9, None, False, {"0:x": ("equals", wanted)}))[1] == number


def test_columns_of_one_name_and_values_of_all_kinds_have_a_place():
    found = Answer(
        ("x", "x"), [("b", 2.5), ("a", None), (10, float("nan")), (9, b"\x00"), (None, "y" * 9000)]
    )
    first, second = answer_columns(found)
    assert first.name != second.name
    rows, _ = answer_part(found, Part(0, 9, first.name, False, {}))
    assert [row[first.name] for row in rows] == ["9", "10", "a", "b", ""]
    rows, _ = answer_part(found, Part(0, 9, second.name, True, {}))
    assert len(rows[0][second.name]) == 2001
    assert answer_part(Answer(("x",), []), Part(0, 9, "0:x", False, {})) == ([], 0)
    assert answer_columns(Answer(("x",), []))[0].heading == "x"
