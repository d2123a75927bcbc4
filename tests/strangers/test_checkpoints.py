"""Checkpoints that are damaged, swapped, gone or out of reach: no result changes, and no run is lost."""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import torch
from archives import rewrite
from stores import claimed, epoch_record
from stores import saved as pointer
from tiny_sweep import LEVELS, TINY, records, spec_of

from gst.config import run_key
from gst.data import load_dataset
from gst.errors import DataError, InputError, Unreachable
from gst.launch import attempt, trial
from gst.launch.artifacts import Folder, artifacts_at, place_for
from gst.launch.checkpoints import Checkpoints, missing_checkpoints, restore
from gst.launch.drive import drive
from gst.launch.trial import Assignment, run_all, run_trial
from gst.records import EpochRecords
from gst.store import Store, checkpoints
from gst.store.checkpoint import Checkpoint
from gst.training import start, train
from gst.training.checkpoint import NUMERICS

PRUNED = 2
FLIPS = 600


class Killed(BaseException):
    """Stands for a process that is gone in an instant: nothing handles it."""


class Stopped:
    """A sweep of which one run was killed after two epochs of three, with a checkpoint of each."""

    def __init__(self, store: Store, assignment: Assignment, key: str) -> None:
        self.store, self.assignment, self.key = store, assignment, key

    def file(self, epoch: int) -> Path:
        return Path(self.assignment.artifacts) / self.key / f"1-{epoch}.pt"

    def attempts(self):
        found = self.store.run(self.key).attempts
        return [(it["outcome"], it["first_epoch"], it["fallback"]) for it in found]

    def sql(self, statement):
        with (
            closing(sqlite3.connect(self.assignment.url.removeprefix("sqlite:///"))) as connection,
            connection,
        ):
            connection.execute(statement)


def opened(folder: Path, store: Store) -> Assignment:
    sweep_id = store.register(spec_of())
    return Assignment(
        url=f"sqlite:///{folder / 'gst.db'}", sweep_id=sweep_id, driver_epoch=store.take_over(sweep_id),
        data=folder / "data", artifacts=folder / "artifacts", cpus=1, gpus=0, checkpoint_seconds=0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The rows of every run where nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with Store.open(str(folder / "gst.db"), create=True) as store:
        drive(store, opened(folder, store), run_all)
    return records(folder / "gst.db")


@pytest.fixture(scope="module")
def stopped_once(tmp_path_factory):
    """The folder of a stopped sweep, to be copied."""
    folder = tmp_path_factory.mktemp("stopped")
    real = attempt.train

    def dying(state):
        for found in real(state):
            if found.epoch.epoch == 2:
                raise Killed
            yield found

    with Store.open(str(folder / "gst.db"), create=True) as store, pytest.MonkeyPatch.context() as patch:
        assignment = opened(folder, store)
        patch.setattr(attempt, "train", dying)
        with pytest.raises(Killed):
            run_trial(store.remaining(assignment.sweep_id)[PRUNED], assignment)
    return folder, assignment


@pytest.fixture
def stopped(stopped_once, tmp_path):
    """A stopped sweep of the test's own, whose files are where its store says."""
    folder, assignment = stopped_once
    shutil.copytree(folder, tmp_path / "own")
    place = tmp_path / "own" / "artifacts"
    assignment = assignment._replace(url=f"sqlite:///{tmp_path / 'own' / 'gst.db'}", artifacts=place)
    with Store.open(assignment.url) as store:
        found = Stopped(store, assignment, store.remaining(assignment.sweep_id)[PRUNED])
        found.sql(f"UPDATE runs SET artifacts = '{place}' WHERE artifacts IS NOT NULL")
        yield found


def assert_as_undisturbed(stopped, undisturbed):
    assert stopped.store.run(stopped.key).run["status"] == "completed"
    found = records(stopped.assignment.url.removeprefix("sqlite:///"))
    for table, rows in undisturbed.items():
        of_run = [row for row in rows if row[0] == stopped.key]
        assert [row for row in found[table] if row[0] == stopped.key] == of_run, table


def flipped(path: Path, other: Path) -> bytes:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    return bytes(content)


def of_another_run(path: Path, other: Path) -> bytes:
    content = torch.load(path, weights_only=True)
    file = io.BytesIO()
    torch.save(content | {"key": "f" * 64}, file)
    return file.getvalue()


DAMAGE = {
    "empty": lambda path, other: b"",
    "truncated": lambda path, other: path.read_bytes()[:-1000],
    "flipped": flipped,
    "of another run": of_another_run,
    "of an older epoch": lambda path, other: other.read_bytes(),
    "gone": None,
}


def damage(path: Path, other: Path, kind: str) -> None:
    change = DAMAGE[kind]
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path, other))


