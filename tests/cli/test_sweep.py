"""gst sweep in this process: what it runs, what it prints, and how it carries on."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import sys
from contextlib import closing

import fsspec
import pytest
import yaml
from tiny_sweep import CLASSES, EPOCHS, EVENTS, LAYERS, RUNS, TINY, everything, records, statuses

from gst.errors import Diverged
from gst.launch import attempt
from gst.store import Store

pytestmark = pytest.mark.slow

LAST_RUN = 3


@pytest.fixture
def in_trial(monkeypatch):
    """Have the run of that number, counted from 0, call something in place of its second epoch."""
    real = attempt.train

    def install(number, do):
        started = []

        def train(state):
            started.append(state)
            for records_of_epoch in real(state):
                if len(started) == number + 1 and records_of_epoch.epoch.epoch == 1:
                    do()
                yield records_of_epoch

        monkeypatch.setattr(attempt, "train", train)

    yield install
    monkeypatch.setattr(attempt, "train", real)


def raising(error):
    def do():
        raise error

    return do


def test_the_largest_seed_goes_all_the_way(gst, folder):
    assert gst("sweep", "tiny.yaml", "--local", "--seeds", f"{2**63 - 1},").exit_code == 0
    assert gst("train", "tiny.yaml", "-o", "files", "--seeds", f"{2**63 - 2},").exit_code == 0
    for archive in ("out.zip", "files"):
        assert archive == "files" or gst("export", "-o", archive).exit_code == 0
        assert gst("import", archive, "--db", "other.db").exit_code == 0
    asked = gst("sql", "SELECT DISTINCT seed FROM runs ORDER BY seed", "--db", "other.db", "--format", "csv")
    assert asked.stdout.split() == ["seed", str(2**63 - 2), str(2**63 - 1)]


def test_a_sweep_leaves_exactly_its_rows_and_says_what_it_found(gst, folder):
    result = gst("sweep", "tiny.yaml", "--local")
    assert result.exit_code == 0, result.output
    found = records(folder / "gst.db")
    assert {table: len(rows) for table, rows in found.items() if rows} == {
        "epochs": EPOCHS,
        "pruning_events": EVENTS,
        "layer_prunings": LAYERS,
        "event_classes": CLASSES,
        "answers": RUNS,
    }
    assert statuses(folder / "gst.db") == ["completed"] * RUNS
    lines = result.stdout.splitlines()
    assert [line.split("  ")[0] for line in lines[1:3]] == [
        "paired by seed, in points",
        "PruneL less No Pruning",
    ]
    assert [line.split("  ")[0] for line in lines[5:8]] == ["arm", "No Pruning", "PruneL"]
    assert "Accuracy is of the last epoch, on all images that a run is not trained on." in result.stdout
    assert lines[-2] == "It shows nothing."
    assert lines[-1] == f"Figure: {folder / 'tiny-tradeoff.html'}"
    assert (folder / "tiny-tradeoff.html").stat().st_size > 100_000
    assert result.stderr.startswith(
        "A tiny sweep\ntiny: 4 runs, 4 to do, 12 of 12 epochs; how long is not known, "
    )
    assert re.search(r"4/4 runs completed, 12/12 epochs(, [\d.]+ a second)?\n$", result.stderr)
    assert not (folder / "gst-artifacts").exists()


def test_the_same_again_runs_nothing_and_changes_nothing(gst, complete, monkeypatch):
    monkeypatch.setattr(attempt, "train", raising(AssertionError("nothing should be trained")))
    before = everything(complete)
    result = gst("sweep", "tiny.yaml", "--local")
    assert result.exit_code == 0, result.output
    assert result.stderr == "A tiny sweep\ntiny: 4 runs, nothing left to do\n"
    assert "Figure: " in result.stdout
    assert everything(complete) == before


def test_another_sweep_trains_only_what_no_sweep_has_trained(gst, complete, folder):
    before = records(complete)
    (folder / "more.yaml").write_text(TINY.replace("seeds: 2", "seeds: 3"))
    result = gst("sweep", "more.yaml", "--local")
    assert result.exit_code == 0, result.output
    assert "more: 6 runs, 2 to do, 6 of 18 epochs, about " in result.stderr
    after = records(complete)
    assert len(after["epochs"]) == EPOCHS + 6
    assert set(before["epochs"]) < set(after["epochs"])


ATTEMPTS = "SELECT r.key, a.attempt, a.started FROM attempts a JOIN runs r ON r.run_id = a.run_id"


def attempts(store):
    with closing(sqlite3.connect(store)) as connection:
        return set(connection.execute(ATTEMPTS))


@pytest.mark.parametrize(
    ("arguments", "old", "new", "said"),
    [
        (["--seeds", "3"], "", "", "tiny: 6 runs, 2 to do, 6 of 18 epochs"),
        ([], "seeds: 2", "seeds: {start: 0, count: 3}", "tiny: 6 runs, 2 to do, 6 of 18 epochs"),
        (
            [],
            "PruneL: {}",
            "PruneL: {grid: {pruning.fraction: [0.5, 0.25, 0.75]}}",
            "tiny: 8 runs, 4 to do, 12 of 24 epochs",
        ),
        ([], "PruneL: {}", "PruneL: {}\n  PruneS: {pruning.target: smallest}", "tiny: 6 runs, 2 to do"),
    ],
    ids=["seeds on the command line", "seeds in the file", "a grid", "an arm"],
)
def test_an_extended_sweep_runs_only_what_is_new(gst, complete, folder, arguments, old, new, said):
    rows, before = records(complete), attempts(complete)
    (folder / "tiny.yaml").write_text(TINY.replace(old, new))
    result = gst("sweep", "tiny.yaml", "--local", *arguments)
    assert result.exit_code == 0, result.output
    assert said in result.stderr
    assert before < attempts(complete)
    assert len(attempts(complete) - before) == int(said.split()[3])
    after = records(complete)
    assert len(after["epochs"]) > len(rows["epochs"])
    assert all(row in after[table] for table, found in rows.items() for row in found)


def test_seeds_and_overrides_change_what_is_run(gst, folder):
    arguments = ("--seeds", "5", "-s", "training.epochs=2", "-s", "pruning={kind: none}")
    result = gst("sweep", "tiny.yaml", "--local", *arguments)
    assert result.exit_code == 0, result.output
    assert "tiny: 5 runs, 5 to do, 10 of 10 epochs" in result.stderr  # both arms are the same now
    with closing(sqlite3.connect(folder / "gst.db")) as store:
        found = store.execute(
            "SELECT seed, COUNT(*) FROM runs JOIN epochs USING (run_id) GROUP BY seed ORDER BY 1"
        )
        assert found.fetchall() == [(seed, 2) for seed in range(5)]


def test_a_shrunk_sweep_says_so(gst):
    result = gst("sweep", "tiny.yaml", "--local", "--scale", "0.67", "--subset", "5")
    assert result.exit_code == 0, result.output
    assert "tiny: 4 runs, 4 to do, 8 of 8 epochs" in result.stderr
    assert "Runs are shrunk, to a scale of 0.67." in result.stdout


def test_a_dry_run_shows_the_plan_and_makes_no_store(gst, folder):
    result = gst("sweep", "tiny.yaml", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "conv1 4/8, conv2 8/16 filters" in result.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.yaml"]


def test_a_file_of_the_folder_goes_by_its_bare_name(gst, refused):
    assert gst("plan", "tiny").stdout == gst("plan", "tiny.yaml").stdout
    assert "no sweep ''" in refused("plan", "")


def test_a_shipped_sweep_goes_by_its_bare_name(gst):
    result = gst("sweep", "quickstart", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "quickstart: " in result.stderr


def test_the_figure_goes_where_it_is_wanted(gst, complete, folder):
    result = gst("sweep", "tiny.yaml", "--local", "-o", "numbers.csv")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == f"Figure: {folder / 'numbers.csv'}"
    assert "run,PruneL," in (folder / "numbers.csv").read_text()
    assert not (folder / "tiny-tradeoff.html").exists()


def test_a_run_that_fails_lets_the_others_go_on_and_can_be_retried(gst, folder, in_trial, monkeypatch):
    in_trial(1, raising(RuntimeError("the dog ate it")))
    result = gst("sweep", "tiny.yaml", "--local")
    assert result.exit_code == 3, result.output
    assert (
        "gst: 1 of 4 runs are not complete; 1 failed: `gst ls --sweep tiny --status failed`" in result.stderr
    )
    assert statuses(folder / "gst.db") == ["completed", "completed", "completed", "failed"]

    listed = gst("ls", "--sweep", "tiny", "--status", "failed")
    key = listed.stdout.splitlines()[1].split()[0]
    shown = gst("show", key).stdout
    assert "RuntimeError: the dog ate it" in shown
    assert "gst.launch.attempt: epoch 0: test accuracy" in shown

    monkeypatch.undo()
    monkeypatch.chdir(folder)
    again = gst("sweep", "tiny.yaml", "--local")
    assert again.exit_code == 3
    assert "tiny: 4 runs, nothing left to do" in again.stderr
    retried = gst("sweep", "tiny.yaml", "--local", "--retry-failed")
    assert retried.exit_code == 0, retried.output
    assert statuses(folder / "gst.db") == ["completed"] * RUNS


def test_a_diverged_run_is_a_result_and_not_a_failure(gst, folder, in_trial):
    in_trial(LAST_RUN, raising(Diverged("the training loss of epoch 2 is nan")))
    result = gst("sweep", "tiny.yaml", "--local")
    assert result.exit_code == 0, result.output
    assert "1 of 4 runs diverged, and are not among the numbers above" in result.stderr
    assert statuses(folder / "gst.db") == ["completed", "completed", "completed", "diverged"]
    assert gst("sweep", "tiny.yaml", "--local").exit_code == 0


def test_a_second_sigterm_leaves_the_first_its_time(gst, folder, in_trial, monkeypatch):
    interrupt, left_in_order = Store.interrupt, []

    def told_again(*arguments):
        os.kill(os.getpid(), signal.SIGTERM)
        interrupt(*arguments)
        left_in_order.append(arguments)

    monkeypatch.setattr(Store, "interrupt", told_again)
    in_trial(2, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert gst("sweep", "tiny.yaml", "--local").exit_code == 130
    assert len(left_in_order) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_what_is_stopped_is_marked_and_carries_on_to_the_same_rows(
    gst, folder, in_trial, monkeypatch, complete_store, number
):
    before = signal.getsignal(signal.SIGTERM)
    in_trial(2, lambda: os.kill(os.getpid(), number))
    result = gst("sweep", "tiny.yaml", "--local")
    assert signal.getsignal(signal.SIGTERM) is before
    assert result.exit_code == 130, result.output
    assert result.stderr.endswith("the same command carries on\n")
    assert statuses(folder / "gst.db") == ["completed", "completed", "interrupted", "pending"]
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    again = gst("sweep", "tiny.yaml", "--local")
    assert again.exit_code == 0, again.output
    assert records(folder / "gst.db") == records(complete_store)


BAD_FILES = {
    "unknown key": (
        "optimizer: {name",
        "optimiser: {name",
        "training.optimiser: unknown key; did you mean 'optimizer'?",
    ),
    "wrong type": ("epochs: 3", "epochs: many", "training.epochs: expected"),
    "impossible schedule": ("end: 1", "end: 3", "pruning ends at epoch 3, but the last of 3 epochs is 2"),
    "missing layer": (
        "[conv1, conv2]",
        "[conv1, conv3]",
        "tiny.yaml:13: pruning.layers: no layer 'conv3'; did you mean 'conv",
    ),
    "too few images": ("per_class: 6", "per_class: 600", "tiny.yaml:6: data.per_class: 600 images"),
    "missing data": ("{name: digits, per_class: 6, draw: 0}", "{name: folder, folder: birds}", "birds"),
    "model too large": ("name: digits_cnn", "name: vgg11", "vgg11 needs images of at least 32x32 pixels"),
    "unknown figure": ("[tradeoff]", "[tradeof]", "found 'tradeof'; did you mean 'tradeoff'?"),
    "no sweep": (TINY, "- 1\n", "expected a mapping of keys"),
}


@pytest.mark.parametrize("command", [("plan",), ("sweep", "--local", "--dry-run")], ids=" ".join)
@pytest.mark.parametrize("mistake", BAD_FILES)
def test_a_plan_refuses_what_a_sweep_refuses(refused, folder, mistake, command):
    right, wrong, message = BAD_FILES[mistake]
    (folder / "tiny.yaml").write_text(TINY.replace(right, wrong))
    assert message in refused(*command, "tiny.yaml")


@pytest.mark.parametrize("mistake", BAD_FILES)
def test_a_mistake_in_the_file_is_one_message_and_no_store(refused, folder, mistake):
    right, wrong, message = BAD_FILES[mistake]
    assert right in TINY
    (folder / "tiny.yaml").write_text(TINY.replace(right, wrong))
    assert message in refused("sweep", "tiny.yaml", "--local")
    assert not (folder / "gst.db").exists()


@pytest.mark.parametrize("mistake", BAD_FILES)
def test_a_mistake_in_the_file_leaves_a_store_untouched(refused, folder, complete, mistake):
    right, wrong, _ = BAD_FILES[mistake]
    (folder / "tiny.yaml").write_text(TINY.replace(right, wrong))
    before = complete.read_bytes()
    refused("sweep", "tiny.yaml", "--local")
    assert complete.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tiny.yml"], "tiny.yml: cannot be read"),
        (
            ["quikstart"],
            "no sweep 'quikstart'; did you mean 'quickstart' or 'quickstart_flatness'? There are ",
        ),
        (["tiny.yaml", "--seeds", "x"], "seeds: expected a count"),
        (["tiny.yaml", "-s", "training.epoch=4"], "did you mean 'epochs'?"),
        (["tiny.yaml", "-s", "epochs"], "expected key=value"),
        (["tiny.yaml", "-o", "x.doc"], "x.doc: a figure is written as one of .html,"),
        (["tiny.yaml", "-o", "nowhere/x.html"], "the folder nowhere does not exist"),
        (
            ["tiny.yaml", "--local", "--cpus", "2", "--max-concurrent", "3"],
            "--cpus, --max-concurrent has no place",
        ),
        (
            ["tiny.yaml", "--address", "ray://head:10001"],
            "ray job submit --working-dir . -- gst sweep tiny.yaml",
        ),
        (["tiny.yaml", "--cpus-per-run", "0"], "cpus: expected greater than 0, found 0"),
        (
            ["tiny.yaml", "--gpus-per-run", "1.5"],
            "gpus: expected a part of one GPU or a whole number of them",
        ),
        (["tiny.yaml", "--db", "mysql://host/db"], "databases cannot be a store"),
    ],
)
def test_a_mistake_in_the_arguments_is_one_message_and_no_store(refused, folder, arguments, message):
    assert message in refused("sweep", *arguments)
    assert not (folder / "gst.db").exists()


@pytest.fixture
def assigned(monkeypatch):
    """What the trials of the sweep were told, in order; nothing is trained."""
    told = []
    monkeypatch.setattr("gst.launch.trial.run_trial", lambda key, assignment: told.append(assignment))
    return told


@pytest.mark.parametrize(
    ("file", "arguments", "wanted"),
    [
        ("", [], ("last", 30.0)),
        ("checkpoints: {keep: final, seconds: 5}\n", [], ("final", 5.0)),
        ("checkpoints: {keep: final, seconds: 5}\n", ["--keep", "none"], ("none", 5.0)),
        ("checkpoints: {keep: final}\n", ["--checkpoint", "0"], ("final", 0.0)),
    ],
)
def test_what_is_saved_is_said_in_the_file_or_on_the_command_line(
    gst, folder, assigned, file, arguments, wanted
):
    (folder / "tiny.yaml").write_text(TINY + file)
    assert gst("sweep", "tiny.yaml", "--local", *arguments).exit_code == 3  # nothing was trained
    assert (assigned[0].keep, assigned[0].checkpoint_seconds) == wanted


@pytest.mark.parametrize(
    ("file", "arguments", "wanted"),
    [
        ("", [], (1.0, 0.0)),
        ("resources: {cpus: 2}\n", [], (2.0, 0.0)),
        ("resources: {cpus: 2}\n", ["--cpus-per-run", "0.5"], (0.5, 0.0)),
        ("resources: {cpus: 2}\n", ["--gpus-per-run", "0.25"], (2.0, 0.25)),
        ("resources: {gpus: 1}\n", ["--cpus-per-run", "3", "--gpus-per-run", "0"], (3.0, 0.0)),
    ],
)
def test_what_a_run_takes_is_said_in_the_file_or_on_the_command_line(
    gst, folder, assigned, monkeypatch, file, arguments, wanted
):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    (folder / "tiny.yaml").write_text(TINY + file)
    assert gst("sweep", "tiny.yaml", "--local", *arguments).exit_code == 3
    assert (assigned[0].cpus, assigned[0].gpus) == wanted


def test_final_states_are_kept_on_request_and_what_was_not_kept_is_said(gst, folder):
    assert gst("sweep", "tiny.yaml", "--local", "--seeds", "1").exit_code == 0
    result = gst("sweep", "tiny.yaml", "--local", "--keep", "final")
    assert result.exit_code == 0, result.output
    assert "2 completed runs had ended before, without their final state being kept" in result.stderr
    with closing(sqlite3.connect(folder / "gst.db")) as store:
        kept = store.execute("SELECT checkpoint FROM runs WHERE checkpoint_epoch = 2 ORDER BY 1").fetchall()
    files = (folder / "gst-artifacts").rglob("*.pt")
    assert sorted(str(path.relative_to(folder / "gst-artifacts")) for path in files) == [it[0] for it in kept]
    assert len(kept) == 2
    again = gst("sweep", "tiny.yaml", "--local", "--keep", "final")
    assert "nothing left to do" in again.stderr


def test_artifacts_may_lie_in_an_object_store(gst, folder, monkeypatch):
    place = f"memory://{folder.name}"
    monkeypatch.setenv("GST_ARTIFACT_DIR", place)
    result = gst("sweep", "tiny.yaml", "--local", "--keep", "final", "--checkpoint", "0")
    assert result.exit_code == 0, result.output
    assert len(fsspec.filesystem("memory").find(f"/{folder.name}")) == RUNS
    assert not (folder / "gst-artifacts").exists()


def test_an_object_store_that_cannot_be_used_is_refused_before_anything_is_stored(
    refused, folder, monkeypatch
):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.setenv("GST_ARTIFACT_DIR", "s3://bucket/runs")
    assert "s3://bucket/runs: needs the package s3fs" in refused("sweep", "tiny.yaml", "--local")
    assert not (folder / "gst.db").exists()


def test_without_a_gpu_here_runs_train_on_the_cpu_and_gst_says_so(gst, folder, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    file = yaml.safe_load(TINY) | {"resources": {"gpus": 0.5}}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(file))
    result = gst("sweep", "tiny.yaml", "--local")
    assert result.exit_code == 0, result.stderr
    assert "no GPU to use here: runs train on the CPU, not on 0.5 GPUs each" in result.stderr
    devices = gst("sql", "SELECT DISTINCT device FROM attempts", "--format", "csv").stdout
    assert devices.split() == ["device", "cpu"]


def test_a_sweep_without_figures_takes_no_output(refused, folder):
    (folder / "tiny.yaml").write_text(TINY.replace("figures: [tradeoff]\n", ""))
    assert "the sweep names no figures" in refused("sweep", "tiny.yaml", "--local", "-o", "x.html")
