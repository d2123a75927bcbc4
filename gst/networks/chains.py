"""Networks without branches: one for 8x8 digits, GST 2019's Conv4, Jin 2022's LeNet-300-100, and VGGs."""

from __future__ import annotations

from typing import Literal

from gst.networks.parts import Conv, Flatten, ImageShape, Linear, Norm, Outline, Part, ReLU, pool

VGG11 = (1, 1, 2, 2, 2)
VGG16 = (2, 2, 3, 3, 3)
VGG19 = (2, 2, 4, 4, 4)
"""The convolutions of each group; 2x2 pooling ends it."""


def digits_cnn(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Two batch-normed convolutions and a wide linear layer, as in Conv4; images of 4x4 and more."""
    side_product = (image.height // 4) * (image.width // 4)
    first, second, hidden = units
    return {
        "conv1": Conv(image.channels, first, 3, padding=1),
        "bn1": Norm(first),
        "relu1": ReLU(),
        "pool1": pool(2),
        "conv2": Conv(first, second, 3, padding=1),
        "bn2": Norm(second),
        "relu2": ReLU(),
        "pool2": pool(2),
        "flatten": Flatten(),
        "fc1": Linear(second * side_product, hidden),
        "relu3": ReLU(),
        "fc2": Linear(hidden, classes),
    }


def conv4(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """GST 2019's Conv4: biases, no batch norm, images of 10x10 and more.

    The paper gives the widths and the number of parameters; padding every other convolution is the
    common layout that agrees with both.
    """
    rows, columns = (((side - 2) // 2 - 2) // 2 for side in (image.height, image.width))
    narrow, wide, hidden = units
    return {
        "conv1": Conv(image.channels, narrow, 3, padding=1),
        "relu1": ReLU(),
        "conv2": Conv(narrow, narrow, 3),
        "relu2": ReLU(),
        "pool1": pool(2),
        "conv3": Conv(narrow, wide, 3, padding=1),
        "relu3": ReLU(),
        "conv4": Conv(wide, wide, 3),
        "relu4": ReLU(),
        "pool2": pool(2),
        "flatten": Flatten(),
        "fc1": Linear(wide * rows * columns, hidden),
        "relu5": ReLU(),
        "fc2": Linear(hidden, classes),
    }


def lenet_300_100(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Jin 2022's network for MNIST: two hidden linear layers on the pixels; images of any size."""
    first, second = units
    return {
        "flatten": Flatten(),
        "fc1": Linear(image.channels * image.height * image.width, first),
        "relu1": ReLU(),
        "fc2": Linear(first, second),
        "relu2": ReLU(),
        "fc3": Linear(second, classes),
    }


def vgg11(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Eight convolutions and a linear layer (GST 2020); images of 32x32 and more."""
    return _vgg(VGG11, classes, image, units)


def vgg16(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Thirteen convolutions and a linear layer, OpenLTH's: the last pooling takes means, not maxima."""
    return _vgg(VGG16, classes, image, units, last_pool="mean")


def vgg19(classes: int, image: ImageShape, units: tuple[int, ...]) -> Outline:
    """Sixteen convolutions and a linear layer (GST 2020); images of 32x32 and more."""
    return _vgg(VGG19, classes, image, units)


def _vgg(
    groups: tuple[int, ...],
    classes: int,
    image: ImageShape,
    units: tuple[int, ...],
    *,
    last_pool: Literal["max", "mean"] = "max",
) -> Outline:
    """Groups of 3x3 convolutions, with biases although a batch norm follows, as the authors have it.

    There is no adaptive pooling: for larger images the linear layer grows.
    """
    parts: dict[str, Part] = {}
    channels, number = image.channels, 0
    for group, (convolutions, filters) in enumerate(zip(groups, units, strict=True), start=1):
        for _ in range(convolutions):
            number += 1
            parts[f"conv{number}"] = Conv(channels, filters, 3, padding=1)
            parts[f"bn{number}"] = Norm(filters)
            parts[f"relu{number}"] = ReLU()
            channels = filters
        parts[f"pool{group}"] = pool(2, last_pool if group == len(groups) else "max")
    shrinking = 2 ** len(groups)
    features = channels * (image.height // shrinking) * (image.width // shrinking)
    return parts | {"flatten": Flatten(), "fc": Linear(features, classes)}
