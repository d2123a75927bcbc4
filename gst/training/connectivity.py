"""Loss on the straight line between two networks (Frankle et al. 2020, arXiv 1912.05671, section 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gst.config import run_key
from gst.config.measure import ConnectivityConfig
from gst.data import Dataset, batches
from gst.records import Connectivity
from gst.training.evaluate import evaluate_split
from gst.training.optim import precision
from gst.training.state import State


def on_the_line(state: State, other: State, config: ConnectivityConfig) -> Iterator[Connectivity]:
    """Losses and accuracies at equal steps from the state's network (share 0) to the other's (share 1).

    Both stand at the end of their last epoch. The state's network is in the end as it was.
    """
    mine = {name: value.detach().clone() for name, value in state.model.state_dict().items()}
    theirs, training = other.model.state_dict(), state.spec.config.training
    try:
        with precision(training.precision, state.device):
            for point in range(config.points):
                share = point / (config.points - 1)
                state.model.load_state_dict(between(mine, theirs, share))
                if config.statistics == "reestimated":
                    reestimate(state.model, state.dataset, training.batch_size)
                train, test = (
                    evaluate_split(state.model, split, state.dataset, training.test_batch_size)
                    for split in (state.dataset.train, state.dataset.test)
                )
                yield Connectivity(
                    epoch=state.next_epoch - 1,
                    settings=config.settings,
                    point=point,
                    share=share,
                    other=run_key(other.spec),
                    train_loss=train.loss,
                    train_accuracy=train.accuracy,
                    test_loss=test.loss,
                    test_accuracy=test.accuracy,
                )
    finally:
        state.model.load_state_dict(mine)


def between(one: Mapping[str, Tensor], other: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """(1 - share) one + share other, of parameters and of batch norm's numbers; counters are those of one."""
    return {
        name: value * (1 - share) + other[name] * share if value.is_floating_point() else value
        for name, value in one.items()
    }


@torch.no_grad()
def reestimate(model: nn.Module, dataset: Dataset, batch_size: int) -> None:
    """Give batch norms the mean over batches of means and variances, in one pass over the training images.

    Images are in the order of the file, unaugmented.
    """
    norms = [it for it in model.modules() if isinstance(it, _BatchNorm)]
    if not norms:
        return
    momenta, was_training = [it.momentum for it in norms], model.training
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's sign for a plain mean over all batches
    model.train()
    for images, _ in batches(dataset.train, batch_size, dataset):
        model(images)
    model.train(was_training)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
