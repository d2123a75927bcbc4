"""Optimizers, learning-rate drops and numeric precision as the configuration says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from gst.config import TrainingConfig
from gst.config.training import OptimizerConfig, Precision


def optimizer(config: OptimizerConfig, model: nn.Module) -> torch.optim.Optimizer:
    """Adam or SGD over all parameters of the model.

    The fused kernels do one pass over memory for all that a step computes.
    """
    if config.name == "adam":
        return torch.optim.Adam(
            model.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=True
        )
    return torch.optim.SGD(
        model.parameters(),
        lr=config.lr,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
        fused=True,
    )


def learning_rate(config: TrainingConfig, epoch: int, step: int, steps: int) -> float:
    """The learning rate of a step (0-based) in an epoch (0-based) of `steps` steps.

    Each drop that has come multiplies it by `lr_factor`, and warm-up by the fraction of its steps that
    are done, as in OpenLTH. So the very first step is taken at a rate of 0.
    """
    drops = sum(epoch >= drop for drop in config.lr_drops)
    lr = float(config.optimizer.lr * config.lr_factor**drops)
    if epoch >= config.warmup_epochs:
        return lr
    return lr * ((epoch * steps + step) / (config.warmup_epochs * steps))


@contextmanager
def precision(kind: Precision, device: torch.device) -> Iterator[None]:
    """Forward passes inside run at that precision; weights and their updates stay fp32.

    On a CPU tf32 is fp32: there is no such unit. Autocast would keep its bf16 copy of each weight until it
    ends, and many steps are taken inside: all but the first would see the weights of the first.
    """
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = kind == "tf32"
    try:
        with torch.autocast(device.type, torch.bfloat16, enabled=kind == "bf16", cache_enabled=False):
            yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before
