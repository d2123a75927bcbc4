"""Accuracy and loss of a network on a whole split."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gst.data import Dataset, Split, batches

BINS = 15
"""Bins of confidence in an expected calibration error, as in Guo et al. 2017."""


class Evaluation(NamedTuple):
    """Accuracy (a fraction of 1) and mean cross-entropy over `n` images.

    `ece` is the expected calibration error, `classes` the class that each image is taken for (int64, [n]).
    """

    accuracy: float
    loss: float
    n: int
    ece: float
    classes: Tensor


def calibration_error(confidences: Tensor, correct: Tensor) -> float:
    """The mean over images of |accuracy - confidence| of their bin (Guo et al. 2017, equation 3).

    `confidences` are the largest softmax outputs ([n]), `correct` (bool, [n]) says where they are right. A
    bin holds its upper edge. NaN where a confidence is.
    """
    if not confidences.isfinite().all():
        return math.nan
    bins = (confidences.double() * BINS).ceil().long().sub_(1).clamp_(0, BINS - 1)
    gaps = torch.zeros(BINS, dtype=torch.float64, device=confidences.device)
    gaps.index_add_(0, bins, correct.double() - confidences.double())
    return float(gaps.abs().sum() / len(confidences))


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
    loss = torch.zeros((), dtype=torch.float64, device=device)
    answers: list[Tensor] = []
    confidences: list[Tensor] = []
    for images, labels in batches(split, batch_size, dataset):
        if before_forward is not None:
            before_forward()
        outputs = model(images)
        loss += functional.cross_entropy(outputs, labels, reduction="sum")
        answers.append(outputs.argmax(dim=1))
        confidences.append(torch.exp(outputs.amax(dim=1).float() - outputs.float().logsumexp(dim=1)))
    n, classes = len(split.labels), torch.cat(answers)
    correct = classes == split.labels
    ece = calibration_error(torch.cat(confidences), correct)
    return Evaluation(correct.sum().item() / n, loss.item() / n, n, ece, classes)
