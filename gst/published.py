"""Where the published data sets lie in the data folder, looked up without a library that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from gst.config import DataConfig, DataName
from gst.config.scale import TEST_IMAGES
from gst.errors import DataError

CifarName = Literal["cifar10", "cifar100"]


class CifarPlaces(NamedTuple):
    """The archive of a CIFAR data set, and the folders of its versions for Python and for C programs."""

    archive: str
    folder: str
    binary_folder: str

    @property
    def folders(self) -> tuple[str, str]:
        """Where it may be, the first choice first."""
        return self.folder, self.binary_folder


CIFAR: Mapping[CifarName, CifarPlaces] = {
    "cifar10": CifarPlaces("cifar-10-python.tar.gz", "cifar-10-batches-py", "cifar-10-batches-bin"),
    "cifar100": CifarPlaces("cifar-100-python.tar.gz", "cifar-100-python", "cifar-100-binary"),
}

MNIST_FILES = tuple(
    f"{split}-{kind}-ubyte.gz" for split in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
MnistName = Literal["mnist", "fashion_mnist"]
MNIST_FOLDERS: Mapping[MnistName, tuple[str, ...]] = {
    "mnist": ("mnist", "MNIST/raw", "MNIST", "."),
    "fashion_mnist": ("fashion_mnist", "FashionMNIST/raw"),
}
"""Where they may be in the data folder; the second is torchvision's."""
KERAS = "mnist.npz"
"""All four in one file, as Keras has them."""

SVHN_FILES = ("train_32x32.mat", "test_32x32.mat")
SVHN_FOLDERS = ("svhn", ".")
TINY_IMAGENET = ("tiny-imagenet-200", "tiny-imagenet-200.zip")
"""The folder of Tiny-ImageNet in the data folder, or the file that it is published in."""

IMAGENET_FOLDER = "imagenet"
"""The folder of ImageNet, unless the configuration names another."""


def is_here(config: DataConfig, folder: Path) -> bool:
    """Whether the published data set is in the data folder; others need no fetching, and count.

    Raises DataError where only a part of it is there.
    """
    if config.folder is not None:
        return True
    match config.name:
        case "cifar10" | "cifar100":
            return is_packed(config.name, folder) or unpacked(config.name, folder) is not None
        case "mnist" | "fashion_mnist":
            return mnist_files(config.name, lambda file: (folder / file).is_file(), folder) is not None
        case "svhn":
            return svhn_files(lambda file: (folder / file).is_file(), folder) is not None
        case "tiny_imagenet":
            return any((folder / it).exists() for it in TINY_IMAGENET)
        case "imagenet":
            return (folder / IMAGENET_FOLDER).is_dir()
        case _:
            return True


FEWEST_TRAINING: Mapping[DataName, int] = {
    "mnist": 5421,
    "fashion_mnist": 6000,
    "svhn": 4659,
    "cifar10": 5000,
    "cifar100": 500,
    "tiny_imagenet": 500,
    "imagenet": 732,
}
"""Training images of the smallest class; see gst.config.scale for the others."""


TOTALS: Mapping[DataName, tuple[int, int]] = {
    "mnist": (60_000, 10_000),
    "fashion_mnist": (60_000, 10_000),
    "svhn": (73_257, 26_032),
    "cifar10": (50_000, 10_000),
    "cifar100": (50_000, 10_000),
    "tiny_imagenet": (100_000, 10_000),
    "imagenet": (1_281_167, 50_000),
}
"""Number of training images and of test images."""


def too_many(config: DataConfig) -> str | None:
    """What is wrong where more images of a class are asked for than the published data set has."""
    for key, asked, fewest in (
        ("per_class", config.per_class, FEWEST_TRAINING),
        ("test_per_class", config.test_per_class, TEST_IMAGES),
    ):
        most = fewest.get(config.name)
        if config.folder is None and asked is not None and most is not None and asked > most:
            smallest = f"{config.name}'s smallest class has no more of these images"
            return f"data.{key}: expected at most {most:,}, found {asked:,}: {smallest}"
    return None


def is_packed(name: CifarName, folder: Path) -> bool:
    """Whether the data folder has the archive of the data set, which is unpacked where it is needed."""
    return (folder / CIFAR[name].archive).is_file()


def unpacked(name: CifarName, folder: Path) -> Path | None:
    """The folder of the data set in the data folder, if there is one."""
    return next((folder / it for it in CIFAR[name].folders if (folder / it).is_dir()), None)


def svhn_files(is_there: Callable[[str], bool], where: object) -> tuple[str, ...] | None:
    """The two files by their places in a data folder; None where there are none.

    Raises DataError where one of them lacks; `where` is that folder in a message.
    """
    for place in SVHN_FOLDERS:
        files = tuple(name if place == "." else f"{place}/{name}" for name in SVHN_FILES)
        found = [it for it in files if is_there(it)]
        if len(found) == len(files):
            return files
        if found:
            (missing,) = set(files) - set(found)
            raise DataError(f"{where} lacks {missing}")
    return None


def mnist_files(kind: MnistName, is_there: Callable[[str], bool], where: object) -> tuple[str, ...] | None:
    """The four files, or the one of Keras, by their places in a data folder; None where there are none.

    Raises DataError where some of the four lack; `where` is that folder in a message.
    """
    for place in MNIST_FOLDERS[kind]:
        inside = "" if place == "." else f"{place}/"
        found = [next(filter(is_there, _spellings(inside, name)), None) for name in MNIST_FILES]
        files = tuple(it for it in found if it is not None)
        if len(files) == len(MNIST_FILES):
            return files
        if is_there(f"{inside}{KERAS}"):
            return (f"{inside}{KERAS}",)
        if files:
            missing = (name for name, file in zip(MNIST_FILES, found, strict=True) if file is None)
            raise DataError(f"{where}/{place} lacks {', '.join(missing)}")
    return None


def _spellings(inside: str, file: str) -> Iterator[str]:
    for name in (file, file.replace("-idx", ".idx")):
        yield f"{inside}{name}"
        yield f"{inside}{name.removesuffix('.gz')}"
