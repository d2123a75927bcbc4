"""Sharpness-aware minimization against the formulas of Foret et al. 2021, written out."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
import torch
from runs import FILTERS, NONE, WEIGHTS, ZEROING, spec_of, without_seconds
from torch import nn
from torch.nn import functional

from gst.config import config_hash
from gst.training import start, train
from gst.training.checkpoint import restore, save
from gst.training.sharpness import sharpen

SAM = {"sam": {"rho": 0.2}}
MOVEMENT = WEIGHTS | {"score": "movement"}
IMP = {
    "kind": "imp", "score": "magnitude", "target": "smallest", "fraction": 0.5,
    "levels": 1, "rewind_epoch": 1,
}  # fmt: skip


def taken(model, images, labels, rho, held=None):
    """The gradients that a step on that batch takes."""
    loss = lambda: functional.cross_entropy(model(images), labels)  # noqa: E731
    model.zero_grad()
    loss().backward()
    sharpen(model, rho, held or {}, loss)
    return [it.grad for it in model.parameters()]


def test_the_gradient_is_that_of_the_formula():
    draw = np.random.default_rng(0)
    x, labels, rho = draw.normal(size=(7, 3)), draw.integers(4, size=7), 0.3
    weight, bias = draw.normal(size=(4, 3)), draw.normal(size=4)

    def gradient(w, b):
        odds = np.exp(x @ w.T + b)
        error = (odds / odds.sum(axis=1, keepdims=True) - np.eye(4)[labels]) / 7
        return error.T @ x, error.sum(axis=0)

    of_weight, of_bias = gradient(weight, bias)
    norm = np.sqrt((of_weight**2).sum() + (of_bias**2).sum())
    expected = gradient(weight + rho * of_weight / norm, bias + rho * of_bias / norm)
    model = nn.Linear(3, 4).double()
    model.load_state_dict({"weight": torch.tensor(weight), "bias": torch.tensor(bias)})
    found = taken(model, torch.tensor(x), torch.tensor(labels), rho)
    for one, other in zip(found, expected, strict=True):
        assert one.numpy() == pytest.approx(other, abs=1e-12)
    assert (model.weight.detach().numpy() == weight).all()  # to the bit
    assert not np.allclose(found[0].numpy(), of_weight, atol=1e-3)


def test_a_weight_that_is_held_at_zero_is_no_part_of_the_way_there():
    draw = torch.Generator().manual_seed(1)
    images, labels = torch.randn(9, 4, generator=draw), torch.randint(3, (9,), generator=draw)
    whole, small = nn.Linear(4, 3), nn.Linear(3, 3)
    with torch.no_grad():
        whole.weight[:, 3] = 0
        small.weight.copy_(whole.weight[:, :3])
        small.bias.copy_(whole.bias)
    gone = torch.zeros(3, 4, dtype=torch.bool)
    gone[:, 3] = True
    found = taken(whole, images, labels, 0.5, {id(whole.weight): gone})
    expected = taken(small, images[:, :3], labels, 0.5)
    assert torch.allclose(found[0][:, :3], expected[0], atol=1e-7)
    assert torch.allclose(found[1], expected[1], atol=1e-7)


def test_running_statistics_are_of_the_first_pass():
    draw = torch.Generator().manual_seed(2)
    images, labels = torch.randn(8, 5, generator=draw), torch.randint(2, (8,), generator=draw)
    model = nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 2))
    plain = copy.deepcopy(model)
    plain(images)
    found = taken(model, images, labels, 0.5)
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        assert torch.equal(getattr(model[1], name), getattr(plain[1], name))
    # the second pass normalises by its batch all the same, as a network without statistics does
    free = copy.deepcopy(plain)
    free[1] = nn.BatchNorm1d(6, track_running_stats=False)
    for one, other in zip(found, taken(free, images, labels, 0.5), strict=True):
        assert torch.equal(one, other)


def test_a_gradient_of_zero_moves_nothing():
    model = nn.Linear(2, 2)
    found = taken(model, torch.zeros(3, 2), torch.tensor([0, 1, 0]), 0.1)
    assert all(it.isfinite().all() for it in found)


def test_rho_zero_is_the_same_run():
    assert config_hash(spec_of(sam={"rho": 0.0}).config) == config_hash(spec_of().config)
    assert config_hash(spec_of(**SAM).config) != config_hash(spec_of().config)


@pytest.mark.parametrize("pruning", [NONE, WEIGHTS, FILTERS, ZEROING, MOVEMENT, IMP], ids=str)
def test_every_kind_of_run_trains_with_it_and_can_be_resumed(pruning, digits):
    changes = {} if pruning is ZEROING else {"optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9}}
    changes |= {"data": {"per_class": 3}}
    spec = spec_of(pruning, **changes, **SAM)
    state = start(spec, digits)
    records, file = [], io.BytesIO()
    for record in train(state):
        records.append(record)
        if record.epoch.epoch == 1:
            save(state, file)
    assert [it.epoch.train_loss for it in records] != [
        it.epoch.train_loss for it in train(start(spec_of(pruning, **changes), digits))
    ]
    for layer, mask in ((layer, layer.alive) for layer, _ in state.scheduled if not state.is_noisy):
        dead = layer.site.module.weight.detach().reshape(len(mask), -1)[~mask]
        assert len(dead)
        assert not dead.any()
    resumed = start(spec, digits)
    file.seek(0)
    restore(resumed, file, "a", 1)
    assert without_seconds(train(resumed)) == without_seconds(records[2:])


def test_scores_observe_the_network_as_it_stands(digits):
    """One step a run: what the weights' movement adds up to is of the first pass, whatever rho is."""
    averages = []
    for rho in (0.0, 5.0):
        state = start(spec_of(MOVEMENT, sam={"rho": rho}, epochs=3, batch_size=60), digits)
        next(train(state))
        averages.append(state.scorer.averages["fc1"])
    assert averages[0].any()
    assert torch.equal(*averages)
