"""Three small chains: a network for 8x8 digits, GST 2019's Conv4, Jin 2022's LeNet-300-100."""

from __future__ import annotations

from torch import nn

from gst.models.chain import Chain
from gst.models.site import ImageShape


def digits_cnn(classes: int, image: ImageShape, units: tuple[int, ...]) -> Chain:
    """Two batch-normed convolutions and a wide linear layer, as in Conv4; images of 4x4 and more."""
    side_product = (image.height // 4) * (image.width // 4)
    first, second, hidden = units
    return Chain(
        {
            "conv1": nn.Conv2d(image.channels, first, 3, padding=1),
            "bn1": nn.BatchNorm2d(first),
            "relu1": nn.ReLU(inplace=True),
            "pool1": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(first, second, 3, padding=1),
            "bn2": nn.BatchNorm2d(second),
            "relu2": nn.ReLU(inplace=True),
            "pool2": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "fc1": nn.Linear(second * side_product, hidden),
            "relu3": nn.ReLU(inplace=True),
            "fc2": nn.Linear(hidden, classes),
        }
    )


def conv4(classes: int, image: ImageShape, units: tuple[int, ...]) -> Chain:
    """GST 2019's Conv4: biases, no batch norm, images of 10x10 and more.

    The paper gives the widths and the number of parameters; padding every other convolution is the
    common layout that agrees with both.
    """
    rows, columns = (((side - 2) // 2 - 2) // 2 for side in (image.height, image.width))
    narrow, wide, hidden = units
    return Chain(
        {
            "conv1": nn.Conv2d(image.channels, narrow, 3, padding=1),
            "relu1": nn.ReLU(inplace=True),
            "conv2": nn.Conv2d(narrow, narrow, 3),
            "relu2": nn.ReLU(inplace=True),
            "pool1": nn.MaxPool2d(2),
            "conv3": nn.Conv2d(narrow, wide, 3, padding=1),
            "relu3": nn.ReLU(inplace=True),
            "conv4": nn.Conv2d(wide, wide, 3),
            "relu4": nn.ReLU(inplace=True),
            "pool2": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "fc1": nn.Linear(wide * rows * columns, hidden),
            "relu5": nn.ReLU(inplace=True),
            "fc2": nn.Linear(hidden, classes),
        }
    )


def lenet_300_100(classes: int, image: ImageShape, units: tuple[int, ...]) -> Chain:
    """Jin 2022's network for MNIST: two hidden linear layers on the pixels; images of any size."""
    first, second = units
    return Chain(
        {
            "flatten": nn.Flatten(),
            "fc1": nn.Linear(image.channels * image.height * image.width, first),
            "relu1": nn.ReLU(inplace=True),
            "fc2": nn.Linear(first, second),
            "relu2": nn.ReLU(inplace=True),
            "fc3": nn.Linear(second, classes),
        }
    )
