"""A sweep without a database: what it leaves is what a store would have, and a killed job goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_sweep import EPOCHS, EVENTS, LAYERS, RUNS, TINY, records, spec_of

from gst.archive import archives
from gst.config import run_key
from gst.errors import InputError
from gst.launch import attempt
from gst.launch.drive import drive
from gst.launch.offline import Offline, Shard, chosen_device, train_all
from gst.launch.run_archives import failed_file, run_file
from gst.launch.trial import run_all
from gst.store import Store

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")


@pytest.fixture
def offline(tmp_path):
    return Offline(spec_of(), tmp_path / "out", tmp_path / "data", CPU)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def imported(folder: Path, path: Path) -> Path:
    with Store.open(str(path), create=True) as store:
        store.merge(folder)
    return path


def keys(spec) -> list[str]:
    return [run_key(run.spec) for run in spec.runs()]


def test_what_is_imported_is_what_a_sweep_writes(offline, registered, tmp_path):
    """All that runs yield, and what is said of runs and attempts, but for times and who drove."""
    assert train_all(offline, lambda ended: None) == []
    theirs = imported(offline.folder, tmp_path / "imported.db")
    drive(registered.store, registered.assignment, run_all)
    found = records(theirs)
    assert found == records(registered.file)
    assert [len(found[name]) for name in ("epochs", "pruning_events", "layer_prunings")] == [
        EPOCHS, EVENTS, LAYERS
    ]  # fmt: skip
    with Store.open(str(theirs)) as store:
        for key in keys(offline.sweep):
            here, there = store.run(key), registered.store.run(key)
            assert facts(here.run) == facts(there.run)
            (one,), (two,) = here.attempts, there.attempts
            assert facts(one) == facts(two)
            assert here.sweeps == there.sweeps
            assert here.config == there.config


MEASURE = """\
  measure:
    flatness: {epoch: 2, images: 20, eigenpairs: 3, directions: 1, trace_products: 2}
    normality: {layers: 1, images: 20}
arms:
"""
YIELDED = (
    "epochs", "pruning_events", "layer_prunings", "probes", "flatness", "eigenvalues", "perturbation_losses",
    "normality",
)  # fmt: skip


def test_measurements_and_probes_come_along(offline, registered, tmp_path):
    """Everything that a run can yield, from a noise run that measures all there is to measure."""
    text = TINY.replace("arms:\n", MEASURE).replace("  PruneL: {}", "  PruneL: {pruning: NOISE}")
    noise = (
        "{kind: zeroing, score: l2, target: largest, layers: [conv1, conv2], start: 0, end: 1,"
        " every: 1, fraction: 0.5, train_batches: 4}"
    )
    spec = spec_of(text.replace("NOISE", noise), name="measured", seeds="1")
    train_all(offline._replace(sweep=spec), lambda ended: None)
    theirs = imported(offline.folder, tmp_path / "imported.db")
    sweep_id = registered.store.register(spec)
    drive(registered.store, registered.assignment._replace(sweep_id=sweep_id), run_all)
    with Store.open(str(theirs)) as store:
        for table in YIELDED:
            found = [yielded(it, table, spec) for it in (store, registered.store)]
            assert found[0] == found[1], table
            assert found[0], table


LEVELS = """\
title: Levels
claim: They come along.
seeds: 1
base:
  data: {name: digits, per_class: 20, draw: 0, label_noise: 0.25, validation: 0.1}
  model: {name: digits_cnn}
  training: {epochs: 2, batch_size: 16, optimizer: {name: sgd, lr: 0.1}}
  pruning: {kind: imp, score: magnitude, target: smallest, fraction: 0.5, levels: 1, rewind_epoch: 1}
  measure: {examples: {el2n: {epochs: 1, replicates: 2}, groups: 4}}
arms:
  IMP: {}
