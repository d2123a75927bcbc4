"""Scores by gradients, against finite differences and closed forms in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from gst.data.loader import Batch
from gst.models import Site, build, sites
from gst.networks.parts import ImageShape
from gst.pruning.layers import FilterLayer, WeightLayer
from gst.pruning.scores import Movement
from gst.pruning.sensitivity import Sensitivity, grasp, snip, synflow, taylor

STEP = 1e-5


def small():
    """A smooth network of two layers in float64, its weights, and twelve images of five values."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    weights = {name: value for name, value in model.named_parameters() if name.endswith("weight")}
    return model, weights, Batch(torch.randn(12, 5).double(), torch.arange(12) % 3)


def numeric_gradient(model, weights, batch):
    """Central differences of the mean cross-entropy, one weight at a time."""

    def loss():
        with torch.no_grad():
            return float(functional.cross_entropy(model(batch.images), batch.labels))

    found = []
    for weight in weights.values():
        gradient = torch.zeros_like(weight)
        for index in np.ndindex(*weight.shape):
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    weight[index] += sign * STEP
                    values.append(loss())
                    weight[index] -= sign * STEP
            gradient[index] = (values[0] - values[1]) / (2 * STEP)
        found.append(gradient)
    return found


def test_snip_and_taylor_are_gradient_times_weight():
    model, weights, batch = small()
    expected = [
        w.detach() * g for w, g in zip(weights.values(), numeric_gradient(model, weights, batch), strict=True)
    ]
    for found, product in zip(taylor(model, weights, batch), expected, strict=True):
        torch.testing.assert_close(found, product, rtol=1e-6, atol=1e-9)
    for found, product in zip(snip(model, weights, batch), expected, strict=True):
        torch.testing.assert_close(found, product.abs(), rtol=1e-6, atol=1e-9)


def test_grasp_is_the_weight_times_the_hessian_on_the_gradient():
    """H g is how the gradient changes along itself."""
    model, weights, batch = small()
    gradient = numeric_gradient(model, weights, batch)

    def moved(sign):
        with torch.no_grad():
            for weight, change in zip(weights.values(), gradient, strict=True):
                weight += sign * 1e-4 * change
        loss = functional.cross_entropy(model(batch.images), batch.labels)
        found = torch.autograd.grad(loss, list(weights.values()))
        with torch.no_grad():
            for weight, change in zip(weights.values(), gradient, strict=True):
                weight -= sign * 1e-4 * change
        return found

    products = [(up - down) / 2e-4 for up, down in zip(moved(1), moved(-1), strict=True)]
    for found, weight, product in zip(grasp(model, weights, batch), weights.values(), products, strict=True):
        torch.testing.assert_close(found, weight.detach() * product, rtol=1e-5, atol=1e-9)


def test_synflow_of_a_chain_is_a_product_of_absolute_matrices():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    weights = {name: value for name, value in model.named_parameters() if name.endswith("weight")}
    first, second, third = (w.detach().double().abs().numpy() for w in weights.values())
    bias = model[0].bias.detach().double().abs().numpy()
    hidden = first @ np.ones(5) + bias
    after = second @ hidden + model[2].bias.detach().double().abs().numpy()
    expected = [
        first * (np.ones(2) @ third @ second)[:, None],
        second * np.outer(np.ones(2) @ third, hidden),
        third * after,
    ]
    for found, by_hand in zip(synflow(model, weights, (5,)), expected, strict=True):
        np.testing.assert_allclose(found.numpy(), by_hand, rtol=1e-12)


def test_synflow_is_conserved_from_layer_to_layer():
    """Tanaka et al. 2020, theorem 2: without biases every layer that all flow passes has the same sum, R."""
    image = ImageShape(3, 32, 32)
    model = build("vgg11", classes=10, image=image, generator=torch.Generator().manual_seed(0), width=0.1)
    found = sites(model)
    with torch.no_grad():
        for site in found:
            if site.module.bias is not None:
                site.module.bias.zero_()
    names = {id(value): name for name, value in model.named_parameters()}
    weights = {names[id(site.module.weight)]: site.module.weight for site in found}
    sums = [float(values.sum()) for values in synflow(model, weights, image)]
    assert len(sums) == 9
    assert min(sums) > 0
    np.testing.assert_allclose(sums, sums[0], rtol=1e-10)


def conv(with_norm=True):
    torch.manual_seed(0)
    layers = [nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(3 * 16, 4)]
    model = nn.Sequential(*layers)
    batch = Batch(torch.randn(8, 2, 6, 6), torch.arange(8) % 4)
    return model, Site("0", layers[0], layers[1], layers[2], None, "block"), batch


@pytest.mark.parametrize("score", ["snip", "taylor", "grasp", "synflow"])
def test_a_filters_score_is_of_all_its_weights_and_scoring_leaves_the_network_alone(score):
    model, site, batch = conv()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.eval()
    asked = []

    def images(name):
        asked.append(name)
        return batch

    by_filter, by_weight = FilterLayer(site), WeightLayer(site)
    found = {}
    for layer in (by_filter, by_weight):
        scorer = Sensitivity(score, model, [layer], images, (2, 6, 6))
        scorer.look("score/4")
        found[type(layer)] = scorer(layer)
    of_weights = found[WeightLayer].view(3, -1)
    if score == "taylor":  # of a weight (g w)^2, of a filter the sum of g w, squared
        assert found[FilterLayer].shape == (3,)
        assert (found[FilterLayer] != of_weights.sum(dim=1)).all()
        assert (found[FilterLayer] >= 0).all()
    else:
        torch.testing.assert_close(found[FilterLayer], of_weights.sum(dim=1))
    assert asked == ([] if score == "synflow" else ["score/4"] * 2)
    assert not model.training
    assert all(value.requires_grad for value in model.parameters())
    assert all(value.grad is None for value in model.parameters())
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_what_is_gone_scores_nothing():
    model, site, batch = conv()
    layer = FilterLayer(site)
    layer.prune(torch.tensor([1]))
    for score in ("snip", "taylor", "grasp", "synflow"):
        scorer = Sensitivity(score, model, [layer], lambda _: batch, (2, 6, 6))
        scorer.look("")
        assert scorer(layer)[1] == 0
        assert (scorer(layer)[[0, 2]] != 0).all()


def test_movement_sums_over_steps_what_weights_lose_by_gradients():
    torch.manual_seed(0)
    linear = nn.Linear(4, 3)
    layer = WeightLayer(Site("0", linear, None, None, None, "hidden"))
    movement = Movement([layer])
    sgd = torch.optim.SGD(linear.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    total = np.zeros((3, 4))
    for step in range(5):
        images, labels = torch.randn(6, 4), torch.arange(6) % 3
        weight = linear.weight.detach().numpy().astype(np.float64)
        bias = linear.bias.detach().numpy().astype(np.float64)
        logits = images.numpy() @ weight.T + bias
        chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        gradient = (chances - np.eye(3)[labels]).T @ images.numpy() / 6
        seen = step != 3  # what happens outside is not counted
        total -= weight * gradient * seen
        sgd.zero_grad()
        if seen:
            with movement.observing([layer]):
                functional.cross_entropy(linear(images), labels).backward()
        else:
            functional.cross_entropy(linear(images), labels).backward()
        sgd.step()
    np.testing.assert_allclose(movement(layer).numpy().reshape(3, 4), total, rtol=1e-4, atol=1e-6)
