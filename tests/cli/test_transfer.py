"""gst export, gst import, gst db copy and gst train, as people call them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from archives import rewrite, tables
from stores import Run, fill
from tiny_sweep import EPOCHS, EVENTS, RUNS, records
from tracker_files import mlflow_runs

from gst.store import Store

pytestmark = pytest.mark.slow


def test_out_and_in_again(gst, complete):
    out = gst("export", "-o", "out")
    assert out.exit_code == 0
    assert out.stdout == f"{complete.parent / 'out'}\n"
    assert f"runs: {RUNS}, " in out.stderr
    assert f"epochs: {EPOCHS}" in out.stderr
    done = gst("import", "out", "--db", "other.db")
    assert done.exit_code == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["what", "fate", "number"], ["sweeps", "new", "1"], ["runs", "new", str(RUNS)]
    ]  # fmt: skip
    assert records(complete.parent / "other.db") == records(complete)
    assert gst("db", "check", "--db", "other.db").exit_code == 0


def test_the_second_time_nothing_changes(gst, complete):
    gst("export", "-o", "out.zip", "--format", "csv", "--sweep", "tiny")
    before = tables(str(complete))
    done = gst("import", "out.zip", "--format", "json")
    assert done.stderr == "nothing changed: everything was here already\n"
    fates = {(it["what"], it["fate"]): it["number"] for it in json.loads(done.stdout)}
    assert {key: number for key, number in fates.items() if number} == {("runs", "same"): RUNS}
    assert tables(str(complete)) == before


def test_several_archives_are_taken_in_together_or_not_at_all(gst, complete, refused, folder):
    gst("export", "-o", "out.zip")
    with Store.open("more.db", create=True) as store:
        fill(store, [Run("a", 0, [0.5])], name="more")
    gst("export", "-o", "more", "--db", "more.db")
    assert "nowhere: there is no such archive" in refused("import", "out.zip", "nowhere", "--db", "other.db")
    assert not (folder / "other.db").exists()
    done = gst("import", "out.zip", "more", "out.zip", "--db", "other.db")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["what", "fate", "number"], ["sweeps", "new", "2"], ["runs", "new", str(RUNS + 1)]
    ]  # fmt: skip
    assert gst("db", "check", "--db", "other.db").exit_code == 0


def test_results_that_come_with_gst_are_taken_in_by_name(gst, folder):
    done = gst("import", "--shipped", "fig2_vgg11_tenth_jpeg", "--db", "other.db", "--format", "json")
    assert done.exit_code == 0
    assert [it["number"] for it in json.loads(done.stdout) if it["fate"] == "new"] == [1, 40, 0]
    again = gst("import", "--shipped", "fig2_vgg11_tenth_jpeg", "--db", "other.db")
    assert again.stderr == "nothing changed: everything was here already\n"
    assert gst("figure", "fig2_vgg11", "--db", "other.db", "-o", "fig2.md").exit_code == 0
    assert "| PruneS 13% | 5 |" in (folder / "fig2.md").read_text(encoding="utf-8")


def test_single_examples_that_no_archive_has_are_made_by_training_again(gst, refused):
    assert gst("import", "--shipped", "jin_appE_lenet_short").exit_code == 0
    asked = "SELECT key FROM runs JOIN sweep_runs USING (run_id) WHERE arm = 'IMP' ORDER BY seed LIMIT 1"
    key = gst("sql", asked, "--format", "csv").stdout.split()[1][:12]
    for level in ((), ("--level", 1)):
        assert refused("examples", key, *level) == (
            f"gst: run {key}: its files of single examples are not here, for archives leave them out; "
            "`gst sweep jin_appE_lenet_short` trains the run again here and keeps them\n"
        )


def test_results_that_do_not_come_with_gst(refused, folder, monkeypatch, tmp_path):
    told = refused("import", "--shipped", "fig2_vgg11_tenth", "--db", "other.db")
    assert "no shipped archive 'fig2_vgg11_tenth'; did you mean 'fig2_vgg11_tenth_jpeg'?" in told
    assert "Name folders or zip files, or --shipped" in refused("import", "--db", "other.db")
    monkeypatch.setattr("gst.archive.shipped.shipped_folder", lambda: tmp_path / "none")
    assert "no results came with this installation" in refused("import", "--shipped", "--db", "other.db")
    assert not (folder / "other.db").exists()


def test_an_export_of_a_sweep_that_is_not_there(complete, refused, folder):
    assert "no sweep 'tny'; did you mean 'tiny'?" in refused("export", "--sweep", "tny", "-o", "out")
    assert not (folder / "out").exists()


def test_an_export_is_not_written_over(gst, complete, refused):
    gst("export", "-o", "out")
    assert "is there already; name another folder" in refused("export", "-o", "out")


def test_an_export_to_a_tracker_can_be_made_again(gst, complete, refused, folder):
    for _ in range(2):
        done = gst("export", "--to", "mlflow", "--sweep", "tiny", "-o", "mlruns")
        assert (done.exit_code, done.stdout, done.stderr) == (0, f"{folder / 'mlruns'}\n", f"{RUNS} runs\n")
    runs = mlflow_runs(folder / "mlruns")
    assert [len(it.metrics["test_accuracy"]) for it in runs] == [EPOCHS // RUNS] * RUNS
    assert sum(len(it.metrics.get("pruning/removed", ())) for it in runs) == EVENTS
    assert "--to has a form of its own" in refused("export", "--to", "mlflow", "--format", "csv", "-o", "x")
    assert "no sweep 'tny'" in refused("export", "--to", "mlflow", "--sweep", "tny", "-o", "x")
    assert not (folder / "x").exists()


def test_there_is_no_store_to_export(refused):
    assert "there is no such store" in refused("export", "-o", "out")


def test_what_is_no_archive_makes_no_store(refused, folder):
    assert "nowhere: there is no such archive" in refused("import", "nowhere")
    (folder / "empty").mkdir()
    assert "empty: is no archive" in refused("import", "empty")
    assert not (folder / "gst.db").exists()


def test_a_store_is_no_archive_nor_an_archive_a_store(gst, complete, refused, folder):
    (folder / "old.db").write_bytes(complete.read_bytes())
    assert refused("import", "old.db", "--db", "new.db") == (
        "gst: old.db: is a database and no archive: --db old.db uses it as it is, and "
        "`gst export --db old.db -o results.zip` makes an archive of it\n"
    )
    assert not (folder / "new.db").exists()
    asked = refused("import", "postgresql://me:secret@host/db")
    assert asked.startswith("gst: URL: is a database and no archive: --db URL uses")
    gst("export", "-o", "out.zip")
    assert "an archive is taken in with `gst import`" in refused("ls", "--db", "out.zip")


def test_other_results_are_a_question(gst, complete, refused):
    gst("export", "-o", "out", "--format", "csv")
    rewrite(complete.parent / "out", "epochs", lambda rows: rows[0].update(test_accuracy="1.0"))
    before = tables(str(complete))
    message = refused("import", "out")
    assert "runs that ended here with other results: 1; nothing was written:" in message
    assert "epochs, epoch 0: test_accuracy is " in message
    assert tables(str(complete)) == before
    assert "give one of them" in refused("import", "out", "--keep-mine", "--take-theirs")
    kept = gst("import", "out", "--keep-mine")
    assert kept.exit_code == 0
    assert "nothing changed" in kept.stderr
    assert tables(str(complete)) == before
    taken = gst("import", "out", "--take-theirs")
    assert taken.exit_code == 0
    assert "have other results than they had" in taken.stdout
    with Store.open(str(complete)) as store:
        assert store.query("SELECT COUNT(*) FROM epochs WHERE test_accuracy = 1.0").rows == [(1,)]


def test_runs_in_training_are_left_alone(gst, complete):
    gst("export", "-o", "out")
    with Store.open(str(complete)) as store:
        (key,) = (row[0] for row in store.query("SELECT key FROM runs ORDER BY key LIMIT 1").rows)
        import sqlalchemy as sa

        with store._writer.begin() as connection:
            connection.execute(
                sa.text("UPDATE runs SET status = 'running', heartbeat = :now WHERE key = :key"),
                {"now": datetime.now(UTC).replace(tzinfo=None), "key": key},
            )
    done = gst("import", "out")
    assert done.exit_code == 3
    assert f"left alone: 1 run in training here right now: {key[:12]}" in done.stderr
    assert "left alone, being trained here" in done.stdout


def test_a_copy_shows_that_it_is_one(gst, complete):
    done = gst("db", "copy", complete, "copy.db")
    assert done.exit_code == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["table", "rows", "digest", "same"]
    assert {row[-1] for row in rows[1:]} == {"yes"}
    assert tables(str(complete.parent / "copy.db")) == tables(str(complete))
    assert json.loads(gst("db", "copy", complete, "second.db", "--format", "json").stdout)[0]["same"] is True


def test_a_copy_needs_room(gst, complete, refused):
    gst("db", "copy", complete, "copy.db")
    assert "copy.db: is not empty" in refused("db", "copy", complete, "copy.db")
    assert "there is no such store to copy" in refused("db", "copy", "nowhere.db", "third.db")


def test_trained_without_a_store_and_taken_in(gst, folder, complete_store):
    first = gst("train", "tiny.yaml", "-o", "out", "--shard", "1/2")
    assert first.exit_code == 0
    assert first.stdout == f"{folder / 'out'}\n"
    assert "tiny: 2 runs in part 1 of 2, 2 to train on cpu" in first.stderr
    assert "No Pruning, seed 0: completed, test accuracy " in first.stderr
    rest = gst("train", "tiny.yaml", "-o", "out")
    assert "tiny: 4 runs, 2 to train on cpu" in rest.stderr
    again = gst("train", "tiny.yaml", "-o", "out")
    assert (again.exit_code, again.stderr) == (0, "A tiny sweep\ntiny: 4 runs, nothing left to train\n")
    assert not (folder / "gst.db").exists()
    assert gst("import", "out").exit_code == 0
    assert records(folder / "gst.db") == records(complete_store)
    left = gst("sweep", "tiny.yaml", "--local", "--dry-run")
    assert "tiny: 4 runs, nothing left to do" in left.stderr


def test_train_takes_the_options_of_a_sweep(gst, folder):
    done = gst("train", "tiny.yaml", "-o", "out", "--seeds", "1", "-s", "training.epochs=2")
    assert done.exit_code == 0
    gst("import", "out")
    with Store.open(str(folder / "gst.db")) as store:
        assert store.query("SELECT DISTINCT epochs FROM configs").rows == [(2,)]
        assert store.query("SELECT COUNT(*) FROM runs").rows == [(2,)]


def test_a_scaled_run_says_so(gst, folder):
    gst("train", "tiny.yaml", "-o", "out", "--seeds", "1", "--scale", "0.7", "--subset", "5")
    gst("import", "out")
    with Store.open(str(folder / "gst.db")) as store:
        assert store.query("SELECT DISTINCT scale, train_per_class FROM configs").rows == [(0.7, 5)]


def test_runs_that_fail_are_reported(gst, folder, monkeypatch):
    def broken(state):
        raise RuntimeError("no luck")
        yield

    monkeypatch.setattr("gst.launch.attempt.train", broken)
    done = gst("train", "tiny.yaml", "-o", "out", "--seeds", "1")
    assert done.exit_code == 3
    assert "No Pruning, seed 0: failed (RuntimeError: no luck)" in done.stderr
    assert "2 runs failed: " in done.stderr
    gst("import", "out")
    with Store.open(str(folder / "gst.db")) as store:
        assert store.query("SELECT DISTINCT status, reason FROM runs").rows == [
            ("failed", "RuntimeError: no luck")
        ]


def test_train_refuses_what_cannot_be(refused, folder):
    assert "expected I/N" in refused("train", "tiny.yaml", "-o", "out", "--shard", "5/4")
    assert "cannot be read" in refused("train", "nowhere.yaml", "-o", "out")
    assert not (folder / "out").exists()


def test_a_stopped_train_says_how_to_go_on(gst, folder, monkeypatch):
    def stopped(state):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("gst.launch.attempt.train", stopped)
    done = gst("train", "tiny.yaml", "-o", "out")
    assert done.exit_code == 130
    assert "the same command carries on" in done.stderr


@pytest.mark.parametrize("command", ["export", "train"])
def test_where_to_is_asked_for(gst, complete, command):
    done = gst(command, *(["tiny.yaml"] if command == "train" else []))
    assert done.exit_code == 2
    assert "--output" in done.stderr
