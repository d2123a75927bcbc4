"""Residual networks for small images: ResNet18 in its CIFAR form, ResNet20 and 56 (GST 2020)."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from gst.models.site import ImageShape, Site


class PaddedShortcut(nn.Module):
    """Every second pixel, and half of the new channels of zeros on each side: option A, no parameters."""

    def __init__(self, new_channels: int) -> None:
        super().__init__()
        self.each_side = new_channels // 2

    def forward(self, maps: Tensor) -> Tensor:
        """Maps of half the size and with the new channels."""
        return functional.pad(maps[:, :, ::2, ::2], (0, 0, 0, 0, self.each_side, self.each_side))


def projection(channels: int, filters: int, stride: int) -> nn.Module:
    """A 1x1 convolution and its batch norm."""
    return nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which changes shape only where the convolutions do.

    `shortcut_keep` is multiplied onto the shortcut's channels: pruning a filter of the second
    convolution zeroes its entry, so that the block's output has a channel of exact zeros. It is not
    saved: it follows from what was pruned.
    """

    shortcut_keep: Tensor

    def __init__(self, channels: int, filters: int, stride: int, *, project: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.relu2 = nn.ReLU()
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != filters:
            self.shortcut = (
                projection(channels, filters, stride) if project else PaddedShortcut(filters - channels)
            )
        self.register_buffer("shortcut_keep", torch.ones(filters), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """The block's maps (float, [n, filters, height, width])."""
        inner = self.relu1(self.bn1(self.conv1(maps)))
        outer = self.bn2(self.conv2(inner))
        # in the maps' own precision, or one float32 factor would promote the whole residual stream
        keep = self.shortcut_keep.view(-1, 1, 1).to(outer.dtype)
        return cast(Tensor, self.relu2(torch.addcmul(outer, self.shortcut(maps), keep)))


class ResNet(nn.Module):
    """A 3x3 stem without pooling, stages of basic blocks, the mean over each map, a linear layer."""

    def __init__(
        self, widths: tuple[int, ...], blocks: int, classes: int, image: ImageShape, *, project: bool
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(image.channels, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU()
        self.stages = len(widths)
        for stage, (before, filters) in enumerate(pairwise((widths[0], *widths)), start=1):
            first = BasicBlock(before, filters, 1 if stage == 1 else 2, project=project)
            others = (BasicBlock(filters, filters, 1, project=project) for _ in range(blocks - 1))
            self.add_module(f"layer{stage}", nn.Sequential(first, *others))
        self.linear = nn.Linear(widths[-1], classes)

    def forward(self, images: Tensor) -> Tensor:
        """One number for each class (float, [n, classes])."""
        maps = self.relu(self.bn1(self.conv1(images)))
        for stage in range(1, self.stages + 1):
            maps = self.get_submodule(f"layer{stage}")(maps)
        return cast(Tensor, self.linear(maps.mean(dim=(2, 3))))

    def sites(self) -> tuple[Site, ...]:
        """The stem, each block's two convolutions and then its projection, and the linear layer."""
        sites = [Site("conv1", self.conv1, self.bn1, self.relu, None, "stem")]
        for name, block in self.named_modules():
            if not isinstance(block, BasicBlock):
                continue
            sites += [
                Site(f"{name}.conv1", block.conv1, block.bn1, block.relu1, None, "block"),
                Site(f"{name}.conv2", block.conv2, block.bn2, block.relu2, block, "block"),
            ]
            if isinstance(block.shortcut, nn.Sequential):
                conv, norm = block.shortcut
                assert isinstance(conv, nn.Conv2d)
                assert isinstance(norm, nn.BatchNorm2d)
                sites.append(Site(f"{name}.shortcut.0", conv, norm, None, None, "shortcut"))
        return (*sites, Site("linear", self.linear, None, None, None, "output"))


def resnet18(classes: int, image: ImageShape) -> ResNet:
    """Four stages of two blocks, 64 to 512 filters, 1x1 convolutions as shortcuts between stages."""
    return ResNet((64, 128, 256, 512), 2, classes, image, project=True)


def resnet20(classes: int, image: ImageShape) -> ResNet:
    """Three stages of three blocks, 16 to 64 filters, padded shortcuts between stages."""
    return ResNet((16, 32, 64), 3, classes, image, project=False)


def resnet56(classes: int, image: ImageShape) -> ResNet:
    """Three stages of nine blocks, 16 to 64 filters, padded shortcuts between stages."""
    return ResNet((16, 32, 64), 9, classes, image, project=False)
