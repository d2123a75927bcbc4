"""CIFAR-10 and CIFAR-100, read by torchvision."""

from __future__ import annotations

import os
import warnings
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from gst.data.cache import cached, fingerprint
from gst.data.dataset import Dataset, Split, content_hash
from gst.data.download import downloaded
from gst.errors import DataError
from gst.paths import read_regular


class _Binary(NamedTuple):
    """The version for C programs: in each record labels of a byte, the last one ours, and the image."""

    archive: str
    folder: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    labels: int


class _Kind(NamedTuple):
    reader: Literal["CIFAR10", "CIFAR100"]
    archive: str
    binary: _Binary
    classes: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


# The constants of GST 2020's code. CIFAR-10's deviations, customary though they are, are means over
# images of each image's own deviation; those of all its pixels are about .247, .243 and .262.
_KINDS = {
    "cifar10": _Kind(
        "CIFAR10",
        "cifar-10-python.tar.gz",
        _Binary(
            "cifar-10-binary.tar.gz",
            "cifar-10-batches-bin",
            tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
            ("test_batch.bin",),
            1,
        ),
        10,
        (0.4914, 0.4822, 0.4465),
        (0.2023, 0.1994, 0.2010),
    ),
    "cifar100": _Kind(
        "CIFAR100",
        "cifar-100-python.tar.gz",
        _Binary("cifar-100-binary.tar.gz", "cifar-100-binary", ("train.bin",), ("test.bin",), 2),
        100,
        (0.5071, 0.4867, 0.4408),
        (0.2675, 0.2565, 0.2761),
    ),
}
_PIXELS = 3 * 32 * 32
_MOST_BYTES = 200_000_000  # of a file; the largest has 153 million


def has_cifar(name: Literal["cifar10", "cifar100"], folder: Path) -> bool:
    """Whether the data folder has that data set, in a version that needs no download."""
    kind = _KINDS[name]
    return _unpacked(kind, folder) is not None or (folder / kind.archive).is_file()


def _unpacked(kind: _Kind, folder: Path) -> Path | None:
    places = (folder / _reader(kind).base_folder, folder / kind.binary.folder)
    return next((it for it in places if it.is_dir()), None)


def cifar(name: Literal["cifar10", "cifar100"], folder: Path) -> Dataset:
    """The data set in the data folder, which is downloaded if it is not there.

    Its version for C programs will do as well. The files of that for Python are pickles: torchvision compares
    their checksums with the published ones before it opens them.
    Raises DataError where files cannot be had, or differ.
    """
    kind = _KINDS[name]
    place = _unpacked(kind, folder)
    if place is None:
        _fetch(kind, folder)
        place = folder / _reader(kind).base_folder
    version = partial(fingerprint, partial(_files, place))
    return cached(folder, name, version, lambda: _decoded(name, kind, place))


def _files(place: Path) -> dict[str, os.stat_result]:
    return {file.name: file.stat() for file in place.iterdir() if file.is_file()}


def _reader(kind: _Kind) -> Any:
    import torchvision

    return getattr(torchvision.datasets, kind.reader)


def _fetch(kind: _Kind, folder: Path) -> None:
    """Have it downloaded, or unpacked where the archive is there."""
    instead = f"unpack {kind.archive} in {folder}, or {kind.binary.archive}"
    downloaded(kind.reader, folder, instead=instead)


def _decoded(name: str, kind: _Kind, place: Path) -> Dataset:
    split = _binary_split if place.name == kind.binary.folder else _split
    train, test = (split(kind, place, train=train) for train in (True, False))
    hashed = content_hash(train, test)
    return Dataset(name, train, test, kind.classes, kind.mean, kind.std, hashed, place.name)


def _binary_split(kind: _Kind, place: Path, *, train: bool) -> Split:
    labels = kind.binary.labels
    images = []
    for name in kind.binary.train if train else kind.binary.test:
        try:
            content = np.frombuffer(read_regular(place / name, _MOST_BYTES), np.uint8)
        except OSError as error:
            raise DataError(f"{place / name}: cannot be read: {error.strerror}") from error
        if not len(content) or len(content) % (labels + _PIXELS):
            raise DataError(
                f"{place / name}: expected records of {labels + _PIXELS} bytes, found {len(content)} bytes; "
                f"unpack {kind.binary.archive} again"
            )
        images.append(content.reshape(-1, labels + _PIXELS))
    records = torch.from_numpy(np.concatenate(images))
    found = records[:, labels - 1].long()
    if found.max() >= kind.classes:
        raise DataError(f"{place}: expected labels from 0 to {kind.classes - 1}, found {found.max()}")
    return Split(records[:, labels:].reshape(-1, 3, 32, 32).contiguous(), found)


def _split(kind: _Kind, place: Path, *, train: bool) -> Split:
    try:
        with warnings.catch_warnings():
            # the published pickles spell an array's type in a way that newer numpy finds quaint
            warnings.simplefilter("ignore")
            raw = _reader(kind)(place.parent, train=train)
    except RuntimeError as error:
        raise DataError(
            f"{place}: files are missing or differ from the published ones; "
            f"remove the folder to have it downloaded, or unpack {kind.archive} in {place.parent}"
        ) from error
    images = torch.from_numpy(np.ascontiguousarray(raw.data.transpose(0, 3, 1, 2)))
    return Split(images, torch.tensor(raw.targets, dtype=torch.int64))
