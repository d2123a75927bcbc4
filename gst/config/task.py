"""The task of a run, and the network that learns it. Defaults never change; see gst.config.run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gst.config.base import Config, Count, Share
from gst.config.schedule import exact
from gst.config.seeds import LARGEST

DataName = Literal["digits", "mnist", "cifar10", "cifar100", "imagenet", "folder"]
ModelName = Literal[
    "digits_cnn",
    "conv4",
    "lenet_300_100",
    "vgg11",
    "vgg16",
    "vgg19",
    "resnet18",
    "resnet20",
    "resnet56",
    "resnet20_conv",
    "resnet32_conv",
    "resnet50",
]
Constants = Literal["own", "imagenet"]

HIDDEN_UNITS: Mapping[ModelName, tuple[int, ...]] = MappingProxyType(
    {
        "digits_cnn": (8, 16, 256),
        "conv4": (32, 64, 512),
        "lenet_300_100": (300, 100),
        "vgg11": (64, 128, 256, 512, 512),
        "vgg16": (64, 128, 256, 512, 512),
        "vgg19": (64, 128, 256, 512, 512),
        "resnet18": (64,),
        "resnet20": (16,),
        "resnet56": (16,),
        "resnet20_conv": (16,),
        "resnet32_conv": (16,),
        "resnet50": (64,),
    }
)
"""The published numbers of units of each network's hidden layers, from which all its shapes follow.

Of a VGG those of each group of convolutions, of a residual network those of the first stage.
"""


class DataConfig(Config):
    """The data of a run.

    `folder` names an image folder (or zip file) inside the data folder, for `name: folder`; for
    `name: imagenet`, the folder with train/ and val/, which is otherwise called imagenet.
    `per_class` trains on a class-balanced subset; it is drawn from `draw`, or from the run's seed
    where `draw` is absent. Digits come without a split of their own: what is not drawn is the test set.
    `test_per_class` tests on the first images of each class alone, for a quick look.
    `validation` holds that fraction of the training images out of training; their labels stay right.
    `label_noise` relabels that fraction of the images trained on with one of the other classes.
    `normalisation` takes mean and standard deviation from the data set itself, or ImageNet's, which
    Jin et al. 2022 use for CIFAR too.
    """

    name: DataName
    folder: str | None = None
    per_class: Count | None = None
    draw: Annotated[int, Field(ge=-LARGEST, le=LARGEST)] | None = None
    test_per_class: Count | None = None
    augment: bool = False
    label_noise: Share = 0.0
    validation: Annotated[float, Field(ge=0, lt=1)] = 0.0
    normalisation: Constants = "own"

    @property
    def label(self) -> str:
        """Name and folder, `cifar10` or `folder:shapes`: what is read, before any of it is drawn."""
        return self.name if self.folder is None else f"{self.name}:{self.folder}"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.name != "imagenet" and (self.name == "folder") != (self.folder is not None):
            raise ValueError("`folder` and `name: folder` belong together: give both or neither")
        if self.normalisation == "imagenet" and self.name in ("digits", "mnist"):
            raise ValueError(f"ImageNet's normalisation is for 3 channels, and {self.name} has 1")
        if self.normalisation == "imagenet" and self.name == "imagenet":
            raise ValueError("ImageNet's normalisation is imagenet's own: leave it out")
        if self.name == "digits" and self.per_class is None:
            raise ValueError(
                "digits has no split of its own: say how many images of a class to train on, per_class"
            )
        if self.name == "digits" and self.test_per_class is not None:
            raise ValueError(
                "digits are tested on all images that are not trained on, so not on test_per_class"
            )
        if self.draw is not None and self.per_class is None:
            raise ValueError("`draw` chooses a subset, and there is none without `per_class`")
        return self


class ModelConfig(Config):
    """The architecture; its number of outputs and its input shape follow from the data.

    `width` is the share of each hidden layer's units that is left, of a residual network of its first
    stage's, which the later ones double: round(base * width), but at least 1.
    """

    name: ModelName
    width: Annotated[float, Field(gt=0, le=1)] = 1.0

    @property
    def units(self) -> tuple[int, ...]:
        """The units of the hidden layers at this width: two widths with the same ones are one network."""
        return hidden_units(self.name, self.width)


def hidden_units(name: ModelName, width: float) -> tuple[int, ...]:
    """The share of each of HIDDEN_UNITS, rounded (halves to even), but at least 1."""
    return tuple(max(1, round(base * exact(width))) for base in HIDDEN_UNITS[name])
