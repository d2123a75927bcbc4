"""A run's state as a file."""

from __future__ import annotations

from typing import BinaryIO

import torch

from gst.config import run_key
from gst.errors import DataError
from gst.training.state import State


def save(state: State, file: BinaryIO) -> None:
    """Write the state to that open file."""
    torch.save({"key": run_key(state.spec), **state.state_dict()}, file)


def restore(state: State, file: BinaryIO, name: str) -> None:
    """Continue from that open file. Only tensors and plain values are read from it, never code.

    Raises DataError, which calls the file by that name, where it is damaged or of another run.
    """
    try:
        content = torch.load(file, map_location=state.device, weights_only=True)
    except Exception as error:
        raise DataError(f"{name}: is not a readable checkpoint: {error}") from error
    if not isinstance(content, dict) or content.get("key") != run_key(state.spec):
        raise DataError(f"{name}: is a checkpoint of another run")
    state.load_state_dict(content)
