"""A dashboard that serves from a thread for as long as a test needs it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from dash import Dash
from processes import PATIENCE
from werkzeug.serving import BaseWSGIServer

from gst.dashboard.server import server_of


@contextmanager
def serving(
    app: Dash | Mapping[str, Dash],
    host: str = "127.0.0.1",
    *,
    token: str | None = None,
    allowed: Collection[str] = (),
) -> Iterator[BaseWSGIServer]:
    """The server of that application, or of several by their places, at a free port."""
    server = server_of(app, host, 0, token=token, allowed=allowed)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


class Reply(NamedTuple):
    """The status, headers in small letters, and body of an answer; `cookie` is as a browser sends it back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def cookie(self) -> str:
        """The cookie that was set, without its attributes."""
        return self.headers.get("set-cookie", "").partition(";")[0]


def asked(
    port: int, path: str = "/", *, method: str = "GET", body: bytes | None = None, **headers: str
) -> Reply:
    """What the server at that port of this machine answers; `content_type` is the header Content-Type."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, named)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, response.read().decode("utf-8", "replace"))
    finally:
        connection.close()
