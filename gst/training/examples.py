"""The training images one by one: their losses, their EL2N scores, and groups of them (Jin et al. 2022)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gst.data import Dataset, batches
from gst.records import GroupLoss


class ExampleLosses(NamedTuple):
    """The cross-entropy of each training image (float32, [n]), and which are answered right (bool, [n]).

    `classes` are the answers themselves (int64, [n]), where they are known.
    """

    losses: Tensor
    correct: Tensor
    classes: Tensor | None = None


class Mean(NamedTuple):
    """Mean loss and accuracy (a fraction of 1) over n images; None over none."""

    n: int
    loss: float | None
    accuracy: float | None


def example_losses(model: nn.Module, dataset: Dataset, batch_size: int) -> ExampleLosses:
    """The losses of the training images: in order, unaugmented, on the labels trained on."""
    losses, classes, right = [], [], []
    for outputs, labels in _outputs(model, dataset, batch_size):
        losses.append(functional.cross_entropy(outputs, labels, reduction="none").float())
        classes.append(outputs.argmax(dim=1))
        right.append(labels)
    answers = torch.cat(classes)
    return ExampleLosses(torch.cat(losses), answers == torch.cat(right), answers)


def error_norms(model: nn.Module, dataset: Dataset, batch_size: int) -> Tensor:
    """|softmax output - one-hot label| of each training image (float64, [n]), L2; EL2N before averaging."""
    norms = []
    for outputs, labels in _outputs(model, dataset, batch_size):
        errors = functional.softmax(outputs.double(), dim=1)
        errors -= functional.one_hot(labels, outputs.shape[1])
        norms.append(torch.linalg.vector_norm(errors, dim=1))
    return torch.cat(norms)


@torch.inference_mode()
def _outputs(model: nn.Module, dataset: Dataset, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
    was_training = model.training
    model.eval()
    for images, labels in batches(dataset.train, batch_size, dataset):
        yield model(images), labels
    model.train(was_training)


def mean_of(found: ExampleLosses, chosen: Tensor | None = None) -> Mean:
    """The means over the chosen images (bool, [n]), or over all."""
    losses = found.losses if chosen is None else found.losses[chosen]
    correct = found.correct if chosen is None else found.correct[chosen]
    n = len(losses)
    if n == 0:
        return Mean(0, None, None)
    return Mean(n, losses.double().mean().item(), correct.double().mean().item())


def percentile_groups(scores: Tensor, groups: int) -> Tensor:
    """The group (int64, [n], from 1) of each image: equally large, the highest scores in the last.

    Ties go to the lower index first. Sizes differ by one at the most.
    """
    n = len(scores)
    order = torch.argsort(scores, stable=True)
    found = torch.empty(n, dtype=torch.int64, device=scores.device)
    found[order] = torch.arange(n, device=scores.device) * groups // n + 1
    return found


def group_losses(
    found: ExampleLosses, bins: Tensor, noisy: Tensor | None, *, level: int, epoch: int
) -> tuple[GroupLoss, ...]:
    """The mean loss of each group that has images; `bins` as percentile_groups gives them."""
    groups = []
    for number in range(1, int(bins.max()) + 1):
        member = bins == number
        if not member.any():
            continue
        original = mean_of(found, member if noisy is None else member & ~noisy)
        wrong = Mean(0, None, None) if noisy is None else mean_of(found, member & noisy)
        loss = mean_of(found, member).loss
        groups.append(
            GroupLoss(
                level=level,
                epoch=epoch,
                bin=number,
                n_original=original.n,
                original_loss=original.loss,
                n_noisy=wrong.n,
                noisy_loss=wrong.loss,
                loss=math.nan if loss is None else loss,
            )
        )
    return tuple(groups)
