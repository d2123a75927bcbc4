"""Pruning events: what is planned, and what happens when one comes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from gst.config import FilterPruning, PruningConfig, PruningSchedule, Schedules, Target
from gst.models import Site
from gst.pruning.layers import PrunableLayer, prunable_layers
from gst.pruning.perturb import Perturbation, Streams
from gst.pruning.scores import Scorer
from gst.pruning.select import select
from gst.records import LayerPruning

BEFORE_TRAINING = -1
"""The epoch of an event that comes before any training."""


class PlannedEvent(NamedTuple):
    """The units of a layer before and after one event that is planned: filters or weights."""

    epoch: int
    layer: str
    total: int
    kept_before: int
    kept_after: int


class ScheduledLayer(NamedTuple):
    """A layer, and how many units it keeps after each of its events, by epoch."""

    layer: PrunableLayer
    kept: dict[int, int]


def with_schedules(config: PruningConfig, layers: Sequence[PrunableLayer]) -> tuple[ScheduledLayer, ...]:
    """The layers with their schedules, if any; scratch pruning has its one event before training."""
    if not isinstance(config, Schedules):
        return tuple(ScheduledLayer(layer, {}) for layer in layers)
    schedules = config.schedules(tuple(layer.site.name for layer in layers))
    at_once = isinstance(config, FilterPruning) and config.scratch
    return tuple(
        ScheduledLayer(layer, _kept(schedule, layer.alive.numel(), at_once))
        for layer, (_, schedule) in zip(layers, schedules, strict=True)
    )


def _kept(schedule: PruningSchedule, units: int, at_once: bool) -> dict[int, int]:
    return {BEFORE_TRAINING if at_once else epoch: kept for epoch, kept in schedule.events(units)}


def planned_events(config: PruningConfig, sites: Sequence[Site]) -> tuple[PlannedEvent, ...]:
    """Every scheduled event of a run by epoch, then layer; the sites may be of a model on the meta device.

    Raises ConfigError for layers that the model does not have.
    """
    if not isinstance(config, Schedules):
        return ()
    planned = []
    for layer, kept in with_schedules(config, prunable_layers(config, sites)):
        before = total = layer.alive.numel()
        for epoch, after in sorted(kept.items()):
            planned.append(PlannedEvent(epoch, layer.site.name, total, before, after))
            before = after
    return tuple(sorted(planned, key=lambda event: event.epoch))


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
