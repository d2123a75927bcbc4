"""A disk of a few megabytes, which a test can fill."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTE = 2**20


class SmallDisk:
    """A file system of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    @property
    def free(self) -> int:
        """Bytes that fit."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def lock(self, locked: bool = True) -> None:
        """Have nobody write to it any more, or again."""
        _quietly("mount", "-o", f"remount,{'ro' if locked else 'rw'}", str(self.folder))

    def fill(self, *, leave: int = 0) -> None:
        """Have no more than so many bytes left."""
        with self._ballast.open("ab") as file:
            file.write(bytes(max(0, self.free - leave)))

    def clear(self) -> None:
        """Give back what was filled."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A disk of that size, mounted at that new folder, which needs root; gone after the context."""
    folder.mkdir()
    _quietly("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield SmallDisk(folder)
    finally:
        _quietly("umount", "--lazy", str(folder))


def may_mount() -> bool:
    """Whether this process may mount a disk: root, and not in a container without the right to."""
    if os.getuid() != 0:
        return False
    inside = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(inside, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def _quietly(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
