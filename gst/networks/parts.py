"""The parts of networks as shapes alone; gst.models makes modules of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Literal, NamedTuple, TypeAlias


class ImageShape(NamedTuple):
    """Channels, and height and width in pixels."""

    channels: int
    height: int
    width: int


class Conv(NamedTuple):
    """A convolution of square kernels: weights [units, channels, kernel, kernel]."""

    channels: int
    units: int
    kernel: int
    stride: int = 1
    padding: int = 0
    bias: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its weights."""
        return self.units, self.channels, self.kernel, self.kernel

    @property
    def weights_per_unit(self) -> int:
        """Weights of one filter."""
        return self.channels * self.kernel**2


class Linear(NamedTuple):
    """A linear layer: weights [units, features], and biases."""

    features: int
    units: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its weights."""
        return self.units, self.features

    @property
    def bias(self) -> bool:
        """Whether it has biases: all of ours do."""
        return True

    @property
    def weights_per_unit(self) -> int:
        """Weights of one row."""
        return self.features


class Weights(NamedTuple):
    """A convolution or linear layer of any shape, units first, in a network that no outline describes."""

    shape: tuple[int, ...]
    bias: bool

    @property
    def units(self) -> int:
        """Number of its filters, or of the rows of a linear layer."""
        return self.shape[0]

    @property
    def weights_per_unit(self) -> int:
        """Weights of one filter or row."""
        return prod(self.shape[1:])


class Norm(NamedTuple):
    """The batch norm of that many channels: a scale and a shift each."""

    channels: int


class ReLU(NamedTuple):
    """The activation, which writes over what it is given."""


class Pool(NamedTuple):
    """Maxima or means over square windows."""

    kernel: int
    stride: int
    padding: int = 0
    kind: Literal["max", "mean"] = "max"


class Flatten(NamedTuple):
    """All values of an image in one row, channel by channel."""


class MapMean(NamedTuple):
    """The mean over each map."""


class Padding(NamedTuple):
    """Every second pixel, and that many new channels of zeros, half of them on each side (option A)."""

    new_channels: int

    @property
    def before(self) -> int:
        """New channels on the first side; of an odd number the last side gets one more."""
        return self.new_channels // 2


class Block(NamedTuple):
    """Convolutions without biases, each with its norm, beside a shortcut: a projection, padding or nothing.

    A ReLU follows each convolution, the last one's once the shortcut is added.
    """

    convolutions: tuple[Conv, ...]
    shortcut: Conv | Padding | None


class Stage(NamedTuple):
    """Blocks, one after the other."""

    blocks: tuple[Block, ...]


Part: TypeAlias = Conv | Linear | Norm | ReLU | Pool | Flatten | MapMean | Stage
Outline: TypeAlias = Mapping[str, Part]
"""The parts of a network by name, each fed by the one before; its norm and ReLU, if any, follow a layer."""


def pool(kernel: int, kind: Literal["max", "mean"] = "max") -> Pool:
    """Windows side by side."""
    return Pool(kernel, kernel, kind=kind)
