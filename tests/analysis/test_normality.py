from __future__ import annotations

import pytest
from stores import SCRATCH, Run, fill, normality_of

from gst.analysis import find_source, normality_results
from gst.analysis.normality import depth

LAYERS = ("bn9", "bn10")


def run(seed, epochs=2, **changes):
    layers = [
        normality_of(epoch, layer, statistics, ks=0.25 + epoch / 8)
        for epoch in (SCRATCH, epochs - 1)
        for layer in LAYERS
        for statistics in ("batch", "running")
    ]
    return Run("a", seed, [0.5] * epochs, measured=layers, **changes)


def test_layers_from_input_to_output_untrained_first(store):
    fill(store, [run(0), run(1), run(2, status="failed")])
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
