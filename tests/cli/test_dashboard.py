"""gst dashboard: one command that serves until it is told to stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import urlencode, urlsplit

import pytest
from commands import SCRIPT
from processes import PATIENCE


@pytest.fixture
def started(folder):
    """Start `gst dashboard` with these arguments; the process, and its address."""
    processes = []

    def start(*arguments: object, **environment: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "dashboard", "--port", "0", *map(str, arguments)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
        )
        processes.append(process)
        return process, process.stdout.readline().split()[0]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


TOKEN = "chosen-by-somebody"
EVERYWHERE = ("--host", "0.0.0.0")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "environment", "drawn", "warning", "by"),
    [
        ((), {}, False, "", signal.SIGTERM),
        (("--token",), {}, True, "", signal.SIGINT),
        (EVERYWHERE, {}, True, "whoever has the token can read this store", signal.SIGINT),
        ((*EVERYWHERE, "--no-token"), {}, False, "no token is asked for", signal.SIGINT),
        ((), {"GST_DASHBOARD_TOKEN": TOKEN}, False, "", signal.SIGINT),
        (("--no-token",), {"GST_DASHBOARD_TOKEN": TOKEN}, False, "", signal.SIGINT),
        (("--edit",), {}, True, "", signal.SIGINT),
        (
            ("--edit", "--no-token"),
            {},
            False,
            "write its tags and notes and archive its sweeps: no token",
            signal.SIGINT,
        ),
    ],
)
def test_it_serves_the_store_and_ends_quietly_but_for_a_warning(
    started, complete, arguments, environment, drawn, warning, by
):
    process, address = started("--pages", complete.parent, *arguments, **environment)
    asks = drawn or ("--no-token" not in arguments and environment)
    parts = urlsplit(address)
    assert parts.hostname not in ("0.0.0.0", None)
    assert parts.query.startswith("token=") is drawn
    near = f"http://127.0.0.1:{parts.port}/"  # by a name that this machine surely knows
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    if asks:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            opener.open(near, timeout=PATIENCE)
        query = parts.query or urlencode({"token": TOKEN})
        with opener.open(f"{near}?{query}", timeout=PATIENCE) as response:
            assert response.url == near
    with opener.open(near, timeout=PATIENCE) as response:
        assert response.status == 200
    process.send_signal(by)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "")
    assert warning in err
    assert len(err.splitlines()) == bool(warning)
    assert TOKEN not in out + err + address


def test_what_is_no_token_and_no_name_is_refused(refused, complete, monkeypatch):
    assert "expected a name alone" in refused("dashboard", "--allow-host", "http://a.example")
    monkeypatch.setenv("GST_DASHBOARD_TOKEN", "short")
    assert "GST_DASHBOARD_TOKEN: expected a token of at least 16" in refused("dashboard")


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
