"""gst dashboard: the store in a browser."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gst.cli.options import Db, argument, choice, option
from gst.cli.output import note, print_text

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

OPEN = "gst: whoever can reach port {port} of this machine can {does}: no token is asked for."
READS, WRITES = "read this store", "read this store, write its tags and notes and archive its sweeps"
PLAIN = (
    "gst: whoever has the token can {does}; it and the pages travel unencrypted. "
    "An SSH tunnel to 127.0.0.1 is the safer way."
)


def dashboard(
    context: typer.Context,
    stores: Annotated[
        list[str] | None, argument("STORE", "Stores to choose among; without one, that of --db.")
    ] = None,
    db: Db = None,
    host: Annotated[
        str,
        option(
            "HOST", "The address to serve at; any but this machine's own is open to others, with a token."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, option("PORT", "The port; 0 is any free one.", min=0, max=65535)] = 8050,
    token: Annotated[
        bool | None,
        choice(
            "Ask for a token, which the printed address has. GST_DASHBOARD_TOKEN, or a file that "
            "GST_DASHBOARD_TOKEN_FILE names, sets one.",
            "--token/--no-token",
            default="where others can reach it, with --edit, or where one is set",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None, option("NAME", "Answer to that name too, as of a proxy; may be repeated.")
    ] = None,
    interval: Annotated[
        float, option("SECONDS", "How often pages look at the store for news.", min=0.2)
    ] = 5.0,
    edit: Annotated[
        bool,
        choice(
            "Let pages write tags and notes and archive sweeps; asks for a token unless --no-token.", "--edit"
        ),
    ] = False,
    pages: Annotated[
        Path | None, option("FOLDER", "Pages of your own, beside those that come with gst.")
    ] = None,
) -> None:
    """Show the store, or several to choose among, in a browser, live.

    It opens the store read-only, but for what --edit allows, and serves, without --host, this machine
    only, until Ctrl-C.
    """
    from gst.dashboard.access import given_token, host_names, is_local, new_token, opened_at
    from gst.dashboard.app import create_app
    from gst.dashboard.page import load_pages
    from gst.dashboard.place import places
    from gst.dashboard.server import server_of
    from gst.errors import InputError
    from gst.paths import project_folder, store_url
    from gst.store import Store

    source = context.get_parameter_source("db")
    if stores and source and source.name == "COMMANDLINE":  # and not GST_DB_URL
        raise InputError("--db and stores are both given: name all stores without --db")
    host, allowed = host.strip("[]"), host_names(allow_host or ())
    asks = token is not False
    fixed = given_token() if asks else None
    drawn = new_token() if asks and not fixed and (token or edit or not is_local(host)) else None
    folders = [project_folder("dashboards"), *([pages] if pages else [])]
    with ExitStack() as opened:
        urls = list(dict.fromkeys(map(store_url, stores))) if stores else [store_url(db)]
        known = places(urls)
        apps = {}
        for url, place in zip(urls, known.values(), strict=True):
            store = opened.enter_context(Store.open(url, readonly=True))
            editor = opened.enter_context(Store.open(url)) if edit else None
            others = known if len(urls) > 1 else {}
            apps[place] = create_app(
                store, load_pages(folders), seconds=interval, editor=editor, place=place, others=others
            )
        server = server_of(apps, host, port, token=fixed or drawn, allowed=allowed)
        asked = fixed or drawn
        if not is_local(host) or (edit and not asked):
            note((PLAIN if asked else OPEN).format(port=server.port, does=WRITES if edit else READS))
        # A token that somebody chose is theirs to keep: this line may go to a log.
        query = f"?token={drawn}" if drawn else ""
        print_text(f"http://{opened_at(host)}:{server.port}/{query}   Ctrl-C ends it")
        _serve(server)


def _serve(server: BaseWSGIServer) -> None:
    """Serve until Ctrl-C or SIGTERM, the ways to end it."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        server.server_close()
