"""The dashboard as a Dash application: a frame that stays, and in it the page that the address names."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update, set_props
from flask import Flask, Response, request
from flask_compress import Compress
from plotly.utils import PlotlyJSONEncoder

from gst.dashboard.page import NOTHING, Context, Page, broken
from gst.dashboard.pieces import failure, heading, link, message
from gst.dashboard.place import at
from gst.errors import GstError, InputError
from gst.store import STORE_ERRORS, Store
from gst.store.reading import store_version

EXPECTED: tuple[type[Exception], ...] = (GstError, *STORE_ERRORS)
"""Errors whose message is enough; any other is shown with its traceback."""
THEME: Mapping[str, Any] = dict.fromkeys(("title", "aria-label"), "Switch between dark and light")


def create_app(
    store: Store,
    pages: Sequence[Page],
    *,
    seconds: float = 5.0,
    editor: Store | None = None,
    place: str = "",
    others: Mapping[str, str] = NOTHING,
) -> Dash:
    """The application that shows these pages, and looks at the store every `seconds`.

    With `editor`, the same store opened for writing, pages write tags and notes. Its addresses begin with
    `place`. `others` are the places of all stores by name, where a reader can choose among several.
    """
    app = Dash(
        "gst",
        requests_pathname_prefix=f"{place}/",
        routes_pathname_prefix="/",
        title="gst",
        update_title="",  # no flicker in the tab at each look at the store
        assets_folder=str(Path(__file__).parent / "assets"),
        suppress_callback_exceptions=True,  # the controls of a page are there while it is
        add_log_handler=False,
        on_error=_report,
    )
    app.index_string = app.index_string.replace("<html>", '<html lang="en">')
    _compress(app.server)
    context = Context(store, editor=editor)
    pages = tuple(_registered(app, page, context) for page in pages)
    app.layout = _frame(store, seconds, others)
    _register(app, pages, context, others)
    return app


def _compress(server: Flask) -> None:
    """Compresses answers for clients that accept it. zstd, the default, is faster but sends more bytes."""
    server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    Compress(server)

    @server.before_request
    def unranged() -> None:
        """A piece would be compressed on its own, and fit to no other: all is sent."""
        request.environ.pop("HTTP_RANGE", None)

    @server.after_request  # which runs before the compression
    def whole(response: Response) -> Response:
        response.direct_passthrough = False
        response.make_sequence()  # Read it whole: compressing a stream would never close the file.
        return response


def page_at(pages: Sequence[Page], path: str) -> tuple[Page | None, str]:
    """The page that the address names, and the rest of the address; an empty one names the first page."""
    name, _, rest = unquote(path).strip("/").partition("/")
    if not name:
        return (pages[0] if pages else None), ""
    return next((page for page in pages if page.name == name), None), rest


def content(pages: Sequence[Page], context: Context, path: str, search: str) -> Any:
    """The content of the page that the address names, or why there is none."""
    page, rest = page_at(pages, path)
    if page is None:
        known = [part for other in pages for part in (link(other.title, f"/{other.name}"), " ")]
        return [
            heading("No such page"),
            message([f"There is no page at {path}. There are: ", *known]),
        ]
    try:
        shown = page.layout(context._replace(rest=rest, query=dict(parse_qsl(search.lstrip("?")))))
        json.dumps(shown, cls=PlotlyJSONEncoder)  # here, where it is known whose fault it is
        return shown
    except EXPECTED as error:
        return [heading(page.title), message(str(error))]
    except Exception:
        return [heading(page.title), failure("this page cannot be shown", traceback.format_exc())]


def navigation(pages: Sequence[Page], path: str) -> list[Any]:
    """A link to each page; the one to the present page is marked."""
    present, _ = page_at(pages, path)
    return [
        dcc.Link(page.title, href=at(f"/{page.name}"), className="here" if page is present else "")
        for page in pages
    ]


def stores(pages: Sequence[Page], others: Mapping[str, str], path: str) -> list[Any]:
    """A link to the present page of each store; the one to the present store is marked."""
    page, _ = page_at(pages, path)
    return [
        html.A(name, href=f"{place}/{page.name if page else ''}", className="here" if place == at("") else "")
        for name, place in others.items()
    ]


def _named(label: str) -> dict[str, Any]:
    return {"aria-label": label}


def _frame(store: Store, seconds: float, others: Mapping[str, str]) -> html.Div:
    return html.Div(
        [
            dcc.Location(id="address", refresh="callback-nav"),
            dcc.Interval(id="tick", interval=1000 * seconds),
            dcc.Store(id="version", data=""),
            dcc.Store(id="said"),
            dcc.Store(id="title"),
            html.Header(
                [
                    html.B("gst"),
                    html.Nav(id="navigation", **_named("Pages")),
                    html.Nav(id="stores", hidden=not others, className="stores", **_named("Stores")),
                    html.Div([html.Span(store.url), html.Span(id="as-of")], className="source"),
                    html.Button("◐", id="theme", className="plain", **THEME),
                ]
            ),
            html.Div(id="store-problem"),
            html.Div(id="page-problem"),
            html.Main(id="page"),
        ]
    )


def _register(app: Dash, pages: Sequence[Page], context: Context, others: Mapping[str, str]) -> None:
    @app.callback(
        Output("page", "children"),
        Output("navigation", "children"),
        Output("page-problem", "children"),
        Output("said", "data"),
        Input("address", "pathname"),
        Input("address", "search"),
        State("said", "data"),
    )
    def show(path: str | None, search: str | None, said: Mapping[str, Any] | None) -> tuple[Any, ...]:
        full, search = path or "/", search or ""
        if said and said["at"] == full + search:  # written by the page's own controls: see `remembered`
            return (no_update,) * 4
        path = full.removeprefix(at(""))
        return content(pages, context, path, search), navigation(pages, path), None, {"at": full + search}

    if others:

        @app.callback(Output("stores", "children"), Input("address", "pathname"))
        def choice(path: str | None) -> list[Any]:
            return stores(pages, others, (path or "/").removeprefix(at("")))

    @app.callback(
        Output("version", "data"),
        Output("store-problem", "children"),
        Output("as-of", "children"),
        Input("tick", "n_intervals"),
        State("version", "data"),
    )
    def look(count: int | None, before: str) -> tuple[Any, Any, Any]:
        return looked(context.store, before)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("gst", "title"), Output("title", "data"), Input("navigation", "children")
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("gst", "theme"),
        Output("theme", "value"),
        Input("theme", "n_clicks"),
        prevent_initial_call=True,
    )


def looked(store: Store, before: str) -> tuple[Any, Any, Any]:
    """The store's version if it is new, a message if the store does not answer, and the time."""
    at = f"{datetime.now(UTC):%H:%M:%S} UTC"
    try:
        found = store_version(store)
    except EXPECTED as error:
        reason = getattr(error, "orig", error)
        return no_update, failure(f"The store does not answer: {reason}"), no_update
    return (no_update if found == before else found), None, at


