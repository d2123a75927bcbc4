"""Iterative magnitude pruning: the weights of all layers are one pool (Jin et al. 2022, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from gst.config import IterativePruning
from gst.models import Site
from gst.networks.events import removals
from gst.pruning.layers import WeightLayer
from gst.pruning.perturb import Streams
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
    """The pool of a network with all its weights. Raises as gst.networks.removals."""
    left = removals(config, {site.name: site.module.weight.numel() for site in sites})
    return WeightPool(tuple(WeightLayer(site) for site in sites if site.name not in config.exclude), left)


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
