"""The server of `gst mcp`, as the client of the package mcp sees it: bounded answers, and nothing written."""

from __future__ import annotations

import hashlib
import json
import sys

import anyio
import psycopg
import pytest
from mcp import Client, MCPError, StdioServerParameters
from private_postgres import binaries, needs_postgres, private_postgres
from stores import Run, fill

from gst.analysis.contrasts import contrast
from gst.cli import bounded
from gst.cli.mcp_server import server
from gst.paths import project_folder
from gst.store import Store
from gst.store.queries import named_queries

TOOLS = {"sweeps", "runs", "run", "sql", "plan", "contrast", "compare", "figure"}
RUNS = [
    Run(arm, seed, [0.5, 0.6 + gain + gain * seed**2 / 10], [(0, 0.5, 0.25 + gain)] if gain else [])
    for arm, gain in (("none", 0.0), ("pruned", 0.1))
    for seed in range(4)
]


@pytest.fixture(scope="module")
def store(tmp_path_factory, empty):
    path = tmp_path_factory.mktemp("mcp") / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as opened:
        fill(opened, RUNS)
    return path


@pytest.fixture
def asked(store):
    """Call tools of a server in this process: the structured answer, or the text of the error."""
    return lambda tool, **arguments: all_asked(server(str(store)), [(tool, arguments)])[0]


def all_asked(of, calls):
    async def answers():
        async with Client(of) as client:
            found = [await client.call_tool(tool, arguments) for tool, arguments in calls]
        return [it.content[0].text if it.is_error else it.structured_content for it in found]

    return anyio.run(answers)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_client_finds_described_tools_that_only_read_and_pages(store):
    async def look():
        async with Client(server(str(store))) as client:
            tools, pages = (await client.list_tools()).tools, (await client.list_resources()).resources
            texts = {str(it.uri): (await client.read_resource(it.uri)).contents[0].text for it in pages}
            with pytest.raises(MCPError):
                await client.read_resource("gst://../pyproject.toml")
        return tools, texts

    tools, texts = anyio.run(look)
    assert {it.name for it in tools} == TOOLS
    assert all(it.annotations.read_only_hint and len(it.description.split()) > 8 for it in tools)
    assert texts["gst://schema"] == (project_folder("db") / "README.md").read_text()
    assert "training.optimizer.lr" in texts["gst://keys"]
    assert {it["query"] for it in json.loads(texts["gst://queries"])} == {
        f"@{it.name}" for it in named_queries()
    }


def test_sweeps_and_runs_are_listed_a_page_at_a_time(asked):
    (sweep,) = asked("sweeps")["sweeps"]
    assert (sweep["sweep"], sweep["runs"], sweep["completed"], sweep["epochs"]) == ("hand", 8, 8, 16)
    pages = [asked("runs", sweep="hand", first=first, most=3) for first in (0, 3, 6)]
    assert [page["total"] for page in pages] == [8, 8, 8]
    rows = [row for page in pages for row in page["runs"]]
    assert [(row["arm"], row["seed"]) for row in rows] == [(it.arm, it.seed) for it in RUNS]
    assert asked("runs", sweep="hand", arm="pruned")["total"] == 4
    assert asked("runs", status="failed")["total"] == 0
    assert asked("runs", text="pruned digits")["total"] == 4
    assert asked("runs", sweep=sweep["version"])["total"] == 8


def test_a_run_is_what_gst_show_says_of_it(asked, store, gst):
    key = asked("runs", sweep="hand", arm="pruned", most=1)["runs"][0]["key"]
    shown = json.loads(gst("show", key, "--format", "json", "--db", store).stdout)
    assert asked("run", run=key[:12]) == shown


def test_a_contrast_has_its_interval_and_n(asked, store):
    found = asked("contrast", sweep="hand", first="pruned", other="none")
    with Store.open(str(store), readonly=True) as opened:
        test = contrast(opened, "hand", "pruned", "none").test
    assert (found["value"], found["low"], found["high"], found["n"]) == (*test[:3], 4)
    assert found["value"] == pytest.approx(0.1 + 0.01 * (0 + 1 + 4 + 9) / 4)
    assert found["unit"] == "fraction of 1"


