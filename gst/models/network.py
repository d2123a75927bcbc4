"""Modules made from outlines."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from gst.models.block import ResidualBlock, convolution
from gst.networks.parts import Conv, Flatten, Linear, MapMean, Outline, Part, Pool, ReLU, Stage
from gst.networks.parts import Norm as NormPart


class Network(nn.Sequential):
    """The modules of an outline under its names, each fed by the one before."""

    outline: Outline

    @classmethod
    def of(cls, outline: Outline) -> Network:
        """The modules with torch's initial weights, on torch's default device."""
        made = cls(OrderedDict((name, _module(part)) for name, part in outline.items()))
        made.outline = outline
        return made


class MeanOfMaps(nn.Module):
    """The mean over each map."""

    def forward(self, maps: Tensor) -> Tensor:
        """One number for each channel (float, [n, channels])."""
        return maps.mean(dim=(2, 3))


def _module(part: Part) -> nn.Module:
    match part:
        case Conv():
            return convolution(part)
        case Linear():
            return nn.Linear(part.features, part.units)
        case NormPart():
            return nn.BatchNorm2d(part.channels)
        case ReLU():
            return nn.ReLU(inplace=True)
        case Pool():
            kind = nn.MaxPool2d if part.kind == "max" else nn.AvgPool2d
            return kind(part.kernel, part.stride, part.padding)
        case Flatten():
            return nn.Flatten()
        case MapMean():
            return MeanOfMaps()
        case Stage():
            return nn.Sequential(*map(ResidualBlock, part.blocks))
