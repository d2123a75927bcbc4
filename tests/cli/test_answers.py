"""Answers for programs, for the quiet, for whoever watches, and for shells that complete names."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from gst.cli.explain import EXIT_CODES
from gst.cli.measure import SHOWN
from gst.cli.output import print_json
from gst.store import Store


def test_a_sweep_answers_in_json_what_its_figure_rests_on(gst, complete, folder):
    done = gst("sweep", "tiny.yaml", "--local", "--quiet", "--format", "json")
    assert (done.exit_code, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["sweep"] == "tiny"
    assert found["figures"] == {"tradeoff": str(folder / "tiny-tradeoff.html")}
    arms = {row["arm"]: row["n"] for row in found["rows"] if row["what"] == "mean final_test_accuracy"}
    assert arms == {"No Pruning": 2, "PruneL": 2}


@pytest.mark.slow
def test_the_quiet_see_results_and_no_progress(gst, folder):
    done = gst("sweep", "tiny.yaml", "--local", "-q")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "final test accuracy" in done.stdout


def test_whoever_watches_sees_the_sweep_to_its_end(gst, refused, complete):
    done = gst("status", "tiny", "--watch")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].startswith("4/4 runs completed, 12/12 epochs")
    assert "gst status SWEEP --watch" in refused("status", "--watch")


def test_versions_checks_and_measurements_are_there_for_programs(gst, complete, folder):
    versions = json.loads(gst("version", "--format", "json").stdout)
    assert set(versions) >= {"gst", "python", "torch", "store"}
    assert gst("figure", "tradeoff", "--sweep", "tiny", "-o", "x.json").exit_code == 0
    checks = json.loads(gst("verify", "x.json", "--format", "json").stdout)
    assert {it["holds"] for it in checks} <= {True, None}
    with Store.open("gst.db", readonly=True) as store:
        key = store.query("SELECT key FROM runs").rows[0][0]
    fast = ("--images", 20, "--eigenpairs", 1, "--directions", 1)
    found = json.loads(gst("measure", key, *fast, "--format", "json").stdout)
    assert found["key"] == key
    assert found["epoch"] == 2
    assert json.loads(gst("db", "check", "--format", "json").stdout) == {"runs": 4, "problems": []}
    version = json.loads(gst("db", "upgrade", "--format", "json").stdout)
    assert version["before"] == version["after"]
    assert set(SHOWN) <= set(found)


def test_exit_codes_stand_on_one_page(gst, refused):
    page = gst("help", "exit-codes").stdout
    assert page == f"{EXIT_CODES}\n"
    assert [line.split()[0] for line in page.splitlines()] == ["0", "1", "2", "3", "4", "130", "141"]
    assert gst("help", "db", "check").stdout.splitlines()[0] == "Usage: gst db check [OPTIONS]"
    assert "no command 'chek'; did you mean 'check'?" in refused("help", "db", "chek")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gst sweep quick", ["quickstart", "quickstart_flatness"]),
        ("gst plan ti", ["tiny.yaml"]),
        ("gst plan sub/", ["sub/inner.yaml"]),
        ("gst plan ./ti", ["./tiny.yaml"]),
        ("gst figure fig2_v", ["fig2_vgg11"]),
        ("gst help can", ["cancel"]),
        ("gst ls --sweep t", ["tiny"]),
        ("gst status --db none.db t", []),
        ("gst import --shipped fig2", ["fig2_vgg11_tenth_jpeg"]),
        ("gst import su", ["sub/"]),
    ],
)
def test_a_shell_completes_names_of_sweeps(complete, folder, words, found):
    (folder / "sub").mkdir()
    (folder / "sub" / "inner.yaml").touch()
    asked = {"_GST_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    call = [sys.executable, "-c", "from gst.cli import main; main()"]
    done = subprocess.run(call, env={**os.environ, **asked}, capture_output=True, text=True, check=False)
    assert done.stdout.split() == found


def test_json_is_json_on_a_terminal_too(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    title = "sentences that are longer than a line " * 4
    monkeypatch.setattr(sys, "stdout", stream := _Terminal())
    print_json({"title": title})
    assert json.loads(stream.getvalue()) == {"title": title}


class _Terminal(io.StringIO):
    def isatty(self):
        return True
