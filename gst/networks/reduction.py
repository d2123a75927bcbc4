"""Number of parameters that a run's pruning takes away, counted in the two ways that the papers mix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gst.config import FilterPruning, Noise, PruningConfig
from gst.networks.effect import Effect, effects, every
from gst.networks.events import PlannedEvent
from gst.networks.layers import Foreign, Layer, layers
from gst.networks.parts import ImageShape, Outline


class Reduction(NamedTuple):
    """Numbers of parameters.

    `own` are those of what was pruned itself: a filter's weights, bias, scale and shift. `compact` are
    all that a smaller network of the same function does without, among them the next layer's weights
    for the channels that are gone; None of filters in a network that no outline describes. GST 2020's 42% of
    VGG11 is near the first, its 46% and 59% of ResNet18 near the second.
    """

    total: int
    own: int
    compact: int | None


def parameter_reduction(
    config: PruningConfig, events: Sequence[PlannedEvent], network: Outline | Foreign, image: ImageShape
) -> Reduction:
    """The parameters that are gone after the last of the events, which are the configuration's.

    Unpruned networks and noise lose nothing. Of single weights it depends on where they are what else
    loses its effect, so for them both counts are the same.
    """
    found = layers(network)
    total = network.parameters if isinstance(network, Foreign) else sum(layer.parameters for layer in found)
    if isinstance(config, Noise):
        return Reduction(total, 0, 0)
    removed = {event.layer: event.total - event.left for event in events}
    if not isinstance(config, FilterPruning):
        return Reduction(total, sum(removed.values()), sum(removed.values()))
    dead = {layer: removed.get(layer.name, 0) for layer in found}
    own = sum(dead[layer] * _of_a_filter(layer, mask_norm=config.mask_bn) for layer in found)
    if isinstance(network, Foreign):
        return Reduction(total, own, None)
    before, after = (effects(network, image, gone, mask_norm=config.mask_bn) for gone in ({}, removed))
    compact = sum(
        _gone(layer, before[layer.name], after[layer.name], dead[layer], mask_norm=config.mask_bn)
        for layer in found
    )
    return Reduction(total, own, compact)


def _of_a_filter(layer: Layer, *, mask_norm: bool) -> int:
    """The parameters that a filter takes along; a bias before a batch norm loses its effect, and counts."""
    others = layer.part.bias + 2 * (layer.norm is not None)
    return layer.part.weights_per_unit + (others if mask_norm else 0)


def _gone(layer: Layer, before: Effect, after: Effect, dead: int, *, mask_norm: bool) -> int:
    """The parameters that are held at zero with so many filters, or had an effect and have none any more."""
    held = every(dead)
    weights = dead * layer.part.weights_per_unit + _weights(before, held) - _weights(after, held)
    masked = held if mask_norm else 0
    scales = masked | before.normed & before.outputs & ~(after.normed & after.outputs)
    shifts = masked | before.normed & ~after.normed
    biases = (0 if layer.norm else masked) | before.moving & ~after.moving
    others = [biases] * layer.part.bias + [scales, shifts] * (layer.norm is not None)
    return weights + sum(it.bit_count() for it in others)


def _weights(effect: Effect, held: int) -> int:
    """The weights that change the output, but for those of the filters that are held at zero."""
    return effect.positions * (effect.moving & ~held).bit_count() * effect.inputs.bit_count()
