"""MNIST from its four IDX files."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gst.data.cache import cached, fingerprint
from gst.data.dataset import Dataset, Split, content_hash
from gst.data.download import downloaded
from gst.errors import DataError
from gst.paths import read_regular

FILES = tuple(
    f"{split}-{kind}-ubyte.gz" for split in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
FOLDERS = ("mnist", "MNIST/raw", "MNIST", ".")
"""Where they may be in the data folder; the second is torchvision's."""
KERAS = "mnist.npz"
"""All four in one file, as Keras has them."""
_MOST_BYTES = 200_000_000

MEAN, STD = 0.1307, 0.3081


def has_mnist(folder: Path) -> bool:
    """Whether the data folder has the digits. Raises DataError where it has some of their files only."""
    return _present(folder) is not None


def mnist(folder: Path) -> Dataset:
    """The handwritten digits in the data folder, which are downloaded if they are not there.

    They are four IDX files, packed by gzip or not, with a hyphen or a dot before `idx`, or Keras's mnist.npz.
    Raises DataError where they cannot be had, or a file is damaged.
    """
    files = _located(folder)
    version = partial(fingerprint, lambda: {file.name: file.stat() for file in files})
    return cached(folder, "mnist", version, lambda: _decoded(files, files[0].parent.relative_to(folder)))


def _located(folder: Path) -> tuple[Path, ...]:
    present = _present(folder)
    if present is None:
        needed = f"{', '.join(FILES)} (or {KERAS}) into {folder / FOLDERS[0]}"
        downloaded("MNIST", folder, instead=f"put {needed}")
        present = _present(folder)
        if present is None:
            raise DataError(f"mnist is not in {folder} even after a download; put {needed}")
    return present


def _present(folder: Path) -> tuple[Path, ...] | None:
    """The four files, or the one of Keras."""
    for place in (folder / name for name in FOLDERS):
        found = [next((it for it in _spellings(place / name) if it.is_file()), None) for name in FILES]
        files = tuple(it for it in found if it is not None)
        if len(files) == len(FILES):
            return files
        if (place / KERAS).is_file():
            return (place / KERAS,)
        if files:
            missing = (name for name, file in zip(FILES, found, strict=True) if file is None)
            raise DataError(f"{place} lacks {', '.join(missing)}")
    return None


def _spellings(file: Path) -> Iterator[Path]:
    for name in (file.name, file.name.replace("-idx", ".idx")):
        yield file.with_name(name)
        yield file.with_name(name.removesuffix(".gz"))


def _decoded(files: tuple[Path, ...], place: Path) -> Dataset:
    read = _keras if len(files) == 1 else _idx
    train, test = (_split(split) for split in read(files))
    if train.images.shape[1:] != test.images.shape[1:]:
        raise DataError(f"{files[-2:][0]}: test images are not of the size of the training images")
    source = (place / (KERAS if len(files) == 1 else f"*{files[0].suffix}")).as_posix()
    return Dataset("mnist", train, test, 10, (MEAN,), (STD,), content_hash(train, test), source)


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
