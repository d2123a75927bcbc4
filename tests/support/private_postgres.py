"""A PostgreSQL server of a test's own, which may be stopped and started without anyone else noticing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from short_folder import short_folder

# What docker-entrypoint.sh of the official image does: on a new volume a database and a user of those names.
ENTRY_POINT = """\
set -e
export PGDATA=${PGDATA:-/var/lib/postgresql/data}
export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
export PGPASSWORD=${POSTGRES_PASSWORD:-$(cat "$POSTGRES_PASSWORD_FILE")}
install -d -o postgres "$PGDATA"
exec setpriv --reuid postgres --regid postgres --init-groups bash -ec '
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --username="$POSTGRES_USER" --pwfile=<(echo "$PGPASSWORD") -A scram-sha-256 -E UTF8 --no-sync
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    pg_ctl -w -o "-c listen_addresses= -k /tmp" start
    createdb --host=/tmp --username="$POSTGRES_USER" "$POSTGRES_DB"
    pg_ctl -w stop
fi
exec postgres -c listen_addresses="*" -c fsync=off -k /tmp
'
"""


def binaries() -> Path | None:
    """The folder of the newest server that is installed, or None."""
    version = Path("/usr/lib/postgresql")
    found = [folder for folder in version.glob("*/bin") if (folder / "pg_ctl").exists()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


needs_postgres = pytest.mark.skipif(binaries() is None, reason="no PostgreSQL server is installed here")


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def no_root() -> list[str]:
    """The beginning of a command that refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []


class Server:
    """An empty server in a folder of its own; its superuser is `gst`, and it trusts everyone here."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self.port = free_port()
        self._run("initdb", "-D", self._data, "-U", "gst", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def url(self) -> str:
        """Its first database, which is empty."""
        return self.url_of("postgres")

    def url_of(self, database: str, user: str = "gst", port: int | None = None) -> str:
        """That database for that user, whom the server trusts; at another port a pooler listens."""
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Have it answer; what it had when it was stopped, it has again."""
        where = f"-h 127.0.0.1 -p {self.port} -k {self._folder}"
        self._run("pg_ctl", "-D", self._data, "-l", self._folder / "log", "-w", "-o", where, "start")

    def stop(self) -> None:
        """Stop it as a crash would: connections break, and nothing is tidied up."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def pause(self) -> None:
        """Have all its processes stand still; the kernel goes on to accept what it is sent."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """The end of a pause."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        main = int((self._data / "postmaster.pid").read_text().split()[0])
        for process in (main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())):
            with suppress(ProcessLookupError):  # it may have ended of its own accord
                os.kill(process, number)

    def _run(self, program: str, *arguments: object) -> None:
        command = [*no_root(), str(self._programs / program), *map(str, arguments)]
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
            server.go_on()
            server.stop()
