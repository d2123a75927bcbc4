"""Small numbers as short text: two bytes each, deflated, in base64."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode

import numpy as np
from numpy.typing import ArrayLike, NDArray


def packed(numbers: ArrayLike) -> str:
    """Text of these whole numbers [n], from 0 to 65,535."""
    return b64encode(zlib.compress(np.asarray(numbers).astype("<u2").tobytes(), 9)).decode()


def unpacked(text: str) -> NDArray[np.int64]:
    """The numbers [n] that `packed` wrote."""
    return np.frombuffer(zlib.decompress(b64decode(text)), "<u2").astype(np.int64)
