"""Questions that would last for ever or take all memory: stopped, cut off, and no hindrance to others."""

from __future__ import annotations

import re
import socket
import sqlite3
import threading
from contextlib import contextmanager
from itertools import product

import pytest
from private_postgres import binaries, private_postgres
from stores import Run, fill

from gst.dashboard.server import asker_gone
from gst.errors import InputError
from gst.store import Limits, Store
from gst.store import store as store_module
from gst.store.migrate import upgrade
from gst.store.queries import LONGEST, ask_bounded, parameters_of

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
ROWS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, {} FROM n"
WIDE = Limits(seconds=60, rows=1000, bytes=10_000_000)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def store(request, tmp_path_factory):
    with _server(request.param, tmp_path_factory) as url, Store.open(url) as opened:
        fill(opened, [Run("none", 0, [0.5])])
        with Store.open(url, readonly=True) as reading:
            yield reading


@contextmanager
def _server(backend, tmp_path_factory):
    if backend == "sqlite":
        path = tmp_path_factory.mktemp("sql") / "gst.db"
        upgrade(str(path))
        yield str(path)
        return
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    with private_postgres(programs) as server:
        upgrade(server.url)
        yield server.url


@pytest.mark.parametrize("statement", [ENDLESS, ROWS.format("1").replace("SELECT i, 1", "SELECT max(i)")])
def test_a_question_that_never_ends_is_stopped(store, statement):
    with pytest.raises(InputError, match=r"took longer than 0\.3 s|statement timeout"):
        store.answer(statement, {}, WIDE._replace(seconds=0.3))
    assert store.answer("SELECT count(*) FROM runs", {}, WIDE).rows == [(1,)]


def test_rows_beyond_the_limit_are_never_made(store):
    found = store.answer(ROWS.format("1"), {}, WIDE._replace(rows=7))
    assert (found.rows[-1], len(found.rows), found.more) == ((7, 1), 7, True)
    assert not store.answer(ROWS.format("1") + " LIMIT 7", {}, WIDE._replace(rows=7)).more


def test_a_question_in_parentheses_is_bounded_too(store):
    if store.url.startswith("sqlite"):
        pytest.skip("SQLite knows none")
    assert len(store.answer(f"( \n({ROWS.format('1')}))", {}, WIDE._replace(rows=7)).rows) == 7
    assert store.query("(SELECT 'a;b')").rows == [("a;b",)]


def test_bytes_beyond_the_limit_are_never_made(store):
    wide = "printf('%.*c', 100000, 'x')" if store.url.startswith("sqlite") else "repeat('x', 100000)"
    found = store.answer(ROWS.format(wide), {}, WIDE._replace(bytes=1_000_000))
    assert (len(found.rows), found.more) == (9, True)  # a row has 100,000 bytes and a number


def test_a_question_is_stopped_when_nobody_waits_for_its_answer(store):
    gone = threading.Event()
    threading.Timer(0.2, gone.set).start()
    with pytest.raises(InputError, match="nobody waits"):
        store.answer(ENDLESS, {}, WIDE, gone.is_set)


def test_many_questions_at_once_wait_and_do_not_hinder_pages(store, monkeypatch):
    monkeypatch.setattr(store_module, "ASKER_SECONDS", 0.1)
    told: list[str] = []

    def asked():
        try:
            store.answer(ENDLESS, {}, WIDE._replace(seconds=2))
        except InputError as error:
            told.append(str(error))

    threads = [threading.Thread(target=asked) for _ in range(15)]
    for thread in threads:
        thread.start()
    assert store.sweeps()
    for thread in threads:
        thread.join()
    assert sum("other questions are being answered" in it for it in told) == 15 - store_module.ASKERS
    assert sum("took longer" in it or "timeout" in it for it in told) == store_module.ASKERS


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT hex(zeroblob(900000000))",
        f"SELECT '' LIKE '{'%a' * 101}'",
    ],
)
def test_sqlite_makes_no_value_that_is_too_large(tmp_path, empty, statement):
    with (
        Store.open(str(empty), readonly=True) as opened,
        pytest.raises(InputError, match=r"too big|too complex"),
    ):
        opened.answer(statement, {}, WIDE)


def test_what_memory_cannot_hold_is_told(monkeypatch, empty):
    def full(*_):
        raise MemoryError

    monkeypatch.setattr("gst.store.queries.cut", full)
    with (
        Store.open(str(empty), readonly=True) as opened,
        pytest.raises(InputError, match="larger than the memory"),
    ):
        ask_bounded(opened._asking, "SELECT 1", {}, WIDE, lambda: False)


def test_a_long_reader_lets_the_write_ahead_log_be_emptied_once_it_is_stopped(tmp_path):
    path = tmp_path / "gst.db"
    with Store.open(str(path), create=True) as writing, Store.open(str(path), readonly=True) as reading:
        with pytest.raises(InputError, match="took longer"):
            reading.answer(ENDLESS, {}, WIDE._replace(seconds=0.3))
        fill(writing, [Run("none", seed, [0.5] * 5) for seed in range(5)])
        with writing._engine.connect() as connection:
            row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        assert row[0] == 0  # nobody was in the way


