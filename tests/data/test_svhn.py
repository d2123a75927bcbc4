"""SVHN from its two MATLAB files, in miniature."""

import hashlib

import numpy as np
import pytest
import torchvision
from scipy.io import savemat

from gst.config import DataConfig
from gst.data import load_dataset
from gst.data.fetch import fetch
from gst.data.load import wanted
from gst.errors import DataError

SVHN = DataConfig(name="svhn")
GENERATOR = np.random.default_rng(0)
IMAGES = {split: GENERATOR.integers(256, size=(32, 32, 3, 3), dtype=np.uint8) for split in ("train", "test")}
LABELS = {"train": [1, 10, 9], "test": [10, 2, 2]}


def write(place, **changes):
    place.mkdir(parents=True, exist_ok=True)
    for split, images in IMAGES.items():
        content = {"X": images, "y": np.array(LABELS[split], np.uint8)[:, None]} | changes
        savemat(place / f"{split}_32x32.mat", content)


@pytest.mark.parametrize("place", ["svhn", "."])
def test_images_and_labels(folder, place):
    write(folder / place)
    dataset = load_dataset(SVHN, folder)
    for split, found in (("train", dataset.train), ("test", dataset.test)):
        for number in range(3):
            assert found.images[number].tolist() == [
                IMAGES[split][:, :, channel, number].tolist() for channel in range(3)
            ]
        assert found.labels.tolist() == [label if label < 10 else 0 for label in LABELS[split]]
    assert (dataset.name, dataset.classes, dataset.image) == ("svhn", 10, (3, 32, 32))
    assert np.allclose(dataset.mean, IMAGES["train"].mean(axis=(0, 1, 3)) / 255)
    assert np.allclose(dataset.std, IMAGES["train"].std(axis=(0, 1, 3)) / 255)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"X": IMAGES["train"].astype(np.int16)}, r"expected bytes \[32, 32, 3, 3\] in X, found int16"),
        (
            {"X": IMAGES["train"][..., :2]},
            r"expected bytes \[32, 32, 3, 3\] in X, found uint8 \(32, 32, 3, 2\)",
        ),
        ({"y": [0, 1, 2]}, "expected labels from 1 to 10 in y, found 0 to 2"),
        ({"y": [11, 1, 2]}, "expected labels from 1 to 10 in y, found 1 to 11"),
    ],
)
def test_files_of_another_form(folder, changes, said):
    write(folder / "svhn", **changes)
    with pytest.raises(DataError, match=said):
        load_dataset(SVHN, folder)


def test_damaged_and_missing_files(folder):
    write(folder / "svhn")
    (folder / "svhn" / "train_32x32.mat").write_bytes(b"MATLAB" + bytes(200))
    with pytest.raises(DataError, match=r"train_32x32.mat: is damaged, or lacks X or y"):
        load_dataset(SVHN, folder)
    (folder / "svhn" / "test_32x32.mat").unlink()
    with pytest.raises(DataError, match=r"lacks svhn/test_32x32.mat"):
        load_dataset(SVHN, folder)


def test_it_is_fetched_and_compared_with_the_published_checksums(folder, served, monkeypatch):
    write(served.root)
    kind = torchvision.datasets.SVHN
    assert [kind.split_list[it][2] for it in ("train", "test")] == [
        "e26dedcc434d2e4c54c9b2d4a06d8373", "eb5a983be6a315427106f1b164d9cef3",
    ]  # fmt: skip
    with pytest.raises(DataError, match=r"train_32x32.mat: differs from the published one"):
        fetch(wanted(SVHN, folder), folder, served.url)
    assert not (folder / "svhn").exists()
    made = {
        split: [f"{served.url}/{file}", file, hashlib.md5((served.root / file).read_bytes()).hexdigest()]
        for split, file in (("train", "train_32x32.mat"), ("test", "test_32x32.mat"))
    }
    monkeypatch.setattr(kind, "split_list", made)
    assert load_dataset(SVHN, folder).source == "svhn"
