"""Initial weights: from the generator alone, and distributed as the papers' code has them."""

import math

import pytest
import torch
from torch import nn

from gst.config.task import HIDDEN_UNITS
from gst.models import build, sites, skeleton
from gst.models.network import Network
from gst.networks.named import MODELS
from gst.networks.parts import ImageShape

CIFAR = ImageShape(3, 32, 32)
SMALL = ["digits_cnn", "conv4", "resnet20", "lenet_300_100", "resnet20_conv"]
OPENLTH = [name for name in MODELS if MODELS[name].initialisation == "openlth"]


def built(name, seed=0, image=CIFAR):
    return build(name, classes=10, image=image, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", SMALL)
def test_same_seed_same_weights(name):
    first, second = built(name).state_dict(), built(name).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("name", SMALL)
def test_other_seed_other_weights(name):
    first, second = (dict(built(name, seed).named_parameters()) for seed in (0, 1))
    constant = [key for key, value in first.items() if value.unique().numel() == 1]
    norms = [site.norm for site in sites(built(name)) if site.norm is not None]
    assert len(constant) == (1 if name in OPENLTH else 2) * len(norms)  # shifts, and scales if those are 1
    assert not any(torch.equal(first[key], second[key]) for key in first if key not in constant)


@pytest.mark.parametrize("name", MODELS)
def test_global_generator_is_neither_read_nor_moved(name):
    image = ImageShape(1, 8, 8) if MODELS[name].smallest_side <= 8 else CIFAR
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        before = torch.random.get_rng_state()
        first = next(built(name, image=image).parameters()).clone()
        assert torch.equal(torch.random.get_rng_state(), before)
        torch.manual_seed(2)
        assert torch.equal(next(built(name, image=image).parameters()), first)


@pytest.mark.parametrize("name", ["digits_cnn", "conv4", "resnet18"])
def test_pytorch_default_is_drawn_as_pytorch_draws_it(name):
    """Weight for weight what the constructors of torch.nn would have drawn from a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        theirs = Network.of(MODELS[name].outline(10, CIFAR, HIDDEN_UNITS[name])).state_dict()
    ours = built(name, seed=7).state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


@pytest.mark.parametrize("name", MODELS)
def test_every_parameter_and_buffer_is_set(name):
    model = built(name)
    for tensor in (*model.parameters(), *model.buffers()):
        assert tensor.device.type == "cpu"
        assert tensor.isfinite().all()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            assert name in OPENLTH or (module.weight == 1).all()
            assert (module.bias == 0).all()
            assert (module.running_mean == 0).all()
            assert (module.running_var == 1).all()
            assert module.num_batches_tracked == 0
    for site in sites(model):
        if site.shortcut is not None:
            assert (site.shortcut.shortcut_keep == 1).all()


def test_memory_that_held_something_else_is_overwritten(monkeypatch):
    """to_empty promises nothing about what is in it: a test that finds zeros there would prove little."""

    def dirty(self, *, device):
        return nn.Module._apply(self, lambda tensor: torch.full(tensor.shape, 77, dtype=tensor.dtype))

    monkeypatch.setattr(nn.Module, "to_empty", dirty)
    model = built("resnet20")
    assert not any((tensor == 77).any() for tensor in (*model.parameters(), *model.buffers()))


def within(found, expected, n, sigmas=5.0):
    """Whether the standard deviation of n normal draws is as near as it should be."""
    return abs(found / expected - 1) < sigmas / math.sqrt(2 * n)


@pytest.mark.parametrize("name", ["vgg11", "vgg19"])
def test_vgg_is_kaiming_normal_by_fan_out(name):
    model = built(name)
    for site in sites(model)[:-1]:
        weight = site.module.weight
        expected = math.sqrt(2 / (weight.shape[0] * 9))
        assert within(weight.std().item(), expected, weight.numel())
        assert weight.abs().max() > 3 * expected  # not uniform
        assert (site.module.bias == 0).all()


@pytest.mark.parametrize("name", ["resnet20", "resnet56", "resnet20_conv", "resnet32_conv"])
def test_small_residual_networks_are_kaiming_normal_by_fan_in(name):
    model = built(name)
    for site in sites(model):
        weight = site.module.weight
        expected = math.sqrt(2 / weight[0].numel())
        assert within(weight.std().item(), expected, weight.numel())
        assert weight.abs().max() > 2 * expected
    assert model.linear.bias.abs().max() <= 1 / 8
    assert model.linear.bias.unique().numel() == 10


def test_openlths_are_the_networks_of_2022():
    assert OPENLTH == ["lenet_300_100", "vgg16", "resnet20_conv", "resnet32_conv", "resnet50"]


@pytest.mark.parametrize("name", ["lenet_300_100", "vgg16", "resnet50"])
def test_weights_of_openlth_are_kaiming_normal_by_fan_in_and_biases_pytorchs(name):
    for site in sites(built(name)):
        weight, bias = site.module.weight, site.module.bias
        expected = math.sqrt(2 / weight[0].numel())
        assert within(weight.std().item(), expected, weight.numel())
        assert weight.abs().max() > 2 * expected  # not uniform, whose end is sqrt 3
        if bias is not None:
            assert 0 < bias.abs().max() <= 1 / math.sqrt(weight[0].numel())


@pytest.mark.parametrize("name", ["vgg16", "resnet20_conv", "resnet32_conv", "resnet50"])
def test_scales_of_openlths_batch_norms_are_uniform_from_0_to_1(name):
    scales = torch.cat([site.norm.weight for site in sites(built(name)) if site.norm is not None])
    n = len(scales)
    assert 0 <= scales.min() < 10 / n
    assert 1 - 10 / n < scales.max() < 1
    assert abs(scales.mean() - 1 / 2) < 5 * math.sqrt(1 / 12 / n)
    assert scales.unique().numel() > 0.99 * n


def test_linear_layer_of_vgg_is_uniform():
    linear = built("vgg11").fc
    bound = 1 / math.sqrt(512)
    for tensor in (linear.weight, linear.bias):
        assert tensor.abs().max() <= bound
    assert linear.weight.abs().max() > 0.99 * bound
    # the fourth moment of uniform draws makes their deviation's error smaller than the normal one
    assert within(linear.weight.std().item(), bound / math.sqrt(3), linear.weight.numel())


@pytest.mark.parametrize("name", ["digits_cnn", "conv4", "resnet18"])
def test_pytorch_default_is_uniform_by_fan_in(name):
    for site in sites(built(name)):
        bound = 1 / math.sqrt(site.module.weight[0].numel())
        weight = site.module.weight
        assert weight.abs().max() <= bound
        assert within(weight.std().item(), bound / math.sqrt(3), weight.numel())
        if site.module.bias is not None:
            assert site.module.bias.abs().max() <= bound
            assert site.module.bias.abs().max() > 0.5 * bound


@pytest.mark.parametrize("name", MODELS)
def test_skeleton_takes_no_memory_and_has_the_same_shapes(name):
    bare, whole = (
        skeleton(name, classes=7, image=CIFAR),
        build(name, classes=7, image=CIFAR, generator=torch.Generator()),
    )
    tensors = (*bare.parameters(), *bare.buffers())
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    shapes = [{key: value.shape for key, value in model.state_dict().items()} for model in (bare, whole)]
    assert shapes[0] == shapes[1]
    assert [site[0] for site in sites(bare)] == [site[0] for site in sites(whole)]