def _registered(app: Dash, page: Page, context: Context) -> Page:
    """The page once its callbacks are registered, or a page that says why they could not be."""
    if page.register is None:
        return page
    before, listed = dict(app.callback_map), list(app._callback_list)
    try:
        page.register(app, context)
        taken = _outputs(listed) & _outputs(app._callback_list[len(listed) :])
        if taken:
            raise InputError(
                f"another page has callbacks for {', '.join(sorted(taken))} already; rename them"
            )
    except Exception:
        app.callback_map.clear()
        app.callback_map.update(before)
        app._callback_list[:] = listed
        return broken(page.name, page.title, page.order, f"page {page.name}", traceback.format_exc())
    return page


def _outputs(callbacks: Iterable[Any]) -> set[str]:
    """The outputs of these callbacks as `id.property`; Dash writes several as `..a.b...c.d..`."""
    return {
        name
        for callback in callbacks
        for name in str(callback["output"]).strip(".").split("...")
        if name and not callback.get("no_output")
    }


def _report(error: Exception) -> None:
    """Show at the top of the page what went wrong in one of its callbacks."""
    if isinstance(error, EXPECTED):
        set_props("page-problem", {"children": failure(str(getattr(error, "orig", error)))})
        return
    trace = "".join(traceback.format_exception(error))
    sys.stderr.write(trace)
    set_props("page-problem", {"children": failure("Something went wrong in this page.", trace)})
