"""A PostgreSQL server of a test's own, which may be stopped and started without anyone else noticing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from short_folder import short_folder


def binaries() -> Path | None:
    """The folder of the newest server that is installed, or None."""
    version = Path("/usr/lib/postgresql")
    found = [folder for folder in version.glob("*/bin") if (folder / "pg_ctl").exists()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


class Server:
    """An empty server in a folder of its own; its superuser is `gst`, and it trusts everyone here."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._run("initdb", "-D", self._data, "-U", "gst", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def url(self) -> str:
        """Its only database."""
        return f"postgresql://gst@127.0.0.1:{self._port}/postgres"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Have it answer; what it had when it was stopped, it has again."""
        where = f"-h 127.0.0.1 -p {self._port} -k {self._folder}"
        self._run("pg_ctl", "-D", self._data, "-l", self._folder / "log", "-w", "-o", where, "start")

    def stop(self) -> None:
        """Stop it as a crash would: connections break, and nothing is tidied up."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: object) -> None:
        # The server refuses to run as root.
        become = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*become, str(self._programs / program), *map(str, arguments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def private_postgres(programs: Path) -> Iterator[Server]:
    """A running server, which is gone after the context."""
    with short_folder() as folder:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        server = Server(programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
