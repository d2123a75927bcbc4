"""From the name of an architecture to its outline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from gst.config import ModelName
from gst.config.task import hidden_units
from gst.errors import ConfigError
from gst.networks.chains import conv4, digits_cnn, lenet_300_100, vgg11, vgg16, vgg19
from gst.networks.parts import ImageShape, Outline
from gst.networks.residual import (
    resnet18,
    resnet20,
    resnet20_conv,
    resnet32_conv,
    resnet50,
    resnet56,
)

Initialisation = Literal["torch", "vgg", "he", "openlth"]
"""How the weights of convolutions and linear layers begin.

torch: PyTorch's default, uniform within +-1/sqrt(fan in), biases too.
vgg: convolutions normal with variance 2 / fan out and bias 0; linear layers as torch (GST 2020's VGG).
he: weights normal with variance 2 / fan in; biases as torch (GST 2020's ResNet20 and 56).
openlth: as he, and the scales of batch norms uniform from 0 to 1 (Jin 2022).
"""


class Architecture(NamedTuple):
    """The outline of a network, how its weights begin, and the smallest images (pixels a side) it can take.

    `outline` takes the number of classes, the images' shape, and the units that HIDDEN_UNITS is about.
    """

    outline: Callable[[int, ImageShape, tuple[int, ...]], Outline]
    initialisation: Initialisation
    smallest_side: int


MODELS: Mapping[ModelName, Architecture] = {
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


def outline(name: ModelName, *, classes: int, image: ImageShape, width: float = 1.0) -> Outline:
    """The outline of the network of that name.

    `width` is the share of units that its hidden layers have; see ModelConfig.
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
    return MODELS[name].outline(classes, image, hidden_units(name, width))
