from __future__ import annotations

import pytest
import torch
from torch import nn

from gst.config import FilterPruning, WeightPruning
from gst.errors import ConfigError
from gst.models import Site, build, sites, skeleton
from gst.networks.layers import chosen
from gst.networks.parts import ImageShape
from gst.pruning.layers import FilterLayer, WeightLayer, prunable_layers


def random_(module, seed=0):
    """Give every parameter and every running statistic a value that hides nothing."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
        for name, buffer in module.named_buffers():
            if "running" in name:
                buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
    return module


def two_convolutions():
    first, norm, second = nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.Conv2d(6, 4, 3, padding=1)
    network = random_(nn.Sequential(first, norm, nn.ReLU(), second))
    return network, FilterLayer(Site("conv1", first, norm, network[2], None, "block"))


@pytest.mark.parametrize("training", [True, False])
def test_masked_output_is_that_of_the_smaller_network(training):
    network, layer = two_convolutions()
    images = torch.randn(5, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    dead = torch.tensor([1, 4])
    kept = torch.tensor([0, 2, 3, 5])
    first, norm, _, second = network
    smaller = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1)
    )
    with torch.no_grad():
        smaller[0].weight.copy_(first.weight[kept])
        smaller[0].bias.copy_(first.bias[kept])
        for name in ("weight", "bias", "running_mean", "running_var"):
            getattr(smaller[1], name).copy_(getattr(norm, name)[kept])
        smaller[3].weight.copy_(second.weight[:, kept])
        smaller[3].bias.copy_(second.bias)
    layer.prune(dead)
    network.train(training)
    smaller.train(training)
    torch.testing.assert_close(network(images), smaller(images), atol=1e-5, rtol=1e-5)


def test_without_the_norm_a_filter_becomes_a_constant():
    """GST 2020 Fig 5: the shift and the running statistics stay active."""
    network, layer = two_convolutions()
    layer.mask_norm = False
    layer.prune(torch.tensor([2]))
    network.eval()
    first, norm = network[0], network[1]
    constant = (first.bias[2] - norm.running_mean[2]) / (norm.running_var[2] + norm.eps).sqrt() * norm.weight[
        2
    ] + norm.bias[2]
    outputs = norm(first(torch.randn(4, 3, 8, 8)))[:, 2]
    torch.testing.assert_close(outputs, constant.expand_as(outputs))
    assert norm.bias[2] != 0


def test_the_second_convolution_of_a_block_silences_the_shortcut_too():
    network = build(
        "resnet18", classes=10, image=ImageShape(3, 32, 32), generator=torch.Generator().manual_seed(0)
    ).eval()
    found = {site.name: site for site in sites(network)}
    z = {}
    for name in ("layer4.0.conv2", "layer4.1.conv1"):
        found[name].activation.register_forward_pre_hook(
            lambda _m, inputs, name=name: z.update({name: inputs[0]})
        )
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    network(images)
    shortcut_before = z["layer4.0.conv2"].clone()
    FilterLayer(found["layer4.0.conv2"]).prune(torch.tensor([3, 500]))
    FilterLayer(found["layer4.1.conv1"]).prune(torch.tensor([7]))
    network(images)
    assert (z["layer4.0.conv2"][:, [3, 500]] == 0).all()
    assert torch.equal(z["layer4.0.conv2"][:, 4:400], shortcut_before[:, 4:400])
    assert (z["layer4.1.conv1"][:, 7] == 0).all()
    assert found["layer4.1.conv2"].shortcut.shortcut_keep.all()  # a first convolution's mask leaves it alone
    assert "shortcut_keep" not in "".join(network.state_dict())


@pytest.mark.parametrize("make", ["filters", "weights"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_momentum_revives_nothing(make, optimizer):
    network, layer = two_convolutions()
    if make == "weights":
        layer = WeightLayer(layer.site)
    parameters = network.parameters()
    steps = (
        torch.optim.Adam(parameters, lr=0.1)
        if optimizer == "adam"
        else torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.1)
    )

    def step():
        steps.zero_grad()
        network(torch.randn(4, 3, 8, 8)).square().mean().backward()
        steps.step()
        layer.enforce()

    step()
    layer.prune(torch.tensor([0, 5]))
    moved = layer.site.module.weight.detach().clone()
    for _ in range(3):
        step()
    weight = layer.site.module.weight.detach()
    if make == "filters":
        assert (weight[[0, 5]] == 0).all()
        assert (layer.site.norm.weight[[0, 5]] == 0).all()
        assert (layer.site.norm.bias[[0, 5]] == 0).all()
        assert (weight[1:5] != moved[1:5]).all()
    else:
        assert (weight.flatten()[[0, 5]] == 0).all()
        assert (weight != 0).sum() == weight.numel() - 2
    assert int((~layer.alive).sum()) == 2


def test_a_mask_of_ones_changes_nothing():
    network, layer = two_convolutions()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    layer.prune(torch.empty(0, dtype=torch.int64))
    layer.enforce()
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert list(before) == list(network.state_dict())


def test_parameters_removed_are_the_filters_own():
    """Conv 3 -> 6 of 3x3: 27 weights a filter; with bias, scale and shift 30."""
    _, layer = two_convolutions()
    layer.prune(torch.tensor([1, 2]))
    assert layer.parameters_removed == 60
    _, constant = two_convolutions()
    constant.mask_norm = False
    constant.prune(torch.tensor([1, 2]))
    assert constant.parameters_removed == 54
    weights = WeightLayer(layer.site)
    weights.prune(torch.tensor([0, 1, 2]))
    assert weights.parameters_removed == 3


def filters(**changes):
    values = {"layers": "last-4", "start": 0, "end": 0, "every": 1, "fraction": 0.5, "score": "l2"}
    return FilterPruning(kind="filters", target="smallest", **{**values, **changes})


@pytest.fixture(scope="module")
def resnet18_sites():
    return sites(build("resnet18", classes=10, image=ImageShape(3, 32, 32), generator=torch.Generator()))


def test_layers_by_position_and_by_name(resnet18_sites):
    assert [site.name for site in chosen(filters(), resnet18_sites)] == [
        "layer4.0.conv1", "layer4.0.conv2", "layer4.1.conv1", "layer4.1.conv2"
    ]  # fmt: skip
    assert len(chosen(filters(layers="blocks"), resnet18_sites)) == 16
    named = filters(layers=("layer4.1.conv2", "layer1.0.conv1"))
    assert [site.name for site in chosen(named, resnet18_sites)] == ["layer4.1.conv2", "layer1.0.conv1"]


def test_a_network_without_convolutions_has_no_blocks():
    lenet = skeleton("lenet_300_100", classes=10, image=ImageShape(1, 28, 28))
    with pytest.raises(ConfigError, match=r"'blocks' are convolutions, and .* none, only: fc1, fc2, fc3"):
        chosen(filters(layers="blocks"), sites(lenet))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": ("layer4.1.conv3",)}, "no layer 'layer4.1.conv3'; did you mean 'layer4.1.conv"),
        ({"layers": "last-17"}, "'last-17' of a model with 16 such layers"),
    ],
)
def test_layers_that_do_not_exist(resnet18_sites, changes, message):
    with pytest.raises(ConfigError, match=message):
        chosen(filters(**changes), resnet18_sites)


@pytest.mark.parametrize("score", ["ebn", "ebn_alt"])
def test_a_score_that_the_layer_cannot_have(score):
    network = build("conv4", classes=10, image=ImageShape(3, 32, 32), generator=torch.Generator())
    with pytest.raises(ConfigError, match="needs a batch norm, and layer 'fc1' has none"):
        prunable_layers(filters(layers=("fc1",), score=score), sites(network))


def test_weight_pruning_takes_single_weights_of_any_layer():
    network = build("conv4", classes=10, image=ImageShape(3, 32, 32), generator=torch.Generator())
    config = WeightPruning(
        kind="weights",
        score="magnitude",
        target="smallest",
        layers=("fc1",),
        start=3,
        end=18,
        every=1,
        fraction=0.9,
    )
    (layer,) = prunable_layers(config, sites(network))
    assert layer.alive.numel() == 1_179_648