def test_each_statistic_of_a_figure_has_n_and_interval(asked, store, gst, folder):
    rows = asked("figure", name="tradeoff", sweep="hand")["rows"]
    assert gst("figure", "tradeoff", "--sweep", "hand", "-o", "x.csv", "--db", store).exit_code == 0
    means = [row for row in rows if row["what"].startswith("mean ")]
    assert {row["arm"]: row["n"] for row in means if "accuracy" in row["what"]} == {"none": 4, "pruned": 4}
    assert all({"low", "high"} <= row.keys() for row in means if row["what"].startswith("mean final"))
    lines = (folder / "x.csv").read_text().splitlines()
    assert len(rows) == sum(not it.startswith("#") for it in lines) - 1
    listed = {row["figure"] for row in asked("figure")["figures"]}
    assert {"tradeoff", "fig2_vgg11"} <= listed


def test_a_plan_is_that_of_the_command_whether_shipped_or_given(asked, gst, store):
    told = json.loads(gst("plan", "quickstart", "--format", "json", "--db", store).stdout)[0]
    found = asked("plan", sweep="quickstart")
    assert {name: found[name] for name in told} == told
    own = asked("plan", text="extends: quickstart.yaml\nseeds: 3\n")
    assert (own["runs"], len(own["arms"])) == (39, 13)


def test_published_claims_are_compared(asked):
    found = asked("compare", names=["fig2_vgg11"])
    assert found["incomplete"] is True
    assert {it["verdict"] for it in found["figures"][0]["claims"]} == {"not run"}
    assert asked("compare", names=["hand"])["figures"]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("runs", {"sweep": "hnd"}, "no sweep 'hnd'; did you mean 'hand'?"),
        ("runs", {"sweep": "hand", "arm": "prund"}, "no arm of sweep hand 'prund'; did you mean 'pruned'?"),
        ("runs", {"arm": "pruned"}, "give --sweep too"),
        ("runs", {"most": 5000}, "most from 1 to 1000"),
        ("run", {"run": "zzz"}, "no run 'zzz'"),
        ("contrast", {"sweep": "hand", "first": "pruned", "other": "none", "of": "acc"}, "no quantity 'acc'"),
        ("figure", {"name": "tradeof"}, "no figure 'tradeof'; did you mean 'tradeoff'?"),
        ("figure", {"name": "fig2"}, "stands for several figures"),
        ("figure", {"name": "tradeoff", "sweep": "hand", "parameters": {"a": 1}}, "no parameter of figure"),
        ("compare", {"names": []}, "compare what?"),
        ("compare", {"names": ["fig99"]}, "no published figure 'fig99'"),
        ("plan", {}, "one of the two"),
        (
            "figure",
            {"nam": "tradeoff"},
            "no argument of figure 'nam'; did you mean 'name'? There are: name, ",
        ),
        ("runs", {"limit": 10}, "no argument of runs 'limit'; there are: arm, first, most, status, "),
        ("contrast", {"sweep": "hand", "first": "a"}, "contrast: other: is required, and missing"),
        ("runs", {"most": "x"}, "runs: most: expected a whole number"),
        ("runs", {"status": "complete"}, "did you mean 'completed'?"),
        ("compare", {"names": "fig2"}, "compare: names: expected a list, found 'fig2'"),
        ("sql", {"statement": "SELECT 1", "parameters": {"a": [1]}}, "sql: parameters.a: expected a "),
        ("plan", {"sweep": "../quickstart"}, "no sweep '../quickstart'"),
        ("plan", {"text": "extends: /etc/passwd"}, "text.yaml:1: extends: no file of a sweep"),
        ("plan", {"text": "extends: ../gst.db"}, "text.yaml:1: extends: no file of a sweep"),
        ("plan", {"text": "titel: x"}, "titel"),
        ("plan", {"text": "a: " + "x" * 200_000}, "it is too large"),
        ("sql", {"statement": "SELECT absent"}, "no such column: absent"),
        ("sql", {"statement": "@tradeof"}, "no query 'tradeof'; did you mean 'tradeoff'?"),
    ],
)
def test_a_mistake_is_the_message_of_the_command(asked, tool, arguments, words):
    found = asked(tool, **arguments)
    assert isinstance(found, str)
    assert words in found
    assert not any(it in found for it in ("Traceback", "pydantic", "validation error", " valid i"))


