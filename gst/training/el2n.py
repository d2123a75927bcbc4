"""The training images of a run one by one, and their EL2N scores, for which it trains other networks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import torch

from gst.config.measure import El2nConfig
from gst.errors import Diverged
from gst.records import Examples
from gst.training.epoch import train_epoch
from gst.training.examples import error_norms
from gst.training.moments import Standing
from gst.training.optim import precision
from gst.training.state import Scoring, State


class El2nEpoch(NamedTuple):
    """An epoch of an EL2N network: -1 is the last of them, before the run's own epoch 0."""

    epoch: int
    seconds: float


def training_examples(state: State, standing: Standing) -> tuple[Examples, ...]:
    """The images held out, those with a wrong label, and all EL2N scores; nothing where there are none."""
    data = state.dataset
    if all(it is None for it in (data.held_out, data.noisy, state.scores, data.left_out)):
        return ()
    return (
        Examples(
            epoch=standing.epoch,
            trained=len(data.train.labels),
            held_out=None if data.held_out is None else tuple(data.held_out.tolist()),
            noisy=None if data.noisy is None else tuple(_trained(state)[data.noisy.cpu()].tolist()),
            el2n=None if state.scores is None else tuple(round(score, 6) for score in state.scores.tolist()),
            left_out=None if data.left_out is None else tuple(data.left_out.tolist()),
        ),
    )


def _trained(state: State) -> torch.Tensor:
    """The indices (int64, rising) of the images trained on, in the split that the others were held out of."""
    data = state.dataset
    held_out, left_out = (torch.arange(0) if it is None else it for it in (data.held_out, data.left_out))
    asked = torch.cat([data.train_indices(), left_out]).sort().values  # before any of them was left out
    stays = torch.ones(len(asked) + len(held_out), dtype=torch.bool)
    stays[held_out] = False
    return stays.nonzero().flatten()[~torch.isin(asked, left_out)]


def score_examples(state: State) -> Iterator[El2nEpoch]:
    """Train the EL2N networks that are left, an epoch at a time; at each yield the state is that epoch's end.

    In the end the state has the score of each training image (float64, [n], on the CPU), by which levels
    group them: the mean over networks of |softmax output - one-hot label| after a few epochs, in eval mode,
    unaugmented, on the labels that the run trains on (Paul et al. 2021; Jin et al. 2022, section 3).
    Raises Diverged where a network's norms are not finite: no order of images follows from them.
    """
    config = state.spec.config
    while state.next_epoch < 0:
        assert config.measure.el2n is not None
        began = time.perf_counter()
        with precision(config.training.precision, state.device):
            _epoch(state, config.measure.el2n)
        state.next_epoch += 1
        yield El2nEpoch(state.next_epoch - 1, time.perf_counter() - began)


def _epoch(state: State, el2n: El2nConfig) -> None:
    number, epoch = divmod(el2n.total_epochs + state.next_epoch, el2n.epochs)
    scoring = state.scoring = state.scoring or Scoring([])
    network = scoring.network = scoring.network or state.el2n_network(number)
    train_epoch(network, epoch, epoch)
    if epoch + 1 < el2n.epochs:
        return
    batch_size = state.spec.config.training.test_batch_size
    norms = error_norms(network.model, network.dataset, batch_size).cpu()
    if not norms.isfinite().all():
        raise Diverged(f"EL2N network {number + 1} has scores that are not finite numbers")
    scoring.norms.append(norms)
    scoring.network = None
    if number + 1 == el2n.replicates:
        state.scores = torch.stack(scoring.norms).mean(dim=0)
        state.scoring = None
