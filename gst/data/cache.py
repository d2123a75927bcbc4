"""Decoded data sets on disk: one file each, whole or not there, mapped into memory by all who train on it."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import torch

from gst.data.dataset import Dataset, Split, content_hash
from gst.paths import user_cache_folder

DECODED = ".decoded"
"""The folder in which they are."""

FORMAT = 1
"""To be raised whenever decoding the same files gives something else."""

logger = logging.getLogger(__name__)


def fingerprint(files: Iterable[tuple[str, os.stat_result]]) -> str:
    """A hash of the names, sizes and modification times of the files that a data set is made from."""
    digest = hashlib.sha256()
    for name, stat in files:
        digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def cached(folder: Path, name: str, version: str, decode: Callable[[], Dataset]) -> Dataset:
    """The data set of that name and fingerprint: from its file if there is one, else decoded and kept.

    Files are in `.decoded` in the data folder or, where that cannot be written, in the user's cache
    folder. One process decodes while others wait. A damaged file is decoded again. Where nothing
    can be written, the data set is decoded every time.
    """
    homes = folder, user_cache_folder()
    file = f"{name}-{version}-{FORMAT}.pt"
    found = _first(home / DECODED / file for home in homes)
    if found is not None:
        return found
    for home in homes:
        place = home / DECODED
        if not (writable(home) and writable(place)):
            continue
        with alone(place / f".{name}.lock"):
            found = _first([place / file])
            if found is not None:
                return found
            dataset = decode()
            _write(dataset, place / file)
            return dataset
    return decode()


def writable(folder: Path) -> bool:
    """Whether files may be made in that folder, which is made if it does not exist.

    A folder that nobody has leave to write is left alone by root too, who could: it is so on purpose.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return bool(folder.stat().st_mode & 0o222) and os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        return False


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One process at a time; where files cannot be locked, all at once, which only wastes work."""
    with ExitStack() as stack:
        with suppress(OSError):
            fcntl.flock(stack.enter_context(lock.open("a")), fcntl.LOCK_EX)
        yield


def _first(files: Iterable[Path]) -> Dataset | None:
    return next((dataset for file in files if (dataset := _read(file)) is not None), None)


def _read(file: Path) -> Dataset | None:
    if not file.is_file():
        return None
    try:
        content = torch.load(file, mmap=True, weights_only=True)
        dataset = Dataset(**content | {part: Split(*content[part]) for part in ("train", "test")})
    except Exception as error:
        logger.warning("%s is damaged and will be made again: %s", file, error)
        return None
    if content_hash(dataset.train, dataset.test) != dataset.content_hash:
        logger.warning("%s is damaged and will be made again: its content has changed", file)
        return None
    return dataset


def _write(dataset: Dataset, file: Path) -> None:
    """Keep the data set if possible: a full disk costs time later, but does not stop a run now."""
    content = vars(dataset) | {part: tuple(getattr(dataset, part)) for part in ("train", "test")}
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as stream:
            temporary = Path(stream.name)
            try:
                torch.save(content, stream)
                stream.flush()
                os.fsync(stream.fileno())
                temporary.chmod(0o644)  # it was made readable for its owner alone
                temporary.replace(file)
            finally:
                temporary.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        logger.warning("%s could not be written, so the data set will be decoded again: %s", file, error)