def test_answers_are_cut_and_say_so(asked, monkeypatch):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 'x' FROM n"
    found = asked("sql", statement=endless, most=7)
    assert (len(found["rows"]), found["more"], "cut" in found) == (7, True, False)
    assert asked("sql", statement="SELECT x'00FF' AS a, 'b' AS b")["rows"] == [["x'00ff'", "b"]]
    monkeypatch.setattr(bounded, "MOST_CHARACTERS", 2_000)
    found = asked("sql", statement=endless, most=500)
    assert (len(found["rows"]), found["cut"]) == (100, ["rows: the first 100 of 500"])
    assert len(json.dumps(found)) <= 2_000
    monkeypatch.setattr(bounded, "MOST_CHARACTERS", 20)
    assert "ask for less" in asked("sql", statement=endless)


def test_a_long_text_is_shortened():
    found = bounded.bounded({"text": "x" * 100_000})
    assert len(found["text"]) == bounded.LONGEST_TEXT
    assert "characters left out" in found["text"]


def test_notes_come_with_the_answer(asked):
    assert asked("plan", sweep="quickstart")["notes"][0].startswith("quickstart: 104 runs")


_STATEMENTS = """\
INSERT INTO run_tags VALUES (1, 'owned')
UPDATE runs SET status = 'failed'
DELETE FROM runs
DROP TABLE runs
dRoP tAbLe runs
DROP VIEW run_summary
CREATE TABLE owned (a)
CREATE TABLE owned AS SELECT 1
CREATE TEMP TABLE owned (a)
CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END
ALTER TABLE runs ADD COLUMN owned
REPLACE INTO run_tags VALUES (1, 'owned')
TRUNCATE runs
VACUUM
VACUUM INTO 'owned.db'
REINDEX
ANALYZE
ATTACH DATABASE 'owned.db' AS owned
ATTACH 'file:owned.db?mode=rwc' AS owned
DETACH main
BEGIN
BEGIN IMMEDIATE
COMMIT
ROLLBACK
SAVEPOINT a
PRAGMA writable_schema = 1
PRAGMA query_only = 0
PRAGMA main.query_only(0)
PRAGMA journal_mode = DELETE
PRAGMA journal_mode(OFF)
PRAGMA user_version = 7
PRAGMA wal_checkpoint(TRUNCATE)
PRAGMA foreign_keys = 0
PRAGMA temp_store_directory = '/tmp'
pragma /* a */ writable_schema = on
SELECT load_extension('owned')
SELECT load_extension('owned.so', 'entry')
SELECT readfile('/etc/passwd')
SELECT writefile('owned', 'x')
SELECT fts3_tokenizer('simple', x'00')
SELECT json_patch('{}', '{}')
SELECT 1; DELETE FROM runs
SELECT 1;; DROP TABLE runs
SELECT ';'; DELETE FROM runs
SELECT 1 /* ; */; DELETE FROM runs
WITH a AS (SELECT 1) DELETE FROM runs
WITH a AS (SELECT 1) UPDATE runs SET seed = 9
WITH a AS (SELECT 1) INSERT INTO run_tags SELECT 1, 'owned'
WITH a AS (DELETE FROM runs RETURNING *) SELECT * FROM a
/* SELECT */ DELETE FROM runs
-- SELECT
;DELETE FROM runs
(DELETE FROM runs)
EXPLAIN ANALYZE DELETE FROM runs
SELECT * INTO owned FROM runs
SELECT * FROM runs FOR UPDATE
COPY runs TO PROGRAM 'touch owned'
COPY runs FROM PROGRAM 'echo 1'
COPY (SELECT 1) TO '/tmp/owned'
CALL owned()
DO $$ BEGIN DELETE FROM runs; END $$
SET default_transaction_read_only = off
SET ROLE postgres
GRANT ALL ON runs TO PUBLIC
LOCK TABLE runs
NOTIFY owned
PREPARE a AS DELETE FROM runs
EXECUTE a
SELECT 1 UNION DELETE FROM runs
VALUES (1) RETURNING 1
TABLE runs; DROP TABLE runs
SHOW all; DROP TABLE runs
SELECT set_config('transaction_read_only', 'off', false), nextval('runs_run_id_seq')
SELECT nextval('runs_run_id_seq')
SELECT setval('runs_run_id_seq', 99)
SELECT pg_read_file('/etc/passwd')
SELECT pg_ls_dir('/')
SELECT lo_import('/etc/passwd')
SELECT lo_export(1, '/tmp/owned')
SELECT query_to_xml('DELETE FROM runs', true, true, '')
SELECT dblink_exec('DELETE FROM runs')
SELECT pg_reload_conf()
\x00
\x1bDROP TABLE runs
ＤＥＬＥＴＥ FROM runs"""
HOSTILE = _STATEMENTS.split("\n")
"""Statements that write, leave the database or read files, of either database; each must be refused."""


