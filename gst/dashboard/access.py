"""Who may ask the dashboard, and what browsers may do with its answers."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
import socket
from collections.abc import Callable, Collection
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from dash import Dash
from flask import Response, request

from gst.errors import InputError
from gst.paths import read_regular
from gst.words import visible

VARIABLE = "GST_DASHBOARD_TOKEN"
SHORTEST = 16
"""Characters of a token that somebody chose."""
LARGEST = 4 << 20
"""Bytes of a request's body; the pages send a few thousand."""
_READS = ("GET", "HEAD", "OPTIONS")
_FILES = ("/assets/", "/_dash-component-suites/")
"""Addresses of files that come with gst and Dash, and that a browser may keep."""

_TOKEN_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>gst: token</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 28rem; margin: 15vh auto; padding: 0 1rem }}
input, button {{ font: inherit; padding: .4rem .6rem; width: 100%; box-sizing: border-box }}
</style>
</head>
<body>
<form method="post">
<p><label for="token">{0}</label></p>
<p><input id="token" name="token" type="password" autocomplete="current-password" required autofocus></p>
<p><button>Open</button></p>
</form>
</body>
</html>
"""
_NEEDED = "This dashboard opens with a token. It stands in the address that gst dashboard printed."
_WRONG = "That is not the token of this dashboard. It stands in the address that gst dashboard printed last."


class Access(NamedTuple):
    """Who may ask: whoever uses one of the names, in lower case, and has the token if there is one.

    `allowed` are the names given with --allow-host, from whose pages a proxy may pass requests on.
    """

    port: int
    names: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    token: str | None = None


def is_local(host: str) -> bool:
    """Whether only this machine can reach a server at that address."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def names_of(host: str) -> frozenset[str]:
    """Names of this machine that others may use for a server at that address, in lower case."""
    names = {"localhost", host}
    if not is_local(host):
        own = socket.gethostname()
        first = own.partition(".")[0]
        names |= {own, socket.getfqdn(), first, f"{first}.local"}
    return frozenset(map(str.lower, names))


def opened_at(host: str) -> str:
    """The host in an address that people open: of a server at all addresses this machine's name."""
    address = _address(host)
    if address is None:
        return host
    if address.is_unspecified:
        name = socket.getfqdn()  # "localhost" where nobody has given the machine a name for others
        return socket.gethostname() if name.startswith("localhost") else name
    return f"[{host}]" if address.version == 6 else host


def host_names(given: Collection[str]) -> frozenset[str]:
    """Names given with --allow-host, in lower case. Raises InputError for what is not a name alone."""
    for name in given:
        if not name or _name(name) != name.lower():
            raise InputError(
                f"--allow-host {name!r}: expected a name alone, such as gst.example.org: "
                "no scheme, no port, no path"
            )
    return frozenset(map(str.lower, given))


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(24)


def given_token() -> str | None:
    """The token in GST_DASHBOARD_TOKEN, or in the file that GST_DASHBOARD_TOKEN_FILE names; None without.

    Raises InputError for one that is short or has signs that no address has, and for a file without one.
    """
    token, file = os.environ.get(VARIABLE), os.environ.get(f"{VARIABLE}_FILE")
    if token and file:
        raise InputError(f"{VARIABLE} and {VARIABLE}_FILE are both set: expected one of them")
    where = VARIABLE
    if file:
        where = f"{VARIABLE}_FILE: {file}"
        try:
            token = read_regular(Path(file), 4096).decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "expected text"
            raise InputError(f"{where}: cannot be read: {reason}") from error
    elif not token:
        return None
    if len(token) < SHORTEST:
        raise InputError(
            f"{where}: expected a token of at least {SHORTEST} characters, found {len(token)}; "
            "`openssl rand -hex 16` makes one"
        )
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise InputError(f"{where}: expected a token of letters, digits and signs in ASCII, without spaces")
    return token


