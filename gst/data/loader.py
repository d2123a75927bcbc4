"""Batches that are made on the device that trains: no workers, no copies, no Python per image.

Images in files are the exception: they are decoded on the CPU.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from gst.data.dataset import Dataset, Split
from gst.data.files import ImageFiles, decoded

PADDING = 4
"""Black pixels on each side, out of which a crop of the old size is cut."""


class Batch(NamedTuple):
    """Normalised images (float32, [n, channels, height, width]) and their classes (int64, [n])."""

    images: Tensor
    labels: Tensor


class Augmentation(NamedTuple):
    """For each image the corner of its crop (int64, [n], 0 to 8) and whether to flip it (bool, [n])."""

    down: Tensor
    right: Tensor
    flip: Tensor


def batches(
    split: Split,
    batch_size: int,
    dataset: Dataset,
    *,
    order: torch.Generator | None = None,
    augment: torch.Generator | None = None,
) -> Iterator[Batch]:
    """The images of a split of the data set once each, on the split's device; the last batch may be short.

    They come in file order, or in a random one drawn from `order`. With `augment` each is cropped
    at random out of a black frame (images in files: out of its picture, and resized) and then flipped
    with probability 1/2. All draws are made on the CPU and before the first batch: they are the same
    for every device and batch size.
    """
    n, device = len(split.labels), split.labels.device
    mean = 255 * torch.tensor(dataset.mean, device=device).view(-1, 1, 1)
    std = 255 * torch.tensor(dataset.std, device=device).view(-1, 1, 1)
    sequence = None if order is None else torch.randperm(n, generator=order).to(device)
    parts = [
        slice(start, start + batch_size) if sequence is None else sequence[start : start + batch_size]
        for start in range(0, n, batch_size)
    ]
    if isinstance(split.images, ImageFiles):
        pixels = decoded(split.images, parts, augment)
    else:
        moves = None if augment is None else draw_augmentation(n, augment, device)
        pixels = _in_memory(split.images, parts, batch_size, moves)
    for part, images in zip(parts, pixels, strict=True):
        yield Batch(images.to(device).sub(mean).div_(std), split.labels[part])


def _in_memory(
    images: Tensor, parts: Sequence[slice | Tensor], batch_size: int, moves: Augmentation | None
) -> Iterator[Tensor]:
    """The images of each part (uint8, [k, channels, height, width]), moved if there are moves."""
    for number, part in enumerate(parts):
        # Image by image, where images[part] would gather pixel by pixel.
        taken = images[part] if isinstance(part, slice) else images.index_select(0, part)
        if moves is None:
            yield taken
        else:
            own = slice(number * batch_size, (number + 1) * batch_size)
            yield augmented(taken, Augmentation(*(move[own] for move in moves)))


def draw_augmentation(n: int, generator: torch.Generator, device: torch.device) -> Augmentation:
    """Random moves for n images, on that device but drawn on the CPU."""
    down, right = torch.randint(2 * PADDING + 1, (2, n), generator=generator).to(device)
    flip = torch.randint(2, (n,), generator=generator).to(device, torch.bool)
    return Augmentation(down, right, flip)


def augmented(images: Tensor, moves: Augmentation) -> Tensor:
    """The images (uint8, [n, channels, height, width]) framed in black, cropped and flipped, by one gather.

    The frame is black before normalisation, as torchvision pads images: it is not the mean colour.
    """
    n, channels, height, width = images.shape
    device = images.device
    framed = functional.pad(images, (PADDING,) * 4)
    columns = torch.arange(width, device=device)
    columns = torch.where(moves.flip[:, None], width - 1 - columns, columns) + moves.right[:, None]
    rows = torch.arange(height, device=device) + moves.down[:, None]
    return framed[
        torch.arange(n, device=device)[:, None, None, None],
        torch.arange(channels, device=device)[:, None, None],
        rows[:, None, :, None],
        columns[:, None, None, :],
    ]
