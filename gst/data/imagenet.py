"""ImageNet, or pictures sorted like it: train/<class>/<image> and val/<class>/<image>."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path

import numpy as np
import torch

from gst.data.dataset import IMAGENET, Dataset, Split
from gst.data.files import ImageFiles
from gst.data.image_folder import picture_files
from gst.data.sorted_pictures import TESTS, Pictures, sorted_pictures
from gst.data.source import located, opened_source
from gst.data.stored import Stored
from gst.errors import DataError, NoData
from gst.published import IMAGENET_FOLDER

CLASSES = 1000


IMAGENET_TESTS = (*TESTS[1:], TESTS[0])  # ImageNet's own test/ has no labels


def stored_imagenet(folder: Path, name: str | None) -> Stored | None:
    """The pictures in that folder of the data folder, if it is there."""
    path = folder / (name or IMAGENET_FOLDER)
    if not path.is_dir():
        return None
    return Stored(
        path.name, path, partial(picture_files, path, IMAGENET_TESTS), partial(imagenet, folder, name)
    )


def imagenet(folder: Path, name: str | None) -> Dataset:
    """The pictures in the folder of that name in the data folder; none of them is decoded here.

    Classes are the folders in train/, in the order of their names; images are in the order of their
    paths; val/ has the test images. What is there beside them is told in the data set's remarks. The
    content hash is of the files' paths and sizes: to read all files would take longer than many a run.

    Raises DataError for folders that are missing and files out of place.
    """
    try:
        path = located(folder, name or IMAGENET_FOLDER)
    except NoData:
        if name is not None:
            raise
        path = folder / IMAGENET_FOLDER
        raise DataError(
            f"{path}: is not there; imagenet needs pictures in {path}/train/<class> and {path}/val/<class> "
            "(data.folder names another folder, GST_DATA_DIR another data folder)"
        ) from None
    if not path.is_dir():
        raise DataError(f"{path}: is no folder; imagenet reads pictures from their files: unpack it")
    with opened_source(path) as source:
        found = sorted_pictures(source, path, IMAGENET_TESTS)
    if name is None and len(found.classes) != CLASSES:
        raise DataError(
            f"{path}: ImageNet has {CLASSES} classes, and train/ has {len(found.classes)} folders with "
            "images; other pictures need a name of their own: data.folder"
        )
    digest = hashlib.sha256()
    for split, place in ((found.train, "train"), (found.test, "val")):
        for it in split.pictures:
            digest.update(os.fsencode(f"{place}/{it.label}/{it.name}") + f"\0{it.size}\n".encode())
    return Dataset(
        name="imagenet",
        train=_split(path, found.train, found.classes),
        test=_split(path, found.test, found.classes),
        classes=len(found.classes),
        **IMAGENET._asdict(),
        content_hash=digest.hexdigest(),
        source=path.name,
        remarks=found.remarks,
    )


def _split(path: Path, split: Pictures, classes: dict[str, int]) -> Split:
    files = np.array([os.fsencode(split.file(it)) for it in split.pictures])
    labels = torch.tensor([classes[it.label] for it in split.pictures], dtype=torch.int64)
    return Split(ImageFiles(path, files), labels)
