"""Pruning events that are planned: how many units each layer has before and after them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from gst.config import IterativePruning, RunConfig, ScheduledConfig, Schedules, WeightPruning
from gst.config.course import weights_left
from gst.config.pruning import Removal
from gst.config.regrowth import Regrowth
from gst.config.schedule import exact
from gst.errors import ConfigError, suggestion
from gst.networks.layers import Layer, chosen

BEFORE_TRAINING = -1
"""The epoch of an event that comes before any training."""
ALL_LAYERS = "all layers"
"""What loses weights where layers are one pool: where weights go is known only once trained."""


class PlannedEvent(NamedTuple):
    """The units of a layer before and after one event that is planned: filters or weights.

    So many come back after it, which `kept_after` does not count.
    """

    epoch: int
    layer: str
    total: int
    kept_before: int
    kept_after: int
    regrown: int = 0

    @property
    def left(self) -> int:
        """Number of units that training goes on with."""
        return self.kept_after + self.regrown


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


Shapes = Mapping[str, tuple[int, ...]]
"""The shape of each layer's weights, by its name; the first dimension is its filters."""


def units_of(config: ScheduledConfig, shapes: Shapes) -> dict[str, int]:
    """How many units each layer has, and where the configuration makes them one pool, all of them."""
    if not isinstance(config, WeightPruning):
        return {layer: shape[0] for layer, shape in shapes.items()}
    weights = {layer: math.prod(shape) for layer, shape in shapes.items()}
    return {ALL_LAYERS: sum(weights.values())} if config.distribution == "global" else weights


def units_kept(config: ScheduledConfig, shapes: Shapes) -> dict[str, dict[int, int]]:
    """How many of these units are left after each event, by epoch. Scratch pruning has one, at first."""
    at_once = isinstance(config, Removal) and config.scratch
    units = units_of(config, shapes)
    schedules = dict(config.schedules(tuple(units)))
    if isinstance(config, WeightPruning) and config.distribution == "erk":
        for layer, density in erk_densities(shapes, 1 - exact(config.each(config.fraction)[0])).items():
            schedules[layer] = schedules[layer]._replace(fraction=1 - density)
    kept = {layer: dict(schedule.events(units[layer])) for layer, schedule in schedules.items()}
    if not at_once:
        return kept
    return {layer: _at_once(events, again=regrowth(config) is not None) for layer, events in kept.items()}


def _at_once(events: Mapping[int, int], *, again: bool) -> dict[int, int]:
    """What is left of a layer whose events all come before training; `again`: later ones keep as many."""
    least = min(events.values())
    return {BEFORE_TRAINING: least} | (dict.fromkeys(events, least) if again else {})


def regrowth(config: ScheduledConfig) -> Regrowth | None:
    """The weights that come back, if any do."""
    return config.regrow if isinstance(config, WeightPruning) else None


def exchanged(config: ScheduledConfig, epoch: int, kept: int, total: int) -> int:
    """Number of weights of a layer that go at that epoch's event beside its schedule's, and then come back.

    It is a share of the weights that the schedule leaves, rounded down. There are none before training, nor
    of a dense layer. The share follows Evci et al. 2020, section 3, with epochs as the unit of time.
    """
    regrow = regrowth(config)
    if regrow is None or epoch == BEFORE_TRAINING or kept == total:
        return 0
    if regrow.decay == "constant":
        return math.floor(exact(regrow.share) * kept)
    end = config.last_end + 1
    return math.floor(regrow.share / 2 * (1 + math.cos(math.pi * epoch / end)) * kept)


def erk_densities(shapes: Shapes, density: Fraction) -> dict[str, Fraction]:
    """The share of each layer's weights that is left, so that this share of all of them together is.

    It is proportional to sum(shape) / prod(shape), the Erdos-Renyi-Kernel of Evci et al. 2020, section 3; a
    layer that would have more weights than it has is dense, and the others share the rest.
    """
    weights = {layer: math.prod(shape) for layer, shape in shapes.items()}
    dense: set[str] = set()
    while True:
        others = [layer for layer in shapes if layer not in dense]
        room = density * sum(weights.values()) - sum(weights[layer] for layer in dense)
        each = room / max(1, sum(sum(shapes[layer]) for layer in others))
        found = {layer: each * Fraction(sum(shapes[layer]), weights[layer]) for layer in others}
        over = {layer for layer, share in found.items() if share > 1}
        if not over:
            return {layer: found.get(layer, Fraction(1)) for layer in shapes}
        dense |= over


def _scheduled(config: ScheduledConfig, layers: Sequence[Layer]) -> tuple[PlannedEvent, ...]:
    shapes = {layer.name: layer.part.shape for layer in chosen(config, layers)}
    units = units_of(config, shapes)
    planned = []
    for layer, events in units_kept(config, shapes).items():
        if config.kind == "gaussian" and 0 in events.values():
            raise ConfigError(
                "pruning.fraction: gaussian noise is measured by a filter that is never targeted, and "
                f"layer {layer!r} would have none of {units[layer]}"
            )
        before = total = units[layer]
        for epoch, after in sorted(events.items()):
            back = exchanged(config, epoch, after, total)
            planned.append(PlannedEvent(epoch, layer, total, before, after - back, back))
            before = after
    return tuple(sorted(planned, key=lambda event: event.epoch))


def _iterative(
    config: RunConfig, pruning: IterativePruning, layers: Sequence[Layer]
) -> tuple[PlannedEvent, ...]:
    """The removals of all layers as one."""
    left = removals(pruning, {layer.name: layer.weights for layer in layers})
    return tuple(
        PlannedEvent(config.course.last_epoch(level - 1), ALL_LAYERS, left[0], left[level - 1], left[level])
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
