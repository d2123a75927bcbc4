"""Images side by side in one picture, with lines of text below each: to see what a group of them is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from gst.data.dataset import Split

if TYPE_CHECKING:
    from PIL.Image import Image

TILE, MARGIN, LINE = 112, 12, 15
"""Pixels: the side of an image, what is left free around it, and the height of a line of text."""


class Tile(NamedTuple):
    """An image (uint8, [channels, height, width], 1 or 3 channels) and the lines below it."""

    pixels: Tensor
    lines: Sequence[str]


def pixels(split: Split, position: int) -> Tensor:
    """The image at that position as a network sees it before it is normalised (uint8, [c, h, w])."""
    images = split.images
    return images[position].cpu() if isinstance(images, Tensor) else images.decoded(position, None)


def contact_sheet(title: str, groups: Sequence[tuple[str, Sequence[Tile]]]) -> bytes:
    """A picture (PNG): under the title a row for each group, which begins with what it is."""
    from PIL import Image, ImageDraw, ImageFont

    width = max((len(tiles) for _, tiles in groups), default=1) * (TILE + MARGIN) + MARGIN
    rows = [_height(tiles) for _, tiles in groups]
    sheet = Image.new("RGB", (max(width, 640), 3 * LINE + sum(rows)), "white")
    draw, small, large = ImageDraw.Draw(sheet), ImageFont.load_default(12), ImageFont.load_default(15)
    draw.text((MARGIN, LINE // 2), title, fill="black", font=large)
    for number, (name, tiles) in enumerate(groups):
        top = 3 * LINE + sum(rows[:number])
        draw.text((MARGIN, top), name if tiles else f"{name}: none", fill="black", font=large)
        for place, tile in enumerate(tiles):
            left, upper = MARGIN + place * (TILE + MARGIN), top + 2 * LINE
            sheet.paste(_square(tile.pixels), (left, upper))
            for below, text in enumerate(tile.lines):
                draw.text((left, upper + TILE + 4 + below * LINE), text, fill="black", font=small)
    file = io.BytesIO()
    sheet.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _height(tiles: Sequence[Tile]) -> int:
    """Of a group's row, with its name."""
    lines = max((len(tile.lines) for tile in tiles), default=0)
    return 2 * LINE + 2 * MARGIN + (TILE + lines * LINE if tiles else 0)


def _square(pixels: Tensor) -> Image:
    """The image as a square of the tile's side; small ones keep sharp edges."""
    from PIL import Image

    colours = pixels.to(torch.uint8).expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy()
    small = max(colours.shape[:2]) < TILE
    method = Image.Resampling.NEAREST if small else Image.Resampling.BILINEAR
    return Image.fromarray(colours).resize((TILE, TILE), method)
