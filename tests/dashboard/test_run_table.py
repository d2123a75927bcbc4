"""Runs as rows of a table: what each column shows, and which rows are ticked."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select
from stores import sweep_of

from gst.dashboard.grid import Link, Status
from gst.dashboard.run_curves import run_curve
from gst.dashboard.run_table import COLUMNS, in_order, run_columns, run_rows, ticked
from gst.dashboard.served import Part
from gst.store import Filter, run_page
from gst.store.reading import called_by_id
from gst.store.run_pages import run_keys
from gst.store.schema import runs, sweep_runs

WHOLE = Part(0, 100, None, False, {})


def test_the_table_has_what_the_filter_lets_through(store):
    rows, total = run_rows(store, Filter("troubled", statuses=("completed",)), WHOLE, ())
    found = run_page(store, Filter("troubled", statuses=("completed",)))
    assert total == found.total == 3
    assert [row["whole_key"] for row in rows] == [row["key"] for row in found.rows]
    assert all(column.name in row for column in COLUMNS for row in rows)
    assert rows[0]["key"] == Link(found.rows[0]["key"][:12], f"/runs/{found.rows[0]['key'][:12]}")
    assert rows[0]["status"] == Status("completed", "completed")
    assert [row["last_epoch"] for row in rows] == ["3 of 3"] * 3


def test_a_part_is_cut_and_sorted_by_the_database(store):
    keys = [row["key"] for row in run_page(store, Filter("troubled", sort="seed", descending=True)).rows]
    part = Part(2, 5, "seed", True, {})
    rows, total = run_rows(store, Filter("troubled"), part, keys[3:4])
    assert (total, [row["whole_key"] for row in rows]) == (9, keys[2:5])
    assert [row["chosen"] for row in rows] == [False, True, False]


def test_arms_are_told_apart_without_a_sweep(store):
    rows, _ = run_rows(store, Filter(text="pruned"), WHOLE, ())
    assert {(row["sweep"], row["arm"], row["rate"], row["fraction"]) for row in rows} == {
        ("troubled", "pruned", "25%", "50%")
    }
    unpruned, _ = run_rows(store, Filter("troubled", arm="base"), WHOLE, ())
    assert {(row["rate"], row["mean_stability"]) for row in unpruned} == {("", "")}


def test_tags_are_a_column(writable):
    key = run_page(writable, Filter("troubled")).rows[0]["key"]
    writable.tag([key], add=["paper", "draft"])
    assert run_rows(writable, Filter("troubled"), WHOLE, ())[0][0]["tags"] == "draft paper"


def test_all_of_a_table_are_the_runs_of_its_filter_in_its_order(store):
    columns = [{"colId": "arm", "sort": None}, {"colId": "seed", "sort": "desc"}]
    wanted = in_order(Filter("troubled"), columns)
    rows, _ = run_rows(store, Filter("troubled"), WHOLE._replace(sort="seed", descending=True), ())
    assert run_keys(store, wanted, 100) == [row["whole_key"] for row in rows]
    assert run_keys(store, wanted, 2) == [row["whole_key"] for row in rows[:2]]
    assert in_order(Filter("troubled"), columns[:1]) == Filter("troubled")


@pytest.mark.parametrize(
    ("sort", "found"), [("seed", ("seed", "asc")), ("-seed", ("seed", "desc")), ("x", None)]
)
def test_an_address_says_how_the_table_is_sorted(sort, found):
    sorted_by = [(it.name, it.more["sort"]) for it in run_columns(sort) if "sort" in it.more]
    assert sorted_by == ([found] if found else [])


def test_ticked_runs_stay_chosen_until_they_are_cleared():
    def change(key, chosen):
        return {"data": {"whole_key": key, "chosen": chosen}}

    assert ticked(["z"], [change("a", True)]) == ["z", "a"]
    assert ticked(["z", "a"], [change("z", False), change("b", True)]) == ["a", "b"]
    assert (
        ticked([str(it) for it in range(50)], [change("x", True)])[-1] == "x"
    )  # none is left out in silence


def test_versions_of_a_sweep_are_called_apart(writable):
    older = run_page(writable, Filter("troubled", arm="base")).rows[0]["key"]
    config = writable.spec(run_page(writable, Filter("hand")).rows[0]["key"]).config
    writable.register(sweep_of({"base": config}, range(1), name="troubled"))
    rows, _ = run_rows(writable, Filter(), WHOLE, ())
    called = {row["whole_key"]: row["sweep"] for row in rows}
    versions = {it.called for it in writable.sweeps(name="troubled")}
    assert len(versions) == 2
    assert called[older] in versions
    assert called_by_id(writable) == {it.sweep_id: it.called for it in writable.sweeps()}
    assert called[older] != next(it.called for it in writable.sweeps())


def test_a_run_that_is_in_no_sweep_is_shown_all_the_same(writable):
    """As an import by an older gst could leave it."""
    key = run_page(writable, Filter("troubled")).rows[0]["key"]
    with writable._writer.begin() as connection:
        (run_id,) = connection.execute(select(runs.c.run_id).where(runs.c.key == key)).one()
        connection.execute(delete(sweep_runs).where(sweep_runs.c.run_id == run_id))
    rows, _ = run_rows(writable, Filter(), WHOLE, ())
    assert [row["sweep"] for row in rows if row["whole_key"] == key] == [""]
    assert run_curve(writable.run(key)).arm == ""
