"""Against the counts of the reference, made layer by layer (rules A, A with bias, and C), and gradients."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn

from gst.config import FilterPruning, NoPruning, RunConfig, WeightPruning
from gst.models import sites, skeleton
from gst.networks.events import planned_events
from gst.networks.layers import layers
from gst.networks.named import MODELS, outline
from gst.networks.parts import ImageShape
from gst.networks.reduction import parameter_reduction
from gst.pruning.layers import prunable_layers

IMAGE = ImageShape(3, 32, 32)


def filters(**changes):
    values = {"layers": "last-4", "start": 0, "end": 0, "every": 1}
    return FilterPruning(kind="filters", score="l2", target="smallest", **values | changes)


def reduction(model, config, *, classes=10, image=IMAGE, width=1.0):
    network = outline(model, classes=classes, image=image, width=width)
    run = RunConfig.model_construct(pruning=config)
    return parameter_reduction(config, planned_events(run, layers(network)), network, image)


@pytest.mark.parametrize(
    ("model", "fractions", "own", "compact"),
    [
        ("vgg11", (0.3, 0.3, 0.3, 0.9), 3_884_997, 4_949_887),
        ("resnet18", (0.25, 0.4, 0.25, 0.95), 4_066_148, 5_213_432),
        ("resnet18", (0.25, 0.8, 0.25, 0.95), 5_011_198, 6_683_692),
    ],
)
def test_published_configurations(model, fractions, own, compact):
    found = reduction(model, filters(fraction=fractions))
    assert (found.own, found.compact) == (own, compact)


def test_the_last_convolution_for_cifar100():
    found = reduction("resnet18", filters(layers="last-1", fraction=0.7), classes=100)
    assert (found.total, found.own, found.compact) == (11_220_132, 1_650_380, 1_686_180)


def test_without_the_batch_norm_only_weights_are_counted_as_own():
    assert reduction("vgg11", filters(fraction=(0.3, 0.3, 0.3, 0.9), mask_bn=False)).own == 3_882_240


def test_the_last_convolution_of_a_bottleneck_takes_its_channel_of_the_shortcut_along():
    """The last block's channels are read by the linear layer alone."""
    found = reduction("resnet50", filters(layers=("layer4.2.conv3",), fraction=0.5))
    assert found.total == 25_557_032 - 990 * 2_049
    assert (found.own, found.compact) == (1_024 * (512 + 2), 1_024 * (512 + 2 + 10))


def test_inside_a_bottleneck_the_next_convolution_reads_fewer_channels():
    found = reduction("resnet50", filters(layers=("layer4.2.conv2",), fraction=0.5))
    assert (found.own, found.compact) == (256 * (9 * 512 + 2), 256 * (9 * 512 + 2 + 2_048))


def test_single_weights_count_once():
    schedule = {"layers": ("fc1",), "start": 3, "end": 18, "every": 1, "fraction": 0.9}
    config = WeightPruning(kind="weights", score="magnitude", target="smallest", **schedule)
    assert reduction("conv4", config) == (1_250_858, 1_179_648 - 117_965, 1_179_648 - 117_965)


def test_the_unpruned_network_loses_nothing():
    assert reduction("conv4", NoPruning(kind="none")) == (1_250_858, 0, 0)


def idle(model, image):
    """Which elements of each parameter cannot change the output: those without a gradient.

    All that the network multiplies by is positive and nothing is subtracted, so that no two paths cancel.
    """
    model.zero_grad()
    model(torch.ones(1, *image)).sum().backward()
    return {
        name: torch.zeros_like(it, dtype=torch.bool) if it.grad is None else it.grad == 0
        for name, it in model.named_parameters()
    }


@torch.no_grad()
def positive(model):
    model.to_empty(device="cpu")
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        constant = 0.0 if name.endswith(("running_mean", "bias")) else 1.0
        tensor.fill_(constant / max(1, tensor[0].numel()) if tensor.dim() > 1 else constant)
    for name, child in model.named_children():
        if isinstance(child, nn.MaxPool2d):  # a maximum hides what is smaller
            setattr(model, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
    return model.eval()


def by_gradients(name, config, image, width):
    """All parameters, those of what was pruned, and all that lost their effect, of a real network."""
    model = positive(skeleton(name, classes=10, image=image, width=width))
    total = sum(parameter.numel() for parameter in model.parameters())
    before = idle(model, image)
    pruned = prunable_layers(config, sites(model))
    (schedule, *_) = {it.schedule for it in config.schedules(tuple(layer.site.name for layer in pruned))}
    for layer in pruned:
        units = layer.alive.numel()
        layer.prune(torch.arange(units - schedule.events(units)[-1].kept))
    own = sum(layer.parameters_removed for layer in pruned)
    gone = {key: now & ~before[key] for key, now in idle(model, image).items()}
    names = {id(parameter): key for key, parameter in model.named_parameters()}
    for layer in pruned:
        for parameter, held in layer.held():
            gone[names[id(parameter)]] |= held
    return total, own, sum(int(lost.sum()) for lost in gone.values())


def images(name):
    side = MODELS[name].smallest_side
    return [ImageShape(1, max(side, 8), max(side, 8)), ImageShape(3, side + 3, 2 * side + 1)]


@pytest.mark.slow
@pytest.mark.parametrize("mask_bn", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_every_network_without_filters_of_any_layers_agrees_with_its_gradients(name, mask_bn):
    """Narrow, so that some layers lose all their filters; on maps as small as a pixel, and on oblong ones."""
    names = [layer.name for layer in layers(outline(name, classes=10, image=IMAGE))]
    some = [tuple(names), tuple(names[1::2]), (names[0],), (names[-1],)]
    if name != "lenet_300_100":
        some += ["last-1", "last-2"]
    for chosen, fraction, image in product(some, (0.3, 0.9, 1.0), images(name)):
        config = filters(layers=chosen, fraction=fraction, mask_bn=mask_bn)
        found = reduction(name, config, image=image, width=0.1)
        assert found == by_gradients(name, config, image, 0.1), (chosen, fraction, image)
