"""Images sorted into folders by split and class: train/<class>/<image> and test/<class>/<image>."""

from __future__ import annotations

import io
import logging
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gst.data.cache import cached, fingerprint
from gst.data.dataset import Dataset, Split, content_hash, normalisation
from gst.errors import DataError, suggestion

SPLITS = ("train", "test")

logger = logging.getLogger(__name__)


def image_folder(folder: Path, name: str) -> Dataset:
    """The images in the folder or zip file of that name in the data folder.

    Classes are the folders in train/, in the order of their names; images are in the order of
    their paths. Mean and standard deviation are those of the training images. Hidden files, and
    whatever lies outside train/ and test/, are not looked at.

    Raises DataError for files that are missing, unreadable, out of place or of another size.
    """
    path = _located(folder, name)
    stats = _stats(path)
    version = fingerprint(sorted(stats.items()))
    return cached(folder, name, version, lambda: _decoded(path, name))


def _located(folder: Path, name: str) -> Path:
    if PurePosixPath(name).name != name or name == "..":
        raise DataError(f"data.folder: must be a plain name in the data folder {folder}, found {name!r}")
    path = folder / name
    if path.is_dir() or zipfile.is_zipfile(path):
        return path
    if path.exists():
        raise DataError(f"{path}: is neither a folder nor a readable zip file")
    known = sorted(p.name for p in folder.glob("[!.]*") if p.is_dir() or p.suffix == ".zip")
    hint = suggestion(name, known)
    raise DataError(
        f"no folder or zip file {name!r} in {folder}; {hint}{'There' if hint else 'there'} are: "
        f"{', '.join(known) or 'none'} (GST_DATA_DIR names another data folder)"
    )


def _stats(path: Path) -> dict[str, os.stat_result]:
    """The files by which a change of the data set is noticed."""
    if path.is_file():
        return {path.name: path.stat()}
    return {file: (path / file).stat() for file in _listed(path)}


def _listed(path: Path) -> Iterator[str]:
    for split in SPLITS:
        for place, _, files in os.walk(path / split, followlinks=True):
            below = Path(place).relative_to(path).as_posix()
            yield from (f"{below}/{file}" for file in files)


class _Files(NamedTuple):
    names: tuple[str, ...]
    read: Callable[[str], bytes]


@contextmanager
def _opened(path: Path) -> Iterator[_Files]:
    if path.is_dir():
        yield _Files(tuple(_listed(path)), lambda name: (path / name).read_bytes())
        return
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: is damaged: {error}") from error
    with archive:
        names = (entry.filename for entry in archive.infolist() if not entry.is_dir())
        yield _Files(tuple(name for name in names if name.split("/")[0] in SPLITS), archive.read)


class _Image(NamedTuple):
    """Where an image is, and the name of its class."""

    file: str
    label: str


def _decoded(path: Path, name: str) -> Dataset:
    with _opened(path) as files:
        train, test = (_images(path, files.names, split) for split in SPLITS)
        classes = {label: index for index, label in enumerate(sorted({image.label for image in train}))}
        strange = sorted({image.label for image in test} - set(classes))
        if strange:
            raise DataError(f"{path}: test/ has classes that train/ lacks: {', '.join(strange)}")
        logger.info("decoding %d images of %s, once", len(train) + len(test), path)
        pixels = _pixels(path, files.read, (*train, *test))
    labels = torch.tensor([classes[image.label] for image in (*train, *test)], dtype=torch.int64)
    n = len(train)
    first, second = Split(pixels[:n], labels[:n]), Split(pixels[n:], labels[n:])
    return Dataset(
        name=name.removesuffix(".zip"),
        train=first,
        test=second,
        classes=len(classes),
        **normalisation(pixels[:n])._asdict(),
        content_hash=content_hash(first, second),
        source=name,
    )


def _images(path: Path, names: Sequence[str], split: str) -> tuple[_Image, ...]:
    """The images of a split, in the order of their paths."""
    images = []
    for name in sorted(names):
        parts = name.split("/")
        if parts[0] != split or any(part.startswith(".") for part in parts):
            continue
        if len(parts) != 3:
            raise DataError(f"{path}: {name} is not of the form {split}/<class>/<image>")
        images.append(_Image(name, parts[1]))
    if not images:
        raise DataError(f"{path}: has no images of the form {split}/<class>/<image>")
    return tuple(images)


def _pixels(path: Path, read: Callable[[str], bytes], images: Sequence[_Image]) -> torch.Tensor:
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
    from PIL import Image

    try:
        with Image.open(io.BytesIO(read(name))) as image:
            if image.mode[0] in "IF":
                raise DataError(f"{path}: {name} has more than 8 bits a channel")
            return _Picture(np.asarray(image.convert("RGB")), image.mode not in ("1", "L"))
    except DataError:
        raise
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: {name} cannot be read: {error}") from error
    except Exception as error:  # Pillow's readers raise whatever a broken header makes them stumble over
        raise DataError(f"{path}: {name} is not a readable image: {error}") from error
