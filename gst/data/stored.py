"""A data set as it lies in the data folder, before any of it is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from gst.data.dataset import Dataset


class Stored(NamedTuple):
    """A data set that is whole as far as the names of its files tell.

    `name` is that of its decoded file, `files` gives what it is made from, and `decode` reads them.
    """

    name: str
    place: Path
    files: Callable[[], Mapping[str, os.stat_result]]
    decode: Callable[[], Dataset]
