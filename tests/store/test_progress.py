import pytest
from stores import Run, claimed, epoch_record, fill, run_config, saved, sweep_of

from gst.config import RunConfig, RunSpec
from gst.errors import InputError
from gst.records import EpochRecords
from gst.store import run_states
from gst.store.run_states import epoch_seconds

STATUSES = ["completed", "failed", "diverged", "cancelled", "interrupted", "running", "pending"]


def test_progress_of_a_sweep_in_the_middle(store):
    sweep_id = fill(
        store,
        [
            Run("none", 0, [0.5, 0.75]),
            Run("none", 1, [0.25], status="failed"),
            Run("pruned", 0, [0.5], events=[(0, 0.5, 0.25)], status="running"),
            Run("pruned", 1, status="pending"),
        ],
    )
    found = store.progress(sweep_id)
    assert (found.sweep_id, found.name, found.runs) == (sweep_id, "hand", 4)
    assert found.counts == {
        "completed": 1, "failed": 1, "diverged": 0, "interrupted": 0, "running": 1, "pending": 1,
        "cancelled": 0,
    }  # fmt: skip
    # Of the failed run's two epochs one was trained, and the other will not be; pruned runs have one epoch.
    assert (found.epochs_done, found.epochs_total, found.seconds) == (4, 5, 1.0)
    beats = [
        row["heartbeat"]
        for row in (store.run(row[0]).run for row in store.query("SELECT key FROM runs").rows)
    ]
    assert found.heartbeat == max(beat for beat in beats if beat)
    assert found.arms == (("none", 2, 1, 0, 0.75, None), ("pruned", 2, 0, 1, None, 0.5))


def test_a_sweep_that_has_ended_has_trained_all_it_will(store):
    sweep_id = fill(store, [Run("a", seed, [0.5, 0.5][: 1 + (status == "completed")], status=status)
                            for seed, status in enumerate(STATUSES[:3])])  # fmt: skip
    found = store.progress(sweep_id)
    assert found.epochs_done == found.epochs_total == 4


def test_the_epochs_of_a_cancelled_run_are_not_waited_for(store):
    sweep_id = fill(
        store, [Run("a", 0, [0.5, 0.5]), Run("a", 1, [0.5], status="running"), Run("a", 2, status="diverged")]
    )
    (running,) = (row[0] for row in store.query("SELECT key FROM runs WHERE status = 'running'").rows)
    store.cancel([running])
    found = store.progress(sweep_id)
    assert (found.counts["cancelled"], found.counts["running"]) == (1, 0)
    assert (found.epochs_done, found.epochs_total) == (3, 3)


def test_progress_before_anything(store):
    sweep_id = store.register(sweep_of({"b": run_config(), "a": run_config(lr=0.5)}, (0, 1)))
    found = store.progress(sweep_id)
    assert found.counts == dict.fromkeys(STATUSES, 0) | {"pending": 4}
    assert (found.epochs_done, found.epochs_total, found.seconds, found.heartbeat) == (0, 16, 0.0, None)
    assert found.arms == (("b", 2, 0, 0, None, None), ("a", 2, 0, 0, None, None))


def test_progress_of_no_sweep(store):
    with pytest.raises(InputError, match="no sweep with id 7"):
        store.progress(7)


def test_the_list_of_sweeps(store):
    assert store.sweeps() == []
    first = fill(store, [Run("a", 0, [0.5]), Run("a", 1, [0.5], status="failed")], name="first")
    second = store.register(sweep_of({"a": run_config(epochs=1)}, (0, 1, 2), name="second", title="Again"))
    newest, oldest = store.sweeps()
    assert (newest.sweep_id, newest.name, newest.title, newest.claim) == (second, "second", "Again", "")
    assert (newest.runs, newest.completed, newest.driver_epoch) == (3, 1, 0)  # the completed run is shared
    assert (oldest.sweep_id, oldest.runs, oldest.completed, oldest.driver_epoch) == (first, 2, 1, 1)
    assert oldest.registered < newest.registered


def test_epochs_of_el2n_networks_are_progress(store):
    """Three networks of two epochs each before four epochs: ten in all, though two arms share the run."""
    config = scoring(run_config())
    spec = RunSpec(config, 0)
    sweep_id = store.register(sweep_of({"arm": config, "again": config}, (0,)))

    def progress():
        found = store.progress(sweep_id)
        (by_query,) = set(
            store.frame("progress", sweep="hand")[["epochs_done", "epochs"]].itertuples(index=False)
        )
        assert tuple(by_query) == (found.epochs_done, found.epochs_total)
        return found.epochs_done, found.epochs_total, found.scoring

    assert progress() == (0, 10, ())
    recorder = claimed(store, spec, sweep_id, store.take_over(sweep_id))
    assert progress() == (0, 10, ((1, 3),))
    done = []
    for epoch in range(-6, 0):
        recorder.scored(epoch, 0.5, checkpoint=saved(epoch) if epoch == -4 else None)
        done.append(progress())
    assert done == [
        (1, 10, ((1, 3),)),
        *((n, 10, ((1 + n // 2, 3),)) for n in range(2, 6)),
        (6, 10, ((3, 3),)),
    ]
    claimed(store, spec, sweep_id, store.take_over(sweep_id))  # and it goes on after the checkpoint
    assert progress() == (3, 10, ((2, 3),))
    again = claimed(store, spec, sweep_id, store.take_over(sweep_id))
    for epoch in range(-3, 0):
        again.scored(epoch, 0.5)
    again.write(EpochRecords(epoch_record(0)))
    assert progress() == (7, 10, ())
    (state,) = run_states(store)
    assert state.epochs(6) == 7
    for epoch in range(1, 4):
        again.write(EpochRecords(epoch_record(epoch, seconds=0.5)))
    again.finish()
    assert progress() == (10, 10, ())
    assert epoch_seconds(store, "kind") == {("none",): store.run(again.key).run["seconds"] / 10}


def scoring(config):
    el2n = {"examples": {"el2n": {"epochs": 2, "replicates": 3}}}
    return RunConfig.model_validate(config.model_dump() | {"measure": el2n})


def test_progress_of_some_seeds_counts_no_others(store):
    sweep_id = fill(store, [Run("a", seed, [0.5]) for seed in range(5)])
    found = store.progress(sweep_id, {0, 4})
    assert (found.runs, found.epochs_done, found.arms[0].completed) == (2, 2, 2)
