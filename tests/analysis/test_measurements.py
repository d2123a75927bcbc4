"""Flatness and normality."""

from __future__ import annotations

import pytest
from flat_stores import CUT, flat_runs, measured, mixed
from stores import SCRATCH, Run, fill, normality_of

from gst.analysis.measurements import depth, flatness_results, normality_results, perturbation_results
from gst.analysis.source import find_source


def test_each_measured_run_with_what_it_came_to(store):
    fill(store, mixed())
    results = flatness_results(store, find_source(store, "hand"))
    assert [(it.run.arm, it.run.seed) for it in results] == [
        ("none", 0), ("none", 1), ("cut", 0), ("cut", 1), ("cut", 2), ("cut", 3), ("scratch", 0),
    ]  # fmt: skip
    it = results[2]
    assert (it.run.stability, it.run.final_accuracy) == (0.5, 0.75)
    assert (it.epoch, it.images, it.method, it.eigenpairs) == (1, 512, "lanczos", 3)
    assert (it.hessian_trace, it.significant_trace, it.stochastic_trace) == (2.5, 2.5, 2.75)
    assert (it.gradient_trace, it.tic, it.base_loss) == (8.0, 8.0 / 2.5, 0.75)
    assert (it.epsilon, it.refined_epsilon) == (0.25, 0.115)
    assert it.eigenvalues == (3.0, 0.5, -1.0)
    assert it.dominant.tolist() == [3.0, -1.0, 0.5]
    assert results[4].epsilon is None


def test_runs_are_compared_at_the_epoch_at_which_most_were_measured(store):
    early, late = (measured((4.0, 1.0), 2.0, 0.5, epoch=epoch) for epoch in (0, 1))
    fill(
        store,
        [
            Run("a", 0, [0.5, 0.5], measured=[early, late]),
            Run("a", 1, [0.5, 0.5], measured=[early]),
            Run("a", 2, [0.5, 0.5]),
        ],
    )
    source = find_source(store, "hand")
    assert [(it.run.seed, it.epoch) for it in flatness_results(store, source)] == [(0, 0), (1, 0)]
    assert [(it.run.seed, it.epoch) for it in flatness_results(store, source, epoch=1)] == [(0, 1)]


def test_of_epochs_that_are_as_frequent_the_last_counts(store):
    both = [measured((4.0, 1.0), 2.0, 0.5, epoch=epoch) for epoch in (0, 1)]
    fill(store, [Run("a", 0, [0.5, 0.5], measured=both)])
    assert [it.epoch for it in flatness_results(store, find_source(store, "hand"))] == [1]


def test_runs_that_did_not_complete_are_left_out(store):
    fill(store, [*flat_runs("cut", CUT[:1]), Run("cut", 1, [0.5, 0.5], status="failed", measured=[
        measured((4.0, 1.0), 2.0, 0.5)])])  # fmt: skip
    source = find_source(store, "hand")
    assert [it.run.seed for it in flatness_results(store, source)] == [0]
    (result,) = flatness_results(store, source)
    assert {it.key for it in perturbation_results(store, source, result)} == set(source.keys)


def test_losses_by_rank_and_step(store):
    fill(store, flat_runs("cut", CUT[:1]))
    source = find_source(store, "hand")
    first = flatness_results(store, source)[0]
    found = perturbation_results(store, source, first)
    assert [it.rank for it in found] == [0] * 7 + [1] * 7
    assert [round(it.epsilon, 8) for it in found[:7]] == [-0.16, -0.12, -0.04, 0, 0.04, 0.12, 0.16]
    assert [it.increase for it in found[7:]] == [-1.0 * at * at / 4096 for at in (16, 12, 4, 0, 4, 12, 16)]
    assert perturbation_results(store, source, first._replace(epoch=0)) == ()
    assert perturbation_results(store, source, first._replace(settings='{"eigenpairs":7}')) == ()


def test_without_measurements_there_is_nothing(store):
    fill(store, [Run("a", 0, [0.5])])
    assert flatness_results(store, find_source(store, "hand")) == ()


LAYERS = ("bn9", "bn10")


def layered(seed, epochs=2, **changes):
    layers = [
        normality_of(epoch, layer, statistics, ks=0.25 + epoch / 8)
        for epoch in (SCRATCH, epochs - 1)
        for layer in LAYERS
        for statistics in ("batch", "running")
    ]
    return Run("a", seed, [0.5] * epochs, measured=layers, **changes)


def test_layers_from_input_to_output_untrained_first(store):
    fill(store, [layered(0), layered(1), layered(2, status="failed")])
    found = normality_results(store, find_source(store, "hand"))
    assert [(it.seed, it.trained, it.statistics, it.layer) for it in found] == [
        (seed, trained, statistics, layer)
        for seed in (0, 1)
        for trained in (False, True)
        for statistics in ("batch", "running")
        for layer in LAYERS
    ]
    assert [it.ks for it in found[:5:4]] == [0.125, 0.375]
    it = found[0]
    assert (it.n, it.mean, it.variance, it.kurtosis, it.density) == (2048, 0.0, 1.0, 0.5, (0.1,) * 200)


def test_of_several_epochs_the_last_counts(store):
    layers = [normality_of(epoch) for epoch in (SCRATCH, 0, 1)]
    fill(store, [Run("a", 0, [0.5, 0.5], measured=layers)])
    assert [it.epoch for it in normality_results(store, find_source(store, "hand"))] == [SCRATCH, 1]


@pytest.mark.parametrize(
    "names",
    [["bn1", "bn2", "bn10"], ["bn1", "layer1.0.bn2", "layer1.1.bn1", "layer2.0.bn1", "layer10.0.bn1"]],
)
def test_numbers_in_names_count_up(names):
    shuffled = [*names[2:], *names[:2]]
    assert sorted(shuffled, key=depth) == names
