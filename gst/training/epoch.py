"""One epoch of training: batches, steps, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from gst.data import batches
from gst.pruning.scores import Accumulated
from gst.training.optim import learning_rate
from gst.training.replay import Step
from gst.training.state import State


class TrainResult(NamedTuple):
    """Running means over the batches of an epoch, each taken before its step; its last learning rate."""

    loss: float
    accuracy: float
    lr: float


class _Sums(NamedTuple):
    """Over the images so far, on the device: the loss (float64) and how many were answered right (int64)."""

    loss: Tensor
    correct: Tensor


def train_epoch(state: State, epoch: int, scheduled_epoch: int) -> TrainResult:
    """Train the state's network for one epoch, which stands at that epoch of the schedule."""
    config = state.spec.config
    state.model.train()
    sums = _Sums(
        torch.zeros((), dtype=torch.float64, device=state.device),
        torch.zeros((), dtype=torch.int64, device=state.device),
    )
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
    plain = partial(_step, state, sums)
    with _draws(state, epoch), _fast(state, plain, scheduled_epoch) as fast:
        for step, (images, labels) in enumerate(epoch_batches):
            lr = learning_rate(config.training, scheduled_epoch, step, steps)
            for group in state.optimizer.param_groups:
                group["lr"] = lr
            if state.perturbation is not None:
                state.perturbation.before_forward(training=True)
            if _is_observed(state, epoch * steps + step + 1):
                assert isinstance(state.scorer, Accumulated)
                with state.scorer.observing(scheduled.layer for scheduled in state.scheduled):
                    plain(images, labels)
            else:
                fast(images, labels)
    n = len(split.labels)
    return TrainResult(sums.loss.item() / n, sums.correct.item() / n, lr)


def _step(state: State, sums: _Sums, images: Tensor, labels: Tensor) -> None:
    outputs = state.model(images)
    loss = functional.cross_entropy(outputs, labels)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    state.optimizer.step()
    if state.perturbation is not None:
        state.perturbation.after_step()
    sums.loss.add_(loss.detach() * len(labels))
    sums.correct.add_((outputs.detach().argmax(dim=1) == labels).sum())


def _fast(state: State, step: Step, scheduled_epoch: int) -> AbstractContextManager[Step]:
    """The step as the device takes it fastest: a GPU by replay, if it is the same step all the epoch."""
    changes = scheduled_epoch < state.spec.config.training.warmup_epochs or state.is_noisy
    if state.recorder is None or changes:
        return nullcontext(step)
    return state.recorder.epoch(step)


@contextmanager
def _draws(state: State, epoch: int) -> Iterator[None]:
    """Seeds torch's own generators from the run's stream, for dropout and whatever else a network draws.

    gst's own networks draw nothing in a forward pass.
    """
    if state.spec.config.model.own_name is not None:
        yield
        return
    devices = [state.device] if state.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(int(torch.randint(2**63 - 1, (), generator=state.stream(f"forward/{epoch}"))))
        yield


def _is_observed(state: State, batch_number: int) -> bool:
    """Whether the training batch of that number (1-based, of the run) updates what scores accumulate."""
    return isinstance(state.scorer, Accumulated) and batch_number % state.scorer.period == 0
