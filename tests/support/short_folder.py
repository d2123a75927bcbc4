"""A folder with a short path: sockets lie in it, and a socket's path has at most 107 characters."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short_folder() -> Iterator[Path]:
    """A new folder, gone after the context; pytest's own have long paths, and Ray adds to them."""
    folder = Path(tempfile.mkdtemp(prefix="gst-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
