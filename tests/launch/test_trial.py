"""One trial: a run from its key to its last row, whatever happens on the way."""

from __future__ import annotations

import gc
import signal
import sqlite3
import threading
import time
import weakref
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.sql.compiler import SQLCompiler
from tiny_sweep import RUNS, TINY, records, spec_of

from gst.cli.driving import _terminable
from gst.data.dataset import content_hash
from gst.data.digits import digits
from gst.errors import Diverged, GstError, InputError
from gst.launch import attempt, retry, trial
from gst.launch.drive import drive
from gst.launch.trial import run_all, run_trial

pytestmark = pytest.mark.slow

PRUNED = 2
"""The place of the first run that prunes."""


class Killed(BaseException):
    """Stands for a process that is gone in an instant: nothing handles it."""


@pytest.fixture
def undisturbed(registered, tmp_path_factory):
    """What the runs yield when nothing happens to them."""
    folder = tmp_path_factory.mktemp("undisturbed")
    store = type(registered.store).open(f"sqlite:///{folder / 'gst.db'}", create=True)
    with store:
        sweep_id = store.register(registered.spec)
        url = f"sqlite:///{folder / 'gst.db'}"
        there = registered.assignment._replace(url=url, sweep_id=sweep_id, artifacts=folder / "artifacts")
        drive(store, there, run_all)
    return records(folder / "gst.db")


@pytest.fixture
def at_epoch(monkeypatch):
    """Have training call something after the records of an epoch, once; `at_epoch(epoch, do)`."""
    real = attempt.train

    def install(epoch, do):
        waiting = [do]

        def train(state):
            for found in real(state):
                if found.epoch.epoch == epoch and waiting:
                    waiting.pop()()
                yield found

        monkeypatch.setattr(attempt, "train", train)

    return install


@pytest.fixture
def patient(monkeypatch):
    """No waiting between tries to reach the store; the pauses that would have been."""
    pauses = []
    monkeypatch.setattr(retry.time, "sleep", pauses.append)
    return pauses


def raising(error):
    def do(*_, **__):
        raise error

    return do


def run_rows(found, key):
    return {table: [row for row in rows if row[0] == key] for table, rows in found.items()}


def checkpoints(registered):
    folder = registered.assignment.artifacts
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def attempts(registered, key):
    return [(a["outcome"], a["first_epoch"]) for a in registered.store.run(key).attempts]


def test_a_trial_completes_its_run_and_says_where(registered, undisturbed):
    key = registered.keys[PRUNED]
    run_trial(key, registered.assignment)
    found = registered.store.run(key)
    assert found.run["status"] == "completed"
    assert run_rows(records(registered.file), key) == run_rows(undisturbed, key)
    (attempt,) = found.attempts
    assert (attempt["device"], attempt["cpus"], attempt["gpus"]) == ("cpu", 1.0, 0.0)
    assert attempt["deterministic"]
    assert attempt["peak_memory"] > 50_000_000
    dataset = registered.store.query("SELECT name, train, test, classes FROM datasets").rows
    assert dataset == [("digits", 1797, 0, 10)]
    assert checkpoints(registered) == []


def test_a_run_that_has_ended_is_left_alone(registered):
    key = registered.keys[0]
    run_trial(key, registered.assignment)
    before = registered.store.run(key)
    run_trial(key, registered.assignment)
    assert registered.store.run(key) == before


def test_a_trial_of_a_superseded_driver_does_nothing(registered):
    key = registered.keys[0]
    registered.store.take_over(registered.assignment.sweep_id)
    run_trial(key, registered.assignment)
    assert registered.store.run(key).attempts == ()


