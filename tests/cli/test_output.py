"""How rows are written for people and for programs."""

import io
import json
import sys
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from gst.cli import app
from gst.cli.output import print_json, print_rows, print_text, table

COLUMNS = ("arm", "n", "accuracy", "when")
ROWS = [
    ("No Pruning", 10, 0.912345, datetime(2024, 5, 6, 7, 8, 9, 123, tzinfo=UTC)),
    ("PruneS", 9, None, None),
    ("Prune,L", 10, float("nan"), None),
]


def test_a_table_aligns_numbers_to_the_right_and_leaves_out_what_is_missing(capsys):
    print_rows(COLUMNS, ROWS, "table")
    assert capsys.readouterr().out == (
        "arm          n  accuracy  when\n"
        "No Pruning  10    0.9123  2024-05-06 07:08:09\n"
        "PruneS       9\n"
        "Prune,L     10\n"
    )


def test_a_table_without_rows_is_its_header():
    assert table(("a", "bb"), []) == "a  bb"


def test_json_keeps_every_digit_and_says_null(capsys):
    print_rows(COLUMNS, ROWS, "json")
    first, second, third = json.loads(capsys.readouterr().out)
    assert first == {
        "arm": "No Pruning",
        "n": 10,
        "accuracy": 0.912345,
        "when": "2024-05-06T07:08:09.000123+00:00",
    }
    assert second["accuracy"] is None
    assert third["accuracy"] is None


def test_csv_quotes_what_needs_it_and_keeps_every_digit(capsys):
    print_rows(COLUMNS[:3], [row[:3] for row in ROWS], "csv")
    assert capsys.readouterr().out == 'arm,n,accuracy\nNo Pruning,10,0.912345\nPruneS,9,\n"Prune,L",10,\n'


def test_json_of_nested_things(capsys):
    print_json({"a": (1, float("inf")), "b": {"c": True}})
    assert json.loads(capsys.readouterr().out) == {"a": [1, None], "b": {"c": True}}


def test_sentences_break_between_words_on_a_terminal_and_tables_stay(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    words = " ".join(["runs share configurations and seeds"] * 4)
    row = f"{'x' * 60}  {'y' * 60}"
    monkeypatch.setenv("COLUMNS", "50")
    for stream, broken in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stdout", stream)
        print_text(f"{words}\n{row}")
        lines = stream.getvalue().splitlines()
        assert lines[-1] == row
        assert " ".join(lines[:-1]) == words
        assert (max(map(len, lines[:-1])) <= 50) == broken


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("export", "--to", "mlflw", "-o", "x"),
         "'mlflw' is not one of 'mlflow', 'tensorboard', 'wandb-offline'; did you mean 'mlflow'?"),
        (("compare", "--all", "--select-by", "x"), "'x' is not one of 'validation', 'test'."),
        (("sweep", "quickstart", "--cpus", "0"), "expected greater than or equal to 1"),
    ],
)  # fmt: skip
def test_a_value_that_an_option_does_not_take_is_told_plainly(words, told):
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith(told)
