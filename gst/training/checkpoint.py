"""A run's state as a file."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import BinaryIO, NamedTuple, cast

import torch

from gst.config import run_key
from gst.errors import DataError
from gst.training.state import State

OF_THE_MACHINE = (MemoryError, torch.OutOfMemoryError, torch.AcceleratorError)
"""Errors that say nothing of the file that is read."""

NUMERICS: Mapping[str, int] = {"cpu": 2, "cuda": 1}
"""The version of gst's arithmetic on each kind of device. Runs of two versions differ in their last bits.

Version 2 on a CPU has the channels of a pixel side by side. Files without a version are of version 1.
"""


class Arithmetic(NamedTuple):
    """The kind of device that a state was trained on, and the version of gst's arithmetic there."""

    device: str
    version: int


def save(state: State, file: BinaryIO) -> str:
    """Write the state to that open file; the sha256 of what was to be written."""
    hashed = _Hashed(file)
    device = state.device.type
    arithmetic = {"device": device, "numerics": NUMERICS[device]}
    torch.save({"key": run_key(state.spec), **arithmetic, **state.state_dict()}, cast(BinaryIO, hashed))
    return hashed.sha256.hexdigest()


def restore(
    state: State, file: BinaryIO, name: str, epoch: int, *, former: Collection[str] = ()
) -> Arithmetic:
    """Continue after that epoch from that open file; the arithmetic that its last epochs were trained with.

    Only tensors and plain values are read, never code. The file may bear one of the run's `former` keys.

    Raises DataError, which calls the file by that name, where it is damaged, of another run or epoch; what is
    in the state then is of no use.
    """
    try:
        content = torch.load(file, map_location=state.device, weights_only=True)
    except OF_THE_MACHINE:
        raise
    except Exception as error:
        raise DataError(f"{name}: is not a readable checkpoint: {_first_line(error)}") from error
    if not isinstance(content, dict) or content.get("key") not in (run_key(state.spec), *former):
        raise DataError(f"{name}: is a checkpoint of another run")
    if content.get("next_epoch") != epoch + 1:
        found = content.get("next_epoch")
        raise DataError(f"{name}: is the state before epoch {found!r}, and that before {epoch + 1} is wanted")
    try:
        state.load_state_dict(content)
    except OF_THE_MACHINE:
        raise
    except Exception as error:
        raise DataError(f"{name}: does not fit the run: {_first_line(error)}") from error
    return Arithmetic(content.get("device", state.device.type), content.get("numerics", 1))


class _Hashed:
    """A file that is written from its start to its end, and the hash of that."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def write(self, content: bytes | memoryview) -> int:
        """Write the next bytes."""
        self.sha256.update(content)
        return self._file.write(content)

    def flush(self) -> None:
        """Pass on what is buffered."""
        self._file.flush()


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
