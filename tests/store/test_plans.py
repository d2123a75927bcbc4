"""Named queries find their rows by index, however many runs there are.

SQLite says how it goes about a query, whatever is in the tables. Postgres also asks how many rows there
are: the plans for a large store are looked at with the cost of pages that solid-state disks have. A table
that fits into a few pages it reads as a whole because that is faster, so whether there is an index to find
rows run by run is asked with everything else forbidden.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest
from many_sweeps import EPOCHS, EVENTS, GROUPS, LEVELS, RUNS, SEEDS, fill_many_sweeps

from gst.store import Store
from gst.store.connect import parsed, sqlite_path
from gst.store.queries import named_queries

LARGE = frozenset({"epochs", "pruning_events", "layer_prunings", "levels", "group_losses"})
BIG = LARGE | {"attempts"}
"""Tables that grow with every run; the rest is small beside them."""

READS = {
    "epochs": ("dynamics", "run_summary", "tradeoff", "driver_effect"),
    "pruning_events": ("events", "run_summary", "tradeoff", "driver_effect"),
    "levels": ("levels", "level_summary", "optimal_sparsity"),
    "group_losses": ("group_losses",),
    "attempts": ("provenance", "failed", "cost", "driver_effect"),
}


def scanned(store, sql, **parameters):
    """The big tables, or whole indexes of them, that the database would read from end to end."""
    if store.url.startswith("sqlite"):
        plan = [row[3] for row in store.query(f"EXPLAIN QUERY PLAN {sql}", **parameters).rows]
        whole_ones = (re.match(r"SCAN (\w+)|SEARCH (\w+) USING AUTOMATIC", line) for line in plan)
        names = {match[1] or match[2] for match in whole_ones if match}
        views = "\n".join(
            row[0] for row in store.query("SELECT sql FROM sqlite_master WHERE type = 'view'").rows
        )
        return {table for table, alias in tables(f"{sql}\n{views}") if alias in names or table in names} & BIG
    (plan,) = store.query(f"EXPLAIN (FORMAT JSON) {sql}", **parameters).rows[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return set(whole(plan[0]["Plan"])) & BIG


def tables(sql):
    """Each table with each name that it goes by."""
    keyword = r"(?:ON|WHERE|JOIN|LEFT|CROSS|GROUP|ORDER|SET)\b"
    return re.findall(rf"(?:FROM|JOIN)\s+(\w+)(?:\s+(?!{keyword})(\w+))?", sql)


def whole(node):
    """The tables that are read as a whole in a plan of Postgres."""
    by_key = "Index Cond" in node
    if node["Node Type"].endswith("Seq Scan") or (node["Node Type"].startswith("Index") and not by_key):
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from whole(child)


def answers(store, sweep):
    return {query.name: scanned(store, query.sql, sweep=sweep) for query in named_queries()}


def with_settings(url, *settings):
    options = "%20".join(f"-c%20{setting}" for setting in settings)
    return url if url.startswith("sqlite") else f"{url}?options={options}"


RUN_BY_RUN = ("enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off")


@pytest.mark.slow
def test_no_named_query_reads_all_runs_to_answer_about_some(url):
    fill_many_sweeps(url)
    with Store.open(with_settings(url, "random_page_cost=1.1"), readonly=True) as store:
        counts = [store.query(f"SELECT count(*) FROM {table}").rows[0][0] for table in ("runs", "epochs")]
        assert counts == [RUNS, RUNS * EPOCHS] == [1000, 325_000]
        (many,) = store.query("SELECT count(*) FROM group_losses").rows[0]
        assert many == RUNS * LEVELS * GROUPS == 500_000
        assert not {name: found & LARGE for name, found in answers(store, "sweep3").items() if found & LARGE}
        assert len(store.query("dynamics", sweep="sweep3").rows) == 2 * EPOCHS
        assert len(store.query("events", sweep="sweep3").rows) == SEEDS * EVENTS
        assert len(store.query("levels", sweep="sweep3").rows) == 2 * SEEDS * LEVELS
        assert len(store.query("group_losses", sweep="sweep3").rows) == 2 * LEVELS * GROUPS
    with Store.open(with_settings(url, *RUN_BY_RUN), readonly=True) as store:
        assert not any(answers(store, "sweep3").values())


def without_key(url, table):
    """Take the primary key from a table, and with it the index that queries find its rows by."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(parsed(url)))) as connection:
            connection.executescript(
                f"PRAGMA legacy_alter_table = ON; CREATE TABLE bare AS SELECT * FROM {table};"
                f" DROP TABLE {table}; ALTER TABLE bare RENAME TO {table};"
            )
        return None
    return f"ALTER TABLE {table} DROP CONSTRAINT pk_{table} CASCADE"


@pytest.mark.slow
@pytest.mark.parametrize("table", READS)
def test_a_missing_index_is_noticed_in_every_query_that_needs_it(url, write_sql, table):
    fill_many_sweeps(url)
    address = with_settings(url, *RUN_BY_RUN)
    with Store.open(address, readonly=True) as store:
        assert not any(answers(store, "sweep3").values())
    if statement := without_key(url, table):
        write_sql(statement)
    with Store.open(address, readonly=True) as store:
        found = {name for name, read in answers(store, "sweep3").items() if table in read}
    assert found == set(READS[table])


def test_every_named_query_that_reads_a_big_table_is_among_those():
    for query in named_queries():
        read = {table for table, _ in tables(query.sql)}
        read |= {"epochs", "pruning_events"} if read & {"run_summary", "tradeoff"} else set()
        assert {table for table, names in READS.items() if query.name in names} == read & BIG
