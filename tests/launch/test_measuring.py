"""Measurements of runs that were trained before, or for another sweep: as if they had asked for them."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import torch
from tiny_sweep import LEVELS, TINY, records, spec_of

from gst.config.key import older_key
from gst.config.measure import MeasureConfig
from gst.data import load_dataset
from gst.errors import InputError
from gst.launch import measuring
from gst.launch.drive import drive
from gst.launch.measuring import Place, measure
from gst.launch.trial import Assignment, run_all, run_trial
from gst.store import Store, unmeasured
from gst.training import start, train

pytestmark = pytest.mark.slow

PLAIN = TINY.replace("figures: [tradeoff]\n", LEVELS).replace("seeds: 2", "seeds: 1")
FLAT = "{epoch: %d, images: 16, eigenpairs: 2, trace_products: 2, directions: 1}"
# At an epoch after whose training filters go, and at the end of a level, after which weights go.
ASKING = PLAIN.replace(
    "measure: {examples:", f"measure: {{flatness: {FLAT % 7}, normality: {{layers: 1, images: 16}}, examples:"
).replace("  pruning:\n", f"  measure: {{flatness: {FLAT % 1}}}\n  pruning:\n", 1)


def driven(registered, engine=run_all):
    assert drive(registered.store, registered.assignment, engine) == ()


def asking_too(registered):
    """The sweep that measures, in the same store."""
    sweep_id = registered.store.register(spec_of(ASKING, "asking"))
    return registered._replace(assignment=registered.assignment._replace(sweep_id=sweep_id))


def warnings(caplog):
    return [it.getMessage() for it in caplog.records if it.levelname == "WARNING"]


def never(keys, assignment):
    raise AssertionError(f"{keys} are not to be trained")


@pytest.fixture(scope="module")
def measured_alone(tmp_path_factory):
    """What the sweep yields that measures while it trains."""
    folder = tmp_path_factory.mktemp("alone")
    store = Store.open(f"sqlite:///{folder / 'gst.db'}", create=True)
    with store:
        sweep_id = store.register(spec_of(ASKING, "asking"))
        assignment = Assignment(
            url=f"sqlite:///{folder / 'gst.db'}", sweep_id=sweep_id, driver_epoch=0, data=folder / "data",
            artifacts=folder / "artifacts", cpus=1, gpus=0, checkpoint_seconds=30.0,
        )  # fmt: skip
        drive(store, assignment, run_all)
    return records(folder / "gst.db")


@pytest.fixture
def plain(register, tmp_path):
    return register(spec_of(PLAIN, "plain"), tmp_path / "plain")


@pytest.mark.parametrize("keep", ["last", "final"])
def test_completed_runs_are_measured_as_if_they_had_been_asked_before(plain, measured_alone, keep):
    plain = plain._replace(assignment=plain.assignment._replace(keep=keep))
    driven(plain)
    before = records(plain.file)
    assert before["flatness"] == before["normality"] == []
    asking = asking_too(plain)
    assert len(unmeasured(plain.store, asking.assignment.sweep_id)) == 3
    driven(asking)
    assert records(plain.file) == measured_alone
    assert plain.store.query("SELECT count(*), max(attempt) FROM attempts").rows == [(3, 1)]
    assert unmeasured(plain.store, asking.assignment.sweep_id) == {}
    driven(asking, never)


def test_sweeps_that_are_registered_together_measure_in_one_training(plain, measured_alone, monkeypatch):
    asking = asking_too(plain)
    driven(plain)
    assert records(plain.file) == measured_alone
    driven(asking, never)


def test_a_run_that_does_not_come_again_is_not_measured_and_the_others_are(plain, caplog):
    driven(plain)
    with closing(sqlite3.connect(plain.file)) as connection, connection:
        connection.execute("UPDATE epochs SET train_loss = 0.125 WHERE run_id = 1 AND epoch = 1")
    asking = asking_too(plain)
    driven(asking)
    (left,) = unmeasured(plain.store, asking.assignment.sweep_id)
    (said,) = warnings(caplog)
    assert f"run {left[:12]} is not measured: does not come again as it was: epoch 1 has " in said
    assert "and 0.125 was stored. It was trained on " in said
    assert plain.store.query("SELECT count(*) FROM flatness").rows == [(2,)]
    assert plain.store.query("SELECT count(*) FROM runs WHERE status = 'completed'").rows == [(3,)]


def test_a_run_of_another_arithmetic_is_not_trained_again_in_vain(plain, monkeypatch, caplog):
    driven(plain)
    with closing(sqlite3.connect(plain.file)) as connection, connection:
        connection.execute("UPDATE attempts SET numerics = NULL")
    monkeypatch.setattr(measuring, "train", never)
    driven(asking_too(plain))
    said = warnings(caplog)
    assert len(said) == 3
    assert all("was trained on cpu with version 1 of gst's arithmetic there" in it for it in said)


def test_a_process_that_died_while_it_measured_does_not_measure_again(plain, caplog):
    driven(plain)
    asking = asking_too(plain)
    key = plain.store.query("SELECT key FROM runs WHERE run_id = 1").rows[0][0]
    driver = plain.store.take_over(asking.assignment.sweep_id)
    ours = asking.assignment._replace(driver_epoch=driver)
    run_trial(key, ours, died="Memory ran out on node7", again=True)
    run_trial(key, ours, again=True)
    assert warnings(caplog) == [
        f"run {key[:12]} is not measured: Memory ran out on node7",
        f"run {key[:12]} is not measured: its process ended",
    ]
    assert key in unmeasured(plain.store, asking.assignment.sweep_id)


def test_only_completed_runs_are_measured(plain):
    key = plain.keys[0]
    place = Place(plain.assignment.data, plain.assignment.artifacts, None)
    with pytest.raises(InputError, match=f"run {key[:12]}: is pending; only a completed run can be measured"):
        measure(plain.store, key, None, place)


def test_a_gpu_may_bring_other_rows_which_becomes_a_note_of_the_run(plain, caplog):
    """No GPU is needed to compare: the state only says what it is on."""
    driven(plain)
    key = plain.store.query("SELECT key FROM runs WHERE run_id = 1").rows[0][0]
    spec = plain.store.spec(key)
    again = list(train(start(spec, load_dataset(spec.config.data, plain.assignment.data))))
    other = [replace(it, epoch=replace(it.epoch, test_accuracy=0.25)) for it in again[1:]]
    compared = measuring.Comparison(plain.store, plain.store.run(key), torch.device("cuda"))
    for it in (again[0], *other):
        compared.with_stored(it)
    (note,) = plain.store.run(key).notes
    assert "differs: epoch 1 has epochs.test_accuracy 0.25, and " in note.text
    assert len(warnings(caplog)) == 1


def test_states_that_are_kept_save_training_again(plain, measured_alone, caplog):
    """That of the epoch is measured unless something went at its end; then the one before leads there."""
    caplog.set_level("INFO")
    at = plain._replace(assignment=plain.assignment._replace(keep_at=(0, 6, 19), checkpoint_seconds=0))
    driven(at)
    kept = {key: [it.epoch for it in plain.store.kept_states(key)] for key in completed(plain)}
    assert sorted(kept.values()) == [[0], [0], [0, 6, 19]]
    files = sorted(it.name for it in plain.assignment.artifacts.rglob("*.pt"))
    assert files == ["1-0.pt", "1-0.pt", "1-0.pt", "1-19.pt", "1-6.pt"]
    driven(asking_too(plain))
    assert records(plain.file) == measured_alone
    again = [it for it in caplog.messages if "trained again" in it]
    epochs = [it.partition(": ")[2].removesuffix(" are trained again") for it in again]
    assert epochs == ["epochs 1 to 1", "epochs 1 to 1", "epochs 7 to 7"]


def completed(registered):
    return [key for (key,) in registered.store.query("SELECT key FROM runs ORDER BY run_id").rows]


def test_a_state_that_is_gone_costs_training_again(plain, measured_alone, caplog):
    caplog.set_level("INFO")
    driven(plain._replace(assignment=plain.assignment._replace(keep_at=(0, 1), checkpoint_seconds=0)))
    for file in plain.assignment.artifacts.rglob("*-0.pt"):
        file.unlink()
    driven(asking_too(plain))
    assert records(plain.file) == measured_alone
    assert sum("1-0.pt: is not there" in it for it in caplog.messages) == 1  # only pruning needs it
    again = [it.partition(": ")[2] for it in caplog.messages if "trained again" in it]
    assert again[0] == "epochs 0 to 1 are trained again"


def test_normality_that_was_asked_for_in_the_middle_is_measured_whole(plain, measured_alone):
    """A run that goes on has no untrained network any more."""
    driven(plain)
    asking = asking_too(plain)
    driven(asking)
    with closing(sqlite3.connect(plain.file)) as connection, connection:
        connection.execute("DELETE FROM normality WHERE epoch < 0")
    assert len(unmeasured(plain.store, asking.assignment.sweep_id)) == 1
    driven(asking)
    assert records(plain.file) == measured_alone


def test_a_state_that_noise_has_left_is_not_what_is_measured(register, tmp_path):
    """Noise goes on in the epoch's second test; flatness is measured before it."""
    noise = PLAIN.replace("kind: filters", "kind: gaussian").replace(
        "fraction: 0.5", "fraction: 0.5\n    train_batches: 60"
    )
    asking = noise.replace("  pruning:\n", f"  measure: {{flatness: {FLAT % 2}}}\n  pruning:\n", 1)
    alone = register(spec_of(asking, "asking"), tmp_path / "asked")
    driven(alone)
    later = register(spec_of(noise, "noise"), tmp_path / "later")
    driven(later._replace(assignment=later.assignment._replace(keep_at=(1, 2), checkpoint_seconds=0)))
    sweep_id = later.store.register(spec_of(asking, "asking"))
    driven(later._replace(assignment=later.assignment._replace(sweep_id=sweep_id)))
    assert records(later.file)["flatness"] == records(alone.file)["flatness"] != []


