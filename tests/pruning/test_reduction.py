"""Against the counts of the reference, made layer by layer from shapes (rules A, A with bias, and C)."""

from __future__ import annotations

import pytest

from gst.config import FilterPruning, NoPruning, WeightPruning
from gst.models import ImageShape, skeleton
from gst.pruning.reduction import parameter_reduction

IMAGE = ImageShape(3, 32, 32)


def reduction(model, *, classes=10, **pruning):
    values = {"layers": "last-4", "start": 0, "end": 0, "every": 1} | pruning
    config = FilterPruning(kind="filters", score="l2", target="smallest", **values)
    return parameter_reduction(config, skeleton(model, classes=classes, image=IMAGE), IMAGE)


@pytest.mark.parametrize(
    ("model", "fractions", "own", "compact"),
    [
        ("vgg11", (0.3, 0.3, 0.3, 0.9), 3_884_997, 4_949_887),
        ("resnet18", (0.25, 0.4, 0.25, 0.95), 4_066_148, 5_213_432),
        ("resnet18", (0.25, 0.8, 0.25, 0.95), 5_011_198, 6_683_692),
    ],
)
def test_published_configurations(model, fractions, own, compact):
    found = reduction(model, fraction=fractions)
    assert (found.own, found.compact) == (own, compact)


def test_the_last_convolution_for_cifar100():
    found = reduction("resnet18", classes=100, layers="last-1", fraction=0.7)
    assert (found.total, found.own, found.compact) == (11_220_132, 1_650_380, 1_686_180)


def test_without_the_batch_norm_only_weights_are_counted_as_own():
    assert reduction("vgg11", fraction=(0.3, 0.3, 0.3, 0.9), mask_bn=False).own == 3_882_240


def test_the_last_convolution_of_a_bottleneck_takes_its_channel_of_the_shortcut_along():
    """The last block's channels are read by the linear layer alone."""
    found = reduction("resnet50", layers=("layer4.2.conv3",), fraction=0.5)
    assert found.total == 25_557_032 - 990 * 2_049
    assert (found.own, found.compact) == (1_024 * (512 + 2), 1_024 * (512 + 2 + 10))


def test_inside_a_bottleneck_the_next_convolution_reads_fewer_channels():
    found = reduction("resnet50", layers=("layer4.2.conv2",), fraction=0.5)
    assert (found.own, found.compact) == (256 * (9 * 512 + 2), 256 * (9 * 512 + 2 + 2_048))


def test_single_weights_count_once():
    schedule = {"layers": ("fc1",), "start": 3, "end": 18, "every": 1, "fraction": 0.9}
    config = WeightPruning(kind="weights", score="magnitude", target="smallest", **schedule)
    found = parameter_reduction(config, skeleton("conv4", classes=10, image=IMAGE), IMAGE)
    assert found == (1_250_858, 1_179_648 - 117_965, 1_179_648 - 117_965)


def test_the_unpruned_network_loses_nothing():
    found = parameter_reduction(NoPruning(kind="none"), skeleton("conv4", classes=10, image=IMAGE), IMAGE)
    assert found == (1_250_858, 0, 0)
