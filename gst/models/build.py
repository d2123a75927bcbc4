"""From a network's configuration, or the name of one of gst's own, to a module with its initial weights."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from gst.config import ModelConfig, ModelName
from gst.models.foreign import LAYERS, foreign, foreign_model
from gst.models.initial import initialise
from gst.models.network import Network
from gst.models.site import Layer, Norm, Site
from gst.networks.layers import Foreign, layers
from gst.networks.named import MODELS, outline
from gst.networks.parts import ImageShape, Outline


def network_of(model: ModelConfig, *, classes: int, image: ImageShape) -> Outline | Foreign:
    """The layers of the configuration's network. Raises ConfigError where it cannot take such images."""
    if model.own_name is None:
        return foreign(model, classes, image)
    return outline(model.own_name, classes=classes, image=image, width=model.width)


def model_of(model: ModelConfig, *, classes: int, image: ImageShape, generator: torch.Generator) -> nn.Module:
    """The configuration's network, float32 on the CPU, with weights drawn from the generator alone."""
    if model.own_name is None:
        return foreign_model(model, classes, image, generator)
    return build(model.own_name, classes=classes, image=image, generator=generator, width=model.width)


def trial_of(model: ModelConfig, *, classes: int, image: ImageShape) -> nn.Module:
    """The configuration's network to try shapes on; all but a user's own have neither memory nor weights."""
    if model.own_name is not None:
        return skeleton(model.own_name, classes=classes, image=image, width=model.width)
    made = foreign_model(model, classes, image, torch.Generator())
    return made if model.code is not None else made.to("meta")


def build(
    name: ModelName, *, classes: int, image: ImageShape, generator: torch.Generator, width: float = 1.0
) -> Network:
    """The network of that name, float32 on the CPU, with weights drawn from the generator alone.

    `width` is the share of units that its hidden layers have; see ModelConfig.
    Raises ConfigError where the architecture cannot take images of that size.
    """
    model = skeleton(name, classes=classes, image=image, width=width)
    model.to_empty(device="cpu")
    initialise(model, MODELS[name].initialisation, generator)
    return model


def skeleton(name: ModelName, *, classes: int, image: ImageShape, width: float = 1.0) -> Network:
    """The network without memory or weights, on the meta device. Raises what gst.networks.outline raises."""
    found = outline(name, classes=classes, image=image, width=width)
    with torch.device("meta"):
        return Network.of(found)


def sites(model: nn.Module) -> tuple[Site, ...]:
    """The layers of a network that this module made, in network order."""
    found = layers(model.outline) if isinstance(model, Network) else model.__dict__.get(LAYERS)
    if found is None:
        raise TypeError(f"{type(model).__name__} is no network of gst.models")

    def named(name: str | None) -> nn.Module | None:
        return None if name is None else model.get_submodule(name)

    return tuple(
        Site(
            layer.name,
            cast(Layer, named(layer.name)),
            cast("Norm | None", named(layer.norm)),
            named(layer.activation),
            named(layer.shortcut),
            layer.role,
            layer.refusal,
        )
        for layer in found
    )
