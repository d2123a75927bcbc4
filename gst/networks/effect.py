"""The parameters of a network that can change its output, found from shapes alone.

All weights count as positive, so that no two paths cancel. One pass forward says which channels are not
zero everywhere, one back which can change the output. A set of channels is an integer, one bit for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, reduce
from typing import NamedTuple, TypeAlias

from gst.networks.layers import Layer, block_layers, layers
from gst.networks.parts import (
    Block,
    Conv,
    ImageShape,
    Linear,
    MapMean,
    Outline,
    Padding,
    Part,
    Pool,
    Stage,
    Weights,
)


class Effect(NamedTuple):
    """The channels of a layer that take part; each field but `positions` is a set of them."""

    inputs: int  # that are not zero
    outputs: int  # of the layer itself that are not zero
    moving: int  # of the layer itself that change the network's output
    normed: int  # of its batch norm, or else of the layer, that change the network's output
    positions: int  # of the kernel that read pixels on which the network's output depends


class Maps(NamedTuple):
    """The channels that are not zero, of maps of that size; features in a row are maps of one pixel."""

    channels: int
    rows: int
    columns: int


class Use(NamedTuple):
    """The channels that change the network's output, and in which rows and columns they do."""

    channels: int
    rows: frozenset[int]
    columns: frozenset[int]

    def of(self, channels: int) -> Use:
        """The use of those channels instead; of none there is none."""
        return self._replace(channels=channels) if channels else NONE


ONE = frozenset({0})
NONE = Use(0, frozenset(), frozenset())
Back: TypeAlias = Callable[[Use], Use]
"""From the use of what a part gives to the use of what it is given."""


class Forward(NamedTuple):
    """What a part gives, and the way back."""

    maps: Maps
    back: Back


class Read(NamedTuple):
    """The places along a side that windows see, and how many of a window's positions see any."""

    places: frozenset[int]
    positions: int


class Window(NamedTuple):
    """What a part sees at once along a side."""

    kernel: int
    stride: int
    padding: int

    def number(self, side: int) -> int:
        """Windows on a side of that many places."""
        return (side + 2 * self.padding - self.kernel) // self.stride + 1


@cache
def read(window: Window, used: frozenset[int], side: int) -> Read:
    """What the windows of those numbers see of a side."""
    seen = [
        (place, position)
        for number in used
        for position in range(window.kernel)
        if 0 <= (place := number * window.stride - window.padding + position) < side
    ]
    return Read(frozenset(place for place, _ in seen), len({position for _, position in seen}))


class Windows(NamedTuple):
    """A part's windows on maps."""

    maps: Maps
    rows: Window
    columns: Window

    @property
    def given(self) -> Maps:
        """The maps that it makes of them."""
        maps, rows, columns = self
        return Maps(maps.channels, rows.number(maps.rows), columns.number(maps.columns))

    def back(self, use: Use) -> Use:
        """The use of the maps."""
        rows, columns = (reading.places for reading in self.read(use))
        return Use(use.channels, rows, columns)

    def read(self, use: Use) -> tuple[Read, Read]:
        """What is seen of rows and columns for that use."""
        return read(self.rows, use.rows, self.maps.rows), read(self.columns, use.columns, self.maps.columns)


def windows(part: Conv | Pool | Linear | MapMean, maps: Maps) -> Windows:
    """The part's windows; a linear layer and a mean see all at once."""
    if isinstance(part, Conv | Pool):
        window = Window(part.kernel, part.stride, part.padding)
        return Windows(maps, window, window)
    return Windows(maps, Window(maps.rows, 1, 0), Window(maps.columns, 1, 0))


def every(channels: int) -> int:
    """The set of all of so many channels."""
    return (1 << channels) - 1


def effects(
    outline: Outline, image: ImageShape, removed: Mapping[str, int], *, mask_norm: bool
) -> dict[str, Effect]:
    """The effect of each layer, once so many filters, the first ones, are removed from layers.

    With `mask_norm` their scales and shifts are zero too, and what a shortcut adds to them.
    """
    network = _Network(outline, removed, mask_norm)
    given = network.given(Maps(every(image.channels), image.height, image.width))
    given.back(Use(every(layers(outline)[-1].units), ONE, ONE))
    return network.found


