from dataclasses import replace

import numpy as np
import pytest
import sklearn
import torch
from sklearn.datasets import load_digits

from gst.data import Split
from gst.data.dataset import content_hash, normalisation
from gst.data.digits import digits


def split(pixels, labels):
    images = torch.tensor(pixels, dtype=torch.uint8).view(-1, 1, 1, 2)
    return Split(images, torch.tensor(labels, dtype=torch.int64))


A = split([1, 2, 3, 4], [0, 1])
B = split([5, 6], [1])


def test_hash_is_of_the_content_and_stays_what_it_is():
    assert content_hash(A, B) == content_hash(split([1, 2, 3, 4], [0, 1]), split([5, 6], [1]))
    assert content_hash(A, B) == "147d2ed01597fe4549601e9f0135e0f512b0af4a34fa7acadbb9c6d71ea1299c"


@pytest.mark.parametrize(
    "other",
    [
        (B, A),
        (split([1, 2, 3, 5], [0, 1]), B),
        (split([1, 2, 3, 4], [1, 1]), B),
        (split([3, 4, 1, 2], [1, 0]), B),
        (split([1, 2, 3, 4, 5, 6], [0, 1, 1]), split([], [])),
        (Split(A.images.view(2, 1, 2, 1), A.labels), B),
    ],
)
def test_hash_sees_every_difference(other):
    assert content_hash(*other) != content_hash(A, B)


def test_hash_does_not_depend_on_how_memory_is_laid_out():
    strided = torch.stack((A.images, A.images), dim=-1)[..., 0]
    assert not strided.is_contiguous()
    assert content_hash(Split(strided, A.labels), B) == content_hash(A, B)


def test_normalisation_of_black_and_white():
    images = torch.tensor([[0, 255], [7, 7]], dtype=torch.uint8).view(1, 2, 1, 2)
    assert normalisation(images) == ((0.5, 7 / 255), (0.5, 1.0))


def test_normalisation_agrees_with_numpy():
    images = torch.randint(256, (50, 3, 8, 9), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    pixels = images.numpy().astype(np.float64) / 255
    mean, std = normalisation(images)
    np.testing.assert_allclose(mean, pixels.mean(axis=(0, 2, 3)), rtol=1e-13)
    np.testing.assert_allclose(std, pixels.std(axis=(0, 2, 3)), rtol=1e-13)


def test_shape(toy):
    assert toy().image == (3, 2, 3)


def test_to_moves_both_splits_and_nothing_else(toy):
    dataset = toy()
    moved = dataset.to("meta")
    devices = {tensor.device.type for part in (moved.train, moved.test) for tensor in part}
    assert devices == {"meta"}
    assert replace(moved, train=dataset.train, test=dataset.test) == dataset


def test_digits_are_scikit_learns():
    dataset = digits()
    assert dataset.train.images.shape == (1797, 1, 8, 8)
    assert dataset.train.images.dtype == torch.uint8
    assert dataset.train.images.unique().tolist() == list(range(0, 241, 15))
    assert dataset.train.images[0, 0, 0].tolist() == [0, 0, 75, 195, 135, 15, 0, 0]
    assert dataset.train.labels[:10].tolist() == list(range(10))
    assert dataset.train.labels.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert len(dataset.test.labels) == 0
    assert dataset.content_hash == "b70a202c9009aa9ea46a1f60435361e78b9275ea163a0596ea6d93377c53cb94"
    assert dataset.source.startswith("scikit-learn ")


def test_digits_are_those_that_scikit_learn_loads():
    dataset = digits()
    levels, classes = load_digits(return_X_y=True)
    assert np.array_equal(dataset.train.images.numpy().reshape(-1, 64), (levels * 15).astype(np.uint8))
    assert dataset.train.labels.tolist() == classes.tolist()
    assert dataset.source == f"scikit-learn {sklearn.__version__}, load_digits"