@pytest.mark.slow
@pytest.mark.parametrize("hashed", [True, False], ids=["sha256", "from before"])
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_checkpoint_costs_the_epochs_since_the_one_before(
    stopped, undisturbed, caplog, kind, hashed
):
    if not hashed:
        if kind == "flipped":
            pytest.skip("nothing tells, in a checkpoint from before schema 0006")
        stopped.sql("UPDATE runs SET checkpoint_sha256 = NULL, earlier_sha256 = NULL")
    damage(stopped.file(1), stopped.file(0), kind)
    run_trial(stopped.key, stopped.assignment)
    assert_as_undisturbed(stopped, undisturbed)
    (_, completed) = stopped.attempts()
    assert completed[:2] == ("completed", 1)
    assert completed[2].startswith(f"{stopped.file(1)}: is ")
    vanished, said = [it.getMessage() for it in caplog.records if it.levelname == "WARNING"]
    assert "begins again" in vanished
    assert said.endswith("; it has 1 epochs in place of 2 and trains the others again")
    assert not list(Path(stopped.assignment.artifacts).rglob("*.pt"))


@pytest.mark.slow
def test_without_a_whole_checkpoint_the_run_begins_anew(stopped, undisturbed):
    damage(stopped.file(1), stopped.file(0), "truncated")
    damage(stopped.file(0), stopped.file(1), "empty")
    run_trial(stopped.key, stopped.assignment)
    assert_as_undisturbed(stopped, undisturbed)
    assert stopped.attempts()[1][:2] == ("completed", 0)
    assert stopped.attempts()[1][2].startswith(f"{stopped.file(0)}: is not as it was saved")


@pytest.mark.slow
def test_a_state_that_does_not_fit_is_as_good_as_none(stopped, undisturbed):
    content = torch.load(stopped.file(1), weights_only=True)
    content["model"].popitem()
    torch.save(content, stopped.file(1))
    stopped.sql("UPDATE runs SET checkpoint_sha256 = NULL")
    run_trial(stopped.key, stopped.assignment)
    assert_as_undisturbed(stopped, undisturbed)
    assert "does not fit the run: RuntimeError: " in stopped.attempts()[1][2]


@pytest.mark.slow
def test_epochs_of_another_arithmetic_are_trained_again(stopped, undisturbed, caplog):
    """The first version wrote none down."""
    for epoch in (0, 1):
        content = torch.load(stopped.file(epoch), weights_only=True)
        assert content.pop("device") == "cpu"
        assert content.pop("numerics") == NUMERICS["cpu"] == 2
        torch.save(content, stopped.file(epoch))
    stopped.sql("UPDATE runs SET checkpoint_sha256 = NULL, earlier_sha256 = NULL")
    run_trial(stopped.key, stopped.assignment)
    assert_as_undisturbed(stopped, undisturbed)
    why = "was trained with version 1 of gst's arithmetic on cpu, and this gst has 2"
    assert stopped.attempts()[1] == ("completed", 0, f"{stopped.key}/1-0.pt: {why}")
    assert f"{why}; it has 0 epochs in place of 1" in caplog.text


@pytest.mark.slow
def test_a_file_that_cannot_be_read_now_costs_nothing(stopped, undisturbed, monkeypatch):
    class Broken(Folder):
        def read(self, name):
            raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(trial, "artifacts_at", lambda place: Broken(Path(place)))
        with pytest.raises(Unreachable, match=r"1-1\.pt: cannot be read: Input/output error\. The run keeps"):
            run_trial(stopped.key, stopped.assignment)
    assert len(stopped.store.run(stopped.key).epochs) == 2
    run_trial(stopped.key, stopped.assignment)
    assert_as_undisturbed(stopped, undisturbed)
    assert stopped.attempts()[-1] == ("completed", 2, None)


@pytest.mark.slow
def test_a_place_whose_password_is_not_kept_is_told(stopped, undisturbed, tmp_path):
    stopped.sql("UPDATE runs SET artifacts = 's3://user:***@host/folder'")
    elsewhere = stopped.assignment._replace(artifacts=tmp_path / "elsewhere")
    with pytest.raises(Unreachable, match="whose password the store does not keep: set GST_ARTIFACT_DIR"):
        run_trial(stopped.key, elsewhere)
    run_trial(stopped.key, stopped.assignment)
    assert_as_undisturbed(stopped, undisturbed)


