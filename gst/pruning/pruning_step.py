"""Pruning events: what happens when one comes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from gst.config import PruningConfig, Schedules, Target
from gst.networks.events import units_kept
from gst.pruning.layers import PrunableLayer
from gst.pruning.perturb import Perturbation, Streams
from gst.pruning.scores import Scorer
from gst.pruning.select import select
from gst.records import LayerPruning


class ScheduledLayer(NamedTuple):
    """A layer, and how many units it keeps after each of its events, by epoch."""

    layer: PrunableLayer
    kept: dict[int, int]


def with_schedules(config: PruningConfig, layers: Sequence[PrunableLayer]) -> tuple[ScheduledLayer, ...]:
    """The layers with their schedules, if any."""
    if not isinstance(config, Schedules):
        return tuple(ScheduledLayer(layer, {}) for layer in layers)
    events = units_kept(config, {layer.site.name: layer.alive.numel() for layer in layers})
    return tuple(ScheduledLayer(layer, events[layer.site.name]) for layer in layers)


def prune_due(
    due: Iterable[ScheduledLayer],
    epoch: int,
    *,
    scorer: Scorer,
    target: Target,
    perturbation: Perturbation,
    streams: Streams,
) -> tuple[LayerPruning, ...]:
    """Score, select and take the units of each layer that has an event at this epoch.

    Layers that lose nothing are left out; where all do, there was no event.
    """
    done = []
    for layer, kept in due:
        before = int(layer.alive.sum())
        count = before - kept[epoch]
        if count == 0:
            continue
        scores = scorer(layer)
        units = select(scores, layer.alive, count, target, streams(f"select/{layer.site.name}/{epoch}"))
        listed = tuple(units.tolist()) if perturbation.kind != "weights" else None
        mean = float(scores.cpu()[units].double().mean())
        perturbation.apply(layer, units, epoch)
        done.append(LayerPruning(layer.site.name, layer.alive.numel(), before, before - count, mean, listed))
    return tuple(done)


def mask_hash(layers: Iterable[PrunableLayer]) -> str:
    """16 hexadecimal digits that two runs share when the same units of the same layers are left."""
    digest = hashlib.sha256()
    for layer in layers:
        digest.update(layer.site.name.encode() + b"\0" + np.packbits(layer.alive.numpy()).tobytes())
    return digest.hexdigest()[:16]
