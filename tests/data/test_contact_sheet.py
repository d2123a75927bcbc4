"""A picture of images side by side."""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image

from gst.data.contact_sheet import LINE, MARGIN, TILE, Tile, contact_sheet, pixels
from gst.data.dataset import Split


def test_every_image_is_in_its_place():
    colours = torch.tensor([[[200]], [[10]], [[30]]], dtype=torch.uint8).expand(3, 4, 4)
    grey = torch.tensor([[[0, 255], [255, 0]]], dtype=torch.uint8)
    groups = [
        ("two", [Tile(colours, ("a", "b")), Tile(grey, ("c",))]),
        ("empty", []),
        ("one", [Tile(grey, ())]),
    ]
    sheet = np.array(Image.open(io.BytesIO(contact_sheet("Title", groups))))
    first = 3 * LINE + 2 * LINE
    assert (sheet[first : first + TILE, MARGIN : MARGIN + TILE] == (200, 10, 30)).all()
    square = sheet[first : first + TILE, 2 * MARGIN + TILE : 2 * (MARGIN + TILE)]
    half = TILE // 2
    assert (square[:half, half:] == 255).all()
    assert (square[:half, :half] == 0).all()
    third = 3 * LINE + 2 * (2 * LINE + 2 * MARGIN) + TILE + 2 * LINE + 2 * LINE
    assert (sheet[third : third + half, MARGIN : MARGIN + half] == 0).all()


def test_pixels_are_those_of_the_split():
    images = torch.arange(12, dtype=torch.uint8).reshape(3, 1, 2, 2)
    assert pixels(Split(images, torch.zeros(3)), 1).tolist() == [[[4, 5], [6, 7]]]
