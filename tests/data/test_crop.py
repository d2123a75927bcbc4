"""Crops of pictures, against torchvision's own transforms."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from gst.data.crop import AREA, RATIO, Box, central_crop, random_box, random_crop

SIZES = [(500, 375), (375, 500), (224, 224), (40, 900), (900, 40), (1, 1), (3, 2)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def picture(width, height):
    pixels = np.random.default_rng(0).integers(256, size=(height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def pixels(image):
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


@pytest.mark.parametrize("size", SIZES)
def test_boxes_are_torchvisions(size):
    with torch.random.fork_rng(devices=[]):
        for seed in range(200):
            torch.manual_seed(seed)
            theirs = transforms.RandomResizedCrop.get_params(picture(*size), list(AREA), list(RATIO))
            assert random_box(*size, generator(seed)) == Box(*theirs)


def test_random_crops_are_torchvisions_random_resized_crop_and_flip():
    image = picture(90, 70)
    transform = transforms.Compose(
        [
            transforms.RandomResizedCrop(224, scale=(0.1, 1.0), ratio=(0.8, 1.25)),
            transforms.RandomHorizontalFlip(),
        ]
    )
    with torch.random.fork_rng(devices=[]):
        for seed in range(20):
            torch.manual_seed(seed)
            assert torch.equal(random_crop(image, generator(seed)), pixels(transform(image)))


@pytest.mark.parametrize("size", SIZES[:4])
def test_central_crops_are_torchvisions_resize_and_center_crop(size):
    image = picture(*size)
    expected = transforms.CenterCrop(224)(transforms.Resize(256)(image))
    found = central_crop(image)
    assert (found.dtype, found.shape) == (torch.uint8, (3, 224, 224))
    assert torch.equal(found, pixels(expected))


def test_same_seed_same_crop_other_seed_another():
    image = picture(90, 70)
    first, again, other = (random_crop(image, generator(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_boxes_have_the_shares_and_ratios_that_were_asked_for():
    width, height = 1000, 800
    boxes = [random_box(width, height, generator(seed)) for seed in range(500)]
    shares = [box.width * box.height / (width * height) for box in boxes]
    ratios = [box.width / box.height for box in boxes]
    assert 0.099 < min(shares) < 0.12
    assert 0.9 < max(shares) < 1.001
    assert 0.79 < min(ratios) < 0.82
    assert 1.22 < max(ratios) < 1.26
    assert all(0 <= box.top <= height - box.height and 0 <= box.left <= width - box.width for box in boxes)
    assert len({box.top for box in boxes}) > 200


def test_half_of_all_crops_are_flipped():
    """Of a picture that is black on its left and white on its right."""
    halves = np.zeros((64, 64, 3), np.uint8)
    halves[:, 32:] = 255
    image, n = Image.fromarray(halves), 300
    found = [random_crop(image, generator(seed)).float().mean(dim=(0, 1)) for seed in range(n)]
    told = [row[-1] > row[0] for row in found if row[-1] != row[0]]
    assert abs(sum(told) - len(told) / 2) < 5 * (len(told) / 4) ** 0.5
    assert len(told) > n / 3
