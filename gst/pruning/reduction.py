"""Number of parameters that a run's pruning takes away, counted in the two ways that the papers mix."""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gst.config import FilterPruning, IterativePruning, PruningConfig, WeightPruning
from gst.models import ImageShape, sites
from gst.pruning.iterative import removals
from gst.pruning.layers import FilterLayer, PrunableLayer, prunable_layers
from gst.pruning.pruning_step import planned_events


class Reduction(NamedTuple):
    """Numbers of parameters.

    `own` are those of what was pruned itself: a filter's weights, bias, scale and shift. `compact` are
    all that a smaller network of the same function does without, among them the next layer's weights
    for the channels that are gone. GST 2020's 42% of VGG11 is near the first, its 46% and 59% of
    ResNet18 near the second.
    """

    total: int
    own: int
    compact: int


def parameter_reduction(config: PruningConfig, model: nn.Module, image: ImageShape) -> Reduction:
    """The parameters that are gone after the last event. The model's values do not matter and stay.

    Unpruned networks and noise lose nothing. Of single weights it depends on where they are what else
    loses its effect, so for them both counts are the same.
    """
    total = sum(parameter.numel() for parameter in model.parameters())
    if isinstance(config, IterativePruning):
        left = removals(config, sites(model))
        return Reduction(total, left[0] - left[-1], left[0] - left[-1])
    if not isinstance(config, FilterPruning | WeightPruning):
        return Reduction(total, 0, 0)
    kept = {event.layer: event.kept_after for event in planned_events(config, sites(model))}
    if isinstance(config, WeightPruning):
        own = sum(
            layer.alive.numel() - kept[layer.site.name] for layer in prunable_layers(config, sites(model))
        )
        return Reduction(total, own, own)
    model = _positive(copy.deepcopy(model).to_empty(device="cpu"))
    before = _without_effect(model, image)
    layers = prunable_layers(config, sites(model))
    for layer in layers:
        layer.prune(torch.arange(layer.alive.numel() - kept[layer.site.name]))
    own = sum(layer.parameters_removed for layer in layers)
    after = _without_effect(model, image)
    gone = {name: idle & ~before[name] for name, idle in after.items()}
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    for layer in layers:
        for parameter, dead in _held_at_zero(layer):
            gone[names[id(parameter)]] |= dead
    return Reduction(total, own, sum(int(idle.sum()) for idle in gone.values()))


def _held_at_zero(layer: PrunableLayer) -> list[tuple[Tensor, Tensor]]:
    """Each parameter of which the layer holds a part at zero, and that part as a mask of its shape."""
    assert isinstance(layer, FilterLayer)
    return [
        (parameter, (~layer.alive).view(-1, *[1] * (parameter.dim() - 1)).expand_as(parameter))
        for parameter in layer.masked_parameters()
    ]


@torch.no_grad()
def _positive(model: nn.Module) -> nn.Module:
    """The model with all that it multiplies by positive and nothing subtracted, in eval mode.

    Then no two paths through the network can cancel: a parameter without gradient is one without effect.
    """
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        constant = 0.0 if name.endswith(("running_mean", "bias")) else 1.0
        tensor.fill_(constant / max(1, tensor[0].numel()) if tensor.dim() > 1 else constant)
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.MaxPool2d):  # a maximum hides what is smaller
                setattr(module, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
    return model.eval()


def _without_effect(model: nn.Module, image: ImageShape) -> dict[str, Tensor]:
    """Which elements of each parameter (a mask of its shape) cannot change the output."""
    model.zero_grad()
    model(torch.ones(1, *image)).sum().backward()
    return {
        name: torch.zeros_like(parameter, dtype=torch.bool) if parameter.grad is None else parameter.grad == 0
        for name, parameter in model.named_parameters()
    }
