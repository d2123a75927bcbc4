"""A PgBouncer of a test's own before a private server: it gives each transaction any of two connections."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from private_postgres import Server, free_port, no_root
from short_folder import short_folder

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")

SETTINGS = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 2
server_login_retry = 1
"""


@contextmanager
def private_pgbouncer(server: Server) -> Iterator[int]:
    """The port of one in transaction mode, which is gone after the context."""
    assert PROGRAM is not None
    with short_folder() as folder:
        port = free_port()
        (folder / "users").write_text('"gst" ""\n')
        settings = folder / "pgbouncer.ini"
        settings.write_text(SETTINGS.format(server=server.port, port=port, folder=folder))
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755)
        with subprocess.Popen(
            [*no_root(), PROGRAM, "-q", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                _wait_for(port)
                yield port
            finally:
                process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError("PgBouncer does not listen")
