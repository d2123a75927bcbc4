"""Data sets brought into the data folder: whole under their names, or not there at all."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gst.data.cache import ABANDONED, alone, writable
from gst.data.remote import Begun, Remote, remote_at
from gst.errors import DataError, GstError
from gst.paths import open_regular

STAGING = ".fetch-"
"""What the folders begin with in which files lie until they are all there."""
_AT_ONCE = 8

logger = logging.getLogger(__name__)


class Copy(NamedTuple):
    """A file at its origin, where it goes in the data folder, and its bytes, if they are told."""

    origin: str
    place: str
    size: int | None = None


class Wanted(NamedTuple):
    """A data set that may be fetched.

    `official` are the places of its published `files`, tried in turn. `chosen` gives the files of it that
    another place has, and none if that does not have all.
    `ready` makes the data set of the files in a folder and checks it: the file or folder that is to be moved.
    `instead` says what else one can do.
    """

    name: str
    place: Callable[[Path], Path | None]  # in a data folder, where that has it
    chosen: Callable[[Remote], Sequence[Copy]]
    ready: Callable[[Path], Path]
    instead: str
    official: tuple[str, ...] = ()
    files: tuple[Copy, ...] = ()


def _unheard(file: str, size: int | None) -> Callable[[int], object]:
    return lambda count: None


def fetch(wanted: Wanted, folder: Path, origin: str | None = None, begun: Begun = _unheard) -> Path:
    """The place of the data set in the data folder; it is fetched unless it is there already.

    It comes from the folder or URL `origin`, else from where it is published; `begun` is told of its files.
    Files are put under a name that nobody looks at, checked, and then given their own: whoever is killed
    leaves nothing half. Others who fetch into the folder wait; where files cannot be locked, as on some
    network file systems, all fetch.

    Raises DataError where it cannot be had, differs from what is published, or cannot be written.
    """
    if wanted.place(folder) is None and not writable(folder):
        raise DataError(
            f"{wanted.name} is not in {folder}, and nothing may be written there; {wanted.instead}"
        )
    with alone(folder / f"{STAGING}lock"):
        _remove_abandoned(folder)
        there = wanted.place(folder)
        if there is not None:
            return there
        with tempfile.TemporaryDirectory(prefix=STAGING, dir=folder, ignore_cleanup_errors=True) as place:
            staging = Path(place)
            _bring(wanted, staging, origin, begun)
            made = wanted.ready(staging)
            to = folder / made.relative_to(staging)
            try:
                made.rename(to)
            except OSError as error:  # one who did not wait was faster, or something else has the name
                raise DataError(
                    f"{to}: cannot be put there: {error.strerror}; remove what has the name, or use it"
                ) from error
            return to


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed processes have left, to which nobody has written for long."""
    for left in folder.glob(f"{STAGING}*/"):
        with suppress(OSError):  # where nobody waits, others end as we look; or it is not ours
            newest = max(it.lstat().st_mtime for it in (left, *left.rglob("*")))
            if time.time() - newest > ABANDONED:
                shutil.rmtree(left, ignore_errors=True)


def _bring(wanted: Wanted, staging: Path, origin: str | None, begun: Begun) -> None:
    """Put the files of the data set there, from the first place that gives them."""
    troubles = []
    for place in wanted.official if origin is None else (origin,):
        try:
            remote = remote_at(place)
            copies = wanted.files if origin is None else wanted.chosen(remote)
            if not copies:
                raise DataError(f"{place}: has no {wanted.name} that can be fetched; {wanted.instead}")
            logger.info("fetching %s from %s", wanted.name, place)
            _copy(remote, copies, staging, begun)
            return
        except GstError:
            raise
        except Exception as error:  # each file system has its own
            troubles.append(f"{place}: {_reason(error)}")
            shutil.rmtree(staging)
            staging.mkdir()
    if origin is None and not troubles:
        raise DataError(f"{wanted.name} is published nowhere that gst knows; {wanted.instead}")
    hint = (
        f", or copy it from a folder or URL: gst data fetch {wanted.name} --from PLACE" if not origin else ""
    )
    raise DataError(f"{wanted.name} cannot be downloaded ({'; '.join(troubles)}); {wanted.instead}{hint}")


def _reason(error: Exception) -> str:
    """What was wrong; urllib hides it in an error of its own, and some errors have no words."""
    return str(getattr(error, "reason", None) or error) or type(error).__name__


def _copy(remote: Remote, copies: Sequence[Copy], staging: Path, begun: Begun) -> None:
    if len(copies) == 1:
        _copied(remote, staging, begun, copies[0])
        return
    over = threading.Event()

    def heard(file: str, size: int | None) -> Callable[[int], object]:
        told = begun(file, size)

        def unless_over(count: int) -> None:
            if over.is_set():
                raise InterruptedError
            told(count)

        return unless_over

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            list(pool.map(partial(_copied, remote, staging, heard), copies))
        finally:  # Ctrl-C waits for threads
            over.set()
            pool.shutdown(cancel_futures=True)


def _copied(remote: Remote, staging: Path, begun: Begun, copy: Copy) -> None:
    to = staging / copy.place
    to.parent.mkdir(parents=True, exist_ok=True)
    remote.copy(copy.origin, to, begun)
    if copy.size not in (None, to.stat().st_size):
        raise OSError(f"{copy.origin}: ended after {to.stat().st_size} of {copy.size} bytes")


def refuse_other_file(file: Path, checksum: str) -> None:
    """Raise DataError where the md5 of a file is not the published one."""
    with open_regular(file) as content:
        found = hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != checksum:
        raise DataError(f"{file.name}: differs from the published one; it is damaged, or another file")


def refuse_other(wanted: Wanted, folder: Path, origin: str) -> None:
    """Raise DataError where the data folder has other files than the origin, by their names and sizes.

    Also where the origin cannot be asked.
    """
    try:
        copies = wanted.chosen(remote_at(origin))
    except GstError:
        raise
    except Exception as error:  # each file system has its own
        raise DataError(
            f"{wanted.name} is there already, and cannot be compared with {origin}: {_reason(error)}"
        ) from error
    for copy in copies:
        file = folder / copy.place
        size = file.stat().st_size if file.is_file() else None
        if size is None or copy.size not in (None, size):
            found = "is not there" if size is None else f"has {size} bytes"
            raise DataError(
                f"{file}: {found}, and {copy.size} at {origin}: {wanted.name} is there already and differs; "
                "nothing is overwritten, so remove it first"
            )
