"""One number for each unit of a layer: how much it seems to matter (GST 2020, section 2 and appendix B)."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from gst.pruning.layers import PrunableLayer, per_unit

Scorer = Callable[[PrunableLayer], Tensor]
"""From a layer to a float tensor [units]; units already pruned have scores too, which nobody reads."""

ACTIVATION_DECAY = 0.9


def magnitude(layer: PrunableLayer) -> Tensor:
    """|w| of every single weight, in memory order."""
    return layer.site.module.weight.detach().abs().flatten()


def l1(layer: PrunableLayer) -> Tensor:
    """The l1 norm of each filter's weights, without bias."""
    return layer.site.module.weight.detach().flatten(1).abs().sum(dim=1)


def l2(layer: PrunableLayer) -> Tensor:
    """The l2 norm of each filter's weights, without bias."""
    norms: Tensor = torch.linalg.vector_norm(layer.site.module.weight.detach().flatten(1), dim=1)
    return norms


def ebn(layer: PrunableLayer) -> Tensor:
    """E[ReLU(N(shift, scale^2))] of the batch norm that follows the layer (GST 2020, B.2)."""
    scale, shift = _batch_norm(layer)
    return expected_activation(scale.abs(), shift)


def ebn_alt(layer: PrunableLayer) -> Tensor:
    """E[BN] with the signed scale: filters of negative scale score at most 0 (GST 2019; 2020 B.2.3)."""
    return expected_activation(*_batch_norm(layer))


def expected_activation(scale: Tensor, shift: Tensor) -> Tensor:
    """Shift * Phi(shift / scale) + scale * phi(shift / scale), elementwise, in float64.

    For scale > 0 that is E[max(0, X)] of X ~ N(shift, scale^2), for scale < 0 it is E[min(0, X)]; for
    scale 0 it is max(0, shift). Where the normal tail underflows it is 0.
    """
    scale, shift = scale.double(), shift.double()
    safe = torch.where(scale == 0, 1.0, scale)
    ratio = shift / safe
    density = torch.exp(-0.5 * ratio**2) / math.sqrt(2 * math.pi)
    value = shift * torch.special.ndtr(ratio) + safe * density
    # rounding may leave a tail on the wrong side of 0
    value = torch.where(scale > 0, value.clamp(min=0), value.clamp(max=0))
    return torch.where(scale == 0, shift.clamp(min=0), value)


def _batch_norm(layer: PrunableLayer) -> tuple[Tensor, Tensor]:
    norm = layer.site.norm
    assert norm is not None, "prunable_layers refuses E[BN] where there is no batch norm"
    return norm.weight.detach(), norm.bias.detach()


class Accumulated(ABC):
    """A score that training adds to, on every batch whose number in the run is a multiple of `period`."""

    period: int

    def __init__(self, layers: Iterable[PrunableLayer]) -> None:
        self.averages = {
            layer.site.name: torch.zeros(layer.alive.numel(), device=layer.site.module.weight.device)
            for layer in layers
        }

    def __call__(self, layer: PrunableLayer) -> Tensor:
        """The averages of that layer's filters."""
        return self.averages[layer.site.name]

    @contextmanager
    def observing(self, layers: Iterable[PrunableLayer]) -> Iterator[None]:
        """Update the averages by the batch that is trained on inside; other batches have no hooks."""
        handles = [self._hook(layer) for layer in layers]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @abstractmethod
    def _hook(self, layer: PrunableLayer) -> torch.utils.hooks.RemovableHandle: ...


class ActivationAverage(Accumulated):
    """A running average of each filter's mean |z|, z being what goes into its ReLU (GST 2020, A.4).

    a <- 0.9 a + 0.1 mean|z| on every 10th training batch of the run, from a = 0. The authors sum over
    batch and positions where this takes the mean: the ranking differs by the short last batch only.
    """

    period = 10

    def _hook(self, layer: PrunableLayer) -> torch.utils.hooks.RemovableHandle:
        average = self.averages[layer.site.name]

        def update(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            z = inputs[0].detach()
            mean = z.abs().mean(dim=[d for d in range(z.dim()) if d != 1], dtype=torch.float32)
            average.mul_(ACTIVATION_DECAY).add_(mean, alpha=1 - ACTIVATION_DECAY)

        assert layer.site.activation is not None, "prunable_layers refuses such a layer"
        return layer.site.activation.register_forward_pre_hook(update)


class Movement(Accumulated):
    """The sum of -g w over the steps of the run so far, each before its step (Sanh et al. 2020, equation 3).

    Weights that move away from 0 score high. The gradient g is the loss's, without weight decay.
    """

    period = 1

    def _hook(self, layer: PrunableLayer) -> torch.utils.hooks.RemovableHandle:
        total = self.averages[layer.site.name]

        def update(weight: Tensor) -> None:
            assert weight.grad is not None
            total.sub_(per_unit(layer, weight.detach() * weight.grad))

        weight = layer.site.module.weight
        handle: torch.utils.hooks.RemovableHandle = weight.register_post_accumulate_grad_hook(update)  # type: ignore[no-untyped-call]
        return handle


OF_WEIGHTS = {"magnitude": magnitude, "l1": l1, "l2": l2, "ebn": ebn, "ebn_alt": ebn_alt}
"""The scores that follow from a layer's parameters alone."""
ACCUMULATED: dict[str, type[Accumulated]] = {"activation": ActivationAverage, "movement": Movement}
