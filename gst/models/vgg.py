"""VGG11 and VGG19 with batch norm and one linear layer after the convolutions (GST 2020)."""

from __future__ import annotations

from torch import nn

from gst.models.chain import Chain
from gst.models.site import ImageShape

VGG11 = ((64,), (128,), (256, 256), (512, 512), (512, 512))
VGG19 = ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,) * 4)
"""The filters of each convolution; a 2x2 max-pool ends each group."""


def vgg11(classes: int, image: ImageShape) -> Chain:
    """Eight convolutions and a linear layer; images of 32x32 and more."""
    return vgg(VGG11, classes, image)


def vgg19(classes: int, image: ImageShape) -> Chain:
    """Sixteen convolutions and a linear layer; images of 32x32 and more."""
    return vgg(VGG19, classes, image)


def vgg(groups: tuple[tuple[int, ...], ...], classes: int, image: ImageShape) -> Chain:
    """Groups of 3x3 convolutions, with biases although a batch norm follows, as the authors have it.

    There is no adaptive pooling: for larger images the linear layer grows.
    """
    modules: dict[str, nn.Module] = {}
    channels, number = image.channels, 0
    for group, widths in enumerate(groups, start=1):
        for width in widths:
            number += 1
            modules[f"conv{number}"] = nn.Conv2d(channels, width, 3, padding=1)
            modules[f"bn{number}"] = nn.BatchNorm2d(width)
            modules[f"relu{number}"] = nn.ReLU()
            channels = width
        modules[f"pool{group}"] = nn.MaxPool2d(2)
    shrinking = 2 ** len(groups)
    features = channels * (image.height // shrinking) * (image.width // shrinking)
    return Chain(modules | {"flatten": nn.Flatten(), "fc": nn.Linear(features, classes)})
