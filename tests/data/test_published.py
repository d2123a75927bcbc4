"""The real data sets, where the data folder has them."""

import pytest

from gst.config import DataConfig
from gst.data import load_dataset
from gst.data.dataset import normalisation
from gst.paths import data_folder

MNIST = data_folder() / "mnist" / "train-images-idx3-ubyte.gz"
CIFAR10_IMAGES = data_folder() / "cifar10-images.zip"


@pytest.mark.skipif(not MNIST.is_file(), reason="GST_DATA_DIR has no MNIST")
def test_mnist():
    dataset = load_dataset(DataConfig(name="mnist"), data_folder())
    assert (dataset.name, len(dataset.train.labels), len(dataset.test.labels)) == ("mnist", 60_000, 10_000)
    assert dataset.image == (1, 28, 28)
    assert dataset.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert dataset.test.labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert dataset.content_hash == "77bd804cf38a616fc52bde85a425e84c3641f82c6ce2430b3cf3abc711851ef9"
    mean, std = normalisation(dataset.train.images)
    assert (round(mean[0], 4), round(std[0], 4)) == (*dataset.mean, *dataset.std)


@pytest.mark.slow
@pytest.mark.skipif(not CIFAR10_IMAGES.is_file(), reason="GST_DATA_DIR has no cifar10-images.zip")
def test_cifar10_as_images():
    dataset = load_dataset(DataConfig(name="folder", folder="cifar10-images.zip"), data_folder())
    assert (dataset.name, len(dataset.train.labels), len(dataset.test.labels)) == (
        "cifar10-images",
        50_000,
        10_000,
    )
    assert dataset.image == (3, 32, 32)
    assert dataset.train.labels.bincount().tolist() == [5_000] * 10
    assert dataset.test.labels.bincount().tolist() == [1_000] * 10
    assert [round(value, 2) for value in dataset.mean] == [0.49, 0.48, 0.45]
    assert [round(value, 2) for value in dataset.std] == [0.25, 0.24, 0.26]
