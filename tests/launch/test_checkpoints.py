"""What is saved of a run, when, and what stays: policies, wherever the files lie."""

from __future__ import annotations

import uuid
from contextlib import suppress

import fsspec
import pytest
import torch
from tiny_sweep import records

from gst.config.sweep import RunSpec
from gst.data import load_dataset
from gst.errors import DataError
from gst.launch import attempt, trial
from gst.launch import checkpoints as module
from gst.launch.artifacts import Folder, artifacts_at
from gst.launch.checkpoints import Checkpoints
from gst.launch.drive import drive
from gst.launch.trial import run_all, run_trial
from gst.store import checkpoints
from gst.training import start, train
from gst.training.checkpoint import NUMERICS

pytestmark = pytest.mark.slow

PRUNED = 2
LAST_EPOCH = 2


class Killed(BaseException):
    """Stands for a process that is gone in an instant: nothing handles it."""


@pytest.fixture(params=["folder", "file URL", "memory"])
def place(request, tmp_path):
    """Where checkpoints lie."""
    match request.param:
        case "folder":
            yield tmp_path / "artifacts"
        case "file URL":
            yield f"file://{tmp_path / 'artifacts'}"
        case _:
            url = f"memory://{uuid.uuid4().hex}"
            yield url
            with suppress(FileNotFoundError):
                fsspec.filesystem("memory").rm(url.removeprefix("memory:/"), recursive=True)


@pytest.fixture
def killed_at(monkeypatch):
    """Have the next training die after that epoch was trained and before it is stored."""
    real = attempt.train

    def install(epoch):
        waiting = [None]

        def train(state):
            for found in real(state):
                if found.epoch.epoch == epoch and waiting:
                    waiting.pop()
                    raise Killed
                yield found

        monkeypatch.setattr(attempt, "train", train)

    return install


def listed(place):
    return [file.name for file in artifacts_at(place).files()]


def outcome(registered, key):
    run = registered.store.run(key).run
    return run["status"], run["checkpoint"], run["checkpoint_epoch"]


def attempts(registered, key):
    return [(a["outcome"], a["first_epoch"]) for a in registered.store.run(key).attempts]


def killed_and_resumed(registered, killed_at, key, assignment, epoch):
    killed_at(epoch)
    with pytest.raises(Killed):
        run_trial(key, assignment)
    left = listed(assignment.artifacts)
    run_trial(key, assignment)
    return left


class TestPolicies:
    """Each run is killed once; its rows are those of an undisturbed one."""

    def test_last_is_there_while_it_trains_and_gone_afterwards(self, registered, killed_at, place):
        key = registered.keys[PRUNED]
        assignment = registered.assignment._replace(artifacts=place, checkpoint_seconds=0)
        left = killed_and_resumed(registered, killed_at, key, assignment, 2)
        assert left == [f"{key}/1-0.pt", f"{key}/1-1.pt"]
        assert attempts(registered, key) == [("lost", 0), ("completed", 2)]
        assert listed(place) == []
        assert outcome(registered, key) == ("completed", None, None)

    def test_none_saves_nothing_and_starts_over(self, registered, killed_at, place):
        key = registered.keys[PRUNED]
        assignment = registered.assignment._replace(artifacts=place, checkpoint_seconds=0, keep="none")
        assert killed_and_resumed(registered, killed_at, key, assignment, 2) == []
        assert attempts(registered, key) == [("lost", 0), ("completed", 0)]
        assert listed(place) == []

    def test_final_stays_and_is_the_state_after_the_last_epoch(self, registered, killed_at, place):
        key = registered.keys[PRUNED]
        assignment = registered.assignment._replace(artifacts=place, checkpoint_seconds=0, keep="final")
        killed_and_resumed(registered, killed_at, key, assignment, 2)
        name = f"{key}/2-{LAST_EPOCH}.pt"
        assert listed(place) == [name]
        assert outcome(registered, key) == ("completed", name, LAST_EPOCH)
        assert registered.store.checkpoints() == {name}
        kept, trained = restored(registered, place, name), trained_straight(registered, key)
        assert kept.next_epoch == trained.next_epoch == LAST_EPOCH + 1
        for parameter, expected in zip(kept.model.parameters(), trained.model.parameters(), strict=True):
            assert torch.equal(parameter, expected)

    def test_the_rows_are_those_of_an_undisturbed_run(self, registered, killed_at, tmp_path):
        for key, keep in zip(registered.keys, ("last", "none", "final", "last"), strict=True):
            place = tmp_path / keep
            assignment = registered.assignment._replace(artifacts=place, checkpoint_seconds=0, keep=keep)
            killed_and_resumed(registered, killed_at, key, assignment, 2)
        found = records(registered.file)
        store = type(registered.store).open(f"sqlite:///{tmp_path / 'straight.db'}", create=True)
        with store:
            sweep_id = store.register(registered.spec)
            url = f"sqlite:///{tmp_path / 'straight.db'}"
            drive(store, registered.assignment._replace(url=url, sweep_id=sweep_id), run_all)
        assert found == records(tmp_path / "straight.db")


