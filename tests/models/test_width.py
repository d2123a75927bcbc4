"""Networks made narrower: widths and weights of Jin 2022's scaled networks."""

from fractions import Fraction

import pytest

from gst.config.task import hidden_units
from gst.models import sites, skeleton
from gst.networks.layers import layers
from gst.networks.named import MODELS
from gst.networks.parts import ImageShape
from gst.networks.residual import resnet32_conv

CIFAR = ImageShape(3, 32, 32)
WIDTHS = {k: float(Fraction(8, 10) ** k) for k in range(11)}  # .8 ** k as a decimal number of few digits
TASKS = {
    "vgg16": (10, CIFAR),
    "lenet_300_100": (10, ImageShape(1, 28, 28)),
    "resnet20_conv": (10, CIFAR),
    "resnet32_conv": (100, CIFAR),
    "resnet50": (1000, ImageShape(3, 224, 224)),
}
# k: the units of the first layer, of LeNet of both hidden ones, and the weights that are left in %
# (the reference rounds twice: of ResNet50 18.45 became 18.5, and 12.545 became 12.6)
TABLE = {
    "vgg16": {
        0: (64, 100), 1: (51, 64.1), 2: (41, 41.1), 3: (33, 26.2), 4: (26, 16.8), 5: (21, 10.8), 6: (17, 6.9),
        8: (11, 2.8), 10: (7, 1.2),
    },
    "lenet_300_100": {
        0: ((300, 100), 100), 1: ((240, 80), 78.2), 2: ((192, 64), 61.4), 3: ((154, 51), 48.5),
        4: ((123, 41), 38.3), 5: ((98, 33), 30.2), 6: ((79, 26), 24.1), 8: ((50, 17), 15.1),
        10: ((32, 11), 9.6),
    },
    "resnet20_conv": {
        0: (16, 100), 1: (13, 66.1), 2: (10, 39.2), 3: (8, 25.1), 4: (7, 19.2), 5: (5, 9.9), 6: (4, 6.3),
        8: (3, 3.6), 10: (2, 1.6),
    },
    "resnet50": {
        0: (64, 100), 1: (51, 64.8), 2: (41, 42.9), 3: (33, 28.6), 4: (26, 18.5), 5: (21, 12.6), 6: (17, 8.6),
        8: (11, 4.1), 10: (7, 2.0),
    },
}  # fmt: skip


def network(name, width=1.0):
    classes, image = TASKS[name]
    return skeleton(name, classes=classes, image=image, width=width)


def weights(model):
    return sum(site.module.weight.numel() for site in sites(model))


@pytest.mark.parametrize(
    ("name", "layers", "prunable"),
    [
        ("lenet_300_100", 3, 266_200),
        ("resnet20_conv", 22, 270_896),
        ("vgg16", 14, 14_715_584),
        ("resnet32_conv", 34, 470_192),
        ("resnet50", 54, 25_502_912),
    ],
)
def test_every_weight_of_convolutions_and_linear_layers_is_at_a_site(name, layers, prunable):
    model = network(name)
    assert (len(sites(model)), weights(model)) == (layers, prunable)


@pytest.mark.parametrize(
    ("name", "k", "units", "percent"),
    [(name, k, *cell) for name, cells in TABLE.items() for k, cell in cells.items()],
)
def test_table_of_widths(name, k, units, percent):
    model = network(name, WIDTHS[k])
    first, second, *_ = (site.module.weight.shape[0] for site in sites(model))
    assert ((first, second) if name == "lenet_300_100" else first) == units
    assert abs(100 * weights(model) / weights(network(name)) - percent) < 0.056


def test_every_hidden_layer_is_rounded_by_itself():
    filters = [site.module.weight.shape[0] for site in sites(network("vgg16", 0.512))]
    assert filters == [33] * 2 + [66] * 2 + [131] * 3 + [262] * 6 + [10]


def test_later_stages_of_residual_networks_double_the_first():
    small = {site.name: site.module.weight.shape[0] for site in sites(network("resnet20_conv", 0.8))}
    assert [small[name] for name in ("conv1", "layer1.2.conv2", "layer2.0.conv1", "layer3.2.conv2")] == [
        13, 13, 26, 52,
    ]  # fmt: skip
    large = {site.name: site.module.weight.shape[0] for site in sites(network("resnet50", 0.8))}
    assert [large[f"layer{stage}.0.conv{number}"] for stage in (1, 2, 3, 4) for number in (1, 2, 3)] == [
        51, 51, 204, 102, 102, 408, 204, 204, 816, 408, 408, 1632,
    ]  # fmt: skip


def test_a_resnet32_of_width_32():
    """Twice the usual, which no configuration asks for, as a check of the layout."""
    found = layers(resnet32_conv(100, CIFAR, (32,)))
    assert sum(layer.parameters for layer in found) == 1_872_132


@pytest.mark.parametrize("name", MODELS)
def test_every_network_can_be_as_narrow_as_one_unit_a_layer(name):
    narrow = skeleton(name, classes=10, image=CIFAR, width=1e-9)
    *hidden, last = (site.module.weight.shape[0] for site in sites(narrow))
    assert (hidden[0], last) == (1, 10)


@pytest.mark.parametrize("name", MODELS)
def test_half_of_every_network_has_about_a_quarter_of_its_weights(name):
    whole, half = (skeleton(name, classes=10, image=CIFAR, width=width) for width in (1.0, 0.5))
    assert 0.2 < weights(half) / weights(whole) < 0.51
    assert [site.name for site in sites(half)] == [site.name for site in sites(whole)]
    for mine, other in zip(sites(half)[:-1], sites(whole)[:-1], strict=True):
        assert 2 * mine.module.weight.shape[0] == other.module.weight.shape[0]


def test_units_are_exact():
    assert hidden_units("lenet_300_100", 0.035) == (10, 4)  # 10.5 and 3.5: halves, to even
    assert hidden_units("lenet_300_100", 0.045) == (14, 4)
    assert hidden_units("lenet_300_100", 0.29) == (87, 29)
    assert hidden_units("resnet20", 0.01) == (1,)


@pytest.mark.parametrize("name", MODELS)
def test_widths_make_the_same_network_where_their_units_are_the_same(name):
    """All that tells networks apart are the shapes of their weights, which follow from the units."""
    shapes = {}
    for percent in range(1, 101):
        model = skeleton(name, classes=10, image=CIFAR, width=percent / 100)
        units = hidden_units(name, percent / 100)
        shapes.setdefault(units, set()).add(tuple(parameter.shape for parameter in model.parameters()))
    assert all(len(found) == 1 for found in shapes.values())
    assert len(set().union(*shapes.values())) == len(shapes)
