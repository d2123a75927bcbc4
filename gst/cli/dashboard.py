"""gst dashboard: the store in a browser."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gst.cli.options import Db
from gst.cli.output import note, print_text

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

SHARED = (
    "gst: whoever can reach {host}:{port} can read this store: there is no password. "
    "An SSH tunnel to 127.0.0.1 is the safer way."
)


def dashboard(
    db: Db = None,
    host: Annotated[
        str,
        typer.Option(
            metavar="HOST", help="The address to serve at; any but this machine's own is open to others."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="The port; 0 is any free one.")
    ] = 8050,
    interval: Annotated[
        float, typer.Option(min=0.2, metavar="SECONDS", help="How often pages look at the store for news.")
    ] = 5.0,
    pages: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Pages of your own, beside those that come with gst."),
    ] = None,
) -> None:
    """Show the store in a browser, live.

    It opens the store read-only and serves this machine only, until Ctrl-C.
    """
    from gst.dashboard.app import create_app
    from gst.dashboard.page import load_pages
    from gst.dashboard.server import is_local, server_of
    from gst.paths import project_folder, store_url
    from gst.store import Store

    folders = [project_folder("dashboards"), *([pages] if pages else [])]
    with Store.open(store_url(db), readonly=True) as store:
        app = create_app(store, load_pages(folders), seconds=interval)
        server = server_of(app, host, port)
        if not is_local(host):
            note(SHARED.format(host=host, port=server.port))
        print_text(f"http://{f'[{host}]' if ':' in host else host}:{server.port}/   Ctrl-C ends it")
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
