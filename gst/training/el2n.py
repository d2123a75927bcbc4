"""The training images of a run one by one, and their EL2N scores, for which it trains other networks."""

from __future__ import annotations

import torch
from torch import Tensor

from gst.records import Examples
from gst.training.epoch import train_epoch
from gst.training.examples import error_norms
from gst.training.moments import Standing
from gst.training.state import State


def training_examples(state: State, standing: Standing) -> tuple[Examples, ...]:
    """The images held out, those with a wrong label, and all EL2N scores; nothing where there are none.

    The state keeps the scores, by which later levels group the training images.
    """
    data = state.dataset
    state.scores = el2n_scores(state)
    if data.held_out is None and data.noisy is None and state.scores is None:
        return ()
    return (
        Examples(
            epoch=standing.epoch,
            trained=len(data.train.labels),
            held_out=None if data.held_out is None else tuple(data.held_out.tolist()),
            noisy=None if data.noisy is None else tuple(_trained(state)[data.noisy.cpu()].tolist()),
            el2n=None if state.scores is None else tuple(round(score, 6) for score in state.scores.tolist()),
        ),
    )


def _trained(state: State) -> torch.Tensor:
    """The indices (int64, rising) of the images trained on, in the split that the others were held out of."""
    held_out, n = state.dataset.held_out, len(state.dataset.train.labels)
    if held_out is None:
        return torch.arange(n)
    left = torch.ones(n + len(held_out), dtype=torch.bool)
    left[held_out] = False
    return left.nonzero().flatten()


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
