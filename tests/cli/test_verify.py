"""gst verify: a figure's file against a store."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from tiny_sweep import RUNS

import gst as gst_package


@pytest.fixture
def file(gst, complete, folder):
    """A CSV file of the complete store's figure."""
    assert gst("figure", "tradeoff", "--sweep", "tiny", "-o", "figure.csv").exit_code == 0
    return folder / "figure.csv"


def changed_provenance(table, **changes):
    """Change what the first row of the table says of its origin; None takes a value away."""
    told = json.loads(table.loc[0, "provenance"]) | changes
    table.loc[0, "provenance"] = json.dumps({name: it for name, it in told.items() if it is not None})


def test_a_file_that_holds(gst, file):
    result = gst("verify", file)
    assert result.exit_code == 0
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == ["holds"] * 4
    assert f"its {RUNS} runs are in the store and completed" in result.stdout


def test_a_file_that_does_not(gst, file, complete):
    with closing(sqlite3.connect(complete)) as connection, connection:
        connection.execute("UPDATE runs SET status = 'failed' WHERE run_id = 1")
    result = gst("verify", file)
    assert result.exit_code == 4
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == ["holds", *["does not hold"] * 3]


@pytest.mark.parametrize("version", [gst_package.__version__, "0.0.1"])
def test_changed_numbers_do_not_hold_whatever_version_the_file_names(gst, file, version):
    table = pd.read_csv(file)
    changed_provenance(table, gst=version)
    table.loc[table.index[-1], "stability"] += 0.125
    table.to_csv(file, index=False)
    result = gst("verify", file)
    assert result.exit_code == 4
    assert result.stdout.splitlines()[-1].startswith("does not hold  the CSV is not what these numbers give")


def test_what_cannot_be_checked_is_no_success(gst, file):
    table = pd.read_csv(file)
    changed_provenance(table, figure=None, parameters=None)
    table.to_csv(file, index=False)
    result = gst("verify", file)
    assert result.exit_code == 3
    assert "not checked    the numbers: the file does not say which figure it is" in result.stdout
    assert "1 of 3 could not be checked, and may be anything" in result.stderr


def test_another_store(gst, refused, file):
    gst("db", "upgrade", "--db", "other.db")
    result = gst("verify", file, "--db", "other.db")
    assert result.exit_code == 4
    assert "does not hold  there is no sweep 'tiny' in the store\n" in result.stdout
    assert "nowhere.db: there is no such store" in refused("verify", file, "--db", "nowhere.db")


def test_files_without_provenance(refused, file, folder):
    (folder / "text.csv").write_text("what,arm\n")
    assert "text.csv: there is no provenance in it" in refused("verify", "text.csv")
    assert "nothing.png: cannot be read: No such file" in refused("verify", "nothing.png")


def test_figures_of_a_sweep_can_be_verified(gst, complete, folder):
    assert gst("sweep", "tiny.yaml", "--local").exit_code == 0
    assert gst("verify", "tiny-tradeoff.html").exit_code == 0
