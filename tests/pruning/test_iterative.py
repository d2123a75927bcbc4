"""All layers as one pool of weights: Jin et al. 2022, section 2, and OpenLTH's counting."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gst.config import IterativePruning, RunConfig
from gst.errors import ConfigError
from gst.models import Site
from gst.networks.events import planned_events
from gst.networks.layers import Layer
from gst.networks.parts import Linear
from gst.pruning.iterative import remove, weight_pool
from gst.pruning.scores import magnitude
from gst.training import stream


def site(name, rows):
    module = nn.Linear(len(rows[0]), len(rows), bias=False)
    with torch.no_grad():
        module.weight.copy_(torch.tensor(rows))
    return Site(name, module, None, None, None, "hidden")


def toy():
    """20 weights, whose magnitudes rise over the layers, but for the last one's."""
    return (
        site("fc1", [[1.0, -2.0, 3.0, -4.0], [5.0, -6.0, 7.0, -8.0]]),
        site("fc2", [[9.0, -10.0], [11.0, -12.0], [13.0, -14.0], [15.0, -16.0]]),
        site("fc3", [[0.1, -0.2, 0.3, -0.4]]),
    )


def config(**changes):
    values = {
        "kind": "imp", "score": "magnitude", "target": "smallest", "fraction": 0.2, "levels": 3,
        "rewind_epoch": 0, "exclude": ("fc3",),
    }  # fmt: skip
    return IterativePruning.model_validate(values | changes)


def streams(seed=0):
    return lambda name: stream(seed, name)


def pruned(sites, chosen, levels, seed=0):
    pool = weight_pool(chosen, sites)
    for level in levels:
        yield remove(pool, level, config=chosen, scorer=magnitude, streams=streams(seed))


def test_a_fifth_of_all_that_is_left_goes_wherever_it_is_smallest():
    """20 weights, 4 of which are excluded: 4, 4 (of 16: 3.2) and 3 (of 12: 2.4) go, of fc1 and then fc2."""
    sites = toy()
    first, second, third = pruned(sites, config(), (1, 2, 3))
    assert weight_pool(config(), sites).left == (20, 16, 12, 9)
    assert [(it.layer, it.total, it.kept_before, it.kept_after) for it in first] == [("fc1", 8, 8, 4)]
    assert first[0].mean_score == 2.5
    assert [(it.layer, it.kept_before, it.kept_after) for it in second] == [("fc1", 4, 0)]
    assert [(it.layer, it.kept_before, it.kept_after) for it in third] == [("fc2", 8, 5)]
    assert sites[0].module.weight.count_nonzero() == 0
    assert sites[1].module.weight.flatten().tolist() == [0, 0, 0, -12, 13, -14, 15, -16]
    assert sites[2].module.weight.count_nonzero() == 4, "excluded, although the smallest of all"


def test_a_layer_is_named_once_for_each_removal_that_it_is_part_of():
    sites = toy()
    with torch.no_grad():
        sites[0].module.weight.view(-1)[6:] = 100.0
    _, second = pruned(sites, config(fraction=0.4), (1, 2))
    assert [(it.layer, it.kept_before, it.kept_after) for it in second] == [("fc2", 6, 1)]


def test_the_largest_go_where_they_are_asked_for():
    sites = toy()
    (first,) = pruned(sites, config(target="largest"), (1,))
    assert [(it.layer, it.kept_after, it.mean_score) for it in first] == [("fc2", 4, 14.5)]


def test_random_is_a_draw_from_the_run_and_the_level():
    def left(seed, levels=(1,)):
        sites = toy()
        list(pruned(sites, config(target="random"), levels, seed))
        return [tuple(it.module.weight.flatten().tolist()) for it in sites]

    assert left(0) == left(0)
    draws = {str(left(seed)) for seed in range(8)}
    assert len(draws) > 5
    counts = [sum(value != 0 for layer in left(seed, (1, 2)) for value in layer) for seed in range(8)]
    assert counts == [12] * 8


def test_ties_go_to_the_first_and_no_weight_more_than_asked_for():
    """A threshold would take all sixteen."""
    sites = (site("a", [[1.0] * 8]), site("b", [[1.0] * 8]), site("c", [[1.0] * 4]))
    pool = weight_pool(config(exclude=()), sites)
    (done,) = (remove(pool, 1, config=config(exclude=()), scorer=magnitude, streams=streams()),)
    assert [(it.layer, it.kept_after) for it in done] == [("a", 4)]
    assert sites[0].module.weight.flatten().tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_an_unknown_layer_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match=r"pruning\.exclude: no layer 'fc4'; did you mean 'fc"):
        weight_pool(config(exclude=("fc4",)), toy())


def test_all_that_is_planned_is_known_before_training():
    run = RunConfig.model_validate(
        {
            "data": {"name": "mnist"},
            "model": {"name": "lenet_300_100"},
            "training": {"epochs": 5, "batch_size": 8, "optimizer": {"name": "sgd", "lr": 0.1}},
            "pruning": config(levels=2, rewind_epoch=2).model_dump(),
        }
    )
    toys = [
        Layer(f"fc{n}", Linear(*shape), None, None, None, "hidden")
        for n, shape in enumerate([(4, 2), (2, 4), (4, 1)], 1)
    ]
    assert planned_events(run, toys) == (
        (4, "all layers", 20, 20, 16, 0),
        (7, "all layers", 20, 16, 12, 0),
    )
