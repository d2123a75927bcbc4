"""Serving the dashboard to browsers on this machine, or, if asked, to others."""

from __future__ import annotations

import errno
import io
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dash import Dash
from flask import has_request_context, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from gst.dashboard.access import LARGEST, Access, guard, names_of
from gst.errors import InputError

CLIENTS = 64
"""Connections that are served at once; others wait, as they do where many ask for long answers."""
SECONDS = 20.0
"""Time that a client has for its whole request, and then for taking any part of the answer."""


class _Connection(socket.SocketIO):
    """A client's bytes, which are bounded in number and time: a thread waits for them."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock, "rwb")
        self._own, self._left, self._end = sock, LARGEST + (1 << 20), time.monotonic() + SECONDS

    def readinto(self, buffer: Any) -> int | None:
        """Receive some bytes, none after the most that a request may have. Raises TimeoutError."""
        with memoryview(buffer) as whole, whole[: self._left] as part:
            received = self._within(self._end - time.monotonic(), self._own.recv_into, part) if part else 0
        self._left -= received
        return received

    def write(self, content: Any) -> int:
        """Send all of it. Raises TimeoutError where nothing is taken for long."""
        with memoryview(content) as whole:
            sent = 0
            while sent < len(whole):
                sent += self._within(SECONDS, self._own.send, whole[sent:])
        return sent

    def _within(self, seconds: float, act: Callable[[Any], int], part: memoryview) -> int:
        self._own.settimeout(max(seconds, 0.001))  # zero would mean not to wait at all
        try:
            return act(part)
        finally:
            self._own.settimeout(None)  # asker_gone() looks at a socket that waits


class _Handler(WSGIRequestHandler):
    """A handler that prints no requests, which may have a token, and tells no versions."""

    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # what is no request is answered with headers, too
    error_message_format = "%(message)s\n"
    error_content_type = "text/plain; charset=utf-8"

    def setup(self) -> None:
        """Put bounds on what is read and written."""
        self.connection = self.request
        self.rfile = io.BufferedReader(_Connection(self.connection))
        self.wfile = _Connection(self.connection)  # type: ignore[assignment]  # unbuffered, as it is without

    def version_string(self) -> str:
        """The name of the server."""
        return "gst"

    def log(self, *args: Any, **named: Any) -> None:
        """Print nothing."""


class _Server(ThreadedWSGIServer):
    """A server with a thread for each of a bounded number of connections."""

    def __init__(self, apps: Mapping[str, Dash], listening: socket.socket) -> None:
        self._free = threading.BoundedSemaphore(CLIENTS)
        host, port, *_ = listening.getsockname()
        first, *more = apps.items()
        served = DispatcherMiddleware(first[1].server, {place: app.server for place, app in more})
        super().__init__(host, port, served, _Handler, fd=listening.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve the connection in a thread, as soon as there is one for it."""
        self._free.acquire()
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve the connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


def server_of(
    app: Dash | Mapping[str, Dash],
    host: str,
    port: int,
    *,
    token: str | None = None,
    allowed: Collection[str] = (),
) -> BaseWSGIServer:
    """A server for that application, or several by their places, which already listens; port 0 is any free.

    It answers to the names of this machine, to addresses and to the `allowed` names, and, if there is a
    token, to those who have it. Raises InputError where it cannot listen there.
    """
    apps = app if isinstance(app, Mapping) else {"": app}
    listening = _listening(host, port)
    try:
        server = _Server(apps, listening)  # which has a duplicate
    finally:
        listening.close()
    for each in apps.values():
        guard(each, Access(server.port, names_of(host), frozenset(allowed), token))
    return server


def asker_gone() -> Callable[[], bool]:
    """Whether the browser that sent the present request has closed its connection; any thread may ask."""
    connection = request.environ.get("werkzeug.socket") if has_request_context() else None

    def gone() -> bool:
        try:
            return connection is not None and not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:  # it is there, and says nothing
            return False
        except OSError:
            return True

    return gone


def _listening(host: str, port: int) -> socket.socket:
    if not host:
        raise InputError("--host is empty: expected an address of this machine, or 0.0.0.0 for all of them")
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.socket(family, kind)
    except (OSError, UnicodeError, OverflowError) as error:
        raise InputError(f"cannot serve at {host}:{port}: {_reason(error)}") from error
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(place)
        found.listen(128)
    except OSError as error:
        found.close()
        raise InputError(f"cannot serve at {host}:{port}: {_reason(error)}") from error
    return found


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return "another program has that port; choose another with --port, or --port 0 for any free one"
    if isinstance(error, socket.gaierror | UnicodeError):
        return "no machine of that name is known; --host takes an address of this machine, or 0.0.0.0 for all"
    if number == errno.EADDRNOTAVAIL:
        return "this machine has no such address; --host names one of its own"
    return getattr(error, "strerror", None) or str(error)
