"""ImageNet, or pictures sorted like it: train/<class>/<image> and val/<class>/<image>."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import torch

from gst.data.dataset import IMAGENET, Dataset, Split
from gst.data.files import ImageFiles
from gst.errors import DataError

FOLDER, CLASSES = "imagenet", 1000
"""Where it is in the data folder unless the configuration names another, and how many classes it has."""


def imagenet(folder: Path, name: str | None) -> Dataset:
    """The pictures in the folder of that name in the data folder; none of them is decoded here.

    Classes are the folders in train/, in the order of their names; images are in the order of their
    paths; val/ has the test images. Hidden files are not looked at. The content hash is of the files'
    paths and sizes: to read all files would take longer than many a run.

    Raises DataError for folders that are missing and files out of place.
    """
    if name is not None and (PurePosixPath(name).name != name or name == ".."):
        raise DataError(f"data.folder: must be a plain name in the data folder {folder}, found {name!r}")
    path = folder / (name or FOLDER)
    train, test = (_listed(path, split) for split in ("train", "val"))
    classes = {label: index for index, label in enumerate(sorted(set(train.labels)))}
    strange = sorted(set(test.labels) - set(classes))
    if strange:
        raise DataError(f"{path}: val/ has classes that train/ lacks: {', '.join(strange)}")
    if name is None and len(classes) != CLASSES:
        raise DataError(
            f"{path}: ImageNet has {CLASSES} classes, and train/ has {len(classes)} folders with images; "
            "other pictures need a name of their own: data.folder"
        )
    digest = hashlib.sha256()
    for file, size in zip((*train.files, *test.files), (*train.sizes, *test.sizes), strict=True):
        digest.update(file + f"\0{size}\n".encode())
    return Dataset(
        name="imagenet",
        train=_split(path, train, classes),
        test=_split(path, test, classes),
        classes=len(classes),
        **IMAGENET._asdict(),
        content_hash=digest.hexdigest(),
        source=path.name,
    )


class _Listing(NamedTuple):
    """The path in the folder, size in bytes and class of each image of a split."""

    files: list[bytes]
    sizes: list[int]
    labels: list[str]


def _listed(path: Path, split: str) -> _Listing:
    found = _Listing([], [], [])
    for label in _entries(path, path / split):
        if not label.is_dir():
            raise DataError(
                f"{path}: {split}/{label.name} is not of the form {split}/<class>/<image>; "
                "images that come unsorted must be moved into folders, one for each class"
            )
        for file in _entries(path, Path(label.path)):
            if not file.is_file():
                raise DataError(f"{file.path}: is not a file, and not of the form {split}/<class>/<image>")
            found.files.append(os.fsencode(f"{split}/{label.name}/{file.name}"))
            found.sizes.append(file.stat().st_size)
            found.labels.append(label.name)
    if not found.files:
        raise DataError(f"{path}: has no images of the form {split}/<class>/<image>")
    return found


def _entries(path: Path, place: Path) -> list[os.DirEntry[str]]:
    """The entries of a folder in the order of their names, without hidden ones."""
    try:
        with os.scandir(place) as entries:
            return sorted((it for it in entries if not it.name.startswith(".")), key=lambda it: it.name)
    except OSError as error:
        raise DataError(
            f"{place}: cannot be read: {error.strerror}; imagenet needs pictures in {path}/train/<class> and "
            f"{path}/val/<class> (data.folder names another folder, GST_DATA_DIR another data folder)"
        ) from error


def _split(path: Path, listing: _Listing, classes: dict[str, int]) -> Split:
    labels = torch.tensor([classes[label] for label in listing.labels], dtype=torch.int64)
    return Split(ImageFiles(path, np.array(listing.files)), labels)
