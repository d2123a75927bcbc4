"""Pruning events that are planned: how many units each layer has before and after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gst.config import FilterPruning, IterativePruning, RunConfig, ScheduledConfig, Schedules, WeightPruning
from gst.config.course import weights_left
from gst.config.schedule import exact
from gst.errors import ConfigError, suggestion
from gst.networks.layers import Layer, chosen

BEFORE_TRAINING = -1
"""The epoch of an event that comes before any training."""


class PlannedEvent(NamedTuple):
    """The units of a layer before and after one event that is planned: filters or weights."""

    epoch: int
    layer: str
    total: int
    kept_before: int
    kept_after: int


def planned_events(config: RunConfig, layers: Sequence[Layer]) -> tuple[PlannedEvent, ...]:
    """The events of a run by epoch, then layer, given the layers of its network.

    Raises ConfigError for layers that the model does not have, and where weights run out.
    """
    match config.pruning:
        case Schedules() as scheduled:
            return _scheduled(scheduled, layers)
        case IterativePruning() as iterative:
            return _iterative(config, iterative, layers)
        case _:
            return ()


def units_kept(config: ScheduledConfig, units: Mapping[str, int]) -> dict[str, dict[int, int]]:
    """How many units each layer keeps after each of its events, by epoch, given how many it has.

    Scratch pruning has its one event before training.
    """
    at_once = isinstance(config, FilterPruning) and config.scratch
    return {
        layer: {BEFORE_TRAINING if at_once else epoch: left for epoch, left in schedule.events(units[layer])}
        for layer, schedule in config.schedules(tuple(units))
    }


def _scheduled(config: ScheduledConfig, layers: Sequence[Layer]) -> tuple[PlannedEvent, ...]:
    units = {
        layer.name: layer.weights if isinstance(config, WeightPruning) else layer.units
        for layer in chosen(config, layers)
    }
    planned = []
    for layer, events in units_kept(config, units).items():
        if config.kind == "gaussian" and 0 in events.values():
            raise ConfigError(
                "pruning.fraction: gaussian noise is measured by a filter that is never targeted, and "
                f"layer {layer!r} would have none of {units[layer]}"
            )
        before = total = units[layer]
        for epoch, after in sorted(events.items()):
            planned.append(PlannedEvent(epoch, layer, total, before, after))
            before = after
    return tuple(sorted(planned, key=lambda event: event.epoch))


def _iterative(
    config: RunConfig, pruning: IterativePruning, layers: Sequence[Layer]
) -> tuple[PlannedEvent, ...]:
    """The removals of all layers as one: where weights go is known only once trained."""
    left = removals(pruning, {layer.name: layer.weights for layer in layers})
    return tuple(
        PlannedEvent(config.course.last_epoch(level - 1), "all layers", left[0], left[level - 1], left[level])
        for level in range(1, len(left))
    )


def removals(config: IterativePruning, weights: Mapping[str, int]) -> tuple[int, ...]:
    """Number of weights of all layers together that each level trains with, given those of each layer.

    Raises ConfigError for an excluded layer that the model does not have, and where weights run out.
    """
    for name in config.exclude:
        if name not in weights:
            hint = suggestion(name, weights)
            known = ", ".join(weights)
            raise ConfigError(f"pruning.exclude: no layer {name!r}; {hint}the model has: {known}")
    eligible = sum(number for name, number in weights.items() if name not in config.exclude)
    return weights_left(sum(weights.values()), eligible, exact(config.fraction), config.levels)
