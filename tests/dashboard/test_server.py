"""Who is served, and where."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Iterator

import brotli
import pytest
from serving import asked, serving

from gst.dashboard.access import is_local
from gst.dashboard.server import server_of
from gst.errors import InputError


@pytest.fixture
def server(app) -> Iterator:
    """The dashboard at a free port of this machine."""
    with serving(app) as found:
        yield found


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
    assert asked(server.port).status == 200
    assert asked(server.port, host=f"localhost:{server.port}").status == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("encoding", "plain"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_answers_are_compressed_for_whoever_can_read_it(app, server, encoding, plain):
    """Pages, what they ask for, scripts and styles, at a tenth to a third of their size."""
    client = app.server.test_client()
    scripts = re.findall(r'src="(/_dash-component-suites/[^"]+\.js)', client.get("/").text)
    assert len(scripts) > 3
    for path in ("/", "/_dash-layout", "/_dash-dependencies", "/assets/gst.css", "/assets/gst.js", *scripts):
        with client.get(path) as whole:
            assert whole.status_code == 200
            assert "Content-Encoding" not in whole.headers
        with client.get(path, headers={"Accept-Encoding": encoding}) as packed:
            assert packed.headers["Content-Encoding"] == encoding, path
            assert "Accept-Encoding" in packed.headers["Vary"]
        assert plain(packed.data)[:1000] == whole.data[:1000]  # the ids further on in the frame are random
        assert len(packed.data) < 0.7 * len(whole.data)


@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_who_asks_for_a_piece_is_sent_all(app, encoding):
    """A piece that is compressed on its own fits to no other."""
    client = app.server.test_client()
    with client.get("/assets/gst.css", headers={"Accept-Encoding": encoding}) as whole:
        assert whole.status_code == 200
        content = whole.data  # here: once it is closed, what was not read is gone
    ranged = {"Accept-Encoding": encoding, "Range": "bytes=10-1999"}
    with client.get("/assets/gst.css", headers=ranged) as piece:
        assert (piece.status_code, piece.data) == (200, content)
        assert "Content-Range" not in piece.headers


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
