"""Sharpness-aware minimization: a step takes the gradient at weights nearby, where the loss is larger.

Foret et al. 2021 (arXiv 2010.01412), equations 2 and 3: at w + rho g / |g|, g being the gradient at w and |g|
its l2 norm over all parameters. What pruning holds at zero is no parameter: it has no part in g, and stays 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

LEAST_NORM = 1e-12
"""A gradient shorter than this is taken to be so long: one of 0 moves nothing."""


@torch.no_grad()
def sharpen(model: nn.Module, rho: float, held: Mapping[int, Tensor], loss: Callable[[], Tensor]) -> None:
    """Put the gradients nearby in the place of the model's gradients, which are those of its weights.

    `held` has, by a parameter's id, which of its entries are held at zero; `loss` is the batch's, by a
    forward pass, in which dropout draws anew. The weights are as before, to the bit, and so are batch norm's
    running statistics.
    """
    parameters = [it for it in model.parameters() if it.grad is not None]
    ascent = [_living(it, held.get(id(it))) for it in parameters]
    norm = torch.stack([torch.linalg.vector_norm(it) for it in ascent]).square().sum().sqrt()
    before = [it.clone() for it in parameters]
    for parameter, direction in zip(parameters, ascent, strict=True):
        parameter.add_(direction * (rho / norm.clamp_min(LEAST_NORM)))
        parameter.grad = None
    with torch.enable_grad(), _statistics_kept(model):
        loss().backward()  # type: ignore[no-untyped-call]
    for parameter, value in zip(parameters, before, strict=True):
        parameter.copy_(value)


def _living(parameter: Tensor, gone: Tensor | None) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad if gone is None else parameter.grad.masked_fill(gone, 0)


@contextmanager
def _statistics_kept(model: nn.Module) -> Iterator[None]:
    """Forward passes inside normalise by their batch, as in training, and leave running statistics alone."""
    norms = [it for it in model.modules() if isinstance(it, _BatchNorm) and it.track_running_stats]
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
