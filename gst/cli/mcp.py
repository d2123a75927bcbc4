"""gst mcp: a store for agents, by the Model Context Protocol."""

from __future__ import annotations

from gst.cli.options import Db
from gst.errors import InputError


def mcp(db: Db = None) -> None:
    """Answer an agent's questions about a store.

    By the Model Context Protocol, on standard input and output: the agent's client starts this command, as
    `gst mcp --db STORE`. Tools list sweeps and runs, show a run, plan a sweep, contrast arms, compare with
    papers, compute figures and ask in SQL. They only read. It needs pip install 'gst[mcp]'.
    """
    from gst.paths import store_url
    from gst.store import Store

    try:
        from gst.cli.mcp_server import server
    except ModuleNotFoundError as lacking:
        if (lacking.name or "").partition(".")[0] != "mcp":
            raise
        raise InputError("gst mcp needs the package mcp: pip install 'gst[mcp]'") from None
    url = store_url(db)
    Store.open(
        url, readonly=True
    ).close()  # so that what is wrong with it is told where the command was typed
    server(url).run()
