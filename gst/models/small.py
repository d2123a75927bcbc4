"""Two small chains: a network for 8x8 digits, and the Conv4 of GST 2019."""

from __future__ import annotations

from torch import nn

from gst.models.chain import Chain
from gst.models.site import ImageShape


def digits_cnn(classes: int, image: ImageShape) -> Chain:
    """Two batch-normed convolutions and a wide linear layer, as in Conv4; images of 4x4 and more."""
    side_product = (image.height // 4) * (image.width // 4)
    return Chain(
        {
            "conv1": nn.Conv2d(image.channels, 8, 3, padding=1),
            "bn1": nn.BatchNorm2d(8),
            "relu1": nn.ReLU(),
            "pool1": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(8, 16, 3, padding=1),
            "bn2": nn.BatchNorm2d(16),
            "relu2": nn.ReLU(),
            "pool2": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "fc1": nn.Linear(16 * side_product, 256),
            "relu3": nn.ReLU(),
            "fc2": nn.Linear(256, classes),
        }
    )


def conv4(classes: int, image: ImageShape) -> Chain:
    """GST 2019's Conv4: biases, no batch norm, images of 10x10 and more.

    The paper gives the widths and the number of parameters; padding every other convolution is the
    common layout that agrees with both.
    """
    height, width = (((side - 2) // 2 - 2) // 2 for side in (image.height, image.width))
    return Chain(
        {
            "conv1": nn.Conv2d(image.channels, 32, 3, padding=1),
            "relu1": nn.ReLU(),
            "conv2": nn.Conv2d(32, 32, 3),
            "relu2": nn.ReLU(),
            "pool1": nn.MaxPool2d(2),
            "conv3": nn.Conv2d(32, 64, 3, padding=1),
            "relu3": nn.ReLU(),
            "conv4": nn.Conv2d(64, 64, 3),
            "relu4": nn.ReLU(),
            "pool2": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "fc1": nn.Linear(64 * height * width, 512),
            "relu5": nn.ReLU(),
            "fc2": nn.Linear(512, classes),
        }
    )
