from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from gst.measure.normality import BINS, LIMIT, normality


@pytest.fixture
def network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = nn.Sequential(
            nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2)
        )
    with torch.no_grad():
        made[1].weight.copy_(torch.tensor([0.0, 2.0, -1.0]))  # a scale of zero must do no harm
        made[1].bias.fill_(0.5)
        made[1].running_mean.fill_(0.25)
        made[1].running_var.fill_(4.0)
    return made


@pytest.fixture
def batch() -> torch.Tensor:
    return torch.randn(16, 1, 8, 8, generator=torch.Generator().manual_seed(3))


def test_against_scipy_on_the_values_by_hand(network, batch):
    inputs = network[0](batch).detach().double()
    mean = inputs.mean((0, 2, 3), keepdim=True)
    variance = inputs.var((0, 2, 3), keepdim=True, unbiased=False)
    values = ((inputs - mean) / (variance + 1e-5).sqrt()).flatten().numpy()
    (found,) = normality(network, ["1"], batch)
    assert (found.layer, found.n) == ("1", values.size)
    assert found.mean == pytest.approx(0, abs=1e-6)
    assert found.variance == pytest.approx(values.var())
    assert found.kurtosis == pytest.approx(stats.kurtosis(values))
    assert found.ks == pytest.approx(stats.kstest(values, "norm").statistic)
    expected, _ = np.histogram(values, BINS, (-LIMIT, LIMIT), density=True)
    np.testing.assert_allclose(found.density, expected, atol=1e-9)


def test_with_the_statistics_of_training(network, batch):
    values = ((network[0](batch).detach().double() - 0.25) / np.sqrt(4 + 1e-5)).flatten().numpy()
    (found,) = normality(network, ["1"], batch, batch_statistics=False)
    assert found.mean == pytest.approx(values.mean())
    assert found.variance == pytest.approx(values.var())
    assert found.ks == pytest.approx(stats.kstest(values, "norm").statistic)


@pytest.mark.parametrize("batch_statistics", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_not_changed(network, batch, batch_statistics, training):
    network.train(training)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    normality(network, ["1", "4"], batch, batch_statistics=batch_statistics)
    assert network.training is training
    assert not network[1]._forward_pre_hooks
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_layers_come_in_the_order_in_which_they_were_asked_for(network, batch):
    assert [it.layer for it in normality(network, ["4", "1"], batch)] == ["4", "1"]


def test_normal_inputs_are_found_normal_and_uniform_ones_are_not():
    model = nn.Sequential(nn.BatchNorm2d(2))
    generator = torch.Generator().manual_seed(0)
    normal = torch.randn(64, 2, 16, 16, generator=generator)
    uniform = torch.rand(64, 2, 16, 16, generator=generator)
    (good,), (bad,) = (normality(model, ["0"], it) for it in (normal, uniform))
    assert good.ks < 0.01
    assert abs(good.kurtosis) < 0.1
    assert bad.ks > 0.05
    assert bad.kurtosis == pytest.approx(-1.2, abs=0.05)
