"""gst new, and gst plan and gst sweep of what comes on standard input."""

from __future__ import annotations

import pytest
from tiny_sweep import TINY
from typer.testing import CliRunner

from gst.cli import app
from gst.paths import project_folder
from gst.store import Store


def test_a_new_file_can_be_planned_at_once(gst, folder):
    made = gst("new", "mine")
    assert (made.exit_code, made.stdout) == (0, "mine.yaml\n")
    planned = gst("plan", "mine.yaml")
    assert planned.exit_code == 0, planned.output
    assert "mine: 25 runs, 25 to do" in planned.stderr
    text = (folder / "mine.yaml").read_text()
    assert "#     gst plan mine.yaml " in text
    assert max(map(len, text.splitlines())) <= 120
    schema = project_folder("sweeps") / "gst.schema.json"
    assert (folder / "gst.schema.json").read_text() == schema.read_text()


def test_nothing_is_overwritten(gst, refused, folder):
    (folder / "sweep.yaml").write_text("mine")
    (folder / "gst.schema.json").write_text("{}")
    assert "sweep.yaml: is there already, and stays as it is" in refused("new")
    assert (folder / "sweep.yaml").read_text() == "mine"
    assert gst("new", "other.yaml").stdout == "other.yaml\n"
    assert (folder / "gst.schema.json").read_text() == "{}"


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere/a", "the folder nowhere does not exist"), ("a:b", "cannot be the name")]
)
def test_where_no_file_can_be(refused, name, words):
    assert words in refused("new", name)


def test_a_plan_reads_standard_input(gst, folder):
    result = CliRunner().invoke(app, ["plan", "-"], input=TINY)
    assert result.exit_code == 0, result.output
    assert "stdin: 4 runs" in result.stderr
    refused = CliRunner().invoke(app, ["plan", "-"], input=TINY.replace("every: 1", "evry: 1"))
    assert refused.stderr.startswith("gst: stdin:16: pruning.evry: unknown key; did you mean 'every'?")
    assert "stdin: it is too large" in CliRunner().invoke(app, ["plan", "-"], input="#" * 200_000).stderr


def test_a_sweep_reads_standard_input(gst, folder):
    result = CliRunner().invoke(app, ["sweep", "-", "--local", "--seeds", "1"], input=TINY)
    assert result.exit_code == 0, result.output
    with Store.open("gst.db", readonly=True) as store:
        assert store.query("SELECT name FROM sweeps").rows == [("stdin",)]
