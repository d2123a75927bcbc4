"""Tiny-ImageNet as it is published, in miniature."""

import hashlib
import zipfile

import numpy as np
import pytest
from PIL import Image

from gst.config import DataConfig
from gst.data import load_dataset, tiny_imagenet
from gst.errors import DataError

TINY = DataConfig(name="tiny_imagenet")
WNIDS = ("n02", "n01")


def grey(level):
    return np.full((64, 64, 3), level, np.uint8)


@pytest.fixture
def place(folder):
    place = folder / "tiny-imagenet-200"
    lines = []
    for number, wnid in enumerate(WNIDS):
        (place / "train" / wnid / "images").mkdir(parents=True)
        (place / "train" / wnid / f"{wnid}_boxes.txt").write_text("n_0.JPEG\t0\t0\t62\t62\n")
        for index in range(2):
            level = 10 * (2 * number + index)
            Image.fromarray(grey(level)).save(place / "train" / wnid / "images" / f"{wnid}_{index}.JPEG")
        lines.append(f"val_{number}.JPEG\t{wnid}\t0\t32\t44\t62\n")
    (place / "val" / "images").mkdir(parents=True)
    for number in range(2):
        Image.fromarray(grey(100 + number)).save(place / "val" / "images" / f"val_{number}.JPEG")
    (place / "val" / "val_annotations.txt").write_text("".join(lines))
    (place / "test" / "images").mkdir(parents=True)  # without labels, and not read
    (place / "test" / "images" / "test_0.JPEG").write_bytes(b"")
    return place


def zipped(place):
    archive = place.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as file:
        for it in place.rglob("*"):
            file.write(it, it.relative_to(place.parent))
    return archive


def levels(split):
    """The grey of each image, which JPEG may change by little."""
    return [round(float(image.float().mean())) for image in split.images]


def test_images_and_labels(place, folder):
    dataset = load_dataset(TINY, folder)
    assert (levels(dataset.train), dataset.train.labels.tolist()) == ([20, 30, 0, 10], [0, 0, 1, 1])
    assert (levels(dataset.test), dataset.test.labels.tolist()) == ([100, 101], [1, 0])
    assert (dataset.name, dataset.classes, dataset.image) == ("tiny_imagenet", 2, (3, 64, 64))
    assert np.allclose(dataset.mean, 15 / 255, atol=1e-3)
    zipped(place)
    for it in sorted(place.rglob("*"), reverse=True):
        it.rmdir() if it.is_dir() else it.unlink()
    place.rmdir()
    packed = load_dataset(TINY, folder)
    assert (packed.content_hash, packed.source) == (dataset.content_hash, "tiny-imagenet-200.zip")


def test_what_is_out_of_place(place, folder):
    annotations = place / "val" / "val_annotations.txt"
    annotations.write_text("val_0.JPEG\tn03\nval_1.JPEG\tn01\n")
    with pytest.raises(DataError, match=r"val_annotations.txt has classes that train/ lacks: n03"):
        load_dataset(TINY, folder)
    annotations.write_text("val_0.JPEG\tn01\nval_1.JPEG n01\n")
    with pytest.raises(
        DataError, match=r"val_annotations.txt:2: expected a file and its class, found 'val_1"
    ):
        load_dataset(TINY, folder)
    annotations.unlink()
    with pytest.raises(DataError, match="is not laid out as Tiny-ImageNet is"):
        load_dataset(TINY, folder)


def test_it_is_fetched_and_compared_with_the_published_checksum(place, folder, served, monkeypatch):
    archive = zipped(place)
    archive.rename(served.root / archive.name)
    place.rename(served.root / place.name)
    monkeypatch.setattr(tiny_imagenet, "ORIGIN", f"{served.url}/")
    with pytest.raises(DataError, match=r"tiny-imagenet-200.zip: differs from the published one"):
        load_dataset(TINY, folder)
    assert not archive.exists()
    monkeypatch.setattr(
        tiny_imagenet, "MD5", hashlib.md5((served.root / archive.name).read_bytes()).hexdigest()
    )
    assert load_dataset(TINY, folder).classes == 2
