"""gst archive, and lists that pass over what is archived."""

from __future__ import annotations

import csv
import io

import pytest
from stores import Run, fill

from gst.store import Store


@pytest.fixture
def two(folder):
    """Two sweeps with a run each."""
    with Store.open("gst.db", create=True) as store:
        fill(store, [Run("a", 0, [0.5])], name="old")
        fill(store, [Run("b", 1, [0.5, 0.25])], name="new")


def sweeps(result):
    assert result.exit_code == 0, result.output
    return [row["sweep"] for row in csv.DictReader(io.StringIO(result.stdout))]


def seeds(result):
    assert result.exit_code == 0, result.output
    return [row["seed"] for row in csv.DictReader(io.StringIO(result.stdout))]


def test_an_archived_sweep_is_hidden_unless_it_is_asked_for(gst, two):
    assert gst("archive", "old").stderr == "sweep old is archived\n"
    assert gst("archive", "old").stderr == "sweep old was archived before\n"
    status = gst("status", "--format", "csv")
    assert sweeps(status) == ["new"]
    assert status.stderr == "1 archived sweep: gst status --archived\n"
    assert sweeps(gst("status", "--archived", "--format", "csv")) == ["new", "old"]
    listed = gst("ls", "--format", "csv")
    assert (seeds(listed), listed.stderr) == (["1"], "1 archived sweep: gst ls --archived\n")
    assert seeds(gst("ls", "--archived", "--format", "csv")) == ["1", "0"]
    by_name = gst("ls", "--sweep", "old", "--format", "csv")
    assert (seeds(by_name), by_name.stderr) == (["0"], "")
    assert ": archived" in gst("status", "old").stderr
    assert gst("compare", "old").exit_code == 0


def test_it_is_taken_out_again(gst, two):
    gst("archive", "old")
    assert gst("archive", "old", "--undo").stderr == "sweep old is no longer archived\n"
    result = gst("status", "--format", "csv")
    assert (sweeps(result), result.stderr) == (["new", "old"], "")


def test_a_sweep_that_is_not_there_is_refused(refused, two):
    assert "no sweep 'odl'; did you mean 'old'?" in refused("archive", "odl")
