"""From the configuration's name of a data set to its images."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple, get_args

from gst.config import DataConfig
from gst.config.task import DataName
from gst.data.cache import load
from gst.data.cifar import stored_cifar, wanted_cifar
from gst.data.dataset import Dataset
from gst.data.digits import digits
from gst.data.fetch import Wanted, fetch
from gst.data.image_folder import stored_images, wanted_pictures
from gst.data.imagenet import IMAGENET_TESTS, imagenet, stored_imagenet
from gst.data.mnist import stored_mnist, wanted_mnist
from gst.data.sorted_pictures import has_splits
from gst.data.source import opened_source
from gst.data.stored import Stored
from gst.data.svhn import stored_svhn, wanted_svhn
from gst.data.tiny_imagenet import stored_tiny_imagenet, wanted_tiny_imagenet
from gst.data.user_data import user_data
from gst.errors import DataError, suggestion
from gst.published import IMAGENET_FOLDER, TINY_IMAGENET

PUBLISHED: tuple[DataName, ...] = (
    "mnist",
    "fashion_mnist",
    "svhn",
    "cifar10",
    "cifar100",
    "tiny_imagenet",
    "imagenet",
)
"""The data sets that have a place of their own in the data folder."""


def stored(config: DataConfig, folder: Path) -> Stored | None:
    """The data set in the data folder as it lies there, of which nothing is read; None where it is not there.

    Raises DataError where only a part of it is there, or a folder of that name is lacking.
    """
    match config.name:
        case "digits":
            return Stored("digits", Path("scikit-learn"), dict, digits)
        case "mnist" | "fashion_mnist":
            return stored_mnist(config.name, folder)
        case "svhn":
            return stored_svhn(folder)
        case "tiny_imagenet":
            return stored_tiny_imagenet(folder)
        case "cifar10" | "cifar100":
            return stored_cifar(config.name, folder)
        case "imagenet":
            return stored_imagenet(folder, config.folder)
        case "folder":
            assert config.folder is not None, "DataConfig sees to it"
            return stored_images(folder, config.folder)
        case "module":
            assert config.code is not None, "DataConfig sees to it"
            return Stored(config.label, Path(config.code.file), dict, partial(user_data, config.code, folder))


class Listed(NamedTuple):
    """A data set by its `DataConfig.label`, where it is there, or what is wrong with it."""

    label: str
    stored: Stored | None
    problem: str | None = None


def data_sets_in(folder: Path) -> list[Listed]:
    """The published data sets, whether they are in that folder or not, and the others in it; none is read.

    Raises OSError where it cannot be listed.
    """
    found = [_listed(config_of(name), folder) for name in PUBLISHED]
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        if (
            path.name.startswith(".")
            or not (path.is_dir() or path.suffix == ".zip")
            or path.name in (IMAGENET_FOLDER, *TINY_IMAGENET)
        ):
            continue
        try:
            with opened_source(path) as source:
                if has_splits(source):
                    found.append(_listed(config_of(f"folder:{path.name}"), folder))
        except DataError as error:
            found.append(Listed(f"folder:{path.name}", None, str(error)))
    return found


def _listed(config: DataConfig, folder: Path) -> Listed:
    try:
        return Listed(config.label, stored(config, folder))
    except DataError as error:
        return Listed(config.label, None, str(error))


def config_of(label: str) -> DataConfig:
    """The configuration of all of a data set, by its label; a name that is no data set's is a folder's.

    Raises DataError for a label that names none.
    """
    name, colon, inside = label.partition(":")
    if not colon and name not in get_args(DataName):
        name, inside = "folder", label
    values = {"name": name, "folder": inside or None, "per_class": 1 if name == "digits" else None}
    try:
        return DataConfig.model_validate(values)
    except ValueError:
        raise DataError(
            f"{label}: is no data set; expected {', '.join((*PUBLISHED, 'digits'))}, or a folder's name"
        ) from None


def meant(config: DataConfig) -> str:
    """`did you mean 'cifar10'? ` for a folder with nearly the name of a published data set, or nothing."""
    return suggestion(config.folder or "", PUBLISHED) if config.name == "folder" else ""


def wanted(config: DataConfig, folder: Path) -> Wanted:
    """The data set as it is fetched into the data folder. Raises DataError for one that needs no fetching."""
    match config.name:
        case "digits":
            raise DataError("digits come with scikit-learn, and need no fetching")
        case "module":
            raise DataError(f"{config.label}: is made by code of your own, and needs no fetching")
        case "mnist" | "fashion_mnist":
            return wanted_mnist(config.name, folder)
        case "svhn":
            return wanted_svhn(folder)
        case "tiny_imagenet":
            return wanted_tiny_imagenet(folder)
        case "cifar10" | "cifar100":
            return wanted_cifar(config.name, folder)
        case "imagenet":
            return wanted_pictures(config.folder or IMAGENET_FOLDER, folder, IMAGENET_TESTS, endings=[""])
        case "folder":
            assert config.folder is not None, "DataConfig sees to it"
            found = wanted_pictures(config.folder, folder)
            return found._replace(instead=f"{meant(config)}{found.instead}")


def load_dataset(config: DataConfig, folder: Path) -> Dataset:
    """The whole data set that the configuration names, from the data folder, on the CPU.

    A published one that is not there is fetched. Files are decoded once and cached, but for ImageNet's, which
    are decoded batch by batch. The images of a cached data set are mapped into memory, and shared by all
    processes of a machine. A data set of the user's own code is made by each process.

    Raises DataError where the data set is missing or damaged, and ConfigError for code that makes none.
    """
    match config.name:
        case "digits":
            return digits()
        case "imagenet":
            return imagenet(folder, config.folder)
        case "module":
            assert config.code is not None, "DataConfig sees to it"
            return user_data(config.code, folder)
    found = stored(config, folder)
    if found is None:
        fetch(wanted(config, folder), folder)
        found = stored(config, folder)
    assert found is not None, "it was fetched, and checked"
    return load(folder, found)
