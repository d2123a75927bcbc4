"""Iterative magnitude pruning: the weights of all layers are one pool (Jin et al. 2022, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from gst.config import IterativePruning, RunConfig
from gst.config.course import weights_left
from gst.config.schedule import exact
from gst.errors import ConfigError, suggestion
from gst.models import Site
from gst.pruning.layers import WeightLayer
from gst.pruning.perturb import Streams
from gst.pruning.pruning_step import PlannedEvent
from gst.pruning.scores import Scorer
from gst.pruning.select import select
from gst.records import LayerPruning


class WeightPool(NamedTuple):
    """The layers that may lose weights, in network order, and how many weights each level trains with.

    `left` counts the weights of all convolutions and linear layers, excluded ones too, from level 0 on.
    """

    layers: tuple[WeightLayer, ...]
    left: tuple[int, ...]


def prunable_weights(sites: Sequence[Site]) -> int:
    """Number of weights of all convolutions and linear layers; biases and batch norms do not count."""
    return sum(site.module.weight.numel() for site in sites)


def weight_pool(config: IterativePruning, sites: Sequence[Site]) -> WeightPool:
    """The pool of a network with all its weights.

    Raises ConfigError for an excluded layer that the model does not have, and where weights run out.
    """
    left = removals(config, sites)
    return WeightPool(tuple(WeightLayer(site) for site in _eligible(config, sites)), left)


def removals(config: IterativePruning, sites: Sequence[Site]) -> tuple[int, ...]:
    """Number of weights that each level trains with, as in WeightPool; the model may be on the meta device.

    Raises ConfigError for an excluded layer that the model does not have, and where weights run out.
    """
    names = [site.name for site in sites]
    for name in config.exclude:
        if name not in names:
            hint = suggestion(name, names)
            raise ConfigError(f"pruning.exclude: no layer {name!r}; {hint}the model has: {', '.join(names)}")
    eligible = prunable_weights(_eligible(config, sites))
    return weights_left(prunable_weights(sites), eligible, exact(config.fraction), config.levels)


def _eligible(config: IterativePruning, sites: Sequence[Site]) -> list[Site]:
    return [site for site in sites if site.name not in config.exclude]


def remove(
    pool: WeightPool, level: int, *, config: IterativePruning, scorer: Scorer, streams: Streams
) -> tuple[LayerPruning, ...]:
    """Remove exactly as many weights as lie between the level before and this one, wherever they are.

    OpenLTH keeps what is above a threshold, and so removes one weight more, and all ties with it.
    Layers that lose nothing are left out.
    """
    scores = [scorer(layer).cpu() for layer in pool.layers]
    alive = torch.cat([layer.alive for layer in pool.layers])
    count = pool.left[level - 1] - pool.left[level]
    chosen = select(torch.cat(scores), alive, count, config.target, streams(f"select/level/{level}"))
    done, first = [], 0
    for layer, of_layer in zip(pool.layers, scores, strict=True):
        size, before = layer.alive.numel(), int(layer.alive.sum())
        units = chosen[(chosen >= first) & (chosen < first + size)] - first
        first += size
        if not len(units):
            continue
        layer.prune(units)
        mean = float(of_layer[units].double().mean())
        done.append(LayerPruning(layer.site.name, size, before, before - len(units), mean, None))
    return tuple(done)


def planned_removals(config: RunConfig, sites: Sequence[Site]) -> tuple[PlannedEvent, ...]:
    """The removals of a run by epoch, all layers as one: where weights go is known only once trained."""
    assert isinstance(config.pruning, IterativePruning)
    left = removals(config.pruning, sites)
    return tuple(
        PlannedEvent(config.course.last_epoch(level - 1), "all layers", left[0], left[level - 1], left[level])
        for level in range(1, len(left))
    )
