"""Serving the dashboard to browsers on this machine, or, if asked, to others."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from dash import Dash
from flask import Response, has_request_context, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from gst.errors import InputError

_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""Host names by which a browser on this machine reaches the dashboard."""


class _Quiet(WSGIRequestHandler):
    """A handler that prints no requests."""

    protocol_version = "HTTP/1.1"  # a connection serves many requests: a page has two dozen

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print nothing."""


def is_local(host: str) -> bool:
    """Whether only this machine can reach a server at that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server_of(app: Dash, host: str, port: int) -> BaseWSGIServer:
    """A server for that application, which already listens; port 0 is any free port.

    Raises InputError where it cannot listen there.
    """
    if is_local(host):
        app.server.before_request(_refuse_other_names)
    listening = _listening(host, port)
    try:
        return make_server(
            host, port, app.server, threaded=True, request_handler=_Quiet, fd=listening.fileno()
        )
    finally:
        listening.close()  # the server has a duplicate


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
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except (OSError, OverflowError) as error:
        found.close()
        raise InputError(f"cannot serve at {host}:{port}: {_reason(error)}") from error
    return found


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return "another program has that port; choose another with --port, or --port 0 for any free one"
    if number in (errno.EADDRNOTAVAIL, socket.EAI_NONAME):
        return "this machine has no such address; --host names one of its own"
    return getattr(error, "strerror", None) or str(error)


def _refuse_other_names() -> Any:
    """Refuse requests to other host names: a foreign page could point its own name at this machine."""
    before, _, port = request.host.rpartition(":")
    name = before if port.isdigit() else request.host
    if name in _NAMES or is_local(name.strip("[]")):
        return None
    words = (
        f"This dashboard answers to {', '.join(_NAMES)} only, not to {name}. "
        "gst dashboard --host allows more.\n"
    )
    return Response(words, 403, mimetype="text/plain")
