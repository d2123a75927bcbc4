"""From the name of an architecture to a network with its initial weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import nn

from gst.config import ModelName
from gst.config.task import hidden_units
from gst.errors import ConfigError
from gst.models.chain import Chain
from gst.models.initial import Initialisation, initialise
from gst.models.resnet import (
    ResNet,
    resnet18,
    resnet20,
    resnet20_conv,
    resnet32_conv,
    resnet50,
    resnet56,
)
from gst.models.site import ImageShape, Site
from gst.models.small import conv4, digits_cnn, lenet_300_100
from gst.models.vgg import vgg11, vgg16, vgg19


class Architecture(NamedTuple):
    """How to make a network, how its weights begin, and the smallest images (pixels a side) it can take.

    `make` takes the number of classes, the images' shape, and the units that HIDDEN_UNITS is about.
    """

    make: Callable[[int, ImageShape, tuple[int, ...]], Chain | ResNet]
    initialisation: Initialisation
    smallest_side: int


MODELS: Mapping[ModelName, Architecture] = MappingProxyType(
    {
        "digits_cnn": Architecture(digits_cnn, "torch", 4),
        "conv4": Architecture(conv4, "torch", 10),
        "lenet_300_100": Architecture(lenet_300_100, "openlth", 1),
        "vgg11": Architecture(vgg11, "vgg", 32),
        "vgg16": Architecture(vgg16, "openlth", 32),
        "vgg19": Architecture(vgg19, "vgg", 32),
        "resnet18": Architecture(resnet18, "torch", 1),
        "resnet20": Architecture(resnet20, "he", 1),
        "resnet56": Architecture(resnet56, "he", 1),
        "resnet20_conv": Architecture(resnet20_conv, "openlth", 1),
        "resnet32_conv": Architecture(resnet32_conv, "openlth", 1),
        "resnet50": Architecture(resnet50, "openlth", 1),
    }
)


def build(
    name: ModelName, *, classes: int, image: ImageShape, generator: torch.Generator, width: float = 1.0
) -> Chain | ResNet:
    """The network of that name, float32 on the CPU, with weights drawn from the generator alone.

    `width` is the share of units that its hidden layers have; see ModelConfig.
    Raises ConfigError where the architecture cannot take images of that size.
    """
    model = skeleton(name, classes=classes, image=image, width=width)
    model.to_empty(device="cpu")
    initialise(model, MODELS[name].initialisation, generator)
    return model


def skeleton(name: ModelName, *, classes: int, image: ImageShape, width: float = 1.0) -> Chain | ResNet:
    """The network without memory or weights, on the meta device: its shapes and sites.

    Raises ConfigError where the architecture cannot take images of that size.
    """
    side = min(image.height, image.width)
    if side < MODELS[name].smallest_side:
        fitting = [other for other, architecture in MODELS.items() if architecture.smallest_side <= side]
        need = MODELS[name].smallest_side
        raise ConfigError(
            f"model.name: {name} needs images of at least {need}x{need} pixels, and these are "
            f"{image.height}x{image.width}; models that take them: {', '.join(fitting)}"
        )
    with torch.device("meta"):
        return MODELS[name].make(classes, image, hidden_units(name, width))


def sites(model: nn.Module) -> tuple[Site, ...]:
    """The layers of a network that `build` or `skeleton` made, in network order."""
    if not isinstance(model, Chain | ResNet):
        raise TypeError(f"{type(model).__name__} is no network of gst.models")
    return model.sites()
