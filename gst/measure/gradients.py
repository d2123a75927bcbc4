"""The gradients of single images' losses."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional

from gst.measure.free import FreeParameters

CHUNK_BYTES, CPU_CHUNK_BYTES = 512 * 2**20, 32 * 2**20
"""Bytes for the gradients of one chunk of images, and on a CPU; a chunk has at least one image.

On a CPU they are to fit into its cache: VGG11 takes less than half the time image by image that it takes by
the dozen, small networks gain from a chunk as they do anywhere (tests/benchmarks/bench_flatness.py).
"""


class GradientNoise(NamedTuple):
    """The trace of the uncentered covariance of single images' gradients, and the images it is over."""

    trace: float
    n: int


def gradient_covariance_trace(
    model: nn.Module, images: Tensor, labels: Tensor, free: FreeParameters, chunk: int | None = None
) -> GradientNoise:
    """The mean over images of |gradient of that image's loss|^2 in eval mode (GST 2020, section 3.4).

    Gradients of `chunk` images are formed at once by vmap; by default as many as fit into the
    bytes above. Squares are summed in the parameters' precision within a parameter and a chunk, then
    in float64.
    """
    model.eval()
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    parameters = {names[id(parameter)]: parameter.detach() for parameter in free.parameters}
    buffers = dict(model.named_buffers())
    kept = [mask.flatten() for mask in free.expand(torch.ones(free.size, device=images.device))]

    def loss(parameters: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        outputs = functional_call(model, (parameters, buffers), (image[None],))
        return functional.cross_entropy(outputs, label[None])

    gradients = vmap(grad(loss), in_dims=(None, 0, 0), randomness="error")
    room = CPU_CHUNK_BYTES if images.device.type == "cpu" else CHUNK_BYTES
    size = chunk or max(1, room // (free.total * images.element_size()))
    total = torch.zeros((), dtype=torch.float64, device=images.device)
    for some, their in zip(torch.split(images, size), torch.split(labels, size), strict=True):
        of_images = gradients(parameters, some, their)
        for mask, gradient in zip(kept, of_images.values(), strict=True):
            total += (gradient.flatten(1) * mask).square_().sum()
    return GradientNoise(total.item() / len(labels), len(labels))
