"""Initial weights, drawn in the order of the modules from one generator and from nothing else."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from gst.networks.named import Initialisation


@torch.no_grad()
def initialise(model: nn.Module, how: Initialisation, generator: torch.Generator) -> None:
    """Fill every parameter and buffer of a model whose memory holds anything at all."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            _weights(module, how, generator)
            _bias(module, how, generator)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.reset_parameters()  # constants only: scale 1, shift 0, mean 0, variance 1
            if how == "openlth":
                module.weight.uniform_(generator=generator)
        elif "shortcut_keep" in module._buffers:
            module.get_buffer("shortcut_keep").fill_(1.0)


def _weights(module: nn.Conv2d | nn.Linear, how: Initialisation, generator: torch.Generator) -> None:
    if how in ("he", "openlth"):
        nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu", generator=generator)
    elif how == "vgg" and isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
    else:
        nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=generator)


def _bias(module: nn.Conv2d | nn.Linear, how: Initialisation, generator: torch.Generator) -> None:
    if module.bias is None:
        return
    if how == "vgg" and isinstance(module, nn.Conv2d):
        module.bias.zero_()
    else:
        bound = 1 / math.sqrt(_fan_in(module.weight))
        module.bias.uniform_(-bound, bound, generator=generator)


def _fan_in(weight: Tensor) -> int:
    return weight[0].numel()