class _Network:
    """The parts of a network of which some filters are removed; `found` is filled on the way back."""

    def __init__(self, outline: Outline, removed: Mapping[str, int], mask_norm: bool) -> None:
        self.found: dict[str, Effect] = {}
        self._outline = outline
        self._layers = {layer.name: layer for layer in layers(outline)}
        self._removed = removed
        self._mask_norm = mask_norm

    def given(self, maps: Maps) -> Forward:
        backs = []
        for name, part in self._outline.items():
            maps, back = self._part(name, part, maps)
            backs.append(back)
        return Forward(maps, _joined(backs))

    def _part(self, name: str, part: Part, maps: Maps) -> Forward:
        match part:
            case Conv() | Linear():
                return self._layer(name, maps)
            case Pool() | MapMean():
                seen = windows(part, maps)
                return Forward(seen.given, seen.back)
            case Stage():
                backs = []
                for number, block in enumerate(part.blocks):
                    maps, back = self._block(f"{name}.{number}", block, maps)
                    backs.append(back)
                return Forward(maps, _joined(backs))
            case _:  # of a layer, or without influence
                return Forward(maps, lambda use: use)

    def _block(self, name: str, block: Block, maps: Maps) -> Forward:
        *inner, last = [it.name for it in block_layers(name, block) if it.role == "block"]
        around = self._shortcut(name, block, maps)
        kept = ~self._dead(last) if self._mask_norm else -1
        through, backs = maps, []
        for layer in inner:
            through, back = self._layer(layer, through)
            backs.append(back)
        joined, back = self._layer(last, through, beside=around.maps.channels & kept)
        backs.append(back)

        def both(use: Use) -> Use:
            use = use.of(use.channels & joined.channels)
            one, other = _joined(backs)(use), around.back(use.of(use.channels & kept))
            return Use(one.channels | other.channels, one.rows | other.rows, one.columns | other.columns)

        return Forward(joined, both)

    def _shortcut(self, name: str, block: Block, maps: Maps) -> Forward:
        match block.shortcut:
            case Conv():
                return self._layer(f"{name}.shortcut.0", maps)
            case Padding(before=before):
                old = every(block.convolutions[0].channels)
                halved = windows(Pool(1, 2), maps)
                return Forward(
                    halved.given._replace(channels=maps.channels << before),
                    lambda use: halved.back(use.of(use.channels >> before & old)),
                )
            case None:
                return Forward(maps, lambda use: use)

    def _layer(self, name: str, maps: Maps, beside: int = 0) -> Forward:
        """A layer with its norm and activation, before which the channels `beside` are added."""
        layer = self._layers[name]
        alive = every(layer.units) & ~self._dead(name)
        outputs = alive if maps.channels else 0
        assert not isinstance(layer.part, Weights), "an outline has none"
        seen = windows(layer.part, maps)

        def back(use: Use) -> Use:
            normed = use.channels & (outputs | beside) if layer.activation else use.channels
            moving = normed & alive if layer.norm and self._mask_norm else normed
            rows, columns = seen.read(use)
            positions = rows.positions * columns.positions
            self.found[name] = Effect(maps.channels, outputs, moving, normed, positions)
            return seen.back(use.of(every(_channels(layer, maps)) if moving & alive else 0))

        return Forward(seen.given._replace(channels=outputs | beside), back)

    def _dead(self, name: str) -> int:
        return every(self._removed.get(name, 0))


def _channels(layer: Layer, maps: Maps) -> int:
    """Channels of the maps that a layer reads."""
    part = layer.part
    assert not isinstance(part, Weights), "an outline has none"
    return part.channels if isinstance(part, Conv) else part.features // (maps.rows * maps.columns)


def _joined(backs: Iterable[Back]) -> Back:
    """Applies the ways back of consecutive parts, last part first."""
    return lambda use: reduce(lambda found, back: back(found), reversed(tuple(backs)), use)
