"""The crops of pictures for ImageNet's networks: a random part in training, the middle otherwise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 224
"""Pixels that a network sees, each way."""
SHORT_SIDE = 256
"""Pixels of the shorter side of the picture that the middle is cut from in tests."""
AREA, RATIO = (0.1, 1.0), (0.8, 1.25)
"""Random crops' shares of the picture, and their ratios of width to height (OpenLTH, for Jin et al. 2022)."""
ATTEMPTS = 10
"""After which a crop that does not fit into the picture gives way to its middle."""


class Box(NamedTuple):
    """A part of a picture, in pixels."""

    top: int
    left: int
    height: int
    width: int


def random_crop(picture: Image, generator: torch.Generator) -> Tensor:
    """A random part of the picture, resized and flipped with probability 1/2 (uint8, [3, 224, 224])."""
    from torchvision.transforms import functional

    box = random_box(*picture.size, generator)
    cropped = functional.resized_crop(picture, *box, [SIDE, SIDE])
    flip = bool(torch.rand((), generator=generator) < 0.5)
    return _pixels(functional.hflip(cropped) if flip else cropped)


def central_crop(picture: Image) -> Tensor:
    """The middle of the picture once its shorter side has 256 pixels (uint8, [3, 224, 224])."""
    from torchvision.transforms import functional

    return _pixels(functional.center_crop(functional.resize(picture, [SHORT_SIDE]), [SIDE, SIDE]))


def random_box(width: int, height: int, generator: torch.Generator) -> Box:
    """The box that torchvision's RandomResizedCrop would draw, were it to take a generator."""
    narrowest, widest = torch.log(torch.tensor(RATIO)).tolist()
    for _ in range(ATTEMPTS):
        area = width * height * _uniform(*AREA, generator).item()
        ratio = torch.exp(_uniform(narrowest, widest, generator)).item()
        wide, high = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < wide <= width and 0 < high <= height:
            return Box(_place(height - high, generator), _place(width - wide, generator), high, wide)
    wide, high = min(width, round(height * RATIO[1])), min(height, round(width / RATIO[0]))
    return Box((height - high) // 2, (width - wide) // 2, high, wide)


def _uniform(low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.empty(1).uniform_(low, high, generator=generator)


def _place(room: int, generator: torch.Generator) -> int:
    return int(torch.randint(room + 1, (1,), generator=generator))


def _pixels(picture: Image) -> Tensor:
    return torch.from_numpy(np.asarray(picture).transpose(2, 0, 1).copy())