def guard(app: Dash, access: Access) -> None:
    """Have the application, whose callbacks are all there, answer those who may ask, with safe headers."""
    headers = _headers(app)

    def secured(response: Response) -> Response:
        response.headers.update(headers)
        if not request.path.startswith(_FILES) or response.status_code == 401:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.server.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.server.before_request(_doorkeeper(access))
    app.server.after_request(secured)


def check_writer() -> None:
    """Raise InputError unless a page of this dashboard sent the present request, which is to write.

    Those of other sites have been refused by then. Browsers name the page with every such request; programs
    that name none may read.
    """
    if request.headers.get("Origin") is None:
        raise InputError(
            "only the dashboard's own pages write: this request names no page that it comes from"
        )


def _headers(app: Dash) -> dict[str, str]:
    scripts = " ".join(app.csp_hashes())
    policy = (
        "default-src 'none'",
        f"script-src 'self' {scripts}",
        "style-src 'self' 'unsafe-inline'",  # plotly and Dash make styles as they go
        "img-src 'self' data: blob:",  # the camera above a figure
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: with it, the form of the token would be sent with the origin "null".
        "Referrer-Policy": "same-origin",
    }


def _doorkeeper(access: Access) -> Callable[[], Any]:
    """The refusal of the present request, or None for one to answer."""
    cookie = f"gst-dashboard-{access.port}"  # cookies are shared by all ports of a machine
    proof = hashlib.sha256(f"gst dashboard {access.token}".encode()).hexdigest()

    def refusal() -> Any:
        if (name := _name(request.host)) is None or not _is_known(name, access):
            asked = visible(request.host[:100]) or "requests without a name"
            return _refused(
                f"This dashboard does not answer to {asked}. If people are to use that name, start it with "
                "gst dashboard --allow-host NAME."
            )
        if request.method not in _READS and _is_foreign(request.headers.get("Origin"), access):
            return _refused(
                "This dashboard answers no forms and scripts of other sites. Behind a proxy, start it with "
                "gst dashboard --allow-host NAME, the name that people open."
            )
        if access.token is None:
            return None
        known = _same(request.cookies.get(cookie, ""), proof)
        given = request.form.get("token") or request.args.get("token")
        if given and (known or _same(given, access.token)):
            return _entered(cookie, proof)
        if known:
            return None
        words = _WRONG if given else _NEEDED
        return Response(_TOKEN_PAGE.format(escape(words)), 401, {"WWW-Authenticate": "Token"})

    return refusal


def _entered(cookie: str, proof: str) -> Response:
    """Back to the same address, now without the token, and with a cookie in its place.

    The cookie is Lax and not Strict: the redirect belongs to a visit that may have begun with a link in a
    mail, and browsers send a Strict one with none of that. What other sites' scripts send goes
    without it, and what is to write must come from a page of the dashboard: see check_writer.
    """
    query = urlencode([each for each in request.args.items(multi=True) if each[0] != "token"])
    path = f"{request.script_root}/{quote(request.path.lstrip('/'))}"  # with // it would be a host
    place = f"{path}{'?' if query else ''}{query}"
    response = Response(status=303, headers={"Location": place})
    secure = request.headers.get("X-Forwarded-Proto") == "https"
    response.set_cookie(cookie, proof, httponly=True, samesite="Lax", secure=secure)
    return response


def _is_known(name: str, access: Access) -> bool:
    """Whether that name is the dashboard's, or an address: only a name can be made to point here."""
    return name in access.names or name in access.allowed or _address(name) is not None


def _is_foreign(origin: str | None, access: Access) -> bool:
    """Whether a page of another site sent the request; programs other than browsers give no origin."""
    if origin is None:
        return False
    place = origin.partition("://")[2]
    return place != request.host and _name(place) not in access.allowed


def _name(host: str) -> str | None:
    """The name or address, in lower case, in `name`, `name:port` or `[address]:port`; None for others."""
    try:
        found = urlsplit(f"//{host}")
        return found.hostname if found.netloc == host and "@" not in host else None
    except ValueError:
        return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _refused(words: str) -> Response:
    return Response(f"{words}\n", 403, mimetype="text/plain")
