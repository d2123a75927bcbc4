"""Pruning events: what happens when one comes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gst.config import PruningConfig, ScheduledConfig, Schedules, Target
from gst.config.pruning import Removal
from gst.networks.events import ALL_LAYERS, BEFORE_TRAINING, exchanged, regrowth, units_kept
from gst.pruning.layers import PrunableLayer
from gst.pruning.perturb import Perturbation, Streams
from gst.pruning.scores import Scorer
from gst.pruning.select import select
from gst.pruning.sensitivity import Sensitivity
from gst.records import LayerPruning


class ScheduledLayer(NamedTuple):
    """A layer, and how many units it, or the pool that it is part of, keeps after each event, by epoch."""

    layer: PrunableLayer
    kept: dict[int, int]


def with_schedules(config: PruningConfig, layers: Sequence[PrunableLayer]) -> tuple[ScheduledLayer, ...]:
    """The layers with their schedules, if any."""
    if not isinstance(config, Schedules):
        return tuple(ScheduledLayer(layer, {}) for layer in layers)
    events = units_kept(config, {layer.site.name: tuple(layer.site.module.weight.shape) for layer in layers})
    together = events.get(ALL_LAYERS)
    return tuple(ScheduledLayer(layer, together or events[layer.site.name]) for layer in layers)


def prune_due(
    due: Sequence[ScheduledLayer],
    epoch: int,
    *,
    config: ScheduledConfig,
    scorer: Scorer,
    perturbation: Perturbation,
    streams: Streams,
) -> tuple[LayerPruning, ...]:
    """Score, select and take the units of each layer, or pool, that has an event at this epoch.

    Weights that are to be exchanged go with them. Layers that lose nothing are left out; where all do, there
    was no event.
    """
    pooled = getattr(config, "distribution", "layerwise") == "global"
    pools = {ALL_LAYERS: list(due)} if pooled else {it.layer.site.name: [it] for it in due}
    before = {name: sum(int(it.layer.alive.sum()) for it in pool) for name, pool in pools.items()}
    rounds = config.rounds if isinstance(config, Removal) else 1
    parts: list[LayerPruning] = []
    for number in range(1, rounds + 1):
        place = f"{epoch}" if number == 1 else f"{epoch}/{number}"
        if isinstance(scorer, Sensitivity):
            scorer.look(f"score/{place}")
        for name, pool in pools.items():
            kept = kept_in_round(before[name], pool[0].kept[epoch], number, rounds)
            layers = [it.layer for it in pool]
            parts += take(
                layers,
                sum(int(layer.alive.sum()) for layer in layers) - kept,
                scorer=scorer,
                target=config.target,
                generator=streams(f"select/{name}/{place}"),
                act=lambda layer, units: perturbation.apply(layer, units, epoch),
                listed=perturbation.kind != "weights",
            )
    parts += _exchange(due, epoch, config=config, scorer=scorer, perturbation=perturbation, streams=streams)
    return joined(parts)


def _exchange(
    due: Sequence[ScheduledLayer],
    epoch: int,
    *,
    config: ScheduledConfig,
    scorer: Scorer,
    perturbation: Perturbation,
    streams: Streams,
) -> Iterator[LayerPruning]:
    """Take the weights of each layer that will come back, or others in their place."""
    regrow = regrowth(config)
    if regrow is None or epoch == BEFORE_TRAINING:
        return
    if isinstance(scorer, Sensitivity):
        scorer.look(f"exchange/{epoch}")
    for layer, kept in due:
        yield from take(
            [layer],
            exchanged(config, epoch, kept[epoch], layer.alive.numel()),
            scorer=scorer,
            target=regrow.target,
            generator=streams(f"exchange/{layer.site.name}/{epoch}"),
            act=lambda it, units: perturbation.apply(it, units, epoch),
            listed=False,
        )


def kept_in_round(before: int, after: int, number: int, rounds: int) -> int:
    """How many of `before` units are left after that round (1-based) of an event that leaves `after`.

    Each round leaves the same share of what the round before has left (Tanaka et al. 2020, algorithm 1).
    """
    if number == rounds:
        return after
    return max(after, math.ceil(before * (max(after, 1) / before) ** (number / rounds))) if before else 0


def take(
    layers: Sequence[PrunableLayer],
    count: int,
    *,
    scorer: Scorer,
    target: Target,
    generator: torch.Generator,
    act: Callable[[PrunableLayer, Tensor], None],
    listed: bool,
) -> list[LayerPruning]:
    """Take exactly so many of these layers' units, wherever they are; `act` is what happens to them.

    OpenLTH keeps what is above a threshold, and so removes one weight more, and all ties with it.
    Layers that lose nothing are left out.
    """
    if count == 0:
        return []
    scores = [scorer(layer).cpu() for layer in layers]
    alive = torch.cat([layer.alive for layer in layers])
    chosen = select(torch.cat(scores), alive, count, target, generator)
    done, first = [], 0
    for layer, of_layer in zip(layers, scores, strict=True):
        size, before = layer.alive.numel(), int(layer.alive.sum())
        units = chosen[(chosen >= first) & (chosen < first + size)] - first
        first += size
        if not len(units):
            continue
        act(layer, units)
        mean = float(of_layer[units].double().mean())
        names = tuple(units.tolist()) if listed else None
        done.append(LayerPruning(layer.site.name, size, before, before - len(units), mean, names))
    return done


def joined(parts: Iterable[LayerPruning]) -> tuple[LayerPruning, ...]:
    """The removals of an event as one of each layer."""
    found: dict[str, LayerPruning] = {}
    for part in parts:
        if (one := found.get(part.layer)) is not None:
            first, more = one.kept_before - one.kept_after, part.kept_before - part.kept_after
            assert one.mean_score is not None
            assert part.mean_score is not None
            part = LayerPruning(
                part.layer,
                part.total,
                one.kept_before,
                part.kept_after,
                (first * one.mean_score + more * part.mean_score) / (first + more),
                None if part.removed is None else tuple(sorted((one.removed or ()) + part.removed)),
            )
        found[part.layer] = part
    return tuple(found.values())


def mask_hash(layers: Iterable[PrunableLayer]) -> str:
    """16 hexadecimal digits that two runs share when the same units of the same layers are left."""
    digest = hashlib.sha256()
    for layer in layers:
        digest.update(layer.site.name.encode() + b"\0" + np.packbits(layer.alive.numpy()).tobytes())
    return digest.hexdigest()[:16]
