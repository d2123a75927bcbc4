"""One picture from strangers: opened within bounds, or refused by name."""

from __future__ import annotations

import io
import threading
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gst.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BYTES = 100_000_000
"""Bytes of a picture's file."""
ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".pgm", ".ppm", ".pbm", ".tif", ".tiff", ".webp")
"""Whoever calls a file so means a picture; a file with another name is one if it can be opened as one."""

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
"""Those that Pillow reads by itself: for others it may start programs, as Ghostscript for EPS."""

_OPENING = threading.Lock()  # filters of warnings are the process's, and threads decode batches


@contextmanager
def opened(read: Callable[[], bytes], where: str) -> Iterator[Image]:
    """The picture in the content of a file, of which no pixel is decoded yet.

    Raises DataError, which begins with `where`, for a file that cannot be read or is no picture, for
    damage, also where it shows in this context, and for more pixels than Pillow deems safe (89 million).
    """
    from PIL import Image, UnidentifiedImageError

    try:
        content = read()
    except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DataError(f"{where}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        with _OPENING, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        with image:
            yield image
    except DataError:
        raise
    except UnidentifiedImageError as error:
        raise DataError(f"{where}: is not a readable image: expected one of {', '.join(FORMATS)}") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DataError(
            f"{where}: is too large, expected at most {Image.MAX_IMAGE_PIXELS:,} pixels: {error}"
        ) from error
    except Exception as error:  # Pillow's readers raise whatever a broken header makes them stumble over
        raise DataError(f"{where}: is not a readable image: {error}") from error


def is_picture(name: str, read: Callable[[], bytes], where: str) -> bool:
    """Whether the file is a picture: by the ending of its name, else by its content.

    Raises DataError for a file whose content is needed and cannot be read.
    """
    if name.lower().endswith(ENDINGS):
        return True
    from PIL import UnidentifiedImageError

    try:
        with opened(read, where):
            return True
    except DataError as error:
        if isinstance(error.__cause__, UnidentifiedImageError):
            return False
        raise
