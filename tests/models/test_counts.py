"""Parameter counts and layer tables of the papers' networks, from their published definitions."""

import pytest
import torch

from gst.models import sites, skeleton
from gst.networks.named import MODELS
from gst.networks.parts import ImageShape

CIFAR = ImageShape(3, 32, 32)


def size(module):
    return sum(parameter.numel() for parameter in module.parameters())


def shapes_of_maps(model, image):
    """The side of the map that each site's module makes."""
    sides = {}
    handles = [
        site.module.register_forward_hook(
            lambda _module, _inputs, output, name=site.name: sides.__setitem__(name, output.shape[-1])
        )
        for site in sites(model)
        if site.module.weight.dim() == 4
    ]
    model.eval()(torch.empty(2, *image, device="meta"))
    for handle in handles:
        handle.remove()
    return sides


@pytest.mark.parametrize(
    ("name", "classes", "image", "parameters"),
    [
        ("vgg11", 10, CIFAR, 9_231_114),
        ("vgg19", 10, CIFAR, 20_040_522),
        ("resnet18", 10, CIFAR, 11_173_962),
        ("resnet18", 100, CIFAR, 11_220_132),
        ("resnet20", 10, CIFAR, 269_722),
        ("resnet56", 10, CIFAR, 853_018),
        ("conv4", 10, CIFAR, 1_250_858),
        ("lenet_300_100", 10, ImageShape(1, 28, 28), 266_610),
        ("vgg16", 10, CIFAR, 14_728_266),
        ("resnet20_conv", 10, CIFAR, 272_474),
        ("resnet32_conv", 10, CIFAR, 466_906),
        ("resnet32_conv", 100, CIFAR, 472_756),
        ("resnet50", 1000, ImageShape(3, 224, 224), 25_557_032),
        # (9 + 1 + 2) * 8 + (72 + 1 + 2) * 16 + (64 + 1 + 2) * 256 + 257 * 10
        ("digits_cnn", 10, ImageShape(1, 8, 8), 20_506),
    ],
)
def test_parameters_in_all(name, classes, image, parameters):
    assert size(skeleton(name, classes=classes, image=image)) == parameters


@pytest.mark.parametrize("name", MODELS)
def test_more_classes_widen_the_last_layer_alone(name):
    ten, hundred = (skeleton(name, classes=classes, image=CIFAR) for classes in (10, 100))
    inputs = sites(ten)[-1].module.in_features
    assert size(hundred) - size(ten) == 90 * (inputs + 1)


def test_table_of_vgg11():
    model = skeleton("vgg11", classes=10, image=CIFAR)
    sides = shapes_of_maps(model, CIFAR)
    table = [
        (
            site.name,
            sides[site.name],
            site.module.weight.numel(),
            site.module.bias.numel(),
            size(site.norm),
            size(site.module) + size(site.norm),
        )
        for site in sites(model)[:-1]
    ]
    assert table == [
        ("conv1", 32, 1_728, 64, 128, 1_920),
        ("conv2", 16, 73_728, 128, 256, 74_112),
        ("conv3", 8, 294_912, 256, 512, 295_680),
        ("conv4", 8, 589_824, 256, 512, 590_592),
        ("conv5", 4, 1_179_648, 512, 1_024, 1_181_184),
        ("conv6", 4, 2_359_296, 512, 1_024, 2_360_832),
        ("conv7", 2, 2_359_296, 512, 1_024, 2_360_832),
        ("conv8", 2, 2_359_296, 512, 1_024, 2_360_832),
    ]
    output = sites(model)[-1].module
    assert (output.weight.shape, size(output)) == ((10, 512), 5_130)


