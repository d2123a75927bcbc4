"""Loss on the line between two networks, held against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from branches import BRANCHES
from runs import BASE
from tiny_sweep import spec_of
from torch import nn

from gst.analysis.barriers import barrier
from gst.config import RunConfig, RunSpec
from gst.config.measure import ConnectivityConfig
from gst.data import batches
from gst.training import start, train
from gst.training.connectivity import between, on_the_line, reestimate


def by_hand(weights, images):
    """A linear network's outputs [n, classes] in float64."""
    return images.reshape(len(images), -1) @ weights["fc.weight"].T + weights["fc.bias"]


def test_a_line_of_linear_networks_is_that_of_numpy(digits):
    """Of a network that is linear in its weights, outputs on the line are mixtures of those of the ends."""
    spec = RunSpec(RunConfig.model_validate(BASE | {"pruning": {"kind": "none"}}), 0)
    states = []
    for seed in (0, 1):
        state = start(spec._replace(seed=seed), digits)
        torch.manual_seed(seed)
        linear = nn.Sequential()
        linear.add_module("flatten", nn.Flatten())
        linear.add_module("fc", nn.Linear(64, 10))
        state.model = linear
        state.next_epoch = 4
        states.append(state)
    one, other = ({k: v.double().numpy() for k, v in it.model.state_dict().items()} for it in states)
    found = list(on_the_line(*states, ConnectivityConfig(order=1, points=5)))
    images, labels = (torch.cat(part).double().numpy() for part in zip(*_all(states[0], "test"), strict=True))
    for place, it in enumerate(found):
        share = place / 4
        outputs = (1 - share) * by_hand(one, images) + share * by_hand(other, images)
        outputs -= outputs.max(axis=1, keepdims=True)
        losses = np.log(np.exp(outputs).sum(axis=1)) - outputs[np.arange(len(labels)), labels.astype(int)]
        assert (it.point, it.share, it.epoch) == (place, share, 3)
        assert it.test_loss == pytest.approx(losses.mean(), rel=1e-5)
        assert it.test_accuracy == pytest.approx((outputs.argmax(axis=1) == labels).mean(), abs=1e-6)
    again = {k: v.double().numpy() for k, v in states[0].model.state_dict().items()}
    assert all((again[name] == one[name]).all() for name in one)


def _all(state, split, size=64):
    data = state.dataset
    return [(it.images, it.labels) for it in batches(getattr(data, split), size, data)]


def test_numbers_are_mixed_and_counters_are_not():
    one = {"a": torch.tensor([0.0, 4.0]), "n": torch.tensor(3)}
    other = {"a": torch.tensor([8.0, 0.0]), "n": torch.tensor(9)}
    found = between(one, other, 0.25)
    assert (found["a"].tolist(), int(found["n"])) == ([2.0, 3.0], 3)


def test_statistics_are_the_mean_over_batches_of_what_goes_in(digits):
    spec = RunSpec(RunConfig.model_validate(BASE | {"pruning": {"kind": "none"}}), 0)
    state = start(spec, digits)
    model = nn.Sequential(nn.BatchNorm2d(1))
    model.eval()
    reestimate(model, state.dataset, 16)
    of_batches = [images.double().numpy() for images, _ in _all(state, "train", 16)]
    means = np.mean([it.mean() for it in of_batches])
    variances = np.mean([it.var(ddof=1) for it in of_batches])
    assert model[0].running_mean.item() == pytest.approx(means, rel=1e-5)
    assert model[0].running_var.item() == pytest.approx(variances, rel=1e-5)
    assert (model.training, model[0].momentum) == (False, 0.1)


def test_a_barrier_is_the_highest_error_less_the_mean_of_the_ends():
    assert barrier(np.array([0.25, 0.5, 0.75, 0.5])) == 0.75 - 0.375
    assert barrier(np.array([0.5, 0.25, 0.5])) == 0
    quadratic = np.linspace(-1, 1, 11) ** 2  # convex: no barrier
    assert barrier(quadratic) == 0
    assert barrier(1 - quadratic) == 1


def test_a_line_to_itself_is_flat(digits):
    (spec,) = (it.spec for it in spec_of(BRANCHES).runs() if (it.arm, it.spec.seed) == ("Dense", 0))
    state = start(spec, digits)
    for _ in train(state):
        pass
    found = list(on_the_line(state, state, ConnectivityConfig(order=1, points=3)))
    assert len({it.test_accuracy for it in found}) == len({it.train_accuracy for it in found}) == 1
