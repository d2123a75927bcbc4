"""VGG11 and VGG19 (GST 2020) and VGG16 (Jin 2022): batch norm, one linear layer after the convolutions."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from gst.models.chain import Chain
from gst.models.site import ImageShape

VGG11 = (1, 1, 2, 2, 2)
VGG16 = (2, 2, 3, 3, 3)
VGG19 = (2, 2, 4, 4, 4)
"""The convolutions of each group; 2x2 pooling ends it."""


def vgg11(classes: int, image: ImageShape, units: tuple[int, ...]) -> Chain:
    """Eight convolutions and a linear layer; images of 32x32 and more."""
    return vgg(VGG11, classes, image, units)


def vgg16(classes: int, image: ImageShape, units: tuple[int, ...]) -> Chain:
    """Thirteen convolutions and a linear layer, OpenLTH's: the last pooling takes means, not maxima."""
    return vgg(VGG16, classes, image, units, last_pool=nn.AvgPool2d)


def vgg19(classes: int, image: ImageShape, units: tuple[int, ...]) -> Chain:
    """Sixteen convolutions and a linear layer; images of 32x32 and more."""
    return vgg(VGG19, classes, image, units)


def vgg(
    groups: tuple[int, ...],
    classes: int,
    image: ImageShape,
    units: tuple[int, ...],
    *,
    last_pool: Callable[[int], nn.Module] = nn.MaxPool2d,
) -> Chain:
    """Groups of 3x3 convolutions, with biases although a batch norm follows, as the authors have it.

    There is no adaptive pooling: for larger images the linear layer grows.
    """
    modules: dict[str, nn.Module] = {}
    channels, number = image.channels, 0
    for group, (convolutions, filters) in enumerate(zip(groups, units, strict=True), start=1):
        for _ in range(convolutions):
            number += 1
            modules[f"conv{number}"] = nn.Conv2d(channels, filters, 3, padding=1)
            modules[f"bn{number}"] = nn.BatchNorm2d(filters)
            modules[f"relu{number}"] = nn.ReLU(inplace=True)
            channels = filters
        modules[f"pool{group}"] = (last_pool if group == len(groups) else nn.MaxPool2d)(2)
    shrinking = 2 ** len(groups)
    features = channels * (image.height // shrinking) * (image.width // shrinking)
    return Chain(modules | {"flatten": nn.Flatten(), "fc": nn.Linear(features, classes)})
