"""Who is served, and where."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator

import pytest
from serving import serving

from gst.dashboard.access import is_local
from gst.dashboard.server import server_of
from gst.errors import InputError


@pytest.fixture
def server(app) -> Iterator:
    """The dashboard at a free port of this machine."""
    with serving(app) as found:
        yield found


def asked(port: int, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/", headers={} if host is None else {"Host": host})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True), ("127.0.0.2", True), ("localhost", True), ("::1", True),
        ("0.0.0.0", False), ("192.168.0.1", False), ("example.org", False),
    ],
)  # fmt: skip
def test_which_addresses_are_this_machine_s(host, local):
    assert is_local(host) is local


def test_it_serves_this_machine_quietly(server, capfd):
    assert asked(server.port)[0] == 200
    assert asked(server.port, f"localhost:{server.port}")[0] == 200
    assert capfd.readouterr() == ("", "")


def test_a_page_from_elsewhere_cannot_use_this_machine_s_name(server):
    status, text = asked(server.port, "evil.example:80")
    assert status == 403
    assert "not to evil.example" in text


def test_a_port_in_use_is_one_message(app):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=rf"127\.0\.0\.1:{port}: another program has that port"):
            server_of(app, "127.0.0.1", port)


def test_an_address_of_another_machine_cannot_be_served(app):
    with pytest.raises(InputError, match="this machine has no such address"):
        server_of(app, "203.0.113.1", 0)
    with pytest.raises(InputError, match=r"cannot serve at no\.such\.host\.invalid:0"):
        server_of(app, "no.such.host.invalid", 0)
