"""A dashboard that serves from a thread for as long as a test needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dash import Dash
from werkzeug.serving import BaseWSGIServer

from gst.dashboard.server import server_of


@contextmanager
def serving(app: Dash) -> Iterator[BaseWSGIServer]:
    """The server of that application, at a free port of this machine."""
    server = server_of(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
