"""Street View House Numbers, cropped to digits: two MATLAB files (Netzer et al. 2011)."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np
import torch

from gst.data.dataset import Dataset, Split, content_hash, normalisation
from gst.data.fetch import Copy, Wanted, refuse_other_file
from gst.data.remote import Remote
from gst.data.stored import Stored
from gst.errors import DataError
from gst.paths import read_regular
from gst.published import SVHN_FILES, SVHN_FOLDERS, svhn_files

_MOST_BYTES = 500_000_000  # of a file; the larger one has 182 million


def stored_svhn(folder: Path) -> Stored | None:
    """The data set in the data folder, if that has it. Raises DataError where one of its files is missing."""
    found = svhn_files(lambda file: (folder / file).is_file(), folder)
    if found is None:
        return None
    files = tuple(folder / file for file in found)
    return Stored(
        "svhn", files[0].parent, lambda: {it.name: it.stat() for it in files}, partial(_decoded, files)
    )


def wanted_svhn(folder: Path) -> Wanted:
    """The data set as it is fetched into the data folder: training and test images, not the extra ones."""
    import torchvision

    published = [torchvision.datasets.SVHN.split_list[split] for split in ("train", "test")]

    def place(there: Path) -> Path | None:
        stored = stored_svhn(there)
        return None if stored is None else stored.place

    def ready(there: Path) -> Path:
        for _, file, checksum in published:
            refuse_other_file(there / SVHN_FOLDERS[0] / file, checksum)
        return there / SVHN_FOLDERS[0]

    def chosen(remote: Remote) -> tuple[Copy, ...]:
        return _copies(svhn_files(lambda file: bool(remote.sizes(file)), remote) or ())

    return Wanted(
        name="svhn",
        place=place,
        chosen=chosen,
        ready=ready,
        instead=f"put {' and '.join(SVHN_FILES)} into {folder / SVHN_FOLDERS[0]}",
        official=(str(published[0][0]).removesuffix(SVHN_FILES[0]),),
        files=_copies(SVHN_FILES),
    )


def _copies(files: tuple[str, ...]) -> tuple[Copy, ...]:
    return tuple(Copy(file, f"{SVHN_FOLDERS[0]}/{PurePosixPath(file).name}") for file in files)


def _decoded(files: tuple[Path, ...]) -> Dataset:
    """Mean and deviation are those of the training images."""
    train, test = map(_split, files)
    assert isinstance(train.images, torch.Tensor)
    hashed = content_hash(train, test)
    return Dataset("svhn", train, test, 10, *normalisation(train.images), hashed, files[0].parent.name)


def _split(file: Path) -> Split:
    """X is [32, 32, 3, n], y the digit of each image, where 10 is a zero."""
    from scipy.io import loadmat

    try:
        found = loadmat(BytesIO(read_regular(file, _MOST_BYTES)), variable_names=("X", "y"))
        images, labels = np.asarray(found["X"]), np.asarray(found["y"]).reshape(-1)
    except Exception as error:  # scipy's reader raises whatever broken content makes it stumble over
        raise DataError(f"{file}: is damaged, or lacks X or y: {error}") from error
    if images.dtype != np.uint8 or images.shape != (32, 32, 3, len(labels)) or not len(labels):
        raise DataError(
            f"{file}: expected bytes [32, 32, 3, {len(labels)}] in X, found {images.dtype} {images.shape}"
        )
    if labels.min() < 1 or labels.max() > 10:
        raise DataError(f"{file}: expected labels from 1 to 10 in y, found {labels.min()} to {labels.max()}")
    pixels = torch.from_numpy(np.ascontiguousarray(images.transpose(3, 2, 0, 1)))
    return Split(pixels, torch.from_numpy(labels.astype(np.int64) % 10))
