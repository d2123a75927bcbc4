"""What a path leads to that is meant as an SQLite file, and whether SQLite can work with it there."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from gst.errors import StoreError
from gst.store.password import masked

LONGEST_PATH = 500
"""Bytes of a path that SQLite takes, with `-journal` at its end."""
LONGEST_NAME = 247
"""Bytes of a name, likewise."""

NETWORK = {
    "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.juicefs", "fuse.s3fs", "fuse.sshfs", "gfs2",
    "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs", "panfs", "smb3", "smbfs", "wekafs",
}  # fmt: skip


def is_there(path: Path) -> bool:
    """Whether there is a file, of whatever content. Raises StoreError where no file is or could be."""
    name = masked(str(path))
    for what, length, most in (
        ("path", len(os.fsencode(path)), LONGEST_PATH),
        ("name", len(os.fsencode(path.name)), LONGEST_NAME),
    ):
        if length > most:
            raise StoreError(f"{name[:80]}...: the {what} has {length} bytes; SQLite takes {most} at most")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise StoreError(f"{name}: is a link to {path.readlink()}, where there is nothing") from None
        return False
    except OSError as error:
        raise StoreError(f"{name}: {error.strerror}") from None
    if stat.S_ISDIR(mode):
        raise StoreError(f"{name}: is a folder, expected a file; the store in it may be {name}/gst.db")
    if not stat.S_ISREG(mode):
        raise StoreError(f"{name}: is a pipe or a device, expected a file")
    return True


def is_still(path: Path) -> bool:
    """Whether nobody writes that SQLite file, in a folder where its reader may write nothing either.

    Readers of a write-ahead log have files beside it. Where there is no log, they can do without.
    """
    return not lies_writable(path) and not log_bytes(path) and not Path(f"{path.resolve()}-shm").exists()


def hint_of_log(path: Path) -> str:
    """What hinders whoever may write nothing beside that file, after a semicolon, where something does."""
    if not log_bytes(path) or lies_writable(path):
        return ""
    return (
        f"; the newest rows are in {path.name}-wal, and reading them takes a folder that can be written: "
        f"copy {path.name} and {path.name}-wal to one of your own"
    )


def lies_writable(path: Path) -> bool:
    """Whether this user may write the folder of that file."""
    return os.access(path.resolve().parent, os.W_OK | os.X_OK)


def log_bytes(path: Path) -> int:
    """The size of the write-ahead log beside that file, 0 where there is none."""
    try:
        return Path(f"{path.resolve()}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def network_filesystem(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """The type of the network filesystem that the path lies on, or None: it is local, or nobody knows."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:  # not Linux
        return None
    path = path.resolve()
    kinds = {Path(_unescaped(fields[1])): fields[2] for fields in map(str.split, lines) if len(fields) > 2}
    # A later mount at the same place hides an earlier one, and the dictionary keeps the later.
    for folder in (path, *path.parents):
        if folder in kinds:
            return kinds[folder] if kinds[folder] in NETWORK else None
    return None


def _unescaped(text: str) -> str:
    r"""A mount point as it is: spaces and the like stand there as \040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