def test_more_than_fifty_hostile_statements_change_no_byte_over_stdio(store, folder):
    assert len(set(HOSTILE)) > 50
    program = "import sys; from gst.cli import main; sys.argv[0] = 'gst'; main()"
    command = StdioServerParameters(
        command=sys.executable, args=["-c", program, "mcp", "--db", str(store)], cwd=str(folder)
    )
    before, files = digest(store), set(store.parent.iterdir()) | set(folder.iterdir())
    calls = [("sql", {"statement": it}) for it in HOSTILE]
    *refused, alive = all_asked(command, [*calls, ("sql", {"statement": "SELECT count(*) FROM runs"})])
    answered = [it for it, found in zip(HOSTILE, refused, strict=True) if not isinstance(found, str)]
    assert answered == []
    assert not any("Traceback" in it or "unexpected" in it.lower() for it in refused)
    assert alive["rows"] == [[8]]
    assert digest(store) == before
    assert set(store.parent.iterdir()) | set(folder.iterdir()) == files


@needs_postgres
def test_hostile_statements_are_refused_by_postgres_too(tmp_path):
    with private_postgres(binaries()) as made:
        with Store.open(made.url, create=True) as opened:
            fill(opened, RUNS)
        with psycopg.connect(made.url, autocommit=True) as owner:
            owner.execute((project_folder("db") / "dashboard_role.sql").read_text())
            before = contents(owner)
            reader = made.url_of("postgres", user="gst_reader")
            found = all_asked(server(reader), [("sql", {"statement": it}) for it in HOSTILE])
            assert [it for it, said in zip(HOSTILE, found, strict=True) if not isinstance(said, str)] == []
            assert contents(owner) == before


def contents(owner):
    """Every row of every table, and the names of all relations and settings of the database."""
    relations = (
        "SELECT relname, relkind, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    )
    found = sorted(map(repr, owner.execute(relations).fetchall()))
    tables = [name for (name,) in owner.execute(f"SELECT relname FROM ({relations}) r WHERE relkind = 'r'")]
    rows = {it: sorted(map(repr, owner.execute(f"SELECT * FROM {it}").fetchall())) for it in tables}
    return found, rows, owner.execute("SELECT last_value FROM runs_run_id_seq").fetchall()


def test_without_the_package_one_line_says_what_to_install(refused, store, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    monkeypatch.delitem(sys.modules, "gst.cli.mcp_server", raising=False)
    assert "pip install 'gst[mcp]'" in refused("mcp", "--db", store)


def test_without_a_store_one_line_says_so(refused):
    assert "there is no such store" in refused("mcp")
