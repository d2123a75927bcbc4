"""Taking an archive into a store that has some of it: what stays, what is filled, what is refused."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from archives import RUNS, UNPRUNED, populate, rewrite, tables
from sqlalchemy import update
from stores import Run, claimed, config_of, event_of, fill, play, records_of, run_config, sweep_of

from gst.config import RunConfig, RunSpec, run_key
from gst.config.key import older_key, whole_json
from gst.errors import Fenced, InputError
from gst.records import EpochRecords
from gst.store import Store
from gst.store.schema import configs, runs

CONFIG = run_config(epochs=2)
SPEC = RunSpec(CONFIG, 0)
KEY = run_key(SPEC)
SWEEP = sweep_of({"a": CONFIG}, (0, 1))


def start(store: Store):
    """A driver of the sweep, which is registered."""
    sweep_id = store.register(SWEEP)
    return sweep_id, store.take_over(sweep_id)


def trained(store: Store, *runs: Run) -> None:
    """Train runs of the sweep."""
    sweep_id, driver = start(store)
    for run in runs:
        recorder = claimed(store, RunSpec(CONFIG, run.seed), sweep_id, driver)
        play(recorder, run)


@pytest.fixture
def theirs(tmp_path):
    """Write the archive of a store with these runs."""

    def theirs(*runs, form="csv"):
        with Store.open(str(tmp_path / "theirs.db"), create=True) as other:
            trained(other, *runs)
            other.export(tmp_path / "out", form=form)
        return tmp_path / "out"

    return theirs


DONE = Run("a", 0, [0.25, 0.5])


def status(store, key=KEY):
    return store.run(key).run["status"]


def accuracies(store, key=KEY):
    return [row["test_accuracy"] for row in store.run(key).epochs]


@pytest.mark.parametrize(
    "here", [None, Run("a", 0, [0.125], status="failed"), Run("a", 0, [0.125], status="interrupted")]
)
def test_a_run_without_a_result_is_filled(store, theirs, here, tmp_path):
    trained(store, *([] if here is None else [here]))
    before = store.run(KEY)
    merged = store.merge(theirs(DONE))
    assert merged.runs("filled") == [KEY]
    assert accuracies(store) == [0.25, 0.5]
    after = store.run(KEY)
    assert (after.run["status"], after.run["last_epoch"], after.run["reason"]) == ("completed", 1, None)
    tried = len(before.attempts)
    assert [row["attempt"] for row in after.attempts] == list(range(1, tried + 2))
    assert [row["outcome"] for row in after.attempts] == [it["outcome"] for it in before.attempts] + [
        "completed"
    ]
    assert after.run["attempt"] == tried + 1
    assert after.run["seconds"] == before.run["seconds"] + 0.5  # of all attempts
    assert after.run["created"] == before.run["created"]
    assert not store.merge(tmp_path / "out").changed


def test_a_cancelled_run_takes_a_result_and_nothing_less(store, theirs):
    start(store)
    store.cancel([KEY])
    folder = theirs(Run("a", 0, [0.125], status="failed"))
    assert store.merge(folder).runs("filled") == []
    assert status(store) == "cancelled"


def test_a_run_that_was_never_tried_here_takes_what_there_is(store, theirs, tmp_path):
    start(store)
    store.merge(theirs(Run("a", 0, [0.125], status="failed")))
    assert status(store) == "failed"
    assert store.run(KEY).attempts[0]["traceback"].endswith("RuntimeError: broken")
    assert not store.merge(tmp_path / "out").changed


def test_a_run_that_was_tried_here_stays_unless_the_archive_has_a_result(store, theirs):
    trained(store, Run("a", 0, [0.5], status="failed"))
    merged = store.merge(theirs(Run("a", 0, [0.125], status="failed")))
    assert merged.runs("kept") == [KEY, run_key(RunSpec(CONFIG, 1))]
    assert accuracies(store) == [0.5]


def test_a_result_here_stays_where_the_archive_has_none(store, theirs):
    trained(store, DONE)
    merged = store.merge(theirs(Run("a", 0, [0.125], status="failed")))
    assert not merged.changed
    assert accuracies(store) == [0.25, 0.5]


def test_a_run_that_is_being_trained_is_left_alone(store, theirs):
    sweep_id, driver = start(store)
    recorder = claimed(store, SPEC, sweep_id, driver)
    merged = store.merge(theirs(DONE, Run("a", 1, [0.75, 0.875])))
    assert merged.runs("busy") == [KEY]
    assert merged.runs("filled") == [run_key(RunSpec(CONFIG, 1))]  # others come in
    play(recorder, DONE)
    assert status(store) == "completed"


def test_whoever_has_died_over_a_run_does_not_keep_it(store, theirs, write_sql):
    sweep_id, driver = start(store)
    recorder = claimed(store, SPEC, sweep_id, driver)
    recorder.write(records_of(DONE, 0))
    beat = store.run(KEY).run["heartbeat"] - timedelta(seconds=121)
    write_sql("UPDATE runs SET heartbeat = :beat", beat=beat.strftime("%Y-%m-%d %H:%M:%S.%f"))
    assert store.merge(theirs(DONE)).runs("filled") == [KEY]
    lost, completed = store.run(KEY).attempts
    assert (lost["outcome"], lost["ended"], completed["outcome"]) == ("lost", beat, "completed")
    with pytest.raises(Fenced):  # it was not dead: it can write no more
        recorder.write(records_of(DONE, 1))
    assert accuracies(store) == [0.25, 0.5]


def test_the_same_results_from_elsewhere_are_fine(store, theirs, url):
    """However long it took there, and whatever machine it was."""
    trained(store, DONE)
    before = tables(url)
    folder = theirs(DONE)
    rewrite(folder, "epochs", lambda rows: rows[0].update(seconds="99.0"))
    rewrite(folder, "attempts", lambda rows: rows[0].update(host="elsewhere"))
    merged = store.merge(folder)
    assert merged.runs("same") == [KEY]
    assert not merged.changed
    assert tables(url) == before


OTHER = Run("a", 0, [0.25, 0.75])


def test_other_results_are_refused_and_nothing_is_written(store, theirs, url):
    trained(store, DONE)
    before = tables(url)
    with pytest.raises(InputError) as caught:
        store.merge(theirs(OTHER, Run("a", 1, [0.5, 0.5])))
    assert f"run {KEY[:12]}: epochs, epoch 1: test_accuracy is 0.5 here, and 0.75 in " in str(caught.value)
    assert "nothing was written" in str(caught.value)
    assert "--keep-mine" in str(caught.value)
    assert "--take-theirs" in str(caught.value)
    assert tables(url) == before


def test_other_results_are_kept_out_on_request(store, theirs):
    trained(store, DONE)
    merged = store.merge(theirs(OTHER, Run("a", 1, [0.5, 0.5])), conflicts="keep")
    assert (merged.runs("kept"), len(merged.conflicts)) == ([KEY], 1)
    assert accuracies(store) == [0.25, 0.5]
    assert status(store, run_key(RunSpec(CONFIG, 1))) == "completed"


def test_other_results_are_taken_on_request(store, theirs, tmp_path):
    trained(store, DONE)
    merged = store.merge(theirs(OTHER), conflicts="take")
    assert (merged.runs("replaced"), len(merged.conflicts)) == ([KEY], 1)
    assert accuracies(store) == [0.25, 0.75]
    assert [row["outcome"] for row in store.run(KEY).attempts] == ["completed", "completed"]
    assert not store.merge(tmp_path / "out", conflicts="take").changed


@pytest.mark.parametrize(
    ("table", "change", "difference"),
    [
        ("epochs", {"test_loss": ""}, "epochs, epoch 0: test_loss is 0.75 here, and None in "),
        (
            "epochs",
            {"lr": "0.0010000000000000002"},
            "epochs, epoch 0: lr is 0.001 here, and 0.001000000000000",
        ),
        ("pruning_events", {"mask_hash": "x"}, "pruning_events, epoch 0: mask_hash is mask0 here, and x in "),
        ("layer_prunings", {"removed": "[1]"}, "layer_prunings, epoch 0, layer conv1: removed is [0] here, "),
        ("layer_prunings", {"layer": "a"}, "layer_prunings, epoch 0, layer a is not here"),
        ("runs", {"status": "diverged"}, "its status is completed here, and diverged in "),
    ],
)
def test_the_first_difference_is_named(store, tmp_path, table, change, difference):
    fill(store, [Run("p", 0, [0.5], events=[(0, 0.5, 0.25)])])
    store.export(tmp_path / "out", form="csv")
    rewrite(tmp_path / "out", table, lambda rows: rows[0].update(change))
    with pytest.raises(InputError) as caught:
        store.merge(tmp_path / "out")
    assert difference in str(caught.value)


def test_an_event_that_one_of_two_has(store, tmp_path):
    fill(store, [Run("p", 0, [0.5, 0.5], events=[(0, 0.5, 0.25), (1, 0.5, 0.25)])])
    store.export(tmp_path / "out", form="csv")
    for table in ("layer_prunings", "pruning_events"):
        rewrite(tmp_path / "out", table, lambda rows: rows.__delitem__(slice(len(rows) // 2, None)))
    with pytest.raises(InputError, match=r"pruning_events, epoch 1 is not in .*out"):
        store.merge(tmp_path / "out")


def test_many_conflicts_are_counted(store, tmp_path):
    runs = [Run("a", seed, [0.5]) for seed in range(7)]
    fill(store, runs)
    store.export(tmp_path / "out", form="csv")
    rewrite(tmp_path / "out", "epochs", lambda rows: [row.update(lr="1.0") for row in rows])
    with pytest.raises(InputError, match="other results: 7; nothing was written") as caught:
        store.merge(tmp_path / "out")
    assert str(caught.value).count("lr is 0.001 here") == 5
    assert "and 2 more" in str(caught.value)


def test_a_store_with_other_runs_keeps_them(store, tmp_path):
    fill(store, [Run("own", 9, [0.5, 0.25])], name="own", configs={"own": UNPRUNED})
    with Store.open(str(tmp_path / "theirs.db"), create=True) as other:
        populate(other)
        other.export(tmp_path / "out")
    merged = store.merge(tmp_path / "out")
    assert (merged.sweeps, len(merged.runs("new"))) == (2, len(RUNS) + 5)
    assert accuracies(store, run_key(RunSpec(UNPRUNED, 9))) == [0.5, 0.25]
    assert {row.name for row in store.sweeps()} == {"own", "hand", "second"}
    configs = store.query("SELECT COUNT(*), COUNT(DISTINCT hash) FROM configs").rows
    assert configs == [(3, 3)]


def test_tags_and_notes_are_added_to_those_here(store, tmp_path):
    with Store.open(str(tmp_path / "theirs.db"), create=True) as other:
        populate(other)
        other.export(tmp_path / "out")
        store.merge(tmp_path / "out")
        (key,) = (row[0] for row in other.query("SELECT r.key FROM notes n JOIN runs r USING (run_id)").rows)
        other.tag([key], add=["more"])
        other.note("said later", keys=[key])
        other.export(tmp_path / "later")
    store.tag([key], add=["mine"])
    store.note("said here", keys=[key])
    merged = store.merge(tmp_path / "later")
    assert merged.annotations == 2
    assert store.tags([key])[key] == ("good", "mine", "more", "seen")
    texts = store.query("SELECT text FROM notes WHERE run_id IS NOT NULL ORDER BY text").rows
    assert texts == [("said here",), ("said later",), ("worth a look",)]
    assert not store.merge(tmp_path / "later").changed


def test_a_newer_driver_of_the_sweep_here_stays_it(store, theirs):
    sweep_id, _ = start(store)
    newest = store.take_over(sweep_id)
    store.merge(theirs(DONE))
    recorder = claimed(store, RunSpec(CONFIG, 1), sweep_id, newest)
    assert recorder.attempt == 1


def test_imported_runs_go_on_where_they_were(store, theirs):
    """A run that was stopped there is claimed here, from the start, for it left no checkpoint."""
    store.merge(theirs(Run("a", 0, [0.25], status="interrupted")))
    sweep_id = store.sweep_id("hand")
    recorder = claimed(store, SPEC, sweep_id, store.take_over(sweep_id))
    assert (recorder.attempt, recorder.next_epoch) == (2, 0)
    play(recorder, DONE)
    assert accuracies(store) == [0.25, 0.5]


def test_events_before_training_come_along(store, tmp_path):
    scratch = Run("s", 0, [0.5, 0.5], events=[(-1, 0.5, 0.5)])
    with Store.open(str(tmp_path / "theirs.db"), create=True) as other:
        fill(other, [scratch])
        other.export(tmp_path / "out")
    store.merge(tmp_path / "out")
    key = run_key(RunSpec(config_of(0, [scratch]), 0))
    assert [row["epoch"] for row in store.run(key).events] == [-1]


def test_a_run_with_an_event_that_is_taken_over_loses_its_own(store, tmp_path):
    run = Run("p", 0, [0.5], events=[(0, 0.5, 0.25)])
    config = config_of(0, [run])
    with Store.open(str(tmp_path / "theirs.db"), create=True) as other:
        fill(other, [run])
        other.export(tmp_path / "out")
    sweep_id = store.register(sweep_of({"p": config}))
    recorder = claimed(store, RunSpec(config, 0), sweep_id, store.take_over(sweep_id))
    recorder.write(EpochRecords(records_of(run, 0).epoch, (event_of(0, 0.5, 0.125, removed=2),)))
    recorder.interrupt()
    store.merge(tmp_path / "out")
    details = store.run(run_key(RunSpec(config, 0)))
    assert [row["test_accuracy_after"] for row in details.events] == [0.25]
    assert details.layers[0]["removed"] == [0]


def test_a_read_only_store_takes_nothing_in(url, theirs):
    with Store.open(url, readonly=True) as store, pytest.raises(InputError, match="opened read-only"):
        store.merge(theirs(DONE))


def archive_of(tmp_path, *runs, change=""):
    """An archive of a store whose sweep has the seeds of these runs."""
    with Store.open(str(tmp_path / "elsewhere.db"), create=True) as other:
        fill(other, runs, name="x", configs={"a": CONFIG})
        if change:
            with other._writer.begin() as connection:
                connection.exec_driver_sql(change)
        other.export(tmp_path / "elsewhere", form="csv")
    return tmp_path / "elsewhere"


@pytest.mark.parametrize("change", ["", "UPDATE sweeps SET digest = 'former', options = NULL"])
def test_other_seeds_grow_the_version_that_is_here(store, tmp_path, change):
    """Whether or not the digest is that of an older gst, which was of the seeds too."""
    fill(store, [Run("a", seed, [0.25, 0.5]) for seed in (1, 4)], name="x", configs={"a": CONFIG})
    archive = archive_of(tmp_path, *(Run("a", seed, [0.25, 0.5]) for seed in (2, 4, 5)), change=change)
    merged = store.merge(archive)
    assert (merged.sweeps, len(merged.runs("new")), len(merged.runs("same"))) == (0, 2, 1)
    (version,) = store.sweeps()
    assert (version.runs, version.completed, version.options) == (4, 4, "")
    members = (
        "SELECT r.seed, m.position FROM sweep_runs m JOIN runs r ON r.run_id = m.run_id ORDER BY m.position"
    )
    assert store.query(members).rows == [(1, 0), (2, 1), (4, 2), (5, 3)]
    attempts = "SELECT DISTINCT sweep_id FROM attempts"
    assert store.query(attempts).rows == [(version.sweep_id,)]
    assert not store.merge(archive).changed


def test_other_options_stay_another_version(store, tmp_path):
    fill(store, [Run("a", 0, [0.5])], name="x", configs={"a": run_config(epochs=1)})
    own = store.version("x")
    change = "UPDATE sweeps SET options = '--scale 0.5', registered = '2099-01-01 00:00:00.000000'"
    assert store.merge(archive_of(tmp_path, DONE, change=change)).sweeps == 1
    assert [it.options for it in store.sweeps()] == ["--scale 0.5", ""]
    assert store.version("x") == own


def test_a_run_that_is_here_under_another_key_is_refused(store, url, tmp_path):
    """It would be in no sweep: its version has a run of that arm and seed."""
    measured = RunConfig.model_validate({**CONFIG.model_dump(), "measure": {"flatness": {"epoch": 0}}})
    sweep, former = sweep_of({"a": measured}, (0,)), whole_json(measured)
    with Store.open(str(tmp_path / "theirs.db"), create=True) as other:
        other.register(sweep)
        with other._writer.begin() as connection:
            digest = hashlib.sha256(former.encode()).hexdigest()
            connection.execute(update(configs).values(config=former, hash=digest))
            connection.execute(update(runs).values(key=older_key(RunSpec(measured, 0))))
        other.export(tmp_path / "out")
    store.register(sweep)
    before = tables(url)
    with pytest.raises(InputError, match="has seed 0 of arm 'a' of sweep 'hand' under another key"):
        store.merge(tmp_path / "out")
    assert tables(url) == before
