"""Runs as MLflow, TensorBoard and W&B have them: read back without what wrote them, equal to the store's."""

from __future__ import annotations

import gc
import shutil
import sys
from typing import get_args

import numpy as np
import pytest
from stores import Run, claimed, config_of, fill, play, sweep_of
from tracker_files import mlflow_runs, tensorboard_runs, wandb_runs

from gst.config import RunSpec
from gst.errors import InputError
from gst.store import Store
from gst.trackers import TRACKERS, TrackedRun, export_to, tracked_runs
from gst.trackers.replaced import folder_name

READERS = {"mlflow": mlflow_runs, "tensorboard": tensorboard_runs, "wandb-offline": wandb_runs}
RUNS = [
    Run("none", 0, [0.5, 0.625, 0.7]),
    Run("none", 1, [0.5, 0.6], status="running"),
    Run("pruned/half", 0, [(0.9, 0.5), (0.95, 0.75), (1.0, 0.7)], [(0, 0.8, 0.6), (2, 0.9, 0.3, 5)]),
    Run("pruned/half", 1, [0.5], [(0, 0.8, 0.4)], status="failed"),
    Run("scratch", 0, [0.5, 0.6], [(-1, 0.75, 0.25)]),
    Run("scratch", 1, status="pending"),
]
ENDINGS = {
    "mlflow": {"completed": "FINISHED", "running": "RUNNING", "failed": "FAILED"},
    "tensorboard": {"completed": "completed", "running": "running", "failed": "failed"},
    "wandb-offline": {"completed": 0, "running": 0, "failed": 1},
}
EPOCHS = (
    "SELECT r.key, e.epoch, e.train_loss, e.train_accuracy, e.test_loss, e.test_accuracy, e.lr,"
    " e.parameters_left, e.seconds FROM epochs e JOIN runs r ON r.run_id = e.run_id"
)
EVENTS = (
    "SELECT r.key, p.epoch, p.test_accuracy_before, p.test_accuracy_after, p.removed, p.stability"
    " FROM pruning_events p JOIN runs r ON r.run_id = p.run_id"
)


@pytest.fixture
def store(tmp_path, empty):
    path = shutil.copy(empty, tmp_path / "gst.db")
    with Store.open(str(path)) as opened:
        fill(opened, RUNS)
        key = opened.query("SELECT key FROM run_summary WHERE status = 'failed'").rows[0][0]
        opened.tag([key], add=["odd"])
        opened.note("why?\nas yet unknown", keys=[key])
        yield opened


@pytest.fixture(params=READERS)
def tracker(request):
    return request.param


def exported(store, tracker, folder):
    """What the tracker's files say, by the keys of the runs."""
    export_to(store, tracker, folder)
    return read(tracker, folder)


def read(tracker, folder):
    found = READERS[tracker](folder)
    by_key = {it.parameters["gst.key"]: it for it in found}
    assert len(by_key) == len(found)
    return by_key


def test_every_value_of_every_epoch_and_event_is_the_stores(store, tracker, tmp_path):
    found = exported(store, tracker, tmp_path / "out")
    assert len(found) == 5  # all that have begun
    digits = np.float32 if tracker == "tensorboard" else float
    compared = 0
    for query, prefix in ((EPOCHS, ""), (EVENTS, "pruning/")):
        columns, rows = store.query(query)
        for key, epoch, *values in rows:
            seen = found[key]
            for name, value in zip(columns[2:], values, strict=True):
                if tracker == "wandb-offline" and epoch == -1:
                    assert seen.parameters[f"before/{prefix}{name}"] == value
                else:
                    assert seen.metrics[f"{prefix}{name}"][epoch] == digits(value)
                compared += 1
    assert compared == 11 * 7 + 4 * 4
    steps = {key: {epoch for it in seen.metrics.values() for epoch in it} for key, seen in found.items()}
    assert sum(map(len, steps.values())) == 11 + (tracker != "wandb-offline")


def test_final_values_parameters_status_and_tags(store, tracker, tmp_path):
    found = exported(store, tracker, tmp_path / "out")
    columns, rows = store.query("SELECT * FROM run_summary WHERE status <> 'pending'")
    digits = np.float32 if tracker == "tensorboard" else float
    for row in (dict(zip(columns, it, strict=True)) for it in rows):
        seen = found[row["key"]]
        finals = seen.parameters if tracker == "wandb-offline" else seen.metrics
        for name in ("final_test_accuracy", "best_test_accuracy", "mean_stability"):
            value = finals.get(f"summary/{name}")
            value = value if tracker == "wandb-offline" or value is None else next(iter(value.values()))
            wanted = None if name == "mean_stability" and not row["events"] else digits(row[name])
            assert value == wanted, (name, row)
        assert seen.status == ENDINGS[tracker][row["status"]]
        assert float(seen.parameters["training.optimizer.lr"]) == pytest.approx(row["lr"])
        assert seen.parameters["pruning.kind"] == row["kind"]
        assert int(seen.parameters["seed"]) == row["seed"]
        assert seen.parameters["gst.status"] == row["status"]
        assert seen.parameters["gst.host"] == "host"
        assert {"gst.sweep", "gst.arm", "gst.torch", "gst.started"} <= seen.parameters.keys()
    (address,) = {it.parameters["gst.sweep"] for it in found.values()}
    assert store.version(address).name == "hand"
    assert all(address in it.group for it in found.values())


