"""CIFAR-10 and CIFAR-100, read by torchvision."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from gst.data.cache import cached, fingerprint
from gst.data.dataset import Dataset, Split, content_hash
from gst.data.download import downloaded
from gst.errors import DataError


class _Kind(NamedTuple):
    reader: Literal["CIFAR10", "CIFAR100"]
    archive: str
    classes: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


# The constants of GST 2020's code. CIFAR-10's deviations, customary though they are, are means over
# images of each image's own deviation; those of all its pixels are about .247, .243 and .262.
_KINDS = {
    "cifar10": _Kind(
        "CIFAR10", "cifar-10-python.tar.gz", 10, (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
    ),
    "cifar100": _Kind(
        "CIFAR100", "cifar-100-python.tar.gz", 100, (0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)
    ),
}


def has_cifar(name: Literal["cifar10", "cifar100"], folder: Path) -> bool:
    """Whether the data folder has that data set."""
    return Path(folder, _reader(_KINDS[name]).base_folder).is_dir()


def cifar(name: Literal["cifar10", "cifar100"], folder: Path) -> Dataset:
    """The data set in the data folder, which is downloaded if it is not there.

    The files are pickles: torchvision compares their checksums with the published ones before it
    opens them. Raises DataError where they cannot be had or differ.
    """
    kind = _KINDS[name]
    batches = folder / _reader(kind).base_folder
    if not batches.is_dir():
        _fetch(kind, folder)
    files = sorted(path for path in batches.iterdir() if path.is_file())
    version = fingerprint((file.name, file.stat()) for file in files)
    return cached(folder, name, version, lambda: _decoded(name, kind, folder))


def _reader(kind: _Kind) -> Any:
    import torchvision

    return getattr(torchvision.datasets, kind.reader)


def _fetch(kind: _Kind, folder: Path) -> None:
    downloaded(kind.reader, folder, instead=f"unpack {kind.archive} in {folder}")


def _decoded(name: str, kind: _Kind, folder: Path) -> Dataset:
    train, test = (_split(kind, folder, train=train) for train in (True, False))
    return Dataset(
        name,
        train,
        test,
        kind.classes,
        kind.mean,
        kind.std,
        content_hash(train, test),
        _reader(kind).base_folder,
    )


def _split(kind: _Kind, folder: Path, *, train: bool) -> Split:
    try:
        with warnings.catch_warnings():
            # the published pickles spell an array's type in a way that newer numpy finds quaint
            warnings.simplefilter("ignore")
            raw = _reader(kind)(folder, train=train)
    except RuntimeError as error:
        raise DataError(
            f"{folder / _reader(kind).base_folder}: files are missing or differ from the published ones; "
            f"remove the folder to have it downloaded, or unpack {kind.archive} in {folder}"
        ) from error
    images = torch.from_numpy(np.ascontiguousarray(raw.data.transpose(0, 3, 1, 2)))
    return Split(images, torch.tensor(raw.targets, dtype=torch.int64))
