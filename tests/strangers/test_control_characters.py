"""Characters that a terminal obeys, and texts that a spreadsheet computes: refused, or escaped."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import get_args

import pytest
from archives import populate
from tiny_sweep import TINY
from typer.testing import CliRunner

from gst.cli import app
from gst.cli.output import Format, note, print_json, print_rows
from gst.config import load_sweep
from gst.dashboard.page import load_page
from gst.errors import ConfigError, InputError
from gst.paths import project_folder
from gst.store import Answer, Store
from gst.words import control_character, csv_field, visible

OBEYED = ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u2028", "\r", "\ud800"]


@pytest.mark.parametrize("character", OBEYED)
def test_each_is_found_and_shown(character):
    assert control_character(f"a{character}b", lines=True) == f"U+{ord(character):04X}"
    assert control_character(visible(f"a{character}b")) is None
    assert visible(f"a{character}b").isprintable()


def test_other_characters_stay():
    text = "Zürich \u0394 \u4e2d\u6587 \U0001f600 e\u0301"
    assert control_character(text) is None
    assert visible(text) == text
    assert control_character("a\n\tb", lines=True) is None
    assert (control_character("a\nb"), visible("a\nb")) == ("U+000A", "a\\nb")


@pytest.mark.parametrize("key", ["title", "claim", "note"])
@pytest.mark.parametrize("spelt", ['"\\x1b]0;x\\x07"', '"\\0"', '"\\u202e"', "a\u202eb"])
def test_a_sweep_file_with_one_is_refused_with_its_line(tmp_path, key, spelt):
    path = tmp_path / "s.yaml"
    lines = [f"{key}: {spelt}" if line.startswith(f"{key}:") else line for line in TINY.splitlines()]
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigError, match=rf"s\.yaml:{1 + ['title', 'claim', 'note'].index(key)}: .*U\+"):
        load_sweep(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [("A tiny sweep", '"a\\nb"'), ("PruneL: {}", '"a\\nb": {}'), ("PruneL: {}", '"": {}')],
)
def test_titles_and_labels_are_one_line(tmp_path, old, new):
    path = tmp_path / "s.yaml"
    path.write_text(TINY.replace(old, new))
    with pytest.raises(ConfigError, match="one line of text"):
        load_sweep(path)


def test_a_folded_title_is_one_line(tmp_path):
    """Its line break at the end is YAML's, and part of the digest of stored sweeps."""
    path = tmp_path / "s.yaml"
    path.write_text(TINY.replace("title: A tiny sweep", "title: >\n  A tiny\n  sweep"))
    assert load_sweep(path).title == "A tiny sweep\n"


def test_the_name_of_a_sweep_file_is_one_for_files(tmp_path):
    path = tmp_path / "a\nb.yaml"
    path.write_text(TINY)
    with pytest.raises(ConfigError, match="cannot be the name of a sweep"):
        load_sweep(path)


def test_a_note_with_one_is_refused(tmp_path):
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        populate(store)
        with pytest.raises(InputError, match=r"U\+001B"):
            store.note("a\x1b[2J", sweep_id=store.sweep_id("hand"))


@pytest.mark.parametrize("form", get_args(Format))
def test_rows_are_printed_with_escapes(capsys, form):
    print_rows(("na\x1bme",), [("\x1b]0;owned\x07\u202e\x9b",), ("a\nforged  row",)], form)
    printed = capsys.readouterr().out
    assert control_character(printed, lines=True) is None
    if form == "table":
        assert len(printed.splitlines()) == 3
    if form == "json":
        assert json.loads(printed)[0] == {"na\x1bme": "\x1b]0;owned\x07\u202e\x9b"}


def test_notes_and_json_and_errors_are_printed_with_escapes(capsys, tmp_path):
    note("a\x1b[2J")
    print_json({"a": "\u202e\x9b"})
    printed = capsys.readouterr()
    assert control_character(printed.out + printed.err, lines=True) is None
    result = CliRunner().invoke(app, ["plan", f"{tmp_path}/x\x1b[2J.yaml"], prog_name="gst")
    assert result.exit_code == 2
    assert control_character(result.stderr, lines=True) is None
    assert "x\\x1b[2J.yaml" in result.stderr


@pytest.mark.parametrize(("value", "field"), [
    ("=1+1", "'=1+1"),
    ("@x", "'@x"), ("+x", "'+x"), ("-x", "'-x"), (-1.5, -1.5), ("a=b", "a=b"), (None, ""), ("\x1b", "\\x1b"),
])  # fmt: skip
def test_a_field_of_csv_computes_nothing(value, field):
    assert csv_field(value) == field


def test_every_csv_for_people_is_guarded(capsys):
    print_rows(("=a",), [("=1+1",)], "csv")
    load_page(project_folder("dashboards") / "sql.py")
    page = sys.modules["gst_dashboard_page_sql"].as_csv(Answer(("=a",), [("=1+1",)]))
    for text in (capsys.readouterr().out, page):
        assert list(csv.reader(io.StringIO(text))) == [["'=a"], ["'=1+1"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ls", "--db", "x" * 5000], "SQLite takes 500 at most"),
        (["plan", "9" * 5000], "File name too long"),
        (["logs", "x\ud800y", "--db", "gst.db"], "is not text in UTF-8"),
    ],
)
def test_an_argument_that_no_system_takes_is_told(tmp_path, monkeypatch, empty, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gst.db").write_bytes(empty.read_bytes())
    result = CliRunner().invoke(app, arguments, prog_name="gst")
    assert result.exit_code == 2, result.exception
    assert said in result.stderr
    assert len(result.stderr) < 300
