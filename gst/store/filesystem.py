"""Whether a file lies on a network filesystem, where SQLite's locks cannot be relied upon."""

from __future__ import annotations

import re
from pathlib import Path

NETWORK = {
    "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.juicefs", "fuse.s3fs", "fuse.sshfs", "gfs2",
    "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs", "panfs", "smb3", "smbfs", "wekafs",
}  # fmt: skip


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
