"""Tiny-ImageNet: 200 of ImageNet's classes at 64x64, as Stanford's CS231N published them in one zip file."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch

from gst.data.dataset import Dataset, Split, content_hash, normalisation
from gst.data.fetch import Copy, Wanted, refuse_other_file
from gst.data.image_folder import Image, pixels_of
from gst.data.remote import Remote
from gst.data.source import Source, joined, opened_source
from gst.data.stored import Stored
from gst.errors import DataError
from gst.published import TINY_IMAGENET

FOLDER, ARCHIVE = TINY_IMAGENET
ORIGIN = "http://cs231n.stanford.edu/"
MD5 = "90528d7ca1a48142e341f4ef8d21d0de"
"""Of the zip file. torchvision does not have this data set; Avalanche and others name this checksum."""
ANNOTATIONS = "val_annotations.txt"
"""Of each test image its file, its class and the box of the object, separated by tabs."""

logger = logging.getLogger(__name__)


def stored_tiny_imagenet(folder: Path) -> Stored | None:
    """The data set in the data folder, unpacked or as its zip file, if that has it."""
    path = _place(folder)
    return (
        None
        if path is None
        else Stored("tiny_imagenet", path, partial(_files, path), partial(_decoded, path))
    )


def _place(folder: Path) -> Path | None:
    return next((folder / it for it in TINY_IMAGENET if (folder / it).exists()), None)


def wanted_tiny_imagenet(folder: Path) -> Wanted:
    """The zip file as it is fetched into the data folder."""

    def chosen(remote: Remote) -> list[Copy]:
        return [Copy(ARCHIVE, ARCHIVE)] if remote.sizes(ARCHIVE) else []

    def ready(there: Path) -> Path:
        refuse_other_file(there / ARCHIVE, MD5)
        return there / ARCHIVE

    return Wanted(
        name="tiny_imagenet",
        place=_place,
        chosen=chosen,
        ready=ready,
        instead=f"put {ARCHIVE} into {folder}",
        official=(ORIGIN,),
        files=(Copy(ARCHIVE, ARCHIVE),),
    )


def _files(path: Path) -> dict[str, os.stat_result]:
    """The files by which a change is noticed."""
    if not path.is_dir():
        return {path.name: path.stat()}
    with opened_source(path) as source:
        train, test = _listed(source, path)
        return {it.file: (path / it.file).stat() for it in (*train, *test)}


def _listed(source: Source, path: Path) -> tuple[list[Image], list[Image]]:
    """Training images are train/<class>/images/*, test images val/images/* with the classes of a list."""
    root = "" if any(it.name == "train" for it in source.entries("")) else FOLDER
    try:
        train = sorted(_training(source, joined(root, "train")))
        test = sorted(_annotated(source, joined(root, "val"), path))
    except (OSError, KeyError) as error:
        raise DataError(f"{path}: is not laid out as Tiny-ImageNet is: {error}") from error
    if not train or not test:
        raise DataError(f"{path}: expected images in train/<class>/images and in val/images, found none")
    if strange := sorted({it.label for it in test} - {it.label for it in train}):
        raise DataError(f"{path}: val/{ANNOTATIONS} has classes that train/ lacks: {', '.join(strange[:3])}")
    return train, test


def _training(source: Source, place: str) -> Iterator[Image]:
    for label in source.entries(place):
        if label.clutter or not label.is_folder:
            continue
        inside = f"{place}/{label.name}/images"
        yield from (
            Image(f"{inside}/{it.name}", label.name) for it in source.entries(inside) if not it.clutter
        )


def _annotated(source: Source, place: str, path: Path) -> Iterator[Image]:
    text = source.read(f"{place}/{ANNOTATIONS}").decode("ascii", "replace")
    for number, line in enumerate(text.splitlines(), start=1):
        file, *rest = line.split("\t")
        if not rest or "/" in file:
            raise DataError(
                f"{path}: val/{ANNOTATIONS}:{number}: expected a file and its class, found {line[:80]!r}"
            )
        yield Image(f"{place}/images/{file}", rest[0])


def _decoded(path: Path) -> Dataset:
    """Classes are in the order of their names; mean and deviation are those of the training images."""
    with opened_source(path) as source:
        train, test = _listed(source, path)
        logger.info("decoding %d images of %s, once", len(train) + len(test), path)
        pixels = pixels_of(path, source.read, (*train, *test))
    classes = {label: number for number, label in enumerate(sorted({it.label for it in train}))}
    labels = torch.tensor([classes[it.label] for it in (*train, *test)], dtype=torch.int64)
    n = len(train)
    first, second = Split(pixels[:n], labels[:n]), Split(pixels[n:], labels[n:])
    hashed = content_hash(first, second)
    return Dataset(
        "tiny_imagenet", first, second, len(classes), *normalisation(pixels[:n]), hashed, path.name
    )
