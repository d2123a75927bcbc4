"""The convolutions and linear layers of an outline, and which of them a configuration prunes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol, TypeVar

from gst.config import FilterPruning, ScheduledConfig, Schedules, WeightPruning
from gst.config.pruning import LAST
from gst.errors import ConfigError, suggestion
from gst.networks.parts import Block, Conv, Linear, Norm, Outline, ReLU, Stage, Weights

Role = Literal["stem", "block", "shortcut", "hidden", "output"]


class Layer(NamedTuple):
    """A convolution or linear layer, and the names of the parts that belong to it; see gst.models.Site.

    `role` says where in the network: `block` is the body, which experiments prune; `hidden` is a
    linear layer before the last, `output`. `refusal` is the reason why its filters cannot be removed.
    """

    name: str
    part: Conv | Linear | Weights
    norm: str | None
    activation: str | None
    shortcut: str | None
    role: Role
    refusal: str | None = None

    @property
    def units(self) -> int:
        """Number of its filters, or of the rows of a linear layer."""
        return self.part.units

    @property
    def weights(self) -> int:
        """Number of its weights, without biases."""
        return self.units * self.part.weights_per_unit

    @property
    def parameters(self) -> int:
        """Number of its weights and biases, and of its batch norm's scales and shifts."""
        return self.weights + self.units * (self.part.bias + 2 * (self.norm is not None))


class Foreign(NamedTuple):
    """A network that no outline describes: its layers, found by running it, and all of its parameters."""

    layers: tuple[Layer, ...]
    parameters: int


def layers(network: Outline | Foreign) -> tuple[Layer, ...]:
    """The layers in network order; of a block its convolutions and then its projection."""
    return network.layers if isinstance(network, Foreign) else tuple(_layers(network))


def _layers(outline: Outline) -> Iterator[Layer]:
    names = list(outline)
    output = [name for name in names if isinstance(outline[name], Linear)][-1]
    body: Role = "stem" if any(isinstance(part, Stage) for part in outline.values()) else "block"
    for index, (name, part) in enumerate(outline.items()):
        if isinstance(part, Conv | Linear):
            followers = names[index + 1 : index + 3]
            norm = followers.pop(0) if followers and isinstance(outline[followers[0]], Norm) else None
            activation = followers[0] if followers and isinstance(outline[followers[0]], ReLU) else None
            role: Role = body if isinstance(part, Conv) else "output" if name == output else "hidden"
            yield Layer(name, part, norm, activation, None, role)
        elif isinstance(part, Stage):
            for number, block in enumerate(part.blocks):
                yield from block_layers(f"{name}.{number}", block)


def block_layers(name: str, block: Block) -> Iterator[Layer]:
    """The convolutions, of which the last owns the shortcut, and then the projection, if there is one."""
    for number, conv in enumerate(block.convolutions, start=1):
        shortcut = name if number == len(block.convolutions) else None
        norm, activation = f"{name}.bn{number}", f"{name}.relu{number}"
        yield Layer(f"{name}.conv{number}", conv, norm, activation, shortcut, "block")
    if isinstance(block.shortcut, Conv):
        yield Layer(f"{name}.shortcut.0", block.shortcut, f"{name}.shortcut.1", None, None, "shortcut")


class Place(Protocol):
    """A layer of an outline or of a network of torch, for whoever chooses among them."""

    @property
    def name(self) -> str:
        """Its name in the network."""

    @property
    def role(self) -> Role:
        """Where in the network it is."""

    @property
    def norm(self) -> object | None:
        """Its batch norm, if any."""

    @property
    def activation(self) -> object | None:
        """The ReLU that follows it, if any."""

    @property
    def refusal(self) -> str | None:
        """Why its filters cannot be removed, if they cannot."""


P = TypeVar("P", bound=Place)


def chosen(config: ScheduledConfig, places: Sequence[P]) -> tuple[P, ...]:
    """The places that `layers` of the configuration names, in the order in which it names them.

    Raises ConfigError for layers that do not exist, and for one that lacks what it is to be scored by or
    whose filters cannot be removed.
    """
    found = _named(config, places)
    if isinstance(config, WeightPruning):
        return found
    for place in found:
        if isinstance(config, FilterPruning) and place.refusal is not None:
            able = ", ".join(it.name for it in places if it.refusal is None) or "none"
            raise ConfigError(
                f"pruning.layers: {place.name!r} cannot lose filters: {place.refusal}; "
                f"layers that can: {able}"
            )
        if config.score in ("ebn", "ebn_alt") and place.norm is None:
            raise ConfigError(
                f"pruning.score: {config.score} needs a batch norm, and layer {place.name!r} has none"
            )
        if config.score == "activation" and place.activation is None:
            raise ConfigError(f"pruning.score: layer {place.name!r} has no activation to average")
    return found


def _named(config: Schedules, places: Sequence[P]) -> tuple[P, ...]:
    removing = isinstance(config, FilterPruning)
    convolutions = [place for place in places if place.role == "block"]
    body = [place for place in convolutions if place.refusal is None or not removing]
    if isinstance(config.layers, str) and convolutions and not body:
        first = convolutions[0]
        raise ConfigError(
            f"pruning.layers: no convolution of the model can lose filters: {first.name!r}: {first.refusal}; "
            "single weights can go: kind: weights"
        )
    if config.layers == "blocks":
        if not body:
            raise ConfigError(
                "pruning.layers: 'blocks' are convolutions, and the model has none, only: "
                + ", ".join(place.name for place in places)
            )
        return tuple(body)
    if isinstance(config.layers, str):
        match = LAST.fullmatch(config.layers)
        assert match, config.layers
        if int(match[1]) > len(body):
            raise ConfigError(f"pruning.layers: {config.layers!r} of a model with {len(body)} such layers")
        return tuple(body[-int(match[1]) :])
    named = {place.name: place for place in places}
    for name in config.layers:
        if name not in named:
            hint = suggestion(name, named)
            raise ConfigError(f"pruning.layers: no layer {name!r}; {hint}the model has: {', '.join(named)}")
    return tuple(named[name] for name in config.layers)
