"""A data set that a function in a Python file of the user gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gst.config.user_code import UserCode, called, fault, misfit
from gst.data.dataset import Dataset, Split, content_hash, normalisation
from gst.errors import ConfigError

KEY = "data.module"


def user_data(code: UserCode, folder: Path) -> Dataset:
    """The data set that the function makes when it is given the data folder: training and test images.

    Each is a pair of images and labels, or a torch data set of such pairs. Images are bytes, or floats from 0
    to 1, which become the nearest of 256 levels: [n, channels, height, width], or [n, height, width]; in a
    torch data set pictures of Pillow will do. Classes are 0 to the largest training label. Mean and
    deviation are those of the training images.

    Raises ConfigError, with file and line, where the function raises or gives something else.
    """
    given = called(code, KEY, (folder,), "the data folder")
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise misfit(
            code, KEY, f"{code.name} gives {_told(given)}, expected training and test images: a pair"
        )
    train, test = (_split(code, it, name) for it, name in zip(given, ("training", "test"), strict=True))
    assert isinstance(train.images, Tensor)
    classes = int(train.labels.max()) + 1
    if train.images.shape[1:] != test.images.shape[1:]:
        shapes = [tuple(it.images.shape[1:]) for it in (train, test)]
        raise misfit(code, KEY, f"training images are {shapes[0]} and test images {shapes[1]}")
    if classes > len(train.labels):
        wanted = f"labels below the number of training images, {len(train.labels)}"
        raise misfit(code, KEY, f"expected {wanted}, found {classes - 1}")
    if int(test.labels.max()) >= classes:
        raise misfit(
            code, KEY, f"test labels go up to {int(test.labels.max())}, training labels to {classes - 1}"
        )
    hashed = content_hash(train, test)
    return Dataset(code.name, train, test, classes, *normalisation(train.images), hashed, code.file)


def _split(code: UserCode, given: Any, name: str) -> Split:
    def refused(wanted: str, found: object) -> ConfigError:
        return misfit(code, KEY, f"expected {wanted}, found {_told(found)}")

    try:
        pair = given if _is_pair(given) else _collected(given)
        if pair is None:
            raise refused(f"{name} images and labels, a pair, or a data set of such pairs", given)
        pixels, numbers = _array(pair[0]), _array(pair[1])
        if pixels.ndim == 3:
            pixels = pixels.unsqueeze(1)
        if pixels.ndim != 4 or not pixels.numel() or pixels.shape[1] > 4 >= pixels.shape[3] > 2:
            raise refused(f"{name} images as [n, channels, height, width]", pixels)
        if pixels.is_floating_point():
            low, high = float(pixels.min()), float(pixels.max())
            if not (low >= 0 and high <= 1):
                wanted = f"{name} images of floats from 0 to 1, or of bytes, before any normalisation"
                raise misfit(code, KEY, f"expected {wanted}, found floats from {low:g} to {high:g}")
            pixels = (pixels * 255).round()
        elif pixels.dtype != torch.uint8:
            raise refused(f"{name} images of bytes, or of floats from 0 to 1", pixels)
        pixels = pixels.to(torch.uint8).contiguous()
    except ConfigError:
        raise
    except Exception as error:  # whatever the user's data set raises, or cannot become an array
        raise fault(code, KEY, error, f"the {name} images and labels of {code.name}") from error
    if numbers.ndim != 1 or numbers.is_floating_point() or len(numbers) != len(pixels):
        raise refused(f"{len(pixels)} whole numbers as {name} labels", numbers)
    if int(numbers.min()) < 0:
        raise misfit(code, KEY, f"expected {name} labels from 0, found {int(numbers.min())}")
    return Split(pixels, numbers.to(torch.int64))


def _is_pair(given: Any) -> bool:
    return isinstance(given, tuple | list) and len(given) == 2


def _collected(given: Any) -> tuple[Tensor, list[int]] | None:
    """The images and labels of a torch data set; None of what is none."""
    pairs: list[Any] = (
        [given[index] for index in range(len(given))] if hasattr(given, "__getitem__") else [None]
    )
    if not all(map(_is_pair, pairs)):
        return None
    return torch.stack([_picture(image) for image, _ in pairs]), [int(label) for _, label in pairs]


def _picture(image: Any) -> Tensor:
    """An image as a tensor, [channels, height, width]; Pillow's have channels last."""
    if isinstance(image, Tensor):
        return image
    found = torch.from_numpy(np.array(image))
    return found.unsqueeze(0) if found.ndim == 2 else found.permute(2, 0, 1)


def _array(values: Any) -> Tensor:
    return torch.as_tensor(values if isinstance(values, Tensor | Sequence) else np.asarray(values))


def _told(value: Any) -> str:
    is_array = isinstance(value, Tensor | np.ndarray)
    return f"{value.dtype} {tuple(value.shape)}" if is_array else f"a {type(value).__name__}"