def restored(registered, place, name):
    spec = registered.store.spec(name.partition("/")[0])
    state = fresh(registered, spec)
    run = registered.store.run(name.partition("/")[0]).run
    (kept,) = checkpoints(run)
    assert kept.name == name
    Checkpoints(artifacts_at(place), run["key"], 0).restore(state, kept)
    return state


def trained_straight(registered, key):
    state = fresh(registered, registered.store.spec(key))
    for _ in train(state):
        pass
    return state


def fresh(registered, spec: RunSpec):
    return start(spec, load_dataset(spec.config.data, registered.assignment.data))


def killed_at_the_end(monkeypatch, key, assignment):
    """Have the run die when everything is stored but that it is complete."""

    def dies(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(trial.Recorder, "finish", dies)
        with pytest.raises(Killed):
            run_trial(key, assignment)


def test_a_run_that_died_between_its_last_epoch_and_its_end_keeps_its_final_state(registered, monkeypatch):
    """All is written and saved but that the run is complete: the next attempt has only that left to do."""
    key = registered.keys[0]
    assignment = registered.assignment._replace(keep="final")

    killed_at_the_end(monkeypatch, key, assignment)
    run_trial(key, assignment)
    assert attempts(registered, key) == [("lost", 0), ("completed", 3)]
    assert outcome(registered, key) == ("completed", f"{key}/1-2.pt", LAST_EPOCH)
    assert listed(assignment.artifacts) == [f"{key}/1-2.pt"]
    run_trial(key, assignment)  # a completed run is left alone
    assert len(registered.store.run(key).attempts) == 2


def test_another_policy_at_the_end_forgets_what_an_earlier_attempt_kept(registered, monkeypatch):
    key = registered.keys[0]
    killed_at_the_end(monkeypatch, key, registered.assignment._replace(keep="final"))
    run_trial(key, registered.assignment)
    assert outcome(registered, key) == ("completed", None, None)
    assert listed(registered.assignment.artifacts) == []


def test_a_diverged_run_keeps_nothing(registered, monkeypatch):
    from gst.errors import Diverged

    key, real = registered.keys[0], attempt.train

    def diverging(state):
        yield from real(state)
        raise Diverged("the loss is nan")

    monkeypatch.setattr(attempt, "train", diverging)
    run_trial(key, registered.assignment._replace(keep="final", checkpoint_seconds=0))
    assert outcome(registered, key) == ("diverged", None, None)
    assert listed(registered.assignment.artifacts) == []


def test_a_drive_leaves_the_final_states_and_nothing_else(registered):
    assignment = registered.assignment._replace(keep="final", checkpoint_seconds=0)
    keys = registered.keys
    drive(registered.store, assignment, run_all)
    assert listed(assignment.artifacts) == sorted(f"{key}/1-2.pt" for key in keys)
    assert registered.store.checkpoints() == {f"{key}/1-2.pt" for key in keys}


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def monotonic(self):
        return self.time


class SlowFolder(Folder):
    """Takes so many seconds of a clock for each file."""

    def __init__(self, path, clock, seconds) -> None:
        super().__init__(path)
        self.clock, self.seconds = clock, seconds

    def write(self, name, fill):
        self.clock.time += self.seconds
        super().write(name, lambda file: file.write(b""))


@pytest.fixture
def saving(tmp_path, monkeypatch, registered):
    """Checkpoints on a slow disk, and the clock that it is measured with."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    state = fresh(registered, registered.store.spec(registered.keys[0]))

    def make(seconds, slow):
        made = Checkpoints(SlowFolder(tmp_path, clock, slow), registered.keys[0], seconds)
        return made, clock, lambda: made.save(state, 1)

    return make


@pytest.mark.parametrize(
    ("seconds", "slow", "pause"),
    [(30, 0.1, 30), (30, 1.5, 30), (30, 3, 57), (30, 60, 1140), (0, 60, 0)],
    ids=["quick", "5%", "slower", "very slow", "after every epoch"],
)
def test_saving_takes_a_twentieth_of_the_time_at_most(saving, seconds, slow, pause):
    checkpoints, clock, save = saving(seconds, slow)
    if seconds:
        assert not checkpoints.wanted(last=False)
        clock.time += seconds
    assert checkpoints.wanted(last=False)
    save()
    if pause:
        clock.time += pause - 0.001
        assert not checkpoints.wanted(last=False)
        clock.time += 0.002
    assert checkpoints.wanted(last=False)


@pytest.mark.parametrize(("keep", "wanted"), [("last", False), ("none", False), ("final", True)])
def test_the_last_epoch_is_saved_only_to_be_kept(saving, keep, wanted):
    checkpoints, clock, _ = saving(30, 0)
    checkpoints.keep = keep
    clock.time += 1000
    assert checkpoints.wanted(last=True) is wanted
    assert checkpoints.wanted(last=False) is (keep != "none")


def test_epochs_of_another_kind_of_device_count_unless_its_arithmetic_has_changed(registered, tmp_path):
    state = fresh(registered, registered.store.spec(registered.keys[0]))
    checkpoints = Checkpoints(Folder(tmp_path), registered.keys[0], 0)
    saved = checkpoints.save(state, 1)._replace(sha256=None)
    content = torch.load(tmp_path / saved.name, weights_only=True)
    torch.save(content | {"device": "cuda", "numerics": NUMERICS["cuda"]}, tmp_path / saved.name)
    checkpoints.restore(state, saved)
    torch.save(content | {"device": "cuda", "numerics": 0}, tmp_path / saved.name)
    with pytest.raises(DataError, match="with version 0 of gst's arithmetic on cuda, and this gst has 1"):
        checkpoints.restore(state, saved)


class Stubborn(Folder):
    """Lets nothing go."""

    def remove(self, name):
        raise PermissionError(13, "Permission denied")

    def files(self, folder=""):
        if folder:
            raise PermissionError(13, "Permission denied")
        return super().files()


def test_files_that_cannot_be_removed_fail_no_run(registered, monkeypatch):
    place = registered.assignment.artifacts
    monkeypatch.setattr(trial, "artifacts_at", lambda _: Stubborn(place))
    monkeypatch.setattr("gst.launch.drive.artifacts_at", lambda _: Stubborn(place))
    drive(registered.store, registered.assignment._replace(checkpoint_seconds=0), run_all)
    assert registered.keys == []
    assert listed(place) != []


class Full(Folder):
    """Has no space left."""

    def write(self, name, fill):
        def too_much(file):
            raise OSError(28, "No space left on device")

        def hidden(file):  # as torch does with what a file raises
            try:
                too_much(file)
            except OSError:
                raise RuntimeError("unexpected pos 704 vs 598")  # noqa: B904

        super().write(name, too_much if name.endswith("-0.pt") else hidden)


def test_a_checkpoint_that_cannot_be_saved_costs_no_run(registered, monkeypatch, caplog):
    place = registered.assignment.artifacts
    monkeypatch.setattr(trial, "artifacts_at", lambda _: Full(place))
    keys = registered.keys
    drive(registered.store, registered.assignment._replace(checkpoint_seconds=0), run_all)
    assert {registered.status(key) for key in keys} == {"completed"}
    said = {it.getMessage() for it in caplog.records if it.levelname == "WARNING"}
    assert said == {"a checkpoint cannot be saved, and training goes on without: No space left on device"}
    assert listed(place) == []


def test_a_final_state_that_cannot_be_saved_fails_the_run(registered, monkeypatch):
    """It is a result: a run without it would count as complete."""
    place, key = registered.assignment.artifacts, registered.keys[0]
    monkeypatch.setattr(trial, "artifacts_at", lambda _: Full(place))
    run_trial(key, registered.assignment._replace(keep="final"))
    assert registered.status(key) == "failed"
    assert "No space left on device" in registered.store.run(key).attempts[0]["traceback"]
