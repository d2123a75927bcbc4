"""Residual networks: for small images (GST 2020; OpenLTH's of Jin 2022), and ResNet50 for ImageNet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

from torch import Tensor, nn

from gst.models.block import BasicBlock, Bottleneck, ResidualBlock
from gst.models.site import ImageShape, Site


class ResNet(nn.Module):
    """A stem with its pooling, stages of residual blocks, the mean over each map, a linear layer."""

    def __init__(
        self, stem: nn.Conv2d, pool: nn.Module, stages: Sequence[nn.Sequential], features: int, classes: int
    ) -> None:
        super().__init__()
        self.conv1 = stem
        self.bn1 = nn.BatchNorm2d(stem.out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.pool = pool
        self.stages = len(stages)
        for number, stage in enumerate(stages, start=1):
            self.add_module(f"layer{number}", stage)
        self.linear = nn.Linear(features, classes)

    def forward(self, images: Tensor) -> Tensor:
        """One number for each class (float, [n, classes])."""
        maps = self.pool(self.relu(self.bn1(self.conv1(images))))
        for stage in range(1, self.stages + 1):
            maps = self.get_submodule(f"layer{stage}")(maps)
        return cast(Tensor, self.linear(maps.mean(dim=(2, 3))))

    def sites(self) -> tuple[Site, ...]:
        """The stem, each block's convolutions and then its projection, and the linear layer."""
        sites = [Site("conv1", self.conv1, self.bn1, self.relu, None, "stem")]
        for name, block in self.named_modules():
            if isinstance(block, ResidualBlock):
                sites += block.sites(name)
        return (*sites, Site("linear", self.linear, None, None, None, "output"))


def resnet18(classes: int, image: ImageShape, units: tuple[int, ...]) -> ResNet:
    """Four stages of two blocks, 64 to 512 filters, 1x1 convolutions as shortcuts between stages."""
    return _small(4, 2, classes, image, units, project=True)


def resnet20(classes: int, image: ImageShape, units: tuple[int, ...]) -> ResNet:
    """Three stages of three blocks, 16 to 64 filters, padded shortcuts between stages."""
    return _small(3, 3, classes, image, units, project=False)


def resnet56(classes: int, image: ImageShape, units: tuple[int, ...]) -> ResNet:
    """Three stages of nine blocks, 16 to 64 filters, padded shortcuts between stages."""
    return _small(3, 9, classes, image, units, project=False)


def resnet20_conv(classes: int, image: ImageShape, units: tuple[int, ...]) -> ResNet:
    """Three stages of three blocks, 16 to 64 filters, 1x1 convolutions as shortcuts between stages."""
    return _small(3, 3, classes, image, units, project=True)


def resnet32_conv(classes: int, image: ImageShape, units: tuple[int, ...]) -> ResNet:
    """Three stages of five blocks, 16 to 64 filters, 1x1 convolutions as shortcuts between stages."""
    return _small(3, 5, classes, image, units, project=True)


def resnet50(classes: int, image: ImageShape, units: tuple[int, ...]) -> ResNet:
    """Stages of 3, 4, 6 and 3 bottlenecks, 64 to 2048 filters, after a 7x7 convolution and a max-pool."""
    (first,) = units
    stem = nn.Conv2d(image.channels, first, 7, stride=2, padding=3, bias=False)
    stages, channels = [], first
    for number, blocks in enumerate((3, 4, 6, 3)):
        filters = first * 2**number
        wide = Bottleneck.expansion * filters
        head = Bottleneck(channels, filters, 1 if number == 0 else 2)
        stages.append(nn.Sequential(head, *(Bottleneck(wide, filters, 1) for _ in range(blocks - 1))))
        channels = wide
    return ResNet(stem, nn.MaxPool2d(3, stride=2, padding=1), stages, channels, classes)


def _small(
    stages: int, blocks: int, classes: int, image: ImageShape, units: tuple[int, ...], *, project: bool
) -> ResNet:
    """A 3x3 stem without pooling and stages of basic blocks, each twice as wide as the one before."""
    (first,) = units
    widths = [first * 2**number for number in range(stages)]
    stem = nn.Conv2d(image.channels, first, 3, padding=1, bias=False)
    made = []
    for number, (before, after) in enumerate(pairwise((first, *widths))):
        head = BasicBlock(before, after, 1 if number == 0 else 2, project=project)
        others = (BasicBlock(after, after, 1, project=project) for _ in range(blocks - 1))
        made.append(nn.Sequential(head, *others))
    return ResNet(stem, nn.Identity(), made, widths[-1], classes)
