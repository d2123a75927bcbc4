"""The task of a run, and the network that learns it. Defaults never change; see gst.config.run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, cast

from pydantic import Field, field_validator, model_validator

from gst.config.base import Config, Count, Misfit, Share
from gst.config.leave_out import LeaveOut
from gst.config.schedule import exact
from gst.config.seeds import LARGEST
from gst.config.torchvision_names import TorchvisionName
from gst.config.user_code import UserCode

DataName = Literal[
    "digits",
    "mnist",
    "fashion_mnist",
    "svhn",
    "cifar10",
    "cifar100",
    "tiny_imagenet",
    "imagenet",
    "folder",
    "module",
]
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
AnyModelName = Literal[ModelName, TorchvisionName, "module"]
"""The networks of gst, those of torchvision, and a user's own."""
Constants = Literal["own", "imagenet"]

HIDDEN_UNITS: Mapping[ModelName, tuple[int, ...]] = {
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
"""The published numbers of units of each network's hidden layers, from which all its shapes follow.

Of a VGG those of each group of convolutions, of a residual network those of the first stage.
"""


def _code(module: str | None, source: str | None) -> UserCode | None:
    return None if module is None else UserCode(module, source or "")


def _refuse_half(name: str, module: str | None, source: str | None) -> None:
    """Refuse a file without a text, and other halves of what is given together."""
    if (name == "module") != (module is not None):
        raise Misfit("module", "`module` and `name: module` belong together: give both or neither")
    if (module is None) != (source is None):
        raise Misfit("source", "is the text of the module's file, which gst fills in: leave it out")


class DataConfig(Config):
    """The data of a run."""

    name: DataName
    """The data set; `folder` is a folder of images, `module` a function of your own. Digits come with gst;
    MNIST, Fashion-MNIST, SVHN, CIFAR and Tiny-ImageNet are downloaded."""
    folder: str | None = None
    """For `name: folder`, an image folder or zip file inside the data folder; for `name: imagenet`, the
    folder with train/ and val/, otherwise called imagenet."""
    module: str | None = None
    """A function in a Python file beside the sweep file, `my_data.py:load`: own_networks.md says what it
    gives."""
    source: str | None = None
    """The text of that file. gst fills it in, for a changed file is another run."""
    per_class: Count | None = None
    """Number of training images of each class, a balanced subset; all of them without. Digits need it: they
    have no split of their own, and what is not drawn is the test set (GST 2019, appendix A.4, varies it)."""
    draw: Annotated[int, Field(ge=-LARGEST, le=LARGEST)] | None = None
    """The number from which the subset is drawn; without it, each run draws one from its seed."""
    test_per_class: Count | None = None
    """Number of test images of each class, the first ones, for a quick look; all of them without."""
    augment: bool = False
    """Whether training images are shifted by up to 4 pixels and flipped at random; ImageNet's cropped."""
    label_noise: Share = 0.0
    """The share of the images trained on that get one of the other classes as their label (Jin 2022)."""
    validation: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of training images held out of training, with right labels, to choose levels by."""
    normalisation: Constants = "own"
    """Mean and deviation of the data set itself, or ImageNet's, which Jin 2022 uses for CIFAR too."""
    leave_out: LeaveOut | None = None

    @field_validator("leave_out")
    @classmethod
    def _none_is_left_out(cls, found: LeaveOut | None) -> LeaveOut | None:
        """A run that leaves nothing out is the run that it is without the key."""
        return None if found is not None and found.indices == () else found

    @property
    def code(self) -> UserCode | None:
        """The user's function, with the file that it is in."""
        return _code(self.module, self.source)

    @property
    def label(self) -> str:
        """Name and folder, `cifar10` or `folder:shapes`: what is read, before any of it is drawn."""
        inside = self.folder if self.code is None else self.code.label
        return self.name if inside is None else f"{self.name}:{inside}"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _refuse_half(self.name, self.module, self.source)
        if self.name != "imagenet" and (self.name == "folder") != (self.folder is not None):
            raise Misfit("folder", "`folder` and `name: folder` belong together: give both or neither")
        if self.normalisation == "imagenet" and self.name in ("digits", "mnist", "fashion_mnist"):
            raise Misfit(
                "normalisation", f"ImageNet's normalisation is for 3 channels, and {self.name} has 1"
            )
        if self.normalisation == "imagenet" and self.name == "imagenet":
            raise Misfit("normalisation", "ImageNet's normalisation is imagenet's own: leave it out")
        if self.name == "digits" and self.per_class is None:
            raise Misfit(
                "per_class",
                "digits has no split of its own: say how many images of a class to train on, per_class",
            )
        if self.name == "digits" and self.test_per_class is not None:
            raise Misfit(
                "test_per_class",
                "digits are tested on all images that are not trained on, so not on test_per_class",
            )
        if self.draw is not None and self.per_class is None:
            raise Misfit("draw", "`draw` chooses a subset, and there is none without `per_class`")
        return self


class ModelConfig(Config):
    """The architecture; its number of outputs and its input shape follow from the data."""

    name: AnyModelName
    """The network: vgg11, vgg19, resnet18, 20 and 56 of GST 2020; conv4 of GST 2019; those with _conv,
    lenet_300_100, vgg16 and resnet50 of Jin 2022; digits_cnn; torchvision/NAME; or module, your own."""
    module: str | None = None
    """A class or function in a Python file beside the sweep file, `my_model.py:Net`: own_networks.md says how
    it is called."""
    source: str | None = None
    """The text of that file. gst fills it in, for a changed file is another run."""
    width: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The share of each hidden layer's units that is left, of a residual network of its first stage's, which
    the later ones double: round(base * width), but at least 1 (Jin 2022, section 5.2)."""

    @property
    def units(self) -> tuple[int, ...]:
        """The units of the hidden layers at this width: two widths with the same ones are one network."""
        return () if self.own_name is None else hidden_units(self.own_name, self.width)

    @property
    def own_name(self) -> ModelName | None:
        """The name of a network of gst's own; None for torchvision's and the user's."""
        return cast(ModelName, self.name) if self.name in HIDDEN_UNITS else None

    @property
    def code(self) -> UserCode | None:
        """The user's class or function, with the file that it is in."""
        return _code(self.module, self.source)

    @property
    def label(self) -> str:
        """The name, or the user's class and the hash of its file."""
        return self.name if self.code is None else self.code.label

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _refuse_half(self.name, self.module, self.source)
        if self.width != 1 and self.name not in HIDDEN_UNITS:
            raise Misfit(
                "width", f"is for gst's own networks: what {self.name} is made of says how wide it is"
            )
        return self


def hidden_units(name: ModelName, width: float) -> tuple[int, ...]:
    """The share of each of HIDDEN_UNITS, rounded (halves to even), but at least 1."""
    return tuple(max(1, round(base * exact(width))) for base in HIDDEN_UNITS[name])
