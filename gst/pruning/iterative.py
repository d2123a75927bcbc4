"""Iterative magnitude pruning: the weights of all layers are one pool (Jin et al. 2022, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gst.config import IterativePruning
from gst.models import Site
from gst.networks.events import removals
from gst.pruning.layers import WeightLayer
from gst.pruning.perturb import Streams
from gst.pruning.pruning_step import take
from gst.pruning.scores import Scorer
from gst.pruning.sensitivity import Sensitivity
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
    """Remove exactly as many weights as lie between the level before and this one, wherever they are."""
    if isinstance(scorer, Sensitivity):
        scorer.look(f"score/level/{level}")
    return tuple(
        take(
            pool.layers,
            pool.left[level - 1] - pool.left[level],
            scorer=scorer,
            target=config.target,
            generator=streams(f"select/level/{level}"),
            act=lambda layer, units: layer.prune(units),
            listed=False,
        )
    )