@pytest.mark.slow
def test_the_store_knows_where_its_checkpoints_are(stopped, undisturbed, tmp_path, monkeypatch, caplog):
    """Whoever resumes from another folder goes on, and so does who moves the files and says so."""
    monkeypatch.delenv("GST_ARTIFACT_DIR", raising=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert place_for(stopped.store) == stopped.assignment.artifacts
    elsewhere = stopped.assignment._replace(artifacts=tmp_path / "elsewhere" / "gst-artifacts")
    drive(stopped.store, elsewhere, run_all)
    assert_as_undisturbed(stopped, undisturbed)
    assert stopped.attempts()[1] == ("completed", 2, None)
    assert not [it for it in caplog.records if it.levelname == "WARNING"]
    monkeypatch.setenv("GST_ARTIFACT_DIR", str(tmp_path / "moved"))
    assert place_for(stopped.store) == tmp_path / "moved"


@pytest.mark.slow
def test_missing_checkpoints_are_told_of_before_their_epochs_go(stopped, caplog):
    shutil.rmtree(stopped.assignment.artifacts)
    epochs_then = []

    def engine(keys, told):
        epochs_then.append(len(stopped.store.run(stopped.key).epochs))
        return ("not today",)

    drive(stopped.store, stopped.assignment, engine)
    assert epochs_then == [2]
    assert caplog.messages == [
        f"checkpoints of 1 run are not in {stopped.assignment.artifacts}, and 2 epochs will be trained "
        "again; if they are elsewhere, stop (Ctrl-C) and set GST_ARTIFACT_DIR to their folder"
    ]


@pytest.mark.parametrize("done", [1, 2, 3])
def test_epochs_of_el2n_networks_are_missing_too(tmp_path, done):
    spec = spec_of(TINY.replace("  No Pruning: {pruning: {kind: none}}\n", LEVELS))
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        sweep_id = store.register(spec)
        recorder = claimed(store, next(spec.runs()).spec, sweep_id, store.take_over(sweep_id))
        for epoch in (-2, -1)[:done]:
            recorder.scored(epoch, 1.0, checkpoint=pointer(epoch))
        if done == 3:
            recorder.write(EpochRecords(epoch_record(0)), checkpoint=pointer(0))
        recorder.interrupt()
        said = missing_checkpoints(store, sweep_id, Folder(tmp_path))
    epochs = "1 epoch" if done == 1 else f"{done} epochs"
    assert said.startswith(f"checkpoints of 1 run are not in {tmp_path}, and {epochs} will be trained again;")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A run, its data, and a checkpoint after its first epoch."""
    folder = tmp_path_factory.mktemp("saved")
    (_, spec), *_ = spec_of().runs()
    data = load_dataset(spec.config.data, folder / "data")
    state = start(spec, data)
    next(train(state))
    kept = Checkpoints(artifacts_at(folder), run_key(spec), 0).save(state, 1)
    return folder, spec, data, kept


def test_no_flipped_bit_is_loaded(saved, tmp_path):
    """Without the hash most are: weights are most of a file, and any bits are a weight."""
    folder, spec, data, kept = saved
    content = (folder / kept.name).read_bytes()
    state = start(spec, data)
    restore(state, kept, Folder(folder))
    assert state.next_epoch == 1
    path = tmp_path / kept.name
    path.parent.mkdir()
    here = kept._replace(place=None)
    draw = random.Random(0)
    for _ in range(FLIPS):
        damaged = bytearray(content)
        damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="is not as it was saved"):
            restore(state, here, Folder(tmp_path))


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../../secret.pt", "{other}/1-0.pt", "{key}/../{key}/1-0.pt"]
)
def test_only_names_of_the_run_are_opened(saved, name):
    folder, spec, data, kept = saved

    class Untouched(Folder):
        def read(self, name):
            raise AssertionError(name)

    pointer = kept._replace(name=name.format(other="f" * 64, key=kept.name[:64]))
    with pytest.raises(DataError, match="is not the name of a checkpoint of run"):
        restore(start(spec, data), pointer, Untouched(folder))


def test_a_pipe_in_the_place_of_a_checkpoint_is_not_opened(saved, tmp_path):
    _, spec, data, kept = saved
    path = tmp_path / kept.name
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(DataError, match="is not there"):
        restore(start(spec, data), kept._replace(place=None), Folder(tmp_path))


def test_an_imported_pointer_must_be_a_name_of_the_run(tmp_path):
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        store.register(spec_of())
        store.export(tmp_path / "out", form="csv")
    secret = {"checkpoint": "../../secret.pt", "checkpoint_epoch": "0", "last_epoch": "0"}
    rewrite(tmp_path / "out", "runs", lambda rows: rows[1].update(secret))
    with Store.open(str(tmp_path / "other.db"), create=True) as store:
        with pytest.raises(
            InputError, match=r"checkpoint: '\.\./\.\./secret\.pt' is not a name that gst gives"
        ):
            store.merge(tmp_path / "out")
        assert store.sweeps() == []


def test_pointers_are_exported_with_their_hash_and_without_their_place(tmp_path):
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        sweep_id = store.register(spec_of())
        (_, spec), *_ = spec_of().runs()
        recorder = claimed(store, spec, sweep_id, store.take_over(sweep_id))
        key = recorder.key
        for epoch in range(2):
            found = pointer(epoch, f"{key}/1-{epoch}.pt")
            recorder.write(EpochRecords(epoch_record(epoch)), checkpoint=found)
        assert store.artifacts() == "elsewhere"
        store.export(tmp_path / "out")
    with Store.open(str(tmp_path / "other.db"), create=True) as store:
        store.merge(tmp_path / "out")
        newest, earlier = checkpoints(store.run(key).run)
        assert newest == Checkpoint(f"{key}/1-1.pt", 1, "1" * 64, None)
        assert earlier == Checkpoint(f"{key}/1-0.pt", 0, "0" * 64, None)
        assert store.artifacts() is None