@pytest.mark.parametrize(("seconds", "first_epoch"), [(0.0, 2), (1e9, 0)], ids=["checkpoints", "none"])
@pytest.mark.parametrize("place", [0, PRUNED], ids=["unpruned", "pruned"])
def test_a_run_whose_process_is_killed_ends_with_the_very_same_rows(
    registered, undisturbed, at_epoch, seconds, first_epoch, place
):
    """Killed after epoch 2 was trained, before it was stored; epoch 1 has a checkpoint or not."""
    assignment = registered.assignment._replace(checkpoint_seconds=seconds)
    key = registered.keys[place]
    at_epoch(2, raising(Killed()))
    with pytest.raises(Killed):
        run_trial(key, assignment)
    assert registered.status(key) == "running"
    assert checkpoints(registered) == ([f"{key}/1-0.pt", f"{key}/1-1.pt"] if seconds == 0 else [])
    run_trial(key, assignment)
    assert attempts(registered, key) == [("lost", 0), ("completed", first_epoch)]
    assert run_rows(records(registered.file), key) == run_rows(undisturbed, key)
    assert checkpoints(registered) == []


def test_at_most_two_checkpoints_are_kept_and_the_last_epoch_needs_none(registered, at_epoch):
    seen = []
    at_epoch(2, lambda: seen.extend(checkpoints(registered)))
    key = registered.keys[0]
    run_trial(key, registered.assignment._replace(checkpoint_seconds=0))
    assert seen == [f"{key}/1-0.pt", f"{key}/1-1.pt"]


def test_the_checkpoint_that_a_run_continued_from_is_kept_until_there_are_two_newer(registered, monkeypatch):
    key = registered.keys[0]
    assignment = registered.assignment._replace(checkpoint_seconds=0)
    real = attempt.train
    seen = []

    def killed_at(epoch):
        def train(state):
            for found in real(state):
                if found.epoch.epoch == epoch:
                    seen.append(checkpoints(registered))
                    raise Killed
                yield found

        return train

    for epoch in (1, 2):
        monkeypatch.setattr(attempt, "train", killed_at(epoch))
        with pytest.raises(Killed):
            run_trial(key, assignment)
    assert seen == [[f"{key}/1-0.pt"], [f"{key}/1-0.pt", f"{key}/2-1.pt"]]


def test_a_checkpoint_that_is_gone_means_a_new_start(registered, undisturbed, at_epoch):
    key = registered.keys[PRUNED]
    assignment = registered.assignment._replace(checkpoint_seconds=0)
    at_epoch(2, raising(Killed()))
    with pytest.raises(Killed):
        run_trial(key, assignment)
    for name in checkpoints(registered):
        (assignment.artifacts / name).unlink()
    run_trial(key, assignment)
    assert attempts(registered, key) == [("lost", 0), ("completed", 0)]
    assert run_rows(records(registered.file), key) == run_rows(undisturbed, key)


def test_a_zombie_writes_no_row_and_leaves_no_checkpoint(registered, undisturbed, at_epoch):
    """Another attempt takes the run and completes it while the first is between two epochs."""
    key = registered.keys[PRUNED]
    assignment = registered.assignment._replace(checkpoint_seconds=0)
    at_epoch(1, lambda: run_trial(key, assignment))
    run_trial(key, assignment)
    assert attempts(registered, key) == [("lost", 0), ("completed", 1)]
    assert run_rows(records(registered.file), key) == run_rows(undisturbed, key)
    assert checkpoints(registered) == []


def test_a_run_that_raises_is_failed_with_its_traceback_and_log(registered, at_epoch):
    key = registered.keys[0]
    at_epoch(1, raising(ValueError("no such thing")))
    run_trial(key, registered.assignment._replace(checkpoint_seconds=0))
    found = registered.store.run(key)
    assert (found.run["status"], found.run["reason"]) == ("failed", "ValueError: no such thing")
    (attempt,) = found.attempts
    assert attempt["traceback"].startswith("Traceback")
    assert "gst.launch.attempt: epoch 0: test accuracy 0." in attempt["log_tail"].splitlines()[-1]
    assert checkpoints(registered) == [f"{key}/1-0.pt"]  # for a retry


def test_the_log_of_one_trial_is_not_that_of_another(registered, at_epoch):
    first, second, *_ = registered.keys
    run_trial(first, registered.assignment)
    at_epoch(0, raising(ValueError))
    run_trial(second, registered.assignment)
    (attempt,) = registered.store.run(second).attempts
    assert len(attempt["log_tail"].splitlines()) == 1


