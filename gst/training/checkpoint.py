"""A run's state in a file that is either whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from gst.config import run_key
from gst.errors import DataError
from gst.training.state import State


def save(state: State, path: Path) -> None:
    """Write the state; a crash or a full disk at any moment leaves no file of that name, or the whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            torch.save({"key": run_key(state.spec), **state.state_dict()}, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def restore(state: State, path: Path) -> None:
    """Continue from that file. Only tensors and plain values are read from it, never code.

    Raises DataError for a file that is damaged or of another run.
    """
    try:
        content = torch.load(path, map_location=state.device, weights_only=True)
    except Exception as error:
        raise DataError(f"{path}: is not a readable checkpoint: {error}") from error
    if not isinstance(content, dict) or content.get("key") != run_key(state.spec):
        raise DataError(f"{path}: is a checkpoint of another run")
    state.load_state_dict(content)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
