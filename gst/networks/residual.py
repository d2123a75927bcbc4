"""Residual networks: for small images (GST 2020; OpenLTH's of Jin 2022), and ResNet50 for ImageNet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gst.networks.parts import (
    Block,
    Conv,
    ImageShape,
    Linear,
    MapMean,
    Norm,
    Outline,
    Padding,
    Part,
    Pool,
    ReLU,
    Stage,
)

EXPANSION = 4
"""How many times as wide as its others the last convolution of a bottleneck is."""


def basic_block(channels: int, filters: int, stride: int, *, project: bool) -> Block:
    """Two 3x3 convolutions beside a shortcut, which changes shape only where the convolutions do."""
    convolutions = (
        Conv(channels, filters, 3, stride, padding=1, bias=False),
        Conv(filters, filters, 3, padding=1, bias=False),
    )
    if stride == 1 and channels == filters:
        return Block(convolutions, None)
    return Block(
        convolutions, _projection(channels, filters, stride) if project else Padding(filters - channels)
    )


def bottleneck(channels: int, filters: int, stride: int) -> Block:
    """A 1x1, a 3x3 and a 1x1 convolution, the last four times as wide, beside a shortcut.

    The stride is in the 3x3 convolution, as torchvision and OpenLTH have it.
    """
    wide = EXPANSION * filters
    convolutions = (
        Conv(channels, filters, 1, bias=False),
        Conv(filters, filters, 3, stride, padding=1, bias=False),
        Conv(filters, wide, 1, bias=False),
    )
    same = stride == 1 and channels == wide
    return Block(convolutions, None if same else _projection(channels, wide, stride))


def _projection(channels: int, filters: int, stride: int) -> Conv:
    return Conv(channels, filters, 1, stride, bias=False)


def resnet18(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Four stages of two blocks, 64 to 512 filters, 1x1 convolutions as shortcuts between stages."""
    return _small(4, 2, classes, image, units, project=True)


def resnet20(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Three stages of three blocks, 16 to 64 filters, padded shortcuts between stages."""
    return _small(3, 3, classes, image, units, project=False)


def resnet56(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Three stages of nine blocks, 16 to 64 filters, padded shortcuts between stages."""
    return _small(3, 9, classes, image, units, project=False)


def resnet20_conv(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Three stages of three blocks, 16 to 64 filters, 1x1 convolutions as shortcuts between stages."""
    return _small(3, 3, classes, image, units, project=True)


def resnet32_conv(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Three stages of five blocks, 16 to 64 filters, 1x1 convolutions as shortcuts between stages."""
    return _small(3, 5, classes, image, units, project=True)


def resnet50(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Stages of 3, 4, 6 and 3 bottlenecks, 64 to 2048 filters, after a 7x7 convolution and a max-pool."""
    (first,) = units
    stages, channels = [], first
    for number, blocks in enumerate((3, 4, 6, 3)):
        filters = first * 2**number
        wide = EXPANSION * filters
        head = bottleneck(channels, filters, 1 if number == 0 else 2)
        others = (bottleneck(wide, filters, 1) for _ in range(blocks - 1))
        stages.append(Stage((head, *others)))
        channels = wide
    stem = Conv(image.channels, first, 7, stride=2, padding=3, bias=False)
    return _residual(stem, stages, Linear(channels, classes), Pool(3, 2, 1))


def _small(
    stages: int, blocks: int, classes: int, image: ImageShape, units: tuple[int, ...], *, project: bool
) -> Outline:
    """A 3x3 stem without pooling and stages of basic blocks, each twice as wide as the one before."""
    (first,) = units
    widths = [first * 2**number for number in range(stages)]
    made = []
    for number, (before, after) in enumerate(pairwise((first, *widths))):
        head = basic_block(before, after, 1 if number == 0 else 2, project=project)
        others = (basic_block(after, after, 1, project=project) for _ in range(blocks - 1))
        made.append(Stage((head, *others)))
    stem = Conv(image.channels, first, 3, padding=1, bias=False)
    return _residual(stem, made, Linear(widths[-1], classes))


def _residual(stem: Conv, stages: Sequence[Stage], linear: Linear, pool: Pool | None = None) -> Outline:
    """A stem with its pooling, stages of residual blocks, the mean over each map, a linear layer."""
    parts: dict[str, Part] = {"conv1": stem, "bn1": Norm(stem.units), "relu": ReLU()}
    if pool is not None:
        parts["pool"] = pool
    parts |= {f"layer{number}": stage for number, stage in enumerate(stages, start=1)}
    return parts | {"mean": MapMean(), "linear": linear}
