"""The sites of a network, where its prunable layers are: all that the rest of gst knows of it."""

from __future__ import annotations

from typing import NamedTuple

from torch import nn

from gst.networks.layers import Role

Layer = nn.Conv2d | nn.Linear
Norm = nn.BatchNorm1d | nn.BatchNorm2d


class Site(NamedTuple):
    """A convolution or linear layer, and the modules that belong to it.

    `activation` is the ReLU whose input is the layer's z (GST 2020, appendix A.4): the output of its
    batch norm and, for the second convolution of a residual block, the shortcut added to that.
    `shortcut` is the residual block that ends in this layer; its buffer `shortcut_keep` (float,
    [filters], ones) is multiplied onto what the shortcut brings to each channel.
    `role` says where in the network: `block` is the body, which experiments prune; `hidden` is a
    linear layer before the last, `output`. `refusal` is the reason why its filters cannot be removed.
    """

    name: str
    module: Layer
    norm: Norm | None
    activation: nn.Module | None
    shortcut: nn.Module | None
    role: Role
    refusal: str | None = None
