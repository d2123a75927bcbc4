"""CIFAR-10 and CIFAR-100, read by torchvision."""

from __future__ import annotations

import os
import warnings
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from gst.data.dataset import Dataset, Split, content_hash
from gst.data.fetch import Copy, Wanted
from gst.data.remote import Remote
from gst.data.stored import Stored
from gst.errors import DataError
from gst.paths import read_regular
from gst.published import CIFAR, CifarName, is_packed, unpacked


class _Binary(NamedTuple):
    """The version for C programs: in each record labels of a byte, the last one ours, and the image."""

    archive: str
    folder: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    labels: int


class _Kind(NamedTuple):
    reader: Literal["CIFAR10", "CIFAR100"]
    binary: _Binary
    classes: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


# The constants of GST 2020's code. CIFAR-10's deviations, customary though they are, are means over
# images of each image's own deviation; those of all its pixels are about .247, .243 and .262.
_KINDS = {
    "cifar10": _Kind(
        "CIFAR10",
        _Binary(
            "cifar-10-binary.tar.gz",
            CIFAR["cifar10"].binary_folder,
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
        _Binary("cifar-100-binary.tar.gz", CIFAR["cifar100"].binary_folder, ("train.bin",), ("test.bin",), 2),
        100,
        (0.5071, 0.4867, 0.4408),
        (0.2675, 0.2565, 0.2761),
    ),
}
_PIXELS = 3 * 32 * 32
_MOST_BYTES = 200_000_000  # of a file; the largest has 153 million


def stored_cifar(name: CifarName, folder: Path) -> Stored | None:
    """The data set in the data folder, if it has one that is unpacked.

    The version for C programs will do as well. The files of that for Python are pickles: torchvision compares
    their checksums with the published ones before it opens them.
    """
    place = unpacked(name, folder)
    if place is None:
        return None
    return Stored(
        name, place, partial(_files, _KINDS[name], place), partial(_decoded, name, _KINDS[name], place)
    )


def _names(kind: _Kind, folder: str) -> tuple[str, ...]:
    """The files in the folder of that name that are read."""
    if folder == kind.binary.folder:
        return (*kind.binary.train, *kind.binary.test)
    reader = _reader(kind)
    return (*(it[0] for it in (*reader.train_list, *reader.test_list)), reader.meta["filename"])


def wanted_cifar(name: CifarName, folder: Path) -> Wanted:
    """The data set as it is fetched into the data folder."""
    kind, reader = _KINDS[name], _reader(_KINDS[name])
    here = [str(folder)] if is_packed(name, folder) else []

    def chosen(remote: Remote) -> list[Copy]:
        folders = ([f"{it}/{file}" for file in _names(kind, it)] for it in CIFAR[name].folders)
        versions = ([reader.filename], *folders)
        found = next((files for files in versions if all(map(remote.sizes, files))), [])
        return [Copy(file, file) for file in found]

    def ready(there: Path) -> Path:
        archive = there / reader.filename
        if archive.is_file():
            _unpack(archive, reader.tgz_md5)
        stored = stored_cifar(name, there)
        if stored is None:
            raise DataError(f"{archive.name}: has no folder {reader.base_folder}")
        stored.decode()
        return stored.place

    return Wanted(
        name=name,
        place=partial(unpacked, name),
        chosen=chosen,
        ready=ready,
        instead=f"unpack {reader.filename} in {folder}, or {kind.binary.archive}",
        official=(*here, reader.url.removesuffix(reader.filename)),
        files=(Copy(reader.filename, reader.filename),),
    )


def _unpack(archive: Path, checksum: str) -> None:
    from torchvision.datasets.utils import check_integrity, extract_archive

    if not check_integrity(archive, checksum):
        raise DataError(f"{archive.name}: differs from the published one; it is damaged, or another file")
    extract_archive(archive, archive.parent)


def _files(kind: _Kind, place: Path) -> dict[str, os.stat_result]:
    found = {file.name: file.stat() for file in place.iterdir() if file.is_file()}
    if missing := [it for it in _names(kind, place.name) if it not in found]:
        raise DataError(f"{place} lacks {', '.join(missing)}; remove the folder to have it downloaded")
    return found


def _reader(kind: _Kind) -> Any:
    import torchvision

    return getattr(torchvision.datasets, kind.reader)


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
            f"remove the folder to have it downloaded, or unpack {_reader(kind).filename} in {place.parent}"
        ) from error
    images = torch.from_numpy(np.ascontiguousarray(raw.data.transpose(0, 3, 1, 2)))
    return Split(images, torch.tensor(raw.targets, dtype=torch.int64))
