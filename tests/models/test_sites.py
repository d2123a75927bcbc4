"""Where a network's layers are, and what belongs to each."""

import pytest
import torch
from torch import nn

from gst.models import build, sites, skeleton
from gst.networks.named import MODELS
from gst.networks.parts import ImageShape

CIFAR = ImageShape(3, 32, 32)


def sites_of(name):
    return sites(skeleton(name, classes=10, image=CIFAR))


@pytest.mark.parametrize("name", MODELS)
class TestEverySite:
    def test_is_a_module_of_the_model_under_its_own_name(self, name):
        model = skeleton(name, classes=10, image=CIFAR)
        assert len(sites(model)) == len({site.name for site in sites(model)})
        assert all(model.get_submodule(site.name) is site.module for site in sites(model))

    def test_is_there_for_every_convolution_and_linear_layer_in_network_order(self, name):
        model = skeleton(name, classes=10, image=CIFAR)
        layers = [module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
        assert [site.module for site in sites(model)] == layers

    def test_has_the_batch_norm_of_its_own_width(self, name):
        for site in sites_of(name):
            assert site.norm is None or site.norm.num_features == site.module.weight.shape[0]

    def test_shares_its_batch_norm_and_its_activation_with_no_other(self, name):
        found = sites_of(name)
        for part in ("norm", "activation"):
            parts = [getattr(site, part) for site in found if getattr(site, part) is not None]
            assert len({id(module) for module in parts}) == len(parts)

    def test_of_the_body_or_hidden_has_an_activation(self, name):
        for site in sites_of(name):
            assert (site.activation is not None) == (site.role in ("stem", "block", "hidden"))

    def test_is_output_for_the_last_and_only_for_it(self, name):
        assert [site.role == "output" for site in sites_of(name)] == [False] * (len(sites_of(name)) - 1) + [
            True
        ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("digits_cnn", {"conv1": "block", "conv2": "block", "fc1": "hidden", "fc2": "output"}),
        (
            "conv4",
            {f"conv{number}": "block" for number in (1, 2, 3, 4)} | {"fc1": "hidden", "fc2": "output"},
        ),
        ("vgg11", {f"conv{number}": "block" for number in range(1, 9)} | {"fc": "output"}),
        ("vgg19", {f"conv{number}": "block" for number in range(1, 17)} | {"fc": "output"}),
        ("vgg16", {f"conv{number}": "block" for number in range(1, 14)} | {"fc": "output"}),
        ("lenet_300_100", {"fc1": "hidden", "fc2": "hidden", "fc3": "output"}),
    ],
)
def test_roles_in_chains(name, expected):
    assert {site.name: site.role for site in sites_of(name)} == expected


@pytest.mark.parametrize(
    ("name", "blocks", "projected"),
    [
        ("resnet18", 16, (2, 3, 4)),
        ("resnet20", 18, ()),
        ("resnet56", 54, ()),
        ("resnet20_conv", 18, (2, 3)),
        ("resnet32_conv", 30, (2, 3)),
        ("resnet50", 48, (1, 2, 3, 4)),
    ],
)
def test_roles_in_residual_networks(name, blocks, projected):
    found = sites_of(name)
    assert [(site.name, site.role) for site in (found[0], found[-1])] == [
        ("conv1", "stem"),
        ("linear", "output"),
    ]
    assert sum(site.role == "block" for site in found) == blocks
    projections = [site.name for site in found if site.role == "shortcut"]
    assert projections == [f"layer{stage}.0.shortcut.0" for stage in projected]


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("vgg11", ["conv5", "conv6", "conv7", "conv8"]),
        ("resnet18", ["layer4.0.conv1", "layer4.0.conv2", "layer4.1.conv1", "layer4.1.conv2"]),
    ],
)
def test_last_four_are_what_the_2020_paper_prunes(name, last):
    assert [site.name for site in sites_of(name) if site.role == "block"][-4:] == last


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("resnet")])
def test_last_convolutions_of_blocks_own_the_shortcut_and_others_none(name):
    last = ".conv3" if name == "resnet50" else ".conv2"
    model = skeleton(name, classes=10, image=CIFAR)
    for site in sites(model):
        if not site.name.endswith(last):
            assert site.shortcut is None
            continue
        assert site.shortcut is model.get_submodule(site.name.removesuffix(last))
        assert site.shortcut.shortcut_keep.shape == (site.module.out_channels,)


def test_wide_linear_layer_of_the_digits_network_is_as_in_conv4():
    fc1 = sites_of("digits_cnn")[2]
    assert (fc1.module.out_features, fc1.norm) == (256, None)


def test_conv4_has_no_batch_norm():
    assert all(site.norm is None for site in sites_of("conv4"))


def test_only_networks_of_ours_have_sites():
    with pytest.raises(TypeError, match="Linear is no network"):
        sites(nn.Linear(1, 1))


@pytest.mark.parametrize("name", MODELS)
def test_what_goes_into_an_activation_is_z(name):
    """z is the batch norm's output; for a second convolution, that plus the masked shortcut."""
    model = build(name, classes=10, image=CIFAR, generator=torch.Generator().manual_seed(0)).eval()
    generator = torch.Generator().manual_seed(1)
    seen = {}

    def record(label):
        def hook(_module, inputs, output=None):
            # a ReLU writes over what it is given
            seen[label] = (inputs[0].clone(), None if output is None else output.clone())

        return hook

    for site in sites(model):
        if site.activation is not None:
            site.activation.register_forward_pre_hook(record((site.name, "z")))
        (site.norm or site.module).register_forward_hook(record((site.name, "normed")))
        if site.shortcut is not None:
            site.shortcut.shortcut_keep.bernoulli_(0.5, generator=generator)
            site.shortcut.shortcut.register_forward_hook(record((site.name, "shortcut")))
    model(torch.randn(2, *CIFAR, generator=generator))
    checked = 0
    for site in sites(model):
        if site.activation is None:
            continue
        expected = seen[site.name, "normed"][1]
        if site.shortcut is not None:
            expected = expected + site.shortcut.shortcut_keep.view(-1, 1, 1) * seen[site.name, "shortcut"][1]
        assert torch.equal(seen[site.name, "z"][0], expected)
        checked += 1
    assert checked == sum(site.role in ("stem", "block", "hidden") for site in sites(model))