def test_times_are_those_of_the_run(store, tmp_path):
    found = exported(store, "mlflow", tmp_path / "out")
    for run in tracked_runs(store):
        start, end = found[run.key].times
        assert start == pytest.approx(run.started.timestamp(), abs=0.001)
        assert end == (run.ended and pytest.approx(run.ended.timestamp(), abs=0.001))
        assert (run.ended is None) == (run.status == "running")


def test_twice_is_once_and_what_has_gone_on_is_brought_up_to_date(store, tracker, tmp_path):
    folder = tmp_path / "out"
    first = exported(store, tracker, folder)
    assert exported(store, tracker, folder) == first
    late = Run("scratch", 1, [0.5, 0.6], [(-1, 0.75, 0.5)])
    spec = RunSpec(config_of(2, [it for it in RUNS if it.arm == "scratch"]), 1)
    sweep_id = store.sweep_id("hand")
    play(claimed(store, spec, sweep_id, store.take_over(sweep_id)), late)
    again = exported(store, tracker, folder)
    assert len(again) == len(first) + 1
    assert {key: it for key, it in again.items() if key in first} == first
    assert not list(folder.rglob("*.partial"))


def test_an_export_that_was_broken_off_is_made_good(store, tracker, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    whole = exported(store, tracker, folder)

    def breaks(self):
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(TrackedRun, "name", property(breaks))
        if tracker == "tensorboard":  # which names no run
            patched.setattr("tensorboardX.summary.text", lambda *_: breaks(None))
        with pytest.raises(OSError, match="full"):
            export_to(store, tracker, folder)
    assert exported(store, tracker, folder) == whole


def test_each_sweep_that_shares_a_run_has_it(store, tmp_path):
    store.register(sweep_of({"same": config_of(0, RUNS[:2])}, name="other"))
    assert export_to(store, "mlflow", tmp_path / "out") == 6
    groups = [it.group for it in mlflow_runs(tmp_path / "out")]
    assert sorted(it.partition("@")[0] for it in groups) == ["hand"] * 5 + ["other"]
    assert export_to(store, "tensorboard", tmp_path / "one", "other") == 1
    (one,) = tensorboard_runs(tmp_path / "one")
    assert one.group.partition("/")[2].startswith("same/seed0-")


def test_one_run_after_another_is_in_memory(store):
    alive = []
    for _ in tracked_runs(store):
        alive.append(sum(type(it) is TrackedRun for it in gc.get_objects()))
    assert len(alive) == 5
    assert max(alive) <= 2


def test_mlflows_own_client_reads_it(store, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    tracking = pytest.importorskip("mlflow.tracking")
    export_to(store, "mlflow", tmp_path / "out")
    client = tracking.MlflowClient(tracking_uri=(tmp_path / "out").as_uri())
    (experiment,) = client.search_experiments()
    for run in client.search_runs([experiment.experiment_id]):
        wanted = {it.key: it for it in tracked_runs(store)}[run.data.tags["gst.key"]]
        history = client.get_metric_history(run.info.run_id, "test_accuracy")
        values = {it.epoch: it.values["test_accuracy"] for it in wanted.steps if "test_accuracy" in it.values}
        assert {it.step: it.value for it in history} == values
        assert run.info.run_name == wanted.name


def test_what_cannot_be_a_folder_is_one_message(store, tracker, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is no folder"):
        export_to(store, tracker, tmp_path / "file")


def test_without_wandb_one_line_says_what_to_install(store, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(InputError, match=r"pip install 'gst\[wandb\]'"):
        export_to(store, "wandb-offline", tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["a/b", "..", ".", ".hidden", "", "a" * 300, "a:b\\c\n", "ä 100%", "a/" * 99]
)
def test_any_text_names_a_folder_of_its_own(name, tmp_path):
    made = tmp_path / folder_name(name)
    made.mkdir()
    assert made.parent == tmp_path
    assert made.resolve().parent == tmp_path.resolve()
    assert list(tmp_path.glob("[!.]*")) == [made]


def test_names_of_folders_differ():
    names = ["a/b", "a%2Fb", "a b", "A", "..", "%2E.", "a" * 300, "a" * 301]
    assert len({folder_name(it) for it in names}) == len(names)


def test_every_tracker_is_one_of_the_commands():
    from gst.cli.transfer import Tracker

    assert set(get_args(Tracker)) == set(TRACKERS) == set(READERS)
