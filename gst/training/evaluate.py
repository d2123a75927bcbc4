"""Accuracy and loss of a network on a whole split."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from gst.data import Dataset, Split, batches


class Evaluation(NamedTuple):
    """Accuracy (a fraction of 1) and mean cross-entropy over `n` images."""

    accuracy: float
    loss: float
    n: int


def evaluate(
    model: nn.Module, dataset: Dataset, batch_size: int, before_forward: Callable[[], None] | None = None
) -> Evaluation:
    """The network on the whole test split, in eval mode, in file order.

    `before_forward` is called before each batch: noise acts on test batches too.
    """
    return evaluate_split(model, dataset.test, dataset, batch_size, before_forward)


@torch.inference_mode()
def evaluate_split(
    model: nn.Module,
    split: Split,
    dataset: Dataset,
    batch_size: int,
    before_forward: Callable[[], None] | None = None,
) -> Evaluation:
    """The network on a split of the data set, in eval mode, in file order."""
    model.eval()
    device = split.labels.device
    correct = torch.zeros((), dtype=torch.int64, device=device)
    loss = torch.zeros((), dtype=torch.float64, device=device)
    for images, labels in batches(split, batch_size, dataset):
        if before_forward is not None:
            before_forward()
        outputs = model(images)
        loss += functional.cross_entropy(outputs, labels, reduction="sum")
        correct += (outputs.argmax(dim=1) == labels).sum()
    n = len(split.labels)
    return Evaluation(correct.item() / n, loss.item() / n, n)
