"""gst rm: what it says, what it asks, what it removes, and what it leaves alone."""

from __future__ import annotations

import csv
import io
import shutil

import pytest
from stores import Run, fill, run_config, sweep_of
from tiny_sweep import RUNS
from typer.testing import CliRunner

from gst.cli import app
from gst.store import Store


@pytest.fixture
def files(complete, folder):
    """A checkpoint of each run, one of a run of another store, and one that is not ours."""
    with Store.open(str(complete), readonly=True) as store:
        keys = sorted(key for (key,) in store.query("SELECT key FROM runs").rows)
    for name in (*(f"{key}/1-2.pt" for key in keys), f"{'f' * 64}/1-0.pt", "README"):
        path = folder / "gst-artifacts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 500)
    return keys


def left(folder):
    place = folder / "gst-artifacts"
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


def table(result):
    assert result.exit_code == 0, result.output
    return {row["what"]: row["count"] for row in csv.DictReader(io.StringIO(result.stdout))}


def keys_of():
    with Store.open("gst.db", readonly=True) as opened:
        return sorted(key for (key,) in opened.query("SELECT key FROM runs").rows)


def test_a_dry_run_tells_what_would_go_and_touches_nothing(gst, complete, folder, files):
    before, kept = complete.read_bytes(), left(folder)
    result = gst("rm", "--sweep", "tiny", "--dry-run", "--format", "csv")
    found = table(result)
    with Store.open("gst.db", readonly=True) as store:
        (version,) = store.sweeps()
        rows = {
            name: store.query(f"SELECT count(*) FROM {name}").rows[0][0]
            for name in ("runs", "epochs", "attempts", "configs", "pruning_events")
        }
    assert found[f"version {version.address}"] == "1"
    assert {name: int(found[f"rows of {name}"]) for name in rows} == rows
    assert found["files"] == str(RUNS)
    assert result.stderr.startswith(f"1 version, {RUNS} runs, ")
    assert result.stderr.endswith(f"rows and {RUNS} files (2.0 kB) can go\n")
    assert (complete.read_bytes(), left(folder)) == (before, kept)


def test_runs_go_with_their_checkpoints_and_the_sweep_file_brings_them_back(gst, folder, files):
    result = gst("rm", files[0][:12], files[1][:12], "--yes")
    assert result.exit_code == 0, result.output
    assert "2 runs, " in result.stderr
    assert result.stderr.endswith("removed\n")
    assert keys_of() == files[2:]
    assert left(folder) == sorted(["README", f"{'f' * 64}/1-0.pt", *(f"{it}/1-2.pt" for it in files[2:])])
    plan = gst("plan", "tiny.yaml", "--format", "json")
    assert '"runs_left": 2' in plan.stdout


@pytest.mark.parametrize(
    ("answer", "code", "words"), [("y\n", 0, " removed\n"), ("n\n", 0, "nothing is removed\n")]
)
def test_it_asks_before_it_removes(folder, files, answer, code, words):
    result = CliRunner().invoke(app, ["rm", "--sweep", "tiny"], input=answer)
    assert result.exit_code == code
    assert f"Remove 1 version, {RUNS} runs, " in result.stderr
    assert result.stderr.endswith(words)
    assert bool(keys_of()) == (answer == "n\n")


def test_where_nobody_answers_nothing_is_removed(gst, files):
    result = gst("rm", "--sweep", "tiny")
    assert result.exit_code == 2
    assert "nobody said yes, so nothing is removed: give --yes" in result.stderr
    assert keys_of() == files


@pytest.fixture
def versions(folder):
    """Two versions of one sweep, and another sweep that shares a run with the first."""
    a, b = run_config(epochs=1), run_config(epochs=1, lr=0.25)
    with Store.open("gst.db", create=True) as store:
        fill(store, [Run("a", 0, [0.5]), Run("a", 1, [0.5])], name="x", configs={"a": a})
        store.register(sweep_of({"b": b}, name="x")._replace(options="--scale 0.1"))
        store.register(sweep_of({"a": a}, name="other"))
        return [it.address for it in store.sweeps(name="x")]


def test_a_version_goes_alone_and_a_shared_run_stays(gst, versions):
    result = gst("rm", "--sweep", "x", "--yes", "--format", "csv")
    assert table(result)["runs that stay, as they are elsewhere too"] == "1"
    with Store.open("gst.db", readonly=True) as store:
        assert sorted(it.name for it in store.sweeps()) == ["other", "x"]
        assert store.version("x").address == versions[0]


def test_all_versions_of_a_sweep_go_together(gst, versions):
    assert gst("rm", "--sweep", "x", "--versions", "--yes").exit_code == 0
    with Store.open("gst.db", readonly=True) as store:
        assert [it.name for it in store.sweeps()] == ["other"]
        assert store.query("SELECT count(*) FROM runs").rows == [(1,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name runs by the beginnings of their keys, or give --sweep"),
        (("zzz",), "no run 'zzz'"),
        (("--sweep", "tony"), "no sweep 'tony'; did you mean 'tiny'?"),
        (("--sweep", "tiny", "--arm", "x"), "no arm of sweep tiny 'x'"),
        (("--versions", "abc"), "--versions is about a whole sweep"),
        (("--sweep", "tiny", "--arm", "pruned", "--versions"), "--versions is about a whole sweep"),
    ],
)
def test_it_must_be_clear_what_is_meant(refused, complete, arguments, message):
    before = complete.read_bytes()
    assert message in refused("rm", *arguments, "--yes")
    assert complete.read_bytes() == before


def test_what_is_in_training_is_refused(refused, folder):
    with Store.open("gst.db", create=True) as store:
        fill(store, [Run("a", 0, [0.5], status="running")], name="x")
    assert "sweep x: 1 run in training; nothing is removed" in refused("rm", "--sweep", "x", "--yes")


def test_a_store_from_which_everything_went_takes_a_sweep_again(gst, complete, folder):
    shutil.rmtree(folder / "gst-artifacts", ignore_errors=True)
    assert gst("rm", "--sweep", "tiny", "--yes").exit_code == 0
    assert gst("ls").stdout.splitlines()[1:] == []
    assert gst("db", "check").exit_code == 0
