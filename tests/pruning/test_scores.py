from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch import nn

from gst.models import Site
from gst.pruning import scores
from gst.pruning.layers import FilterLayer, WeightLayer


def conv_layer(filters=4, channels=3):
    conv, norm, relu = nn.Conv2d(channels, filters, 3), nn.BatchNorm2d(filters), nn.ReLU()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        conv.weight.copy_(torch.randn(conv.weight.shape, generator=generator))
        norm.weight.copy_(torch.randn(filters, generator=generator))
        norm.bias.copy_(torch.randn(filters, generator=generator))
    return FilterLayer(Site("conv", conv, norm, relu, None, "block"))


def test_norms_are_over_all_of_a_filters_weights_without_bias():
    layer = conv_layer()
    weight = layer.site.module.weight.detach().numpy().astype(np.float64)
    by_hand_l1 = [sum(abs(w) for w in weight[f].ravel()) for f in range(4)]
    by_hand_l2 = [math.sqrt(sum(w * w for w in weight[f].ravel())) for f in range(4)]
    np.testing.assert_allclose(scores.l1(layer).numpy(), by_hand_l1, rtol=1e-6)
    np.testing.assert_allclose(scores.l2(layer).numpy(), by_hand_l2, rtol=1e-6)


def test_magnitude_is_per_weight_in_memory_order():
    linear = nn.Linear(3, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[-1.0, 2.0, -3.0], [4.0, -5.0, 6.0]]))
    layer = WeightLayer(Site("fc", linear, None, None, None, "hidden"))
    assert scores.magnitude(layer).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("scale", [0.1, 0.7, 2.0])
@pytest.mark.parametrize("shift", [-1.5, -0.2, 0.0, 0.3, 2.5])
def test_expected_activation_against_integration(scale, shift):
    integral, _ = integrate.quad(
        lambda x: max(0.0, x) * stats.norm.pdf(x, shift, scale), 0, max(shift, 0) + 12 * scale, limit=200
    )
    value = scores.expected_activation(torch.tensor([scale]), torch.tensor([shift]))
    assert value.dtype == torch.float64
    assert value.item() == pytest.approx(integral, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("shift", [-1.5, 0.0, 0.3])
def test_signed_scale_is_the_expected_negative_part(shift):
    """E[BN]-alt of a negative scale: E[min(0, N(shift, scale^2))], at most 0."""
    integral, _ = integrate.quad(lambda x: min(0.0, x) * stats.norm.pdf(x, shift, 0.7), -12, 0, limit=200)
    value = scores.expected_activation(torch.tensor([-0.7]), torch.tensor([shift])).item()
    assert value == pytest.approx(integral, rel=1e-5, abs=1e-9)
    assert value <= 0


@pytest.mark.parametrize(
    ("scale", "shift", "expected"),
    [
        (0.0, 2.0, 2.0),
        (0.0, -2.0, 0.0),
        (0.0, 0.0, 0.0),
        (1e-3, -5.0, 0.0),  # the tail underflows
        (1e-30, -1.0, 0.0),
        (1e-30, 1.0, 1.0),
    ],
)
def test_expected_activation_edge_cases(scale, shift, expected):
    value = scores.expected_activation(torch.tensor([scale]), torch.tensor([shift])).item()
    assert value == pytest.approx(expected, abs=1e-12)
    assert value >= 0


def test_ebn_takes_the_absolute_scale_and_alt_the_signed_one():
    layer = conv_layer()
    norm = layer.site.norm
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([0.5, -0.5, 1.0, -1.0]))
        norm.bias.fill_(0.1)
    ebn, alt = scores.ebn(layer), scores.ebn_alt(layer)
    assert ebn[0] == ebn[1]
    assert ebn[2] == ebn[3]
    assert torch.equal(alt[[0, 2]], ebn[[0, 2]])
    assert (alt[[1, 3]] < 0).all()


def test_activation_average_by_hand():
    """a <- .9 a + .1 mean|z| over batch and positions, from 0, of what goes into the ReLU."""
    layer = conv_layer()
    site = layer.site
    network = nn.Sequential(site.module, site.norm, site.activation).eval()
    average = scores.ActivationAverage([layer])
    expected = torch.zeros(4)
    for seed in range(3):
        images = torch.randn(5, 3, 6, 6, generator=torch.Generator().manual_seed(seed))
        with average.observing([layer]):
            network(images)
        z = site.norm(site.module(images)).detach()
        for channel in range(4):
            expected[channel] = 0.9 * expected[channel] + 0.1 * z[:, channel].abs().mean()
    torch.testing.assert_close(average(layer), expected)
    network(torch.zeros(1, 3, 6, 6))  # outside the context nothing is observed
    torch.testing.assert_close(average(layer), expected)