def test_a_diverged_run_is_marked_as_such(registered, at_epoch):
    key = registered.keys[0]
    at_epoch(1, raising(Diverged("the loss is nan")))
    run_trial(key, registered.assignment._replace(checkpoint_seconds=0))
    assert registered.status(key) == "diverged"
    assert checkpoints(registered) == []


def test_a_loss_that_is_no_number_is_divergence_from_the_records_to_the_store(registered):
    spec = registered.spec
    (arm, config, seeds), _ = spec.configs
    wild = config.training.model_copy(
        update={"optimizer": config.training.optimizer.model_copy(update={"lr": 1e30})}
    )
    store = registered.store
    sweep_id = store.register(
        spec._replace(name="wild", configs=((arm, config.model_copy(update={"training": wild}), seeds),))
    )
    assignment = registered.assignment._replace(sweep_id=sweep_id, driver_epoch=store.take_over(sweep_id))
    key = store.remaining(sweep_id)[0]
    run_trial(key, assignment)
    assert registered.status(key) == "diverged"
    assert store.run(key).epochs[-1]["train_loss"] is None


def test_what_is_told_to_stop_is_interrupted_and_says_so(registered, at_epoch):
    key = registered.keys[0]
    at_epoch(1, raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run_trial(key, registered.assignment)
    assert registered.status(key) == "interrupted"


@pytest.fixture
def terminable():
    """SIGTERM as `gst sweep` has it, and as it was after the test."""
    with _terminable():
        yield


@pytest.mark.parametrize(("epoch", "expected"), [(1, ("interrupted", 1, 1)), (2, ("completed", None, 2))])
def test_whoever_has_a_grace_saves_the_epoch_that_ends_in_it(
    registered, at_epoch, terminable, epoch, expected
):
    key, *others = registered.keys
    at_epoch(epoch, lambda: [signal.raise_signal(signal.SIGTERM) for _ in range(2)])
    with pytest.raises(KeyboardInterrupt):
        run_all(registered.keys, registered.assignment._replace(grace=1000.0))
    told = registered.store.run(key)
    assert tuple(told.run[name] for name in ("status", "checkpoint_epoch", "last_epoch")) == expected
    assert {registered.status(other) for other in others} == {"pending"}


def test_an_epoch_that_takes_longer_is_lost(registered, at_epoch, terminable):
    key = registered.keys[0]

    def do():
        signal.raise_signal(signal.SIGTERM)
        while True:
            time.sleep(0.01)

    at_epoch(1, do)
    with pytest.raises(KeyboardInterrupt):
        run_trial(key, registered.assignment._replace(grace=0.1))
    told = registered.store.run(key)
    assert (told.run["status"], told.run["last_epoch"]) == ("interrupted", 0)


def test_where_nobody_hears_of_signals_nothing_is_put_off(registered, terminable):
    first, second, *_ = registered.keys
    hears = signal.getsignal(signal.SIGTERM)
    assignment = registered.assignment._replace(grace=5.0)
    thread = threading.Thread(target=run_trial, args=(first, assignment))
    thread.start()
    thread.join()
    assert registered.status(first) == "completed"
    run_trial(second, assignment)
    assert signal.getsignal(signal.SIGTERM) is hears


@pytest.mark.parametrize("status", [0, 1, "no words"])
def test_a_run_that_exits_has_failed_and_the_others_go_on(registered, at_epoch, status):
    first, *others = registered.keys
    at_epoch(1, raising(SystemExit(status)))
    run_trial(first, registered.assignment)
    assert registered.status(first) == "failed"
    told = registered.store.run(first)
    assert told.run["reason"] == f"RuntimeError: the code of the run exited with status {status!r}"
    assert f"SystemExit: {status}" in told.attempts[0]["traceback"]
    run_all(others, registered.assignment)
    assert {registered.status(key) for key in others} == {"completed"}


def test_who_is_told_to_stop_stops_though_another_has_the_run(registered, at_epoch):
    key = registered.keys[0]

    def do():
        run_trial(key, registered.assignment)
        raise KeyboardInterrupt

    at_epoch(1, do)
    with pytest.raises(KeyboardInterrupt):
        run_trial(key, registered.assignment)
    assert registered.status(key) == "completed"


DOWN = sqlalchemy.exc.OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error"))


def test_a_store_that_is_down_for_a_while_costs_no_row(registered, undisturbed, monkeypatch, patient):
    key = registered.keys[PRUNED]
    real, failures = trial.Recorder.write, [DOWN, DOWN]

    def write(recorder, found, checkpoint=None, **options):
        if found.epoch.epoch == 1 and failures:
            raise failures.pop()
        real(recorder, found, checkpoint, **options)

    monkeypatch.setattr(trial.Recorder, "write", write)
    run_trial(key, registered.assignment)
    assert patient == [1, 5]
    assert attempts(registered, key) == [("lost", 0), ("lost", 0), ("completed", 0)]
    assert run_rows(records(registered.file), key) == run_rows(undisturbed, key)


def test_a_store_that_stays_down_is_an_error_of_its_own(registered, monkeypatch, patient):
    monkeypatch.setattr(trial.Store, "open", raising(DOWN))
    with pytest.raises(GstError, match=r"the store does not answer: .*disk I/O error"):
        run_trial(registered.keys[0], registered.assignment)
    assert patient == list(retry.PAUSES)


def test_a_process_compiles_statements_for_its_first_run_only(registered, monkeypatch):
    first, second = registered.keys[:2]  # both without pruning
    run_trial(first, registered.assignment)
    compiled = []
    real = SQLCompiler.__init__

    def counted(self, *given, **named):
        compiled.append(self)
        real(self, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(SQLCompiler, "__init__", counted)
        run_trial(second, registered.assignment)
    assert registered.store.run(second).run["status"] == "completed"
    assert compiled == []


def test_a_process_leaves_no_connection_between_its_runs(registered):
    keys = registered.keys
    registered.store.close()
    run_trial(keys[0], registered.assignment)
    open_files = [str(it.resolve()) for it in Path("/proc/self/fd").iterdir()]
    assert str(registered.file.resolve()) not in open_files
    assert registered.status(keys[0]) == "completed"


def test_runs_change_nothing_of_the_data_that_they_share(registered):
    assert run_all(registered.keys, registered.assignment) == ()
    shared = digits()
    assert shared is digits()
    assert content_hash(shared.train, shared.test) == shared.content_hash


def test_a_store_that_is_deleted_between_two_runs_is_missed_by_name(registered):
    first, second = registered.keys[:2]
    run_trial(first, registered.assignment)
    registered.store.close()
    registered.file.unlink()
    with pytest.raises(GstError, match=r"there is no such store|unable to open"):
        run_trial(second, registered.assignment)


def test_a_trial_leaves_no_memory_to_the_next(registered, monkeypatch):
    models = []
    real = attempt.train

    def train(state):
        state.itself = state  # what only the garbage collector finds
        models.append(weakref.ref(state.model))
        return real(state)

    monkeypatch.setattr(attempt, "train", train)
    key = registered.keys[0]
    run_trial(key, registered.assignment)
    assert registered.status(key) == "completed"
    assert models[0]() is None
    assert gc.get_freeze_count() == 0


def test_a_run_has_as_many_threads_as_it_was_given_cpus(registered, monkeypatch):
    given = []
    monkeypatch.setattr(attempt.torch, "set_num_threads", given.append)
    for key, cpus in zip(registered.keys, (1, 2, 0.5, 3.0), strict=True):
        run_trial(key, registered.assignment._replace(cpus=cpus))
    assert given == [1, 2, 1, 3]


class TestDrive:
    def test_every_run_is_carried_to_its_end(self, registered, undisturbed):
        assert drive(registered.store, registered.assignment, run_all) == ()
        assert registered.keys == []
        assert records(registered.file) == undisturbed

    def test_nothing_to_do_starts_no_engine(self, registered):
        drive(registered.store, registered.assignment, run_all)
        assert drive(registered.store, registered.assignment, raising(AssertionError)) == ()

    def test_a_new_driver_supersedes_the_one_before(self, registered):
        drive(registered.store, registered.assignment, run_all)
        assert registered.store.sweeps()[0].driver_epoch == registered.assignment.driver_epoch + 1

    def test_a_driver_that_is_superseded_says_so_and_leaves_the_rest(self, registered):
        epochs = []

        def engine(keys, told):
            run_trial(keys[0], told)
            epochs.append(registered.store.take_over(told.sweep_id))
            return run_all(keys[1:], told)

        (problem,) = drive(registered.store, registered.assignment, engine)
        assert problem.startswith("another driver has taken the sweep over")
        assert len(registered.keys) == RUNS - 1
        assert len(epochs) == 1

    def test_a_driver_that_was_not_asked_for_what_another_trains_is_refused(self, registered):
        """It would stop that one, and train none of its runs."""
        first, *others = registered.keys
        store, assignment = registered.store, registered.assignment
        claimed(store, first, assignment)
        with pytest.raises(InputError, match="trains 1 run that --seeds leaves out, and would stop"):
            drive(store, assignment, raising(AssertionError), asked=others)
        assert store.sweeps()[0].driver_epoch == assignment.driver_epoch
        tried = []
        drive(store, assignment, lambda keys, _: (tried.extend(keys), ("enough",))[1], asked=[first])
        assert tried == [first]

    def test_what_an_engine_leaves_running_is_interrupted(self, registered, at_epoch):
        at_epoch(1, raising(Killed()))
        with pytest.raises(Killed):
            drive(registered.store, registered.assignment, run_all)
        counts = registered.store.progress(registered.assignment.sweep_id).counts
        assert (counts["interrupted"], counts["pending"]) == (1, RUNS - 1)

    def test_checkpoints_of_ended_runs_are_swept_up_and_those_of_others_kept(self, registered, at_epoch):
        assignment = registered.assignment._replace(checkpoint_seconds=0)
        ended, failed, *_ = registered.keys

        def engine(keys, told):
            for key in (ended, failed):
                checkpoint_of(key, told).write_bytes(b"an orphan")
            run_trial(ended, told)
            checkpoint_of(ended, told).write_bytes(b"of a process that died late")
            at_epoch(1, raising(ValueError))
            run_trial(failed, told)
            return ("the store was away",)

        problems = drive(registered.store, assignment, engine)
        assert problems == ("the store was away",)
        assert checkpoints(registered) == [f"{failed}/1-0.pt", f"{failed}/1-9.pt"]

    def test_what_a_driver_that_was_killed_left_of_runs_that_are_complete_is_swept_up(self, registered):
        first, *_ = registered.keys
        run_trial(first, registered.assignment)
        left = checkpoint_of(first, registered.assignment)
        left.write_bytes(b"of a process that was killed before it removed it")
        left.with_name(".1-3.pt.123").write_bytes(b"half a checkpoint")
        drive(registered.store, registered.assignment, run_all)
        assert checkpoints(registered) == []

    def test_runs_that_another_sweep_is_training_are_waited_for(self, registered, monkeypatch):
        """The other sweep's trial completes one of its two runs while we wait, and lets go of the other."""
        store, spec = registered.store, registered.spec
        first, second, *_ = registered.keys
        other = store.register(spec._replace(name="other"))
        epoch = store.take_over(other)
        theirs = registered.assignment._replace(sweep_id=other, driver_epoch=epoch)
        held = [claimed(store, key, theirs) for key in (first, second)]
        waits = []

        def sleep(seconds):
            waits.append(seconds)
            if len(waits) == 1:
                held[0].finish()
            else:
                store.interrupt(other, epoch)

        monkeypatch.setattr("gst.launch.drive.time.sleep", sleep)
        drive(store, registered.assignment, run_all)
        assert len(waits) == 2
        assert {registered.status(key) for key in (first, second)} == {"completed"}
        assert registered.keys == []

    def test_runs_that_another_sweep_lets_go_of_are_trained(self, registered):
        """It trains one when our trial comes, and has stopped when our engine is done with the others."""
        store = registered.store
        other = store.register(registered.spec._replace(name="other"))
        epoch = store.take_over(other)
        theirs = registered.assignment._replace(sweep_id=other, driver_epoch=epoch)
        claimed(store, registered.keys[0], theirs)
        passes = []

        def engine(keys, told):
            passes.append(keys)
            problems = run_all(keys, told)
            store.interrupt(other, epoch)
            return problems

        assert drive(store, registered.assignment, engine) == ()
        assert [len(keys) for keys in passes] == [RUNS, 1]
        assert registered.keys == []

    def test_what_no_engine_gets_anywhere_with_is_not_tried_for_ever(self, registered):
        passes = []

        def engine(keys, told):
            passes.append(keys)
            return ()

        assert drive(registered.store, registered.assignment, engine) == ()
        assert passes == [registered.keys]

    def test_a_store_that_is_away_for_a_moment_is_waited_for(self, registered, patient, monkeypatch):
        real, failures = registered.store.remaining, [DOWN, DOWN]

        def remaining(sweep_id, **which):
            if failures:
                raise failures.pop()
            return real(sweep_id, **which)

        monkeypatch.setattr(registered.store, "remaining", remaining)
        drive(registered.store, registered.assignment, run_all)
        assert patient == [1, 5]
        assert registered.keys == []

    def test_a_store_that_cannot_be_told_of_the_end_hides_no_other_error(
        self, registered, monkeypatch, caplog
    ):
        monkeypatch.setattr(registered.store, "interrupt", raising(DOWN))
        with pytest.raises(GstError, match="run abc stopped"):
            drive(registered.store, registered.assignment, raising(GstError("run abc stopped")))
        assert caplog.messages == [
            "the end of the sweep could not be noted: the store does not answer: disk I/O error"
        ]


def checkpoint_of(key, assignment):
    path = assignment.artifacts / key / "1-9.pt"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def claimed(store, key, assignment):
    from stores import PROVENANCE

    recorder = store.claim(
        key,
        sweep_id=assignment.sweep_id,
        driver_epoch=assignment.driver_epoch,
        provenance=PROVENANCE,
    )
    assert recorder is not None
    return recorder


SCORED = TINY.replace("seeds: 2", "seeds: [0]").replace(
    "arms:", "  measure: {examples: {el2n: {epochs: 2, replicates: 3}, groups: 3}}\narms:"
)
"""Before their own first epoch its runs train three networks for two epochs each."""


def test_el2n_networks_survive_a_killed_process(register, tmp_path, monkeypatch):
    """Killed three times: with half a network, with one and a half, and after all three; none is lost."""
    straight, killed = (register(spec_of(SCORED), tmp_path / name) for name in ("straight", "killed"))
    run_trial(straight.keys[0], straight.assignment)
    assignment = killed.assignment._replace(checkpoint_seconds=0)
    real = attempt.score_examples
    trained, deaths = [], [-6, -4, -1]

    def score_examples(state):
        for done in real(state):
            trained.append(done.epoch)
            yield done
            if deaths and done.epoch == deaths[0]:
                deaths.pop(0)
                raise Killed

    monkeypatch.setattr(attempt, "score_examples", score_examples)
    key = killed.keys[0]
    for _ in range(3):
        with pytest.raises(Killed):
            run_trial(key, assignment)
        run = killed.store.run(key).run
        assert (run["last_epoch"], run["stall"]) == (None, 0)
        assert run["checkpoint_epoch"] == trained[-1]
    run_trial(key, assignment)
    assert trained == [-6, -5, -4, -3, -2, -1]
    assert attempts(killed, key) == [("lost", 0)] * 3 + [("completed", 0)]
    assert run_rows(records(killed.file), key) == run_rows(records(straight.file), key)
    assert run_rows(records(killed.file), key)["examples"]
    assert checkpoints(killed) == []


def test_time_of_el2n_networks_is_time_of_the_run(register, tmp_path, monkeypatch):
    there = register(spec_of(SCORED), tmp_path)
    key = there.keys[0]
    seconds = []
    real = attempt.score_examples

    def score_examples(state):
        for done in real(state):
            seconds.append(done.seconds)
            yield done

    monkeypatch.setattr(attempt, "score_examples", score_examples)
    run_trial(key, there.assignment)
    found = there.store.run(key)
    assert len(seconds) == 6
    own = sum(row["seconds"] for row in found.epochs)
    assert found.run["seconds"] == pytest.approx(own + sum(seconds))
