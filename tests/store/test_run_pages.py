"""The table of runs: what the database filters, sorts and cuts, against what Python does."""

from __future__ import annotations

import pytest
from stores import fill, run_config, sweep_of
from tradeoffs import HAND
from troubled import TROUBLED

from gst.errors import UnknownNameError
from gst.store import RUN_COLUMNS, Filter, arms, listed_runs, run_page


@pytest.fixture
def filled(store):
    """A store with two sweeps: `hand`, which is complete, and `troubled`."""
    fill(store, HAND)
    fill(store, TROUBLED, name="troubled")
    return store


def every(store, sweep="troubled"):
    return run_page(store, Filter(sweep)).rows


def test_a_sweep_s_runs_come_in_the_order_of_its_file(filled):
    rows = every(filled)
    assert [(row["arm"], row["seed"]) for row in rows] == [
        (arm, seed) for arm in ("base", "pruned", "last") for seed in range(3)
    ]
    assert arms(filled, "troubled") == ["base", "pruned", "last"]
    with pytest.raises(UnknownNameError, match="no sweep 'nothing'; there are: hand, troubled"):
        arms(filled, "nothing")


def test_a_row_has_what_run_summary_has(filled):
    for row in run_page(filled, Filter()).rows:
        (values,) = filled.frame("SELECT * FROM run_summary WHERE key = :key", key=row["key"]).to_dict(
            "records"
        )
        assert set(row) == {*RUN_COLUMNS, "run_id"}
        values |= {"rate": values["iterative_rate"], "fraction": values["total_fraction"]}
        known = {
            name: it
            for name, it in row.items()
            if it is not None and name not in ("sweep_id", "sweep", "arm")
        }
        assert known == {name: values[name] for name in known}


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
def test_filters(filled, chosen, matches):
    page = run_page(filled, chosen)
    wanted = [row["key"] for row in every(filled) if matches(row)]
    assert [row["key"] for row in page.rows] == wanted
    assert page.total == len(wanted)


def test_a_run_is_found_by_its_key_and_by_its_tag(filled):
    key = every(filled)[4]["key"]
    assert [row["key"] for row in run_page(filled, Filter(text=key[:20])).rows] == [key]
    filled.tag([key], add=["odd"])
    assert [row["key"] for row in run_page(filled, Filter(text="odd")).rows] == [key]


def test_sorting_puts_what_is_missing_last(filled):
    for column in RUN_COLUMNS:
        for descending in (False, True):
            rows = run_page(filled, Filter("troubled", sort=column, descending=descending)).rows
            values = [row[column] for row in rows]
            known = [value for value in values if value is not None]
            wanted = sorted(known, reverse=descending) + [None] * (len(values) - len(known))
            assert values == wanted, column


def test_without_a_sweep_each_run_is_there_once_in_its_newest_arm(filled):
    page = run_page(filled, Filter())
    assert page.total == 15 == len({row["key"] for row in page.rows})
    of_sweeps = {
        row["key"]: (name, row["arm"]) for name in ("hand", "troubled") for row in every(filled, name)
    }
    assert {row["key"]: (row["sweep"], row["arm"]) for row in page.rows} == of_sweeps
    arms_found = [row["arm"] for row in run_page(filled, Filter(sort="arm")).rows]
    assert arms_found == sorted(arms_found)
    found = run_page(filled, Filter(text="PRUNED")).rows  # an arm, without its sweep
    assert {row["key"] for row in found} == {row["key"] for row in every(filled) if row["arm"] == "pruned"}
    filled.register(sweep_of({"shared": run_config()}, range(1), name="newer"))
    filled.register(sweep_of({"older": run_config()}, range(1), name="newest"))
    assert [(row["sweep"], row["arm"]) for row in run_page(filled, Filter(text="shared")).rows] == [
        ("newest", "older")
    ]


def test_a_run_in_two_arms_is_there_twice(store):
    config = run_config()
    store.register(sweep_of({"one": config, "two": config}, name="twice"))
    rows = run_page(store, Filter("twice")).rows
    assert [row["arm"] for row in rows] == ["one", "two"]
    assert rows[0]["key"] == rows[1]["key"]


def test_parts_follow_each_other_and_end(store):
    store.register(sweep_of({"many": run_config(epochs=7)}, range(23), name="many"))
    seeds = [row["seed"] for first in (0, 10, 20) for row in run_page(store, Filter("many"), first, 10).rows]
    assert seeds == list(range(23))
    beyond = run_page(store, Filter("many"), 90, 10)
    assert (beyond.rows, beyond.total) == ((), 23)
    with pytest.raises(UnknownNameError, match="no sweep 'none such'"):
        run_page(store, Filter("none such"))


def test_a_list_has_the_runs_of_the_page_with_their_attempts_and_reasons(filled):
    columns, rows = listed_runs(filled, Filter("troubled"), 100)
    known = every(filled)
    for row, page in zip(rows, known, strict=True):
        told = dict(zip(columns, row, strict=True))
        run = filled.run(told["key"]).run
        assert (told["attempt"], told["reason"]) == (run["attempt"], run["reason"])
        assert told["epochs"] == (None if run["last_epoch"] is None else run["last_epoch"] + 1)
        shared = (set(told) & set(page)) - {"epochs"}  # those of the configuration, on a page
        assert len(shared) == 10
        assert {name: told[name] for name in shared} == {name: page[name] for name in shared}


def test_a_list_ends_where_it_is_told_to(filled):
    columns, rows = listed_runs(filled, Filter(), 4)
    assert columns[:2] == ("key", "arm")
    newest = [(row["key"], row["arm"]) for row in run_page(filled, Filter()).rows]
    assert [row[:2] for row in rows] == newest[:4]


def test_a_list_of_runs_with_a_tag(filled):
    keys = [row["key"] for row in every(filled)]
    filled.tag(keys[3:5], add=["odd"])
    filled.tag(keys[4:6], add=["odder"])
    assert [row[0] for row in listed_runs(filled, Filter("troubled", tag="odd"), 100).rows] == keys[3:5]
    assert listed_runs(filled, Filter("troubled", tag="od"), 100).rows == []
