"""Which knobs a sweep turns, and correlations as one of them varies."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from stores import Run, fill, run_config
from tiny_sweep import spec_of
from tradeoffs import pruned, unpruned

from gst.analysis.knobs import knob_correlations, knobs, knobs_in_words, varied
from gst.analysis.quantities import RUN_QUANTITIES
from gst.analysis.results import run_results
from gst.analysis.source import find_source
from gst.config import RunConfig
from gst.store import Store

STABILITY, ACCURACY = RUN_QUANTITIES["stability"], RUN_QUANTITIES["final_accuracy"]
GRID = """\
title: A grid
claim: None.
seeds: 1
base:
  data: {name: digits, per_class: 6, draw: 0}
  model: {name: digits_cnn}
  training: {epochs: 9, batch_size: 16, optimizer: {name: adam, lr: 2e-3}}
  pruning: {kind: filters, score: l2, target: largest, layers: [conv1, conv2], start: 0, end: 6, every: 1,
            fraction: 0.5}
arms:
  L: {grid: {pruning.layers: [[conv1], [conv2], [conv1, conv2]]}}
  S: {pruning.target: smallest, zip: {pruning.every: [1, 2], pruning.fraction: [0.25, 0.75]}}
"""


def config(target: str, every: int, **changes: Any) -> RunConfig:
    pruning = {
        "kind": "filters", "score": "l2", "target": target, "layers": ("conv1",), "start": 0, "end": 1,
        "every": every, "fraction": 0.5,
    }  # fmt: skip
    return run_config(epochs=2, pruning=pruning, **changes)


CONFIGS = {
    f"{target} {every}": config(target, every)
    for target, every in itertools.product(("smallest", "largest"), (1, 2))
} | {"none": run_config(epochs=2)}


def test_the_knobs_of_a_sweep_file():
    """Layers by a grid; every and fraction by a zip; the target. What is the same everywhere is no knob."""
    found = varied({arm.arm: arm.config.settings() for arm in spec_of(GRID).configs})
    assert [knob.name for knob in found] == [
        "pruning.layers", "pruning.every", "pruning.fraction", "pruning.target",
    ]  # fmt: skip
    layers = found[0].values
    assert layers["L layers=conv1"] == '[["conv1"]]'
    assert len(set(layers.values())) == 3


def test_settings_that_always_vary_together_are_one_knob():
    found = varied(
        {"a": {"x": 1, "y": [2], "z": 0}, "b": {"x": 3, "y": None, "z": 0}, "c": {"x": 1, "y": [2]}}
    )
    assert [knob.name for knob in found] == ["x + y", "z"]
    assert found[0].values == {"a": "[1, [2]]", "b": "[3, null]", "c": "[1, [2]]"}
    assert found[1].values == {"a": "[0]", "b": "[0]", "c": "[null]"}


def test_a_sweep_without_variation_has_no_knob():
    assert varied({}) == ()
    assert varied({"a": {"x": 1}}) == ()
    assert varied({"a": {"x": 1}, "b": {"x": 1}}) == ()


def results(store: Store, *runs: Run):
    fill(store, runs, configs={arm: CONFIGS[arm] for arm in {run.arm for run in runs}})
    return run_results(store, find_source(store, "hand"))


def test_knobs_are_those_of_pruned_arms_with_completed_runs(store):
    """The unpruned arm differs in more than `every`; the failed one would have differed in its target."""
    runs = results(
        store,
        unpruned("none", 0, 0.5),
        pruned("smallest 1", 0, 0.5, 0.5),
        pruned("smallest 2", 0, 0.5, 0.5),
        pruned("largest 1", 0, 0.5, 0.5, status="failed"),
    )
    (knob,) = knobs(store, runs)
    assert knob == ("pruning.every", {"smallest 1": "[1]", "smallest 2": "[2]"})


def test_a_correlation_for_each_knob(store):
    """As the target varies accuracy falls with stability, as `every` varies it rises, in each of 3 seeds."""
    runs = results(
        store,
        *(unpruned("none", seed, 0.25) for seed in range(3)),
        *(pruned("smallest 1", seed, 0.5, 0.5) for seed in range(3)),
        *(pruned("smallest 2", seed, 0.75, 0.625) for seed in range(3)),
        *(pruned("largest 1", seed, 0.25, 0.75) for seed in range(3)),
        *(pruned("largest 2", seed, 0.375, 0.875) for seed in (0, 1)),
    )
    found = knob_correlations(store, runs, STABILITY, ACCURACY)
    assert found.knobs["pruning.target"] == (-1, None, None, 3, 5, 1)
    assert found.knobs["pruning.every"] == (1, None, None, 3, 5, 1)
    assert found.mean == (0, None, None, 3, 10, 2)
    assert knobs_in_words(found) == (
        "Kendall tau as only pruning.every varies: +1.00, 3 seeds, 5 groups of runs, "
        "1 more of one run or without variation",
        "Kendall tau as only pruning.target varies: -1.00, 3 seeds, 5 groups of runs, "
        "1 more of one run or without variation",
        "Mean over these knobs: +0.00, 3 seeds, 10 groups of runs, 2 more of one run or without variation",
    )


def test_runs_without_the_quantity_are_left_out_and_a_run_in_two_arms_counts_once(store):
    """From the last run nothing was removed, so that it has no stability; `again` is the first arm."""
    runs = [
        pruned("smallest 1", 0, 0.5, 0.5),
        pruned("largest 1", 0, 0.25, 0.75),
        Run("smallest 2", 0, [0.5, 0.5], events=[(0, 0.5, 0.5, 0)]),
    ]
    configs = {run.arm: CONFIGS[run.arm] for run in runs} | {"again": CONFIGS["smallest 1"]}
    fill(store, runs, configs=configs)
    found = knob_correlations(store, run_results(store, find_source(store, "hand")), STABILITY, ACCURACY)
    assert found.knobs == {"pruning.target": (-1, None, None, 1, 1, 0)}
    assert knobs_in_words(found) == (
        "Kendall tau as only pruning.target varies: -1.00, 1 seed, 1 group of runs",
    )


def test_knobs_that_never_vary_alone_are_counted(store):
    runs = results(store, pruned("smallest 1", 0, 0.5, 0.5), pruned("largest 2", 0, 0.25, 0.75),
                   pruned("smallest 2", 0, 0.5, 0.5))  # fmt: skip
    found = knob_correlations(store, runs, STABILITY, ACCURACY)
    assert [line.partition(":")[0] for line in knobs_in_words(found)] == [
        "Kendall tau as only pruning.target varies", "Without a tau",
    ]  # fmt: skip
    assert found.mean.value == pytest.approx(-1)