def test_vgg19_has_its_examined_batch_norms_where_the_2020_paper_counts_them():
    model = skeleton("vgg19", classes=10, image=CIFAR)
    features = [module for name, module in model.named_children() if name not in ("flatten", "fc")]
    assert sum(size(module) for module in features) == 20_035_392
    norms = {site.name: site.norm for site in sites(model)}
    counted = {-3: 16, -6: 15, -9: 14, -12: 13, -16: 12, -19: 11, -22: 10, -25: 9}
    assert all(features[place] is norms[f"conv{number}"] for place, number in counted.items())
    sides = shapes_of_maps(model, CIFAR)
    assert [sides[f"conv{number}"] for number in range(1, 17)] == [32, 32, 16, 16] + 4 * [8] + 4 * [4] + 4 * [
        2
    ]
    assert [norms[f"conv{number}"].num_features for number in range(9, 17)] == 8 * [512]


@pytest.mark.parametrize(
    ("name", "stem", "stages", "linear"),
    [
        ("resnet18", 1_856, [147_968, 525_568, 2_099_712, 8_393_728], 5_130),
        ("resnet20", 464, [14_016, 51_072, 203_520], 650),
        ("resnet56", 464, [42_048, 162_432, 647_424], 650),
        # the projections from 16 to 32 and from 32 to 64 channels, and their batch norms, on top
        ("resnet20_conv", 464, [14_016, 51_072 + 512 + 64, 203_520 + 2_048 + 128], 650),
        ("resnet32_conv", 464, [23_360, 88_192 + 512 + 64, 351_488 + 2_048 + 128], 650),
        ("resnet50", 9_536, [215_808, 1_219_584, 7_098_368, 14_964_736], 20_490),
    ],
)
def test_table_of_residual_networks(name, stem, stages, linear):
    model = skeleton(name, classes=10, image=CIFAR)
    assert size(model.conv1) + size(model.bn1) == stem
    found = [size(model.get_submodule(f"layer{stage}")) for stage in range(1, len(stages) + 1)]
    assert found == stages
    assert size(model.linear) == linear


@pytest.mark.parametrize(
    ("name", "sides", "convolutions"),
    [("resnet18", (32, 16, 8, 4), 4), ("resnet20", (32, 16, 8), 6), ("resnet56", (32, 16, 8), 18)],
)
def test_maps_of_residual_networks(name, sides, convolutions):
    model = skeleton(name, classes=10, image=CIFAR)
    found = shapes_of_maps(model, CIFAR)
    assert found["conv1"] == 32
    for stage, side in enumerate(sides, start=1):
        inside = [value for layer, value in found.items() if layer.startswith(f"layer{stage}.")]
        projection = name == "resnet18" and stage > 1
        assert inside == [side] * (convolutions + projection)


def test_weights_of_resnet18():
    model = skeleton("resnet18", classes=10, image=CIFAR)
    weights = {site.name: site.module.weight.numel() for site in sites(model)}
    norms = {
        stage: sum(size(site.norm) for site in sites(model) if site.name.startswith(f"layer{stage}."))
        for stage in (1, 2, 3, 4)
    }
    assert norms == {1: 512, 2: 1_280, 3: 2_560, 4: 5_120}
    first, rest, projection = zip(
        *(
            (
                weights[f"layer{s}.0.conv1"],
                [weights[f"layer{s}.{place}"] for place in ("0.conv2", "1.conv1", "1.conv2")],
                weights.get(f"layer{s}.0.shortcut.0"),
            )
            for s in (1, 2, 3, 4)
        ),
        strict=True,
    )
    assert first == (36_864, 73_728, 294_912, 1_179_648)
    assert rest == ([36_864] * 3, [147_456] * 3, [589_824] * 3, [2_359_296] * 3)
    assert projection == (None, 8_192, 32_768, 131_072)


def test_table_of_conv4():
    model = skeleton("conv4", classes=10, image=CIFAR)
    assert [(site.name, size(site.module)) for site in sites(model)] == [
        ("conv1", 896),
        ("conv2", 9_248),
        ("conv3", 18_496),
        ("conv4", 36_928),
        ("fc1", 1_180_160),
        ("fc2", 5_130),
    ]
    assert shapes_of_maps(model, CIFAR) == {"conv1": 32, "conv2": 30, "conv3": 15, "conv4": 13}
    assert sites(model)[4].module.weight.numel() == 1_179_648
