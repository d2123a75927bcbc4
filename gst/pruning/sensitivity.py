"""Scores that rest on gradients of the whole network, taken anew for each removal.

Each is a number for every weight; a filter's is the sum over its weights. Weights that are gone score 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from gst.data.loader import Batch
from gst.pruning.layers import PrunableLayer, per_unit

Weights = Mapping[str, Tensor]
"""Weights by their parameters' names in the network."""


def gradient(model: nn.Module, weights: Weights, batch: Batch) -> list[Tensor]:
    """|g| of each weight, also of those that are gone (Evci et al. 2020, section 3)."""
    return [
        value.abs() for value in torch.autograd.grad(_loss(model, weights, batch), list(weights.values()))
    ]


def snip(model: nn.Module, weights: Weights, batch: Batch) -> list[Tensor]:
    """|g w|: the sensitivity of the loss to each connection (Lee et al. 2019, equation 4, unnormalised).

    Once a network is trained it goes by the name of gradient magnitude (Blalock et al. 2020).
    """
    return [value.abs() for value in taylor(model, weights, batch)]


def taylor(model: nn.Module, weights: Weights, batch: Batch) -> list[Tensor]:
    """G w, the change of the loss to first order; a filter's is squared (Molchanov et al. 2019, eq. 8)."""
    gradients = torch.autograd.grad(_loss(model, weights, batch), list(weights.values()))
    return [weight.detach() * found for weight, found in zip(weights.values(), gradients, strict=True)]


def grasp(model: nn.Module, weights: Weights, batch: Batch) -> list[Tensor]:
    """W (H g): how much of the gradient's squared length goes with a weight (Wang et al. 2020, equation 8).

    The paper's score is -w H g, of which the largest go first; this one's smallest do. H is of these weights
    alone. The authors' code divides the logits by 200, which the paper does not.
    """
    own = list(weights.values())
    gradients = torch.autograd.grad(_loss(model, weights, batch), own, create_graph=True)
    squares = sum((gradient * gradient.detach()).sum() for gradient in gradients)
    assert isinstance(squares, Tensor)
    products = torch.autograd.grad(squares, own)
    return [weight.detach() * product for weight, product in zip(own, products, strict=True)]


def synflow(model: nn.Module, weights: Weights, image: tuple[int, ...]) -> list[Tensor]:
    """|w| dR/d|w|, R being the sum of outputs for an image of ones where all parameters are absolute values.

    Tanaka et al. 2020, equation 5, in eval mode. Batch norms scale, and subtract no mean: before training,
    where the paper prunes, there is none. In float64, for R of deep networks overflows.
    """
    model.eval()
    flow = {name: value.detach().double().abs() for name, value in model.named_parameters()}
    own = [flow[name].requires_grad_() for name in weights]
    for name, value in model.named_buffers():
        if value.is_floating_point():
            flow[name] = value.double() * (not name.endswith("running_mean"))
    ones = own[0].new_ones(1, *image)
    gradients = torch.autograd.grad(functional_call(model, flow, (ones,)).sum(), own)
    return [weight.detach() * gradient for weight, gradient in zip(own, gradients, strict=True)]


def _loss(model: nn.Module, weights: Weights, batch: Batch) -> Tensor:
    """The batch's mean loss as in training; what batch norms remember of it is forgotten."""
    model.train()
    buffers = {name: value.clone() for name, value in model.named_buffers()}
    outputs = functional_call(model, {**weights, **buffers}, (batch.images,))
    return functional.cross_entropy(outputs, batch.labels)


BY_LOSS: Mapping[str, Callable[[nn.Module, Weights, Batch], list[Tensor]]] = {
    "gradient": gradient,
    "snip": snip,
    "taylor": taylor,
    "grasp": grasp,
}


class Sensitivity:
    """The score of that name, of layers of a network. `images` draws a batch from the stream of that name."""

    def __init__(
        self,
        score: str,
        model: nn.Module,
        layers: Sequence[PrunableLayer],
        images: Callable[[str], Batch],
        image: tuple[int, ...],
    ) -> None:
        self._score, self._model, self._layers = score, model, layers
        self._images, self._image = images, image
        self._found: dict[str, Tensor] = {}

    def look(self, name: str) -> None:
        """Score all units as they are now, by the images of the stream of that name."""
        names = {id(parameter): name for name, parameter in self._model.named_parameters()}
        modules = [layer.site.module for layer in self._layers]
        weights = {names[id(it.weight)]: it.weight.detach().clone().requires_grad_() for it in modules}
        training = self._model.training
        with torch.autocast(modules[0].weight.device.type, enabled=False):
            found = (
                synflow(self._model, weights, self._image)
                if self._score == "synflow"
                else BY_LOSS[self._score](self._model, weights, self._images(name))
            )
        self._model.train(training)
        for layer, values in zip(self._layers, found, strict=True):
            scores = per_unit(layer, values)
            self._found[layer.site.name] = scores.square() if self._score == "taylor" else scores

    def __call__(self, layer: PrunableLayer) -> Tensor:
        """The scores of that layer's units."""
        return self._found[layer.site.name]
