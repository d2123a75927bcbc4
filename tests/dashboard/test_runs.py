"""The table of runs: what the database filters, sorts and cuts, against what Python does."""

from __future__ import annotations

import pytest
from stores import run_config, sweep_of

from gst.dashboard.runs import COLUMNS, PAGE, Filter, arms, run_page


def every(store, sweep="troubled"):
    return run_page(store, Filter(sweep)).rows


def test_a_sweep_s_runs_come_in_the_order_of_its_file(store):
    rows = every(store)
    assert [(row["arm"], row["seed"]) for row in rows] == [
        (arm, seed) for arm in ("base", "pruned", "last") for seed in range(3)
    ]
    assert arms(store, "troubled") == ["base", "pruned", "last"]


def test_a_row_has_what_run_summary_has(store):
    for row in every(store):
        found = store.query("SELECT * FROM run_summary WHERE key = :key", key=row["key"])
        (values,) = found.rows
        assert {name: row[name] for name in found.columns} == dict(zip(found.columns, values, strict=True))


@pytest.mark.parametrize(
    ("chosen", "matches"),
    [
        (Filter("troubled", arm="base"), lambda row: row["arm"] == "base"),
        (
            Filter("troubled", statuses=("failed", "diverged")),
            lambda row: row["status"] in ("failed", "diverged"),
        ),
        (Filter("troubled", text="filters PRUNED"), lambda row: row["arm"] == "pruned"),
        (Filter("troubled", text="nowhere"), lambda row: False),
        (Filter("troubled", text="%"), lambda row: False),
        (Filter("troubled", text="_"), lambda row: True),  # digits_cnn has one
        (Filter("troubled", text="' OR 1=1 --"), lambda row: False),
    ],
)
def test_filters(store, chosen, matches):
    page = run_page(store, chosen)
    wanted = [row["key"] for row in every(store) if matches(row)]
    assert [row["key"] for row in page.rows] == wanted
    assert page.total == len(wanted)


def test_a_run_is_found_by_its_key_and_by_its_tag(writable):
    key = every(writable)[4]["key"]
    assert [row["key"] for row in run_page(writable, Filter(text=key[:20])).rows] == [key]
    writable.tag([key], add=["odd"])
    assert [row["key"] for row in run_page(writable, Filter(text="odd")).rows] == [key]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("descending", [False, True])
def test_sorting_puts_what_is_missing_last(store, column, descending):
    rows = run_page(store, Filter("troubled", sort=column, descending=descending)).rows
    values = [row[column] for row in rows]
    known = [value for value in values if value is not None]
    assert values == sorted(known, reverse=descending) + [None] * (len(values) - len(known))


def test_without_a_sweep_each_run_is_there_once(store):
    page = run_page(store, Filter())
    assert page.total == 15 == len({row["key"] for row in page.rows})
    assert all(row["arm"] is None for row in page.rows)
    assert run_page(store, Filter(sort="arm")).total == 15  # there is no arm to sort by


def test_a_run_in_two_arms_is_there_twice(writable):
    config = run_config()
    writable.register(sweep_of({"one": config, "two": config}, name="twice"))
    rows = run_page(writable, Filter("twice")).rows
    assert [row["arm"] for row in rows] == ["one", "two"]
    assert rows[0]["key"] == rows[1]["key"]


def test_pages_follow_each_other_and_end(writable):
    writable.register(sweep_of({"many": run_config(epochs=7)}, range(2 * PAGE + 3), name="many"))
    seeds = [row["seed"] for number in range(3) for row in run_page(writable, Filter("many"), number).rows]
    assert seeds == list(range(2 * PAGE + 3))
    beyond = run_page(writable, Filter("many"), 9)
    assert (beyond.first, len(beyond.rows), beyond.total) == (2 * PAGE, 3, 2 * PAGE + 3)
    assert run_page(writable, Filter("none such")).rows == ()
