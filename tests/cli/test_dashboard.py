"""gst dashboard: one command that serves until it is told to stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from processes import PATIENCE

# Whoever is started in the background by a shell's script inherits that Ctrl-C is to be ignored.
RUN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from gst.cli import main
main()
"""


@pytest.fixture
def started(folder):
    """Start `gst dashboard` with these arguments; the process, and its address."""
    processes = []

    def start(*arguments: object) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, "dashboard", "--port", "0", *map(str, arguments)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        processes.append(process)
        return process, process.stdout.readline().split()[0]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "host", "by"),
    [((), "127.0.0.1", signal.SIGTERM), (("--host", "0.0.0.0"), "0.0.0.0", signal.SIGINT)],
)
def test_it_serves_the_store_and_ends_quietly_but_for_a_warning(started, complete, arguments, host, by):
    process, address = started("--pages", complete.parent, *arguments)
    assert address.startswith(f"http://{host}:")
    with urllib.request.urlopen(address, timeout=PATIENCE) as response:
        assert response.status == 200
    process.send_signal(by)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "")
    reach = f"whoever can reach {address.removeprefix('http://').rstrip('/')} can read this store"
    assert [reach in line for line in err.splitlines()] == ([True] if arguments else [])


def test_a_port_in_use_is_refused(refused, complete):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert "another program has that port; choose another with --port" in refused(
            "dashboard", "--port", port
        )


def test_a_store_or_pages_that_are_not_there_are_refused(refused, complete):
    assert "no such store" in refused("dashboard", "--db", "other.db")
    assert "no such folder of pages" in refused("dashboard", "--pages", "nowhere")
