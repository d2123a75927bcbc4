"""From the configuration's name of a data set to its images."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gst.config import DataConfig
from gst.data.cifar import cifar, has_cifar
from gst.data.dataset import Dataset
from gst.data.digits import digits
from gst.data.image_folder import image_folder
from gst.data.imagenet import FOLDER, imagenet
from gst.data.mnist import has_mnist, mnist
from gst.data.sorted_pictures import has_splits
from gst.data.source import opened_source
from gst.errors import DataError


def is_here(config: DataConfig, folder: Path) -> bool:
    """Whether the published data set is in the data folder; others need no fetching, and count.

    Raises DataError where only a part of it is there.
    """
    match config.name:
        case "mnist":
            return has_mnist(folder)
        case "cifar10" | "cifar100":
            return has_cifar(config.name, folder)
        case "imagenet":
            return config.folder is not None or (folder / FOLDER).is_dir()
        case _:
            return True


class DataSets(NamedTuple):
    """The data sets of a folder by name, and what is wrong with others."""

    names: tuple[str, ...]
    problems: tuple[str, ...]


def data_sets_in(folder: Path) -> DataSets:
    """The data sets in that folder, of which nothing is read. Raises OSError where it cannot be listed."""
    names, problems = [], []
    for name in ("mnist", "cifar10", "cifar100"):
        try:
            if is_here(DataConfig.model_validate({"name": name}), folder):
                names.append(name)
        except DataError as error:
            problems.append(str(error))
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        try:
            if not path.name.startswith(".") and (path.is_dir() or path.suffix == ".zip"):
                with opened_source(path) as source:
                    if has_splits(source):
                        names.append(f"pictures in {path.name}")
        except DataError as error:
            problems.append(str(error))
    return DataSets(tuple(names), tuple(problems))


def load_dataset(config: DataConfig, folder: Path) -> Dataset:
    """The whole data set that the configuration names, from the data folder, on the CPU.

    Files are decoded once and cached, but for ImageNet's, which are decoded batch by batch. The images
    of a cached data set are mapped into memory, and shared by all processes of a machine.

    Raises DataError where the data set is missing or damaged.
    """
    match config.name:
        case "digits":
            return digits()
        case "mnist":
            return mnist(folder)
        case "cifar10" | "cifar100":
            return cifar(config.name, folder)
        case "imagenet":
            return imagenet(folder, config.folder)
        case "folder":
            assert config.folder is not None, "DataConfig sees to it"
            return image_folder(folder, config.folder)
