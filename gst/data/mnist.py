"""MNIST, and Fashion-MNIST, from their four IDX files."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gst.data.dataset import Dataset, Normalisation, Split, content_hash, normalisation
from gst.data.fetch import Copy, Wanted, refuse_other_file
from gst.data.remote import Remote
from gst.data.stored import Stored
from gst.errors import DataError
from gst.paths import read_regular
from gst.published import KERAS, MNIST_FILES, MNIST_FOLDERS, MnistName, mnist_files
from gst.words import short

PUBLISHED = "77bd804cf38a616fc52bde85a425e84c3641f82c6ce2430b3cf3abc711851ef9"
"""The content hash of the digits, however their files are packed."""
_MOST_BYTES = 200_000_000

MEAN, STD = 0.1307, 0.3081


def stored_mnist(name: MnistName, folder: Path) -> Stored | None:
    """The data set in the data folder, if that has it.

    It is four IDX files, packed by gzip or not, with a hyphen or a dot before `idx`, or Keras's mnist.npz.
    Raises DataError where some of the files are missing.
    """
    found = mnist_files(name, lambda file: (folder / file).is_file(), folder)
    if found is None:
        return None
    files = tuple(folder / file for file in found)
    return Stored(
        name,
        files[0].parent,
        lambda: {file.name: file.stat() for file in files},
        partial(_decoded, name, files, files[0].parent.relative_to(folder)),
    )


def wanted_mnist(name: MnistName, folder: Path) -> Wanted:
    """The data set as it is fetched into the data folder."""
    import torchvision

    published = torchvision.datasets.MNIST if name == "mnist" else torchvision.datasets.FashionMNIST

    def place(there: Path) -> Path | None:
        stored = stored_mnist(name, there)
        return None if stored is None else stored.place

    def ready(there: Path) -> Path:
        stored = stored_mnist(name, there)
        assert stored is not None, "all of its files were copied"
        if name == "fashion_mnist":
            for file, checksum in published.resources:
                refuse_other_file(stored.place / file, checksum)
        refuse_unpublished(stored.decode())
        return stored.place

    def chosen(remote: Remote) -> tuple[Copy, ...]:
        if name == "fashion_mnist":  # only of its packed files the checksums are published
            places = ("", *(f"{it}/" for it in MNIST_FOLDERS[name]))
            found = ([f"{place}{file}" for file in MNIST_FILES] for place in places)
            return _copies(name, next((files for files in found if all(map(remote.sizes, files))), []))
        return _copies(name, mnist_files(name, lambda file: bool(remote.sizes(file)), remote) or ())

    keras = f" (or {KERAS})" if name == "mnist" else ""
    return Wanted(
        name=name,
        place=place,
        chosen=chosen,
        ready=ready,
        instead=f"put {', '.join(MNIST_FILES)}{keras} into {folder / MNIST_FOLDERS[name][0]}",
        official=tuple(published.mirrors),
        files=_copies(name, MNIST_FILES),
    )


def refuse_unpublished(dataset: Dataset) -> None:
    """Raise DataError for digits that are not those that were published; of clothes no content is known."""
    if dataset.name == "mnist" and dataset.content_hash != PUBLISHED:
        raise DataError(
            f"mnist: {dataset.source} differ from what is published: content {short(dataset.content_hash)}, "
            f"expected {short(PUBLISHED)}"
        )


def _copies(name: MnistName, files: Iterable[str]) -> tuple[Copy, ...]:
    return tuple(Copy(file, f"{MNIST_FOLDERS[name][0]}/{PurePosixPath(file).name}") for file in files)


def _decoded(name: MnistName, files: tuple[Path, ...], place: Path) -> Dataset:
    read = _keras if len(files) == 1 else _idx
    train, test = (_split(split) for split in read(files))
    if train.images.shape[1:] != test.images.shape[1:]:
        raise DataError(f"{files[-2:][0]}: test images are not of the size of the training images")
    source = (place / (KERAS if len(files) == 1 else f"*{files[0].suffix}")).as_posix()
    assert isinstance(train.images, Tensor)
    constants = Normalisation((MEAN,), (STD,)) if name == "mnist" else normalisation(train.images)
    return Dataset(name, train, test, 10, *constants, content_hash(train, test), source)


class _Raw(NamedTuple):
    """Images (uint8, [n, height, width]) and labels (uint8, [n]) of a split, and what they were read from."""

    images: Tensor
    labels: Tensor
    file: str


def _idx(files: tuple[Path, ...]) -> Iterator[_Raw]:
    for images, labels in (files[:2], files[2:]):
        yield _Raw(read_idx(images, 3), read_idx(labels, 1), str(labels))


def _keras(files: tuple[Path, ...]) -> Iterator[_Raw]:
    (file,) = files
    try:
        with np.load(io.BytesIO(read_regular(file, _MOST_BYTES)), allow_pickle=False) as arrays:
            found = {
                f"{kind}_{split}": arrays[f"{kind}_{split}"] for split in ("train", "test") for kind in "xy"
            }
    except Exception as error:  # numpy's readers raise whatever a broken header makes them stumble over
        raise DataError(
            f"{file}: is damaged, or lacks x_train, y_train, x_test or y_test: {error}"
        ) from error
    for name, array in found.items():
        if array.dtype != np.uint8 or array.ndim != (3 if name.startswith("x") else 1):
            raise DataError(f"{file}: {name}: expected bytes in 3 dimensions for x, in 1 for y")
    for split in ("train", "test"):
        images, labels = (torch.from_numpy(found[f"{kind}_{split}"].copy()) for kind in "xy")
        yield _Raw(images, labels, f"{file}: y_{split}")


def _split(raw: _Raw) -> Split:
    images, labels, file = raw
    if len(images) != len(labels):
        raise DataError(f"{file}: {len(labels)} labels for {len(images)} images")
    if len(labels) == 0 or labels.max() > 9:
        raise DataError(f"{file}: expected labels from 0 to 9")
    return Split(images.unsqueeze(1), labels.long())


def read_idx(file: Path, dimensions: int) -> Tensor:
    """The bytes of an IDX file (uint8, of that many dimensions), which may be packed by gzip.

    The format: two zero bytes, the type (8 is a byte), the number of dimensions; each dimension as
    a big-endian 32-bit integer; the values.
    """
    try:
        content = read_regular(file, _MOST_BYTES)
        if content.startswith(b"\x1f\x8b"):  # browsers unpack some files and leave their names
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(_MOST_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file}: is damaged: {error}") from error
    magic, start = bytes((0, 0, 8, dimensions)), 4 + 4 * dimensions
    if content[:4] != magic or len(content) < start:
        raise DataError(f"{file}: is no IDX file of bytes in {dimensions} dimensions")
    shape = np.frombuffer(content, ">u4", dimensions, offset=4).tolist()
    if len(content) - start != math.prod(shape):
        raise DataError(
            f"{file}: its header promises {math.prod(shape)} values, and it has {len(content) - start}"
        )
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy())
