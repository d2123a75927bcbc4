"""Residual blocks: convolutions beside a shortcut."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from gst.networks.parts import Block, Conv, Padding


def convolution(conv: Conv) -> nn.Conv2d:
    """The convolution of that shape."""
    channels, filters, kernel, stride, padding, bias = conv
    return nn.Conv2d(channels, filters, kernel, stride, padding=padding, bias=bias)


class PaddedShortcut(nn.Module):
    """Every second pixel, and the new channels, of zeros: option A, no parameters."""

    def __init__(self, padding: Padding) -> None:
        super().__init__()
        self.before, self.after = padding.before, padding.new_channels - padding.before

    def forward(self, maps: Tensor) -> Tensor:
        """Maps of half the size and with the new channels."""
        return functional.pad(maps[:, :, ::2, ::2], (0, 0, 0, 0, self.before, self.after))


class ResidualBlock(nn.Module):
    """Convolutions conv1, conv2 and so on, with bn1 and relu1, beside a shortcut.

    `shortcut_keep` is multiplied onto the shortcut's channels: pruning a filter of the block's last
    convolution zeroes its entry, so that the block's output has a channel of exact zeros. It is not
    saved: it follows from what was pruned.
    """

    shortcut_keep: Tensor

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.inner = len(block.convolutions) - 1
        for number, conv in enumerate(block.convolutions, start=1):
            self.add_module(f"conv{number}", convolution(conv))
            self.add_module(f"bn{number}", nn.BatchNorm2d(conv.units))
            self.add_module(f"relu{number}", nn.ReLU(inplace=True))
        self.shortcut = _shortcut(block.shortcut)
        self.register_buffer("shortcut_keep", torch.ones(block.convolutions[-1].units), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """The block's maps (float, [n, units of the last convolution, height, width])."""
        through = maps
        for number in range(1, self.inner + 1):
            through = getattr(self, f"relu{number}")(self._normed(number, through))
        last = self.inner + 1
        return cast(Tensor, getattr(self, f"relu{last}")(self.joined(self._normed(last, through), maps)))

    def _normed(self, number: int, maps: Tensor) -> Tensor:
        return cast(Tensor, getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(maps)))

    def joined(self, outer: Tensor, maps: Tensor) -> Tensor:
        """The sum of the convolutions' output and the shortcut's."""
        # in the maps' own precision, or one float32 factor would promote the whole residual stream
        keep = self.shortcut_keep.view(-1, 1, 1).to(outer.dtype)
        return torch.addcmul(outer, self.shortcut(maps), keep)


def _shortcut(shortcut: Conv | Padding | None) -> nn.Module:
    match shortcut:
        case Conv():
            return nn.Sequential(convolution(shortcut), nn.BatchNorm2d(shortcut.units))
        case Padding():
            return PaddedShortcut(shortcut)
        case None:
            return nn.Identity()
