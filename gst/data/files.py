"""Images that stay in their files until a batch of them is made."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gst.data.crop import SIDE, central_crop, random_crop
from gst.data.picture import MOST_BYTES, opened
from gst.paths import read_regular


@dataclass(frozen=True)
class ImageFiles:
    """Pictures of any size in files of a folder, of which networks see 224 by 224 pixels in colour.

    A split treats it as it does a tensor of images: it can be indexed, and has a shape.
    """

    folder: Path
    names: NDArray[np.bytes_]  # [n]; bytes, for there are millions

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Images, channels, and height and width of what networks see."""
        return len(self.names), 3, SIDE, SIDE

    def __getitem__(self, which: Tensor | slice) -> ImageFiles:
        return replace(self, names=self.names[which if isinstance(which, slice) else which.cpu().numpy()])

    def to(self, device: torch.device | str) -> ImageFiles:
        """These files: they are on no device, and decoded images are moved batch by batch."""
        return self

    def decoded(self, index: int, seed: int | None) -> Tensor:
        """The crop of an image that a network sees, with a seed a random one (uint8, [3, 224, 224]).

        Raises DataError for a file that is no readable image.
        """
        file = self.folder / os.fsdecode(self.names[index])
        with opened(partial(read_regular, file, MOST_BYTES), str(file)) as image:
            picture = image.convert("RGB")
        return central_crop(picture) if seed is None else random_crop(picture, _generator(seed))


def decoded(
    files: ImageFiles, parts: Sequence[slice | Tensor], augment: torch.Generator | None
) -> Iterator[Tensor]:
    """The images of each part (uint8, [k, 3, 224, 224], on the CPU); the next part is decoded meanwhile.

    As many threads decode as torch computes with. With `augment`, from which a seed is drawn for each
    image, every image is a random part of its picture, whatever the number of threads.
    """
    seeds = None if augment is None else torch.randint(2**63 - 1, (len(files.names),), generator=augment)
    starts = np.cumsum([0, *(len(files[part].names) for part in parts)])
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:

        def begun(number: int) -> list[Future[Tensor]]:
            part = files[parts[number]]
            own = None if seeds is None else seeds[starts[number] : starts[number + 1]].tolist()
            return [
                pool.submit(part.decoded, index, None if own is None else own[index])
                for index in range(len(part.names))
            ]

        try:
            ahead = begun(0) if parts else []
            for number in range(len(parts)):
                current, ahead = ahead, begun(number + 1) if number + 1 < len(parts) else []
                yield torch.stack([it.result() for it in current])
        finally:
            pool.shutdown(cancel_futures=True)


def _generator(seed: int) -> torch.Generator:
    generator = torch.Generator()
    generator.manual_seed(seed)
    return generator