MEASURED = '{"normality":{"layers":1}}'


def test_a_run_that_was_begun_under_a_former_key_goes_on(plain, monkeypatch):
    """Its checkpoint bears that key, in its name and in itself."""
    whole = plain.store.remaining(plain.assignment.sweep_id)[0]
    ours = plain.assignment._replace(keep_at=(0, 1), checkpoint_seconds=0, keep="final")
    driven(plain._replace(assignment=ours))
    state = plain.store.kept_states(whole)[-1]
    spec = plain.store.spec(whole)
    config = spec.config.model_copy(update={"measure": MeasureConfig.model_validate_json(MEASURED)})
    former = older_key(spec._replace(config=config))
    content = torch.load(plain.assignment.artifacts / state.name, weights_only=True)
    (plain.assignment.artifacts / former).mkdir()
    file = plain.assignment.artifacts / former / "1-1.pt"
    torch.save(content | {"key": former}, file)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    with closing(sqlite3.connect(plain.file)) as connection, connection:
        connection.execute("UPDATE sweep_runs SET measure = ?", (MEASURED,))
        connection.execute(
            "UPDATE runs SET status = 'interrupted', last_epoch = 2, checkpoint = ?, checkpoint_epoch = 1,"
            " checkpoint_sha256 = ?, earlier_checkpoint = NULL, earlier_epoch = NULL WHERE key = ?",
            (f"{former}/1-1.pt", sha256, whole),
        )
    before = records(plain.file)
    driven(plain)
    assert records(plain.file)["epochs"] == before["epochs"]
    assert [it["first_epoch"] for it in plain.store.run(whole).attempts] == [0, 2]
