import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gst.data.dataset import Dataset, Split, content_hash


@pytest.fixture(autouse=True)
def user_cache(tmp_path, monkeypatch):
    """A user's cache folder of the test's own."""
    folder = tmp_path / "user-cache"
    monkeypatch.setattr("gst.paths.platformdirs.user_cache_dir", lambda _name: str(folder))
    return folder


@pytest.fixture
def folder(tmp_path):
    """A data folder."""
    path = tmp_path / "data"
    path.mkdir()
    return path


@pytest.fixture
def toy():
    """Makes data sets of random images, 2 by 3 pixels, with labels as given."""

    def make(train_labels=(0, 1, 0, 1, 2, 2), test_labels=(0, 1, 2), channels=3, name="toy"):
        generator = torch.Generator().manual_seed(5)

        def split(labels):
            images = torch.randint(256, (len(labels), channels, 2, 3), generator=generator, dtype=torch.uint8)
            return Split(images, torch.tensor(labels, dtype=torch.int64))

        train, test = split(train_labels), split(test_labels)
        classes = max(train_labels) + 1
        constants = (0.25,) * channels, (0.5,) * channels
        return Dataset(name, train, test, classes, *constants, content_hash(train, test), "toy source")

    return make


@pytest.fixture
def write_idx():
    """Writes an array of bytes as a gzipped IDX file."""

    def write(path, values, magic=None):
        values = np.asarray(values, np.uint8)
        header = bytes((0, 0, 8, values.ndim)) if magic is None else magic
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(header + np.array(values.shape, ">u4").tobytes() + values.tobytes()))

    return write


@pytest.fixture
def write_images():
    """Writes pictures (arrays of bytes) under a folder, and that folder as a zip file beside it."""

    def write(folder: Path, pictures):
        for name, pixels in pictures.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.asarray(pixels, np.uint8)).save(path)
        with zipfile.ZipFile(folder.with_name(folder.name + ".zip"), "w") as archive:
            for path in sorted(
                folder.rglob("*"), reverse=True
            ):  # the order in a zip file is no one's concern
                archive.write(path, path.relative_to(folder))

    return write