@pytest.mark.parametrize("opener", ["/* ", "/* :a", "'", '"', "-- ", "'a''", "$$", "::"])
def test_each_character_is_read_once(opener):
    """Reading each opener to the end of the text made 16,000 of them take seconds at every keystroke."""
    from gst.store.queries import _TOKEN

    text = "SELECT 1 " + opener * 16_000
    lengths = [match.end() - match.start() for match in _TOKEN.finditer(text)]
    assert sum(lengths) <= len(text)
    assert len(parameters_of(text)) <= 1
    if opener in ("/* ", "/* :a"):
        assert lengths == [len(text) - len("SELECT 1 ")]  # a comment that is never closed is one


@pytest.mark.parametrize("statement", ["SELECT 1 /* :a", "SELECT 1 /* ; DROP TABLE runs", "SELECT 1 -- :a"])
def test_a_comment_that_is_never_closed_has_no_parameters(store, statement):
    assert store.answer(statement, {}, WIDE).rows == [(1,)]


def test_a_statement_has_a_bound(store):
    with pytest.raises(InputError, match=re.escape(f"at most {LONGEST:,} characters, found {LONGEST + 1:,}")):
        store.answer("S" * (LONGEST + 1), {}, WIDE)


def test_a_browser_that_leaves_is_noticed():
    from flask import Flask

    ours, theirs = socket.socketpair()
    with Flask("page").test_request_context(environ_overrides={"werkzeug.socket": ours}):
        gone = asker_gone()
    assert not gone()
    theirs.close()
    assert gone()
    ours.close()
    assert gone()


def test_the_command_has_a_deadline_and_bounds(tmp_path, empty, monkeypatch):
    from typer.testing import CliRunner

    from gst.cli import app, sql

    def told(*options: str) -> str:
        result = CliRunner().invoke(app, ["sql", *options, "--db", str(empty)], prog_name="gst")
        assert result.exit_code == 2
        return result.stderr

    assert "took longer than 0.2 s" in told(ENDLESS, "--timeout", "0.2")
    monkeypatch.setattr(sql, "MOST_ROWS", 10)
    assert "more than 10 rows or 50 MB" in told(ROWS.format("1"))


A = "replace(hex(zeroblob(7000000)), '00', 'aa')"  # 14 million characters
HALF = "replace(hex(zeroblob(3500000)), '00', 'aa')"


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT instr({A}, {HALF} || 'b')",
        f"SELECT length(replace({A}, {HALF} || 'b', 'x'))",
        f"SELECT length(trim({A}, {HALF} || 'b'))",
        f"SELECT length(ltrim({A}, replace({HALF}, 'a', 'b') || 'a'))",
        f"SELECT length(rtrim({A}, replace({HALF}, 'a', 'b') || 'a'))",
    ],
)
def test_no_function_of_two_texts_takes_time_with_their_product(empty, statement):
    """SQLite's own would take hours, and cannot be interrupted."""
    with Store.open(str(empty), readonly=True) as opened:
        opened.answer(statement, {}, WIDE)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT json_patch('{}', '{}')", "not authorized to use function: json_patch"),
        (f"SELECT replace({A}, 'a', 'aaaa')", "too big"),
        ("SELECT printf('%1000000000d', 1) || zeroblob(1000000000)", "too big"),
        ("SELECT randomblob(1000000000)", "too big"),
        ("SELECT printf('%.*c', 2000000000, 'x')", "too big"),  # SQLite's own takes a minute
        ("SELECT format('%-5.2000000000c', 'x')", "too big"),
    ],
)
def test_what_would_take_too_much_is_refused(empty, statement, said):
    with Store.open(str(empty), readonly=True) as opened, pytest.raises(InputError, match=said):
        opened.answer(statement, {}, WIDE)


VALUES = ("''", "'a'", "'b'", "'aba'", "'ä𝕊'", "' x '", "NULL", "12", "x'6162'", "x'62'")


@pytest.mark.parametrize("function", ["instr", "trim", "ltrim", "rtrim", "replace"])
def test_linear_functions_answer_as_those_of_sqlite(empty, function):
    own = sqlite3.connect(":memory:")
    with Store.open(str(empty), readonly=True) as opened:
        for values in product(VALUES, repeat=3 if function == "replace" else 2):
            statement = f"SELECT {function}({', '.join(values)})"
            assert opened.answer(statement, {}, WIDE).rows == own.execute(statement).fetchall(), statement
    own.close()


@pytest.mark.parametrize(
    "values",
    ["", "NULL", "'%d%%', 2.9", "'%.2f', 1", "'%08.3e|%s', 0.00012, NULL", "'%.3c', 'ab'", "'%,d', 1234567"],
)
def test_printf_answers_as_that_of_sqlite(empty, values):
    own = sqlite3.connect(":memory:")
    with Store.open(str(empty), readonly=True) as opened:
        statement = f"SELECT printf({values})"
        assert opened.answer(statement, {}, WIDE).rows == own.execute(statement).fetchall()
    own.close()
