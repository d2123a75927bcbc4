"""Each quantity of a run, in the units in which papers print it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stores import SCRATCH, Run, claimed, config_of, fill, records_of, run_config, sweep_of

from gst.analysis.results import REMOVAL_PROBE
from gst.analysis.source import find_source
from gst.compare.quantities import QUANTITIES, difference_unit, value_of
from gst.compare.sweep_in_store import SweepInStore
from gst.config import RunSpec
from gst.records import EpochRecords, Probe
from gst.store import Store


def values(store: Store, *runs: Run, which="final", configs=None) -> dict[str, dict[str, float | None]]:
    """Every quantity of the first run of each arm."""
    fill(store, runs, configs=configs)
    found = {}
    for it in SweepInStore(store, "hand", find_source(store, "hand")).runs:
        it = it._replace(accuracy=which)
        found.setdefault(it.run.arm, {name: value_of(it, name) for name in QUANTITIES})
    return found


CUT = Run("cut", 0, [(0.75, 0.5), (1.0, 0.875), (1.0, 0.75)], events=[(1, 0.5, 0.25), (2, 0.75, 0.6)])


def test_a_pruned_run(store: Store):
    found = values(store, CUT)["cut"]
    assert found["test_accuracy"] == 75
    assert found["final_train_accuracy"] == 100
    assert found["generalization_gap"] == 25
    assert found["stability"] == pytest.approx(100 * (0.5 + 0.8) / 2)
    assert found["mean_drop"] == pytest.approx(100 * (0.25 + 0.15) / 2)
    assert found["last_event_drop"] == pytest.approx(15)
    assert found["last_event_drop_from_previous_epoch"] == pytest.approx(100 * (0.875 - 0.6))
    assert found["iterative_rate"] == pytest.approx(25)  # half of a layer at two events
    assert found["epochs"] == 3
    assert found["final_removal_drop"] is None
    assert found["noise_train_batches"] is None


def test_the_best_accuracy_and_its_gap(store: Store):
    run = Run("cut", 0, [(0.75, 0.5), (1.0, 0.875), (1.0, 0.75)], events=[(0, 0.5, 0.25)])
    found = values(store, run, which="best")["cut"]
    assert (found["test_accuracy"], found["generalization_gap"]) == (87.5, 12.5)
    assert found["final_train_accuracy"] == 100


def test_unpruned_and_scratch_runs_are_stable_and_a_run_that_lost_nothing_is_not_measured(store: Store):
    found = values(
        store,
        Run("none", 0, [0.5]),
        Run("scratch", 0, [0.5], events=[(SCRATCH, 0.1, 0.1)]),
        Run("idle", 0, [0.5], events=[(0, 0.5, 0.5, 0)]),
    )
    assert [found[arm]["stability"] for arm in ("none", "scratch", "idle")] == [100, 100, None]
    assert [found[arm]["mean_drop"] for arm in ("none", "scratch", "idle")] == [0, 0, None]
    assert all(found[arm]["last_event_drop"] is None for arm in found)


def test_the_gain_is_over_the_unpruned_run_of_the_same_seed_and_data(store: Store):
    cut = {"kind": "filters", "score": "l2", "target": "smallest", "layers": ("conv1",), "start": 0,
           "end": 0, "every": 1, "fraction": 0.5}  # fmt: skip
    configs = {
        f"{arm} {size}": run_config(epochs=1, pruning=pruning, per_class=size)
        for arm, pruning in (("none", None), ("cut", cut))
        for size in (3, 6)
    }
    found = values(
        store,
        Run("none 3", 0, [0.25]), Run("none 6", 0, [0.5]),
        Run("cut 3", 0, [0.75], events=[(0, 0.5, 0.25)]), Run("cut 6", 0, [0.5], events=[(0, 0.5, 0.25)]),
        configs=configs,
    )  # fmt: skip
    assert (found["cut 3"]["accuracy_gain"], found["cut 6"]["accuracy_gain"]) == (50, 0)
    assert found["none 3"]["accuracy_gain"] is None
    assert (found["cut 3"]["data_size"], found["cut 6"]["data_size"]) == (3, 6)


def test_no_gain_without_an_unpruned_run_of_that_seed(store: Store):
    runs = [Run("none", 1, [0.5]), Run("cut", 0, [0.75], events=[(0, 0.5, 0.25)])]
    assert values(store, *runs)["cut"]["accuracy_gain"] is None


def written(store: Store, parameters: dict[str, list[int]], probe: float | None = None) -> Store:
    """A store with a run in each arm, with these parameters left after each epoch."""
    runs = [
        Run(arm, 0, [0.5] * len(left), events=[] if arm == "none" else [(1, 0.5, 0.25)])
        for arm, left in parameters.items()
    ]
    configs = {run.arm: config_of(number, [run]) for number, run in enumerate(runs)}
    sweep_id = store.register(sweep_of(configs))
    driver = store.take_over(sweep_id)
    for run in runs:
        recorder = claimed(store, RunSpec(configs[run.arm], 0), sweep_id, driver)
        for epoch, left in enumerate(parameters[run.arm]):
            records = records_of(run, epoch)
            last = epoch == len(parameters[run.arm]) - 1
            probes = (Probe(epoch, REMOVAL_PROBE, probe, 1.0, 10),) if probe is not None and last else ()
            changed = replace(records.epoch, parameters_left=left)
            recorder.write(EpochRecords(changed, records.events, probes))
        recorder.finish(peak_memory=None)
    return store


def quantity(store: Store, name: str) -> dict[str, float | None]:
    runs = SweepInStore(store, "hand", find_source(store, "hand")).runs
    return {it.run.arm: value_of(it, name) for it in runs}


def test_parameters_before_and_after_pruning(store: Store):
    written(store, {"none": [400, 400], "cut": [400, 300], "more": [400, 100]})
    assert quantity(store, "parameters") == {"none": 400, "cut": 400, "more": 400}
    assert quantity(store, "parameter_reduction") == {"none": 0, "cut": 25, "more": 75}


def test_parameters_before_pruning_are_unknown_where_every_run_was_pruned_at_once(store: Store):
    fill(store, [Run("cut", 0, [0.5, 0.5], events=[(0, 0.5, 0.25)])])
    assert quantity(store, "parameters") == {"cut": None}
    assert quantity(store, "parameter_reduction") == {"cut": None}


def test_parameters_before_pruning_are_unknown_of_a_run_that_branches_off_after_the_first_epoch(store: Store):
    run = Run("branch", 0, [0.5, 0.5])
    spec = RunSpec(config_of(0, [run]), 0)
    sweep_id = store.register(sweep_of({"branch": spec.config}))
    recorder = claimed(store, spec, sweep_id, store.take_over(sweep_id))
    recorder.next_epoch = 1  # as its trunk leaves it
    recorder.write(records_of(run, 1))
    recorder.finish(peak_memory=None)
    assert quantity(store, "parameters") == {"branch": None}


def test_what_it_costs_to_remove_the_filters_at_the_end(store: Store):
    written(store, {"noisy": [400, 400]}, probe=0.375)
    assert quantity(store, "final_removal_drop") == {"noisy": 12.5}


def test_differences_of_percentages_are_points():
    assert difference_unit("stability") == "points"
    assert difference_unit("mean_drop") == "points"
    assert difference_unit("epochs") == "epochs"
