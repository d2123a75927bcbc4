"""Are normalised activations normal? What E[BN] assumes (GST 2020, appendix B.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtr
from torch import Tensor, nn

BINS, LIMIT = 200, 5.0
"""Number of bins of the histograms, over -LIMIT to LIMIT."""


class Distribution(NamedTuple):
    """How the normalised activations of one batch-norm layer are distributed, all channels pooled.

    `density` is [bins] over -LIMIT to LIMIT, of all values, so that what lies outside is missing from
    its integral; `ks` the largest distance of their distribution function from the standard normal's;
    `kurtosis` is zero for a normal one; `n` counts values.
    """

    layer: str
    n: int
    mean: float
    variance: float
    kurtosis: float
    ks: float
    density: NDArray[np.float64]


def normality(
    model: nn.Module, layers: Sequence[str], images: Tensor, *, batch_statistics: bool = True
) -> tuple[Distribution, ...]:
    """The normalised activations of these batch-norm layers on the images, before scale and shift.

    With the images' own statistics, as the authors do, each channel has mean 0 and variance 1 by
    construction and only the shape is tested; without, with the running statistics of training.
    The model is not changed.
    """
    modules = dict(model.named_modules())
    seen: dict[str, Tensor] = {}
    with ExitStack() as hooks:
        for name in layers:
            norm = modules[name]
            if not isinstance(norm, nn.BatchNorm2d):
                raise AssertionError(f"layer {name} is no batch norm")
            handle = norm.register_forward_pre_hook(_keeping(seen, name))
            hooks.callback(handle.remove)
        was_training = model.training
        model.eval()
        with torch.no_grad():
            _forward(model, images, batch_statistics)
        model.train(was_training)
    return tuple(
        _described(name, _normalised(modules[name], seen[name], batch_statistics)) for name in layers
    )


def _keeping(seen: dict[str, Tensor], name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    def keep(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen[name] = inputs[0]

    return keep


def _forward(model: nn.Module, images: Tensor, batch_statistics: bool) -> None:
    """Run the model; with batch statistics in train mode, and its running statistics put back."""
    if not batch_statistics:
        model(images)
        return
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    model.train()
    model(images)
    for name, buffer in model.named_buffers():
        buffer.copy_(before[name])


def _normalised(norm: nn.Module, inputs: Tensor, batch_statistics: bool) -> NDArray[np.float64]:
    """From the inputs of the layer, since dividing its outputs by a scale near zero explodes."""
    assert isinstance(norm, nn.BatchNorm2d)
    values = inputs.double()
    if batch_statistics:
        mean, variance = values.mean(dim=(0, 2, 3)), values.var(dim=(0, 2, 3), unbiased=False)
    else:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        mean, variance = norm.running_mean.double(), norm.running_var.double()
    shape = (1, -1, 1, 1)
    normal = (values - mean.view(shape)) / (variance.view(shape) + norm.eps).sqrt()
    return normal.flatten().cpu().numpy()


@np.errstate(invalid="ignore")  # of a network that has diverged nothing is a number
def _described(layer: str, values: NDArray[np.float64]) -> Distribution:
    n = len(values)
    mean, variance = float(values.mean()), float(values.var())
    fourth = float(((values - mean) ** 4).mean())
    counts, edges = np.histogram(values, BINS, (-LIMIT, LIMIT))
    rising = np.sort(values)
    below = ndtr(rising)
    steps = np.arange(n + 1) / n
    ks = float(max((below - steps[:-1]).max(), (steps[1:] - below).max()))
    density = counts / (n * (edges[1] - edges[0]))
    return Distribution(layer, n, mean, variance, fourth / variance**2 - 3 if variance else 0.0, ks, density)
