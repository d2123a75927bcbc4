"""Images and labels, in memory as bytes or in files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import torch
from torch import Tensor

from gst.data.files import ImageFiles


class Split(NamedTuple):
    """Images (uint8, [n, channels, height, width], or files of such) and the class of each (int64, [n])."""

    images: Tensor | ImageFiles
    labels: Tensor

    def to(self, device: torch.device | str) -> Split:
        """The split on that device."""
        return Split(self.images.to(device), self.labels.to(device))

    def at(self, indices: Tensor) -> Split:
        """The images of those indices (int64, [k]), in their order."""
        chosen = (
            self.images[indices]
            if isinstance(self.images, ImageFiles)
            else self.images.index_select(0, indices)
        )
        return Split(chosen, self.labels.index_select(0, indices))


@dataclass(frozen=True)
class Dataset:
    """A data set, or the part of one that a run trains on.

    `mean` and `std` are one for each channel, of pixels on a scale from 0 to 1; they turn bytes into
    what a network sees. `content_hash` is of the whole data set as it was decoded. `source` says
    what it was read from.

    Of the part that a run trains on, `validation` are the images that it holds out, `held_out` their
    indices (int64, rising) in the split that they were drawn from, and `noisy` which images of `train`
    have a wrong label (bool, [n]), `right_labels` their right labels; None where there is no such thing.
    `indices` (int64, [n], rising) are those of `train` in the training split of the whole data set; None is
    all of it.

    `left_out` (int64, rising) are images of that split which the run was told to leave out.

    `remarks` are sentences about what was there and is not in it, to be told before it is trained on.
    """

    name: str
    train: Split
    test: Split
    classes: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    content_hash: str
    source: str
    validation: Split | None = None
    held_out: Tensor | None = None
    noisy: Tensor | None = None
    right_labels: Tensor | None = None
    indices: Tensor | None = None
    left_out: Tensor | None = None
    remarks: tuple[str, ...] = ()

    @property
    def image(self) -> tuple[int, int, int]:
        """Channels, height and width."""
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width

    def to(self, device: torch.device | str) -> Self:
        """The data set on that device."""
        return replace(
            self,
            train=self.train.to(device),
            test=self.test.to(device),
            validation=None if self.validation is None else self.validation.to(device),
            noisy=None if self.noisy is None else self.noisy.to(device),
        )

    def train_indices(self) -> Tensor:
        """The index (int64, [n]) of each image of `train` in the training split of the whole data set."""
        return torch.arange(len(self.train.labels)) if self.indices is None else self.indices


def content_hash(train: Split, test: Split) -> str:
    """sha256 of both splits' shapes, images and labels: the same on any machine, cached or not."""
    digest = hashlib.sha256()
    for tensor in (*train, *test):
        assert isinstance(tensor, Tensor), "images in files are hashed by who lists them"
        digest.update(f"{tensor.dtype} {tuple(tensor.shape)};".encode())
        digest.update(tensor.contiguous().view(-1).numpy().data)
    return digest.hexdigest()


class Normalisation(NamedTuple):
    """Mean and standard deviation of each channel, of pixels on a scale from 0 to 1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""The customary constants of ImageNet's training images."""


def normalisation(images: Tensor) -> Normalisation:
    """Mean and deviation of images (uint8, [n, channels, height, width]), from exact integer sums.

    A channel without any contrast gets a standard deviation of 1: it becomes 0.
    """
    means, stds = [], []
    for channel in range(images.shape[1]):
        counts = torch.bincount(images[:, channel].flatten(), minlength=256).tolist()
        n = sum(counts)
        total = sum(value * count for value, count in enumerate(counts))
        squares = sum(value**2 * count for value, count in enumerate(counts))
        means.append(total / (255 * n))
        stds.append(((n * squares - total**2) / (255 * n) ** 2) ** 0.5 or 1.0)
    return Normalisation(tuple(means), tuple(stds))
