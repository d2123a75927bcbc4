"""Public data sets that torchvision knows where to find."""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Literal

from gst.data.cache import alone, writable
from gst.errors import DataError


def downloaded(name: Literal["MNIST", "CIFAR10", "CIFAR100"], folder: Path, *, instead: str) -> None:
    """Fetch that data set into the folder, unless it is there and whole.

    Raises DataError where it cannot be fetched; `instead` tells what the user may do.
    """
    import torchvision

    if not writable(folder):
        raise DataError(f"{name} is not in {folder}, and nothing may be written there; {instead}")
    try:
        with alone(folder / ".download.lock"):
            getattr(torchvision.datasets, name)(folder, download=True)
    except (OSError, RuntimeError, http.client.HTTPException) as error:
        raise DataError(f"{name} is not in {folder} and cannot be downloaded ({error}); {instead}") from error
