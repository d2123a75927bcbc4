"""From the name of an architecture to a network with its initial weights."""

from __future__ import annotations

import torch
from torch import nn

from gst.config import ModelName
from gst.models.initial import initialise
from gst.models.network import Network
from gst.models.site import Site
from gst.networks.named import MODELS, outline
from gst.networks.parts import ImageShape


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
    """The layers of a network that `build` or `skeleton` made, in network order."""
    if not isinstance(model, Network):
        raise TypeError(f"{type(model).__name__} is no network of gst.models")
    return model.sites()
