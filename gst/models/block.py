"""Residual blocks: convolutions beside a shortcut."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from gst.models.site import Site


class PaddedShortcut(nn.Module):
    """Every second pixel, and half of the new channels of zeros on each side: option A, no parameters.

    Of an odd number of new channels the last side gets one more.
    """

    def __init__(self, new_channels: int) -> None:
        super().__init__()
        self.before, self.after = new_channels // 2, new_channels - new_channels // 2

    def forward(self, maps: Tensor) -> Tensor:
        """Maps of half the size and with the new channels."""
        return functional.pad(maps[:, :, ::2, ::2], (0, 0, 0, 0, self.before, self.after))


def projection(channels: int, filters: int, stride: int) -> nn.Module:
    """A 1x1 convolution and its batch norm."""
    return nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))


class ResidualBlock(nn.Module):
    """A shortcut, and what a block does with it at its end.

    `shortcut_keep` is multiplied onto the shortcut's channels: pruning a filter of the block's last
    convolution zeroes its entry, so that the block's output has a channel of exact zeros. It is not
    saved: it follows from what was pruned.
    """

    convolutions: int
    """Number of convolutions beside the shortcut: conv1 with bn1 and relu1, and so on."""
    shortcut: nn.Module
    shortcut_keep: Tensor

    def _add_shortcut(self, shortcut: nn.Module, filters: int) -> None:
        self.shortcut = shortcut
        self.register_buffer("shortcut_keep", torch.ones(filters), persistent=False)

    def joined(self, outer: Tensor, maps: Tensor) -> Tensor:
        """The sum of the convolutions' output and the shortcut's."""
        # in the maps' own precision, or one float32 factor would promote the whole residual stream
        keep = self.shortcut_keep.view(-1, 1, 1).to(outer.dtype)
        return torch.addcmul(outer, self.shortcut(maps), keep)

    def sites(self, name: str) -> list[Site]:
        """The convolutions, of which the last owns the shortcut, and then the projection, if there is one."""
        sites = []
        for number in range(1, self.convolutions + 1):
            conv, norm, relu = (getattr(self, f"{kind}{number}") for kind in ("conv", "bn", "relu"))
            block = self if number == self.convolutions else None
            sites.append(Site(f"{name}.conv{number}", conv, norm, relu, block, "block"))
        if isinstance(self.shortcut, nn.Sequential):
            conv, norm = self.shortcut
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            sites.append(Site(f"{name}.shortcut.0", conv, norm, None, None, "shortcut"))
        return sites


class BasicBlock(ResidualBlock):
    """Two 3x3 convolutions beside a shortcut, which changes shape only where the convolutions do."""

    convolutions = 2

    def __init__(self, channels: int, filters: int, stride: int, *, project: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.relu2 = nn.ReLU(inplace=True)
        shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != filters:
            shortcut = (
                projection(channels, filters, stride) if project else PaddedShortcut(filters - channels)
            )
        self._add_shortcut(shortcut, filters)

    def forward(self, maps: Tensor) -> Tensor:
        """The block's maps (float, [n, filters, height, width])."""
        inner = self.relu1(self.bn1(self.conv1(maps)))
        outer = self.bn2(self.conv2(inner))
        return cast(Tensor, self.relu2(self.joined(outer, maps)))


class Bottleneck(ResidualBlock):
    """A 1x1, a 3x3 and a 1x1 convolution, the last four times as wide, beside a shortcut.

    The stride is in the 3x3 convolution, as torchvision and OpenLTH have it.
    """

    convolutions = 3
    expansion = 4

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        wide = self.expansion * filters
        self.conv1 = nn.Conv2d(channels, filters, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(filters, filters, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(filters, wide, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(wide)
        self.relu3 = nn.ReLU(inplace=True)
        same = stride == 1 and channels == wide
        self._add_shortcut(nn.Identity() if same else projection(channels, wide, stride), wide)

    def forward(self, maps: Tensor) -> Tensor:
        """The block's maps (float, [n, 4 * filters, height, width])."""
        inner = self.relu1(self.bn1(self.conv1(maps)))
        middle = self.relu2(self.bn2(self.conv2(inner)))
        outer = self.bn3(self.conv3(middle))
        return cast(Tensor, self.relu3(self.joined(outer, maps)))
