"""Images sorted into folders by split and class: train/<class>/<image> and test/<class>/<image>."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gst.data.dataset import Dataset, Split, content_hash, normalisation
from gst.data.fetch import Copy, Wanted
from gst.data.picture import opened
from gst.data.remote import Remote
from gst.data.sorted_pictures import TESTS, sorted_pictures
from gst.data.source import located, opened_source, path_of
from gst.data.stored import Stored
from gst.errors import DataError

logger = logging.getLogger(__name__)


def stored_images(folder: Path, name: str) -> Stored:
    """The images in the folder or zip file of that name in the data folder.

    Classes are the folders in train/, in the order of their names; images are in the order of
    their paths. Mean and standard deviation are those of the training images. What is there beside
    them is told in the data set's remarks.

    Raises DataError where it is not there; reading it, for files that are unreadable, out of place or of
    another size.
    """
    path = located(folder, name)
    return Stored(name, path, partial(picture_files, path, TESTS), partial(_decoded, path))


def wanted_pictures(
    name: str, folder: Path, tests: Sequence[str] = TESTS, endings: Sequence[str] = ("", ".zip")
) -> Wanted:
    """The folder or zip file of that name, with one of the endings, as it is fetched into the data folder."""
    names = [f"{name}{ending}" for ending in endings]

    def chosen(remote: Remote) -> list[Copy]:
        found = next(filter(None, map(remote.sizes, names)), {})
        return [Copy(file, file, size) for file, size in found.items()]

    def place(there: Path) -> Path | None:
        return next((there / it for it in names if (there / it).exists()), None)

    def ready(there: Path) -> Path:
        found = place(there)
        assert found is not None, "all of its files were copied"
        with opened_source(found) as source:
            sorted_pictures(source, found, tests)
        return found

    path_of(folder, name)
    instead = f"name a folder or URL that has it: --from, or put it into {folder}"
    return Wanted(name, place, chosen, ready, instead)


def picture_files(path: Path, tests: Sequence[str]) -> dict[str, os.stat_result]:
    """The files by which a change of the data set is noticed."""
    if not path.is_dir():
        return {path.name: path.stat()}
    with opened_source(path) as source:
        found = sorted_pictures(source, path, tests)
    places = [split.file(it) for split in found[:2] for it in split.pictures]
    return {place: (path / place).stat() for place in places}


class Image(NamedTuple):
    """Where an image is, and the name of its class."""

    file: str
    label: str


def _decoded(path: Path) -> Dataset:
    with opened_source(path) as source:
        found = sorted_pictures(source, path, TESTS)
        train, test = (
            sorted(Image(split.file(it), it.label) for it in split.pictures) for split in found[:2]
        )
        logger.info("decoding %d images of %s, once", len(train) + len(test), path)
        pixels = pixels_of(path, source.read, (*train, *test))
    labels = torch.tensor([found.classes[image.label] for image in (*train, *test)], dtype=torch.int64)
    n = len(train)
    first, second = Split(pixels[:n], labels[:n]), Split(pixels[n:], labels[n:])
    return Dataset(
        name=path.name.removesuffix(".zip"),
        train=first,
        test=second,
        classes=len(found.classes),
        **normalisation(pixels[:n])._asdict(),
        content_hash=content_hash(first, second),
        source=path.name,
        remarks=found.remarks,
    )


def pixels_of(path: Path, read: Callable[[str], bytes], images: Sequence[Image]) -> torch.Tensor:
    """All images (uint8, [n, 1 or 3, height, width]); one channel if none of them has colour.

    One after the other: for small images two threads were slower than one.
    """
    first = _picture(path, read, images[0].file)
    pixels = np.empty((len(images), 3, *first.pixels.shape[:2]), np.uint8)
    coloured = False
    for index, image in enumerate(images):
        picture = _picture(path, read, image.file)
        if picture.pixels.shape != first.pixels.shape:
            sizes = [f"{p.pixels.shape[1]}x{p.pixels.shape[0]}" for p in (picture, first)]
            raise DataError(
                f"{path}: {image.file} is {sizes[0]} pixels and {images[0].file} is {sizes[1]}; "
                "all must be of one size"
            )
        coloured |= picture.coloured
        pixels[index] = picture.pixels.transpose(2, 0, 1)
    return torch.from_numpy(pixels if coloured else pixels[:, :1].copy())


class _Picture(NamedTuple):
    pixels: NDArray[np.uint8]  # [height, width, 3]
    coloured: bool


def _picture(path: Path, read: Callable[[str], bytes], name: str) -> _Picture:
    where = f"{path}: {name}"
    with opened(partial(read, name), where) as image:
        if image.mode[0] in "IF":
            raise DataError(f"{where} has more than 8 bits a channel")
        return _Picture(np.asarray(image.convert("RGB")), image.mode not in ("1", "L"))
