"""Versions of a sweep on the command line: what leaves numbers and files alone, and what gets a name."""

from __future__ import annotations

import json

import pytest
from tiny_sweep import RUNS, statuses

from gst.config import load_sweep
from gst.store import Store

pytestmark = pytest.mark.slow

OTHER = ("-s", "training.epochs=2")


def listed(gst):
    return json.loads(gst("status", "tiny", "--versions", "--format", "json").stdout)


def numbers(gst, name="tiny"):
    """What several commands say of a sweep."""
    asked = [("sql", "@tradeoff", "-p", f"sweep={name}", "--format", "csv"), ("ls", "--sweep", name)]
    asked += [("status", name), ("compare", name), ("power", name)]
    return [gst(*it).stdout for it in asked]


@pytest.fixture
def two(gst, complete, folder):
    """The address of a second version, with other options, in a store in which the file's own is complete."""
    gst("figure", "tradeoff", "--sweep", "tiny")
    done = gst("sweep", "tiny.yaml", "--local", "--seeds", 1, *OTHER)
    assert done.exit_code == 0, done.output
    (other,) = (it for it in listed(gst) if it["options"])
    assert f"of {other['version']}, -s training.epochs=2; tiny alone means another version\n" in done.stderr
    assert done.stdout.endswith(f"Figure: {folder / (other['version'] + '-tradeoff.html')}\n")
    return other["version"]


def test_fewer_seeds_leave_every_number_and_figure_as_it_was(gst, complete, folder):
    gst("sweep", "tiny.yaml", "--local")
    before, figure = numbers(gst), (folder / "tiny-tradeoff.html").read_bytes()
    done = gst("sweep", "tiny.yaml", "--local", "--seeds", 1)
    assert done.exit_code == 0
    assert "tiny: 2 runs, nothing left to do\ntiny has 4 runs, of which 2 were asked for\n" in done.stderr
    assert numbers(gst) == before
    assert (folder / "tiny-tradeoff.html").read_bytes() == figure
    assert [it["runs"] for it in listed(gst)] == [RUNS]


def test_other_options_leave_every_number_and_figure_as_it_was(gst, complete, folder):
    gst("sweep", "tiny.yaml", "--local")
    before, figure = numbers(gst), (folder / "tiny-tradeoff.html").read_bytes()
    for options in (OTHER, ("--scale", "0.34", "--subset", "4")):
        assert gst("sweep", "tiny.yaml", "--local", "--seeds", 1, *options).exit_code == 0
    assert numbers(gst) == before
    assert (folder / "tiny-tradeoff.html").read_bytes() == figure
    head = gst("status", "tiny", "--versions").stdout.splitlines()[0]
    assert "meant by its name alone" in head
    assert "last run or imported" in head
    assert [(it["by_name"], it["options"], it["runs"], it["completed"]) for it in listed(gst)] == [
        (False, "--scale 0.34 --subset 4", 2, 2),
        (False, "-s training.epochs=2", 2, 2),
        (True, "", RUNS, RUNS),
    ]


def test_more_seeds_grow_the_version(gst, complete, folder):
    done = gst("sweep", "tiny.yaml", "--local", "--seeds", 3)
    assert done.exit_code == 0, done.output
    assert [(it["runs"], it["completed"]) for it in listed(gst)] == [(6, 6)]
    again = gst("sweep", "tiny.yaml", "--local")
    assert "tiny has 6 runs, of which 4 were asked for" in again.stderr


def test_only_the_seeds_that_are_asked_for_are_trained(gst, folder):
    with Store.open("gst.db", create=True) as store:
        store.register(load_sweep(folder / "tiny.yaml", seeds="3"))
    done = gst("sweep", "tiny.yaml", "--local", "--seeds", 1)
    assert done.exit_code == 0, done.output
    assert "2/2 runs completed" in done.stderr
    assert sorted(statuses(folder / "gst.db")) == ["completed"] * 2 + ["pending"] * 4


def test_shards_of_other_seeds_grow_one_version(gst, complete, folder):
    before = listed(gst)
    for number, options in enumerate((["--seeds", "1"], ["--seeds", "3", "--shard", "2/3"])):
        assert gst("train", "tiny.yaml", "-o", f"part{number}", *options).exit_code == 0
        done = gst("import", f"part{number}")
        assert done.exit_code == 0, done.output
    (version,) = listed(gst)
    assert version | {"runs": 4, "completed": 4} == before[0]
    assert version["runs"] == 6
    assert "nothing changed" in gst("import", "part0").stderr


COMMANDS = (
    ("figure", "tradeoff", "--sweep"),
    ("compare",),
    ("report",),
    ("status",),
    ("ls", "--sweep"),
    ("export", "-o", "out.zip", "--sweep"),
    ("cancel", "--sweep"),
    ("retry", "--sweep"),
    ("tag", "--add", "x", "--sweep"),
    ("note", "of two epochs", "--sweep"),
    ("gc", "--sweep"),
    ("power",),
)


def test_an_address_goes_wherever_a_sweep_is_named(gst, two, folder):
    for command in COMMANDS:
        done = gst(*command, two)
        assert done.exit_code in (0, 3, 4) or "needs at least 2 completed seeds" in done.stderr, done.output
        assert "other version" not in done.stderr
        (folder / "out.zip").unlink(missing_ok=True)
        named = gst(*command, "tiny")
        assert "the file's own options; 1 other version: gst status --versions tiny\n" in named.stderr, (
            command
        )
        (folder / "out.zip").unlink(missing_ok=True)
        wrong = gst(*command, f"{two[:-1]}_")
        assert wrong.exit_code == 2
        assert f"no sweep '{two[:-1]}_'; did you mean '{two}'" in wrong.stderr


def test_files_are_of_their_version(gst, two, folder):
    assert gst("figure", "tradeoff", "--sweep", two).stdout == f"{folder / (two + '-tradeoff.html')}\n"
    assert gst("report", two).stdout == f"{folder / (two + '-report.html')}\n"
    assert gst("verify", f"{two}-tradeoff.html").exit_code == 0
    assert gst("verify", "tiny-tradeoff.html").exit_code == 0
    report = (folder / f"{two}-report.html").read_text()
    assert f"gst sweep tiny.yaml -s training.epochs=2\ngst report {two}" in report
    assert (
        gst("figure", "tradeoff", "--sweep", two, "-o", "tiny-tradeoff.html").exit_code == 0
    )  # as was asked
    rows = json.loads(gst("sql", "@run_summary", "-p", f"sweep={two[:8]}", "--format", "json").stdout)
    assert len(rows) == 2
