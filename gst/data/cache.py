"""Decoded data sets on disk: one file each, whole or not there, mapped into memory by all who train on it."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import torch

from gst.data.dataset import Dataset, Split, content_hash
from gst.data.stored import Stored
from gst.errors import DataError
from gst.paths import user_cache_folder

DECODED = ".decoded"
"""The folder in which they are."""

FORMAT = 1
"""To be raised whenever decoding the same files gives something else."""

_TICK, _COARSE_TICK = 20_000_000, 2_000_000_000
"""Nanoseconds within which two changes may be stamped with one time, and where times are whole seconds."""
ABANDONED = 3600.0
"""Seconds after which nobody writes to a file any more that is not whole."""

logger = logging.getLogger(__name__)


def fingerprint(files: Callable[[], Mapping[str, os.stat_result]]) -> str:
    """A hash of the names, sizes and times of the files that a data set is made from.

    Nobody can set the second of their two times, that of the last change: a file that another one of the same
    size and time of modification replaces, as `cp -p` does, has a new one.
    """
    found = files()
    newest = max((it.st_ctime_ns for it in found.values()), default=0)
    tick = _COARSE_TICK if newest % 10**9 == 0 else _TICK
    if time.time_ns() - newest < tick:
        time.sleep(tick / 10**9)  # or a further change might be stamped with the same time
        found = files()
    digest = hashlib.sha256()
    for name, it in sorted(found.items()):
        digest.update(os.fsencode(name) + f"\0{it.st_size}\0{it.st_mtime_ns}\0{it.st_ctime_ns}\n".encode())
    return digest.hexdigest()[:16]


def load(folder: Path, stored: Stored) -> Dataset:
    """The data set from its decoded file, which is made if there is none (see `cached`)."""
    return cached(folder, stored.name, partial(fingerprint, stored.files), stored.decode)


def decoded(folder: Path, stored: Stored) -> Dataset | None:
    """The data set from its decoded file, if there is one of the files as they are now."""
    return _first(_homes(folder, stored.name), fingerprint(stored.files))


def cached(folder: Path, name: str, version: Callable[[], str], decode: Callable[[], Dataset]) -> Dataset:
    """The data set of that name and fingerprint: from its file if there is one, else decoded and kept.

    Files are in `.decoded` in the data folder or, where that cannot be written, in the user's cache
    folder. One process decodes while others wait. A damaged file is decoded again, and the file of an earlier
    version of the data set is removed. Where nothing can be written, the data set is decoded every time.

    Raises DataError where the version changes while the data set is decoded.
    """
    before, homes = version(), _homes(folder, name)
    found = _first(homes, before)
    if found is not None:
        return found

    def whole() -> Dataset:
        dataset = decode()
        if version() != before:
            raise DataError(
                f"{folder / name}: was changed while it was read; try again once it is as it should be"
            )
        return dataset

    for home, own in homes.items():
        place = home / DECODED
        if not (writable(home) and writable(place)):
            continue
        with alone(place / f".{own}.lock"):
            file = place / _file(own, before)
            found = _read(file)
            if found is not None:
                return found
            dataset = whole()
            _remove_others(file, own)
            _write(dataset, file)
            return dataset
    return whole()


def _homes(folder: Path, name: str) -> dict[Path, str]:
    """The folders that may have the decoded file, and what it is called there.

    In the user's are those of several data folders, which may have data sets of the same name.
    """
    whose = f"{name}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}"
    return {folder: name, user_cache_folder(): whose}


def _file(name: str, version: str) -> str:
    return f"{name}-{version}-{FORMAT}.pt"


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


def _first(homes: Mapping[Path, str], version: str) -> Dataset | None:
    files = (home / DECODED / _file(own, version) for home, own in homes.items())
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


def _remove_others(file: Path, name: str) -> None:
    """Remove earlier versions of the data set beside that file, and what killed writers have left."""
    versions = re.compile(rf"(\.)?{re.escape(name)}-[0-9a-z]+-{FORMAT}\.pt(?(1)\..+)", re.DOTALL)
    for other in list(file.parent.iterdir()):
        if other.name == file.name or not (found := versions.fullmatch(other.name)):
            continue
        with suppress(OSError):
            if not found[1] or time.time() - other.stat().st_mtime > ABANDONED:
                other.unlink()


def _write(dataset: Dataset, file: Path) -> None:
    """Keep the data set if possible: a full disk costs time later, but does not stop a run now."""
    content = vars(dataset) | {part: tuple(getattr(dataset, part)) for part in ("train", "test")}
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as stream:  # who may read it is for the umask to say
            torch.save(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except (OSError, RuntimeError) as error:
        logger.warning("%s could not be written, so the data set will be decoded again: %s", file, error)
    finally:
        with suppress(OSError):
            temporary.unlink()
