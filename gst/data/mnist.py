"""MNIST from its four IDX files."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gst.data.cache import cached, fingerprint
from gst.data.dataset import Dataset, Split, content_hash
from gst.data.download import downloaded
from gst.errors import DataError

FILES = tuple(
    f"{split}-{kind}-ubyte.gz" for split in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
FOLDERS = ("mnist", "MNIST/raw")
"""Where they may be in the data folder; the second is torchvision's."""

MEAN, STD = 0.1307, 0.3081


def has_mnist(folder: Path) -> bool:
    """Whether the data folder has the digits. Raises DataError where it has some of their files only."""
    return _present(folder) is not None


def mnist(folder: Path) -> Dataset:
    """The handwritten digits in the data folder, which are downloaded if they are not there.

    Raises DataError where they cannot be had, or a file is damaged.
    """
    files = _located(folder)
    version = fingerprint((file.name, file.stat()) for file in files)
    return cached(folder, "mnist", version, lambda: _decoded(files, files[0].parent.relative_to(folder)))


def _located(folder: Path) -> tuple[Path, ...]:
    present = _present(folder)
    if present is None:
        needed = f"{', '.join(FILES)} into {folder / FOLDERS[0]}"
        downloaded("MNIST", folder, instead=f"put {needed}")
        present = _present(folder)
        if present is None:
            raise DataError(f"mnist is not in {folder} even after a download; put {needed}")
    return present


def _present(folder: Path) -> tuple[Path, ...] | None:
    for place in FOLDERS:
        files = tuple(folder / place / name for name in FILES)
        missing = [file.name for file in files if not file.is_file()]
        if not missing:
            return files
        if len(missing) < len(files):
            raise DataError(f"{folder / place} lacks {', '.join(missing)}")
    return None


def _decoded(files: tuple[Path, ...], source: Path) -> Dataset:
    train, test = (_split(*pair) for pair in (files[:2], files[2:]))
    if train.images.shape[1:] != test.images.shape[1:]:
        raise DataError(f"{files[2]}: test images are not of the size of the training images")
    return Dataset(
        "mnist", train, test, 10, (MEAN,), (STD,), content_hash(train, test), f"{source.as_posix()}/*.gz"
    )


def _split(image_file: Path, label_file: Path) -> Split:
    images, labels = read_idx(image_file, 3), read_idx(label_file, 1)
    if len(images) != len(labels):
        raise DataError(f"{label_file}: {len(labels)} labels for {len(images)} images")
    if len(labels) == 0 or labels.max() > 9:
        raise DataError(f"{label_file}: expected labels from 0 to 9")
    return Split(images.unsqueeze(1), labels.long())


def read_idx(file: Path, dimensions: int) -> Tensor:
    """The bytes of a gzipped IDX file (uint8, of that many dimensions).

    The format: two zero bytes, the type (8 is a byte), the number of dimensions; each dimension as
    a big-endian 32-bit integer; the values.
    """
    try:
        content = gzip.decompress(file.read_bytes())
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
