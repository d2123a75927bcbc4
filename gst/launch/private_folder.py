"""A folder that nobody else can enter: Ray keeps its sockets and logs there while a sweep runs."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gst.errors import GstError

PREFIX = "gst-ray-"

LONGEST = 36
"""Characters of its path: a socket's has 103 at most on macOS (107 on Linux), and what Ray adds takes 66."""

YOUNG_SECONDS = 60.0
"""The age up to which a folder without a lock may belong to a process that is about to lock it."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder of mode 0700 with a short path, which is removed after the context.

    It lies in RAY_TMPDIR, the folder for temporary files or /tmp, the first where the path is short enough.
    Folders of processes that were killed are removed too: this one is locked as long as its process lives.
    Raises GstError where none can be made, such as on a full disk.
    """
    try:
        parent = _parent()
        _remove_abandoned(parent)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        place = error.filename or tempfile.tempdir or "/tmp"
        raise GstError(
            f"{place}: no folder for Ray can be made: {error.strerror}; RAY_TMPDIR names another place"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # what Ray ended may still write for a moment
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def _parent() -> Path:
    named = (os.environ.get("RAY_TMPDIR"), tempfile.gettempdir(), "/tmp")
    folders = [Path(name).resolve() for name in named if name]
    name_length = len(f"/{PREFIX}") + 8
    return next(
        (it for it in folders if len(str(it)) + name_length <= LONGEST and os.access(it, os.W_OK | os.X_OK)),
        folders[-1],
    )


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # it is locked, someone else's, or gone by now
            found = folder.lstat()
            if found.st_uid != os.geteuid() or time.time() - found.st_mtime < YOUNG_SECONDS:
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
