"""One epoch of training: batches, steps, and what they come to."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch.nn import functional

from gst.data import batches
from gst.pruning import ACTIVATION_PERIOD, ActivationAverage
from gst.training.optim import learning_rate
from gst.training.state import State


class TrainResult(NamedTuple):
    """Running means over the batches of an epoch, each taken before its step; its last learning rate."""

    loss: float
    accuracy: float
    lr: float


def train_epoch(state: State, epoch: int, scheduled_epoch: int) -> TrainResult:
    """Train the state's network for one epoch, which stands at that epoch of the schedule."""
    config = state.spec.config
    state.model.train()
    loss_sum = torch.zeros((), dtype=torch.float64, device=state.device)
    correct = torch.zeros((), dtype=torch.int64, device=state.device)
    split = state.dataset.train
    epoch_batches = batches(
        split,
        config.training.batch_size,
        state.dataset,
        order=state.stream(f"order/{epoch}"),
        augment=state.stream(f"augment/{epoch}") if config.data.augment else None,
    )
    steps = math.ceil(len(split.labels) / config.training.batch_size)
    lr = 0.0
    for step, (images, labels) in enumerate(epoch_batches):
        lr = learning_rate(config.training, scheduled_epoch, step, steps)
        for group in state.optimizer.param_groups:
            group["lr"] = lr
        if state.perturbation is not None:
            state.perturbation.before_forward(training=True)
        with _observing(state, epoch * steps + step + 1):
            outputs = state.model(images)
        loss = functional.cross_entropy(outputs, labels)
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        state.optimizer.step()
        if state.perturbation is not None:
            state.perturbation.after_step()
        loss_sum += loss.detach() * len(labels)
        correct += (outputs.detach().argmax(dim=1) == labels).sum()
    n = len(split.labels)
    return TrainResult(loss_sum.item() / n, correct.item() / n, lr)


def _observing(state: State, batch_number: int) -> AbstractContextManager[None]:
    """A context in which every tenth training batch of the run (1-based) updates activation averages."""
    if isinstance(state.scorer, ActivationAverage) and batch_number % ACTIVATION_PERIOD == 0:
        return state.scorer.observing(scheduled.layer for scheduled in state.scheduled)
    return nullcontext()
