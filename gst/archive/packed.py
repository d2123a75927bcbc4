"""Small numbers as short text: two bytes each, deflated, in base64."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence


def packed(numbers: Sequence[int]) -> str:
    """Text of these whole numbers, from 0 to 65,535."""
    return b64encode(zlib.compress(struct.pack(f"<{len(numbers)}H", *numbers), 9)).decode()


def unpacked(text: str) -> list[int]:
    """The numbers that `packed` wrote."""
    content = zlib.decompress(b64decode(text))
    return list(struct.unpack(f"<{len(content) // 2}H", content))
