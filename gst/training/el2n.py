"""EL2N scores of the images that a run trains on, by networks that it trains for nothing else."""

from __future__ import annotations

import torch
from torch import Tensor

from gst.training.epoch import train_epoch
from gst.training.examples import error_norms
from gst.training.state import State


def el2n_scores(state: State) -> Tensor | None:
    """The score of each training image (float64, [n], on the CPU), or None where none are asked for.

    The mean over networks of |softmax output - one-hot label| after a few epochs, in eval mode,
    unaugmented, on the labels that the run trains on (Paul et al. 2021; Jin et al. 2022, section 3).
    """
    examples = state.spec.config.measure.examples
    if examples is None or examples.el2n is None:
        return None
    norms = []
    for number in range(examples.el2n.replicates):
        network = state.fresh(f"el2n/{number}/")
        for epoch in range(examples.el2n.epochs):
            train_epoch(network, epoch, epoch)
        batch_size = state.spec.config.training.test_batch_size
        norms.append(error_norms(network.model, network.dataset, batch_size).cpu())
    return torch.stack(norms).mean(dim=0)