figures: [tradeoff]
"""


def test_levels_and_scores_come_along(offline, registered, tmp_path):
    spec = spec_of(LEVELS, name="levels")
    train_all(offline._replace(sweep=spec), lambda ended: None)
    theirs = imported(offline.folder, tmp_path / "imported.db")
    sweep_id = registered.store.register(spec)
    drive(registered.store, registered.assignment._replace(sweep_id=sweep_id), run_all)
    with Store.open(str(theirs)) as store:
        for table, count in (("examples", 1), ("levels", 2), ("group_losses", 8)):
            found = [yielded(it, table, spec) for it in (store, registered.store)]
            assert found[0] == found[1], table
            assert len(found[0]) == count, table


def yielded(store, table, spec) -> list:
    """The rows of a table that the runs of a sweep yielded, under their keys; without how long it took."""
    columns, rows = store.query(
        f"SELECT r.key, t.* FROM {table} t JOIN runs r ON r.run_id = t.run_id ORDER BY 1, 3, 4"
    )
    kept = [place for place, name in enumerate(columns) if name not in ("run_id", "seconds")]
    return [[row[place] for place in kept] for row in rows if row[0] in keys(spec)]


NOT_THE_SAME = {
    "run_id", "config_id", "sweep_id", "dataset_id", "driver_epoch", "seconds", "peak_memory", "created",
    "started", "heartbeat", "ended",
}  # fmt: skip


def facts(row) -> dict:
    return {name: value for name, value in row.items() if name not in NOT_THE_SAME}


def test_the_imported_sweep_is_the_registered_one(offline, registered):
    """A store that has begun the sweep takes the runs in, and has nothing left to do."""
    train_all(offline, lambda ended: None)
    merged = registered.store.merge(offline.folder)
    assert (merged.sweeps, len(merged.runs("filled"))) == (0, RUNS)
    assert registered.keys == []
    assert not registered.store.merge(offline.folder).changed


def test_a_sweep_goes_on_with_what_is_left(offline, registered, monkeypatch):
    """Runs that were not trained offline are pending in the store, and `gst sweep` trains them."""
    train_all(offline._replace(shard=Shard(1, 2)), lambda ended: None)
    registered.store.merge(offline.folder)
    assert len(registered.keys) == RUNS // 2
    drive(registered.store, registered.assignment, run_all)
    assert registered.keys == []


def test_one_file_for_each_run_and_one_of_the_sweep(offline):
    train_all(offline, lambda ended: None)
    *runs, sweep = names(offline.folder)
    assert runs == sorted(f"run-{key}.zip" for key in keys(offline.sweep))
    assert sweep.startswith(f"sweep-{offline.sweep.digest()[:12]}-")
    for archive in archives(offline.folder):
        archive.verify()


def test_shards_share_the_work_and_nothing_else(offline):
    parts = [offline._replace(shard=Shard(number, 3)) for number in (1, 2, 3)]
    shares = [list(part.runs()) for part in parts]
    assert sorted(key for share in shares for key in share) == sorted(keys(offline.sweep))
    assert [len(share) for share in shares] == [2, 1, 1]
    for part in parts:
        train_all(part, lambda ended: None)
    assert len(names(offline.folder)) == RUNS + 1


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "-1/2", "1/0", "a/b", "1/2/3", "1 / 2", "1.5/2"])
def test_a_shard_that_is_none(text):
    with pytest.raises(InputError, match="expected I/N, such as 1/8"):
        Shard.parse(text)


def test_what_is_there_is_not_trained_again(offline):
    train_all(offline._replace(shard=Shard(1, 2)), lambda ended: None)
    assert offline.remaining() == RUNS // 2
    before = {path: path.stat().st_mtime_ns for path in offline.folder.iterdir()}
    reported = []
    train_all(offline, reported.append)
    assert len(reported) == RUNS // 2
    assert all(path.stat().st_mtime_ns == moment for path, moment in before.items())
    assert offline.remaining() == 0


def test_a_killed_job_loses_the_run_in_progress_and_no_other(offline, monkeypatch):
    ended = []
    train = attempt.train

    def killed(state):
        for number, epoch in enumerate(train(state)):
            if len(ended) == 2 and number == 1:
                raise KeyboardInterrupt
            yield epoch

    monkeypatch.setattr(attempt, "train", killed)
    with pytest.raises(KeyboardInterrupt):
        train_all(offline, ended.append)
    assert len([name for name in names(offline.folder) if name.startswith("run-")]) == 2
    monkeypatch.setattr(attempt, "train", train)
    assert offline.remaining() == RUNS - 2
    train_all(offline, ended.append)
    assert offline.remaining() == 0


def test_a_run_that_fails_is_recorded_and_tried_again(offline, monkeypatch, tmp_path):
    broken = keys(offline.sweep)[0]
    train = attempt.train

    def failing(state):
        for epoch in train(state):
            yield epoch
            if run_key(state.spec) == broken:
                raise RuntimeError("no luck")

    monkeypatch.setattr(attempt, "train", failing)
    (failed,) = train_all(offline, lambda ended: None)
    assert (failed.attempt.status, failed.attempt.reason) == ("failed", "RuntimeError: no luck")
    assert failed.file == failed_file(offline.folder, broken)
    assert offline.remaining() == 1
    path = imported(offline.folder, tmp_path / "gst.db")
    with Store.open(str(path)) as store:
        details = store.run(broken)
        assert (details.run["status"], details.run["last_epoch"]) == ("failed", 0)
        assert "no luck" in details.attempts[0]["traceback"]
        assert "epoch 0: test accuracy" in details.attempts[0]["log_tail"]
    monkeypatch.setattr(attempt, "train", train)
    assert train_all(offline, lambda ended: None) == []
    imported(offline.folder, path)
    with Store.open(str(path)) as store:
        details = store.run(broken)
        assert [it["outcome"] for it in details.attempts] == ["failed", "completed"]
        assert (details.run["status"], len(details.epochs)) == ("completed", 3)
    before = records(path)
    imported(offline.folder, path)
    assert records(path) == before


def test_a_run_that_diverges_has_a_result(offline, tmp_path):
    text = TINY.replace("lr: 2e-3", "lr: 1e30").replace("adam", "sgd")
    diverging = offline._replace(sweep=spec_of(text, seeds="1"))
    reported = []
    assert train_all(diverging, reported.append) == []
    assert {it.attempt.status for it in reported} == {"diverged"}
    assert diverging.remaining() == 0
    path = imported(offline.folder, tmp_path / "gst.db")
    with Store.open(str(path)) as store:
        counts = store.progress(store.sweep_id("tiny")).counts
    assert (counts["diverged"], counts["completed"]) == (2, 0)


def test_two_arms_of_one_configuration_are_trained_once(offline, tmp_path):
    spec = spec_of(TINY.replace("  PruneL: {}", "  Again: {pruning: {kind: none}}"))
    shared = offline._replace(sweep=spec)
    train_all(shared, lambda ended: None)
    assert len(names(offline.folder)) == 2 + 1
    path = imported(offline.folder, tmp_path / "gst.db")
    with Store.open(str(path)) as store:
        arms = store.query("SELECT arm, COUNT(*) FROM sweep_runs GROUP BY arm ORDER BY arm").rows
    assert arms == [("Again", 2), ("No Pruning", 2)]


def test_other_seeds_may_share_a_folder(offline, tmp_path):
    train_all(offline, lambda ended: None)
    more = offline._replace(sweep=spec_of(seeds="3"))
    assert more.remaining() == 2  # of six runs, four are there
    train_all(more, lambda ended: None)
    path = imported(offline.folder, tmp_path / "gst.db")
    with Store.open(str(path)) as store:
        assert [(row.runs, row.completed) for row in store.sweeps()] == [(6, 6)]  # seeds make no version


def test_a_run_alone_needs_its_sweep(offline, tmp_path, registered):
    train_all(offline, lambda ended: None)
    key = keys(offline.sweep)[0]
    alone = run_file(offline.folder, key)
    assert registered.store.merge(alone).runs("filled") == [key]
    with (
        Store.open(str(tmp_path / "other.db"), create=True) as store,
        pytest.raises(InputError, match=r"refers to tiny .* neither in the archive nor in this store"),
    ):
        store.merge(alone)


def test_the_device(monkeypatch):
    spec = spec_of()
    asking = spec_of(TINY + "resources: {gpus: 1}\n")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert chosen_device(asking, None) == CPU
    with pytest.raises(InputError, match="--device cuda: torch finds no GPU here"):
        chosen_device(spec, "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert chosen_device(spec, None) == CPU
    assert chosen_device(asking, None) == chosen_device(spec, "cuda") == torch.device("cuda")
    assert chosen_device(asking, "cpu") == CPU


BARE = """
import sys
ABSENT = {"sqlalchemy", "alembic", "psycopg", "ray", "plotly", "dash", "pyarrow"}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from gst.cli import app
try:
    app(["train", "tiny.yaml", "-o", "out"])
except SystemExit as end:
    assert not end.code, end.code
print(sorted(ABSENT & {name.partition(".")[0] for name in sys.modules}))
"""


def test_neither_sqlalchemy_nor_ray_nor_parquet_is_needed(tmp_path, monkeypatch):
    (tmp_path / "tiny.yaml").write_text(TINY)
    monkeypatch.setenv("GST_DATA_DIR", str(tmp_path / "data"))
    done = subprocess.run(
        [sys.executable, "-c", BARE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / "out"), "[]"]
    assert len(names(tmp_path / "out")) == RUNS + 1
    path = imported(tmp_path / "out", tmp_path / "gst.db")
    assert len(records(path)["epochs"]) == EPOCHS


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_runs_train_on_a_gpu(offline, tmp_path):
    train_all(offline._replace(device=torch.device("cuda")), lambda ended: None)
    path = imported(offline.folder, tmp_path / "gst.db")
    with Store.open(str(path)) as store:
        assert store.query("SELECT DISTINCT device, gpus FROM attempts").rows == [("cuda", 1.0)]
        assert store.query("SELECT COUNT(*) FROM attempts WHERE gpu IS NULL").rows == [(0,)]
