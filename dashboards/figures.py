"""The figures of the papers, each on a page of its own, drawn from what the store has."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from gst.analysis.results import Accuracy
from gst.dashboard.drawings import Asked, Drawing, default_accuracy, kept_drawings, shown
from gst.dashboard.grid import Link, grid
from gst.dashboard.page import Context, redrawn, remembered
from gst.dashboard.pieces import chooser, field, fields, file_download, heading, link, menu, message
from gst.figures import FIGURES, SUFFIXES, Figure, export
from gst.store import Store, Version

TITLE = "Figures"
ORDER = 4

FORMATS = tuple(suffix.removeprefix(".") for suffix in SUFFIXES)
DRAWING = threading.Lock()
"""Held while a file is written: of a picture a browser of the server's is started."""


def layout(context: Context) -> list[Any]:
    """The index of figures, or the page of one."""
    name = context.rest
    if not name:
        about = "A figure is drawn once the store has its runs; until then its page says how to get them."
        return [heading(TITLE, about), *index(context.store)]
    if name not in FIGURES:
        return [heading(TITLE), message([f"There is no figure {name!r}. ", link("All figures", "/figures")])]
    figure = FIGURES[name]
    sweeps = own_first(figure, context.choice)
    accuracy = chooser(
        "figures-accuracy", get_args(Accuracy), context.query.get("accuracy") or default_accuracy(name)
    )
    return [
        heading(figure.title, link("All figures", "/figures"), f" · {name}"),
        fields(
            field(
                "Sweep",
                chooser("figures-sweep", sweeps, next(iter(context.sweeps), context.query.get("sweep"))),
            ),
            html.Div(field("Accuracy", accuracy), hidden=default_accuracy(name) is None),
        ),
        menu(html.Button(it.upper(), id=f"figures-{it}", className="plain") for it in FORMATS),
        dcc.Download(id="figures-file"),
        dcc.Store(id="figures-name", data=name),
        dcc.Store(id="figures-mark"),
        dcc.Loading(html.Div(id="figures-figure", style={"minHeight": 200}), delay_show=400),
    ]


def register(app: Dash, context: Context) -> None:
    """Draw the figure, and write it to files for download."""
    drawings = kept_drawings(context.store)
    remembered(app, Input("figures-sweep", "value"), Input("figures-accuracy", "value"))
    chosen = [("figures-name", "data"), ("figures-sweep", "value"), ("figures-accuracy", "value")]

    @redrawn(
        app,
        "figures-mark",
        [Output("figures-figure", "children")],
        [Input(*each) for each in chosen],
        lambda name, sweep, accuracy: sweep and drawings.mark(Asked(name, sweep, accuracy)),
    )
    def draw(name: str, sweep: str | None, accuracy: str | None) -> Any:
        if sweep is None:
            return (message("The store has no sweep yet."),)
        return (shown(drawings, Asked(name, sweep, accuracy), "figures-graph"),)

    @app.callback(
        Output("figures-file", "data"),
        *(Input(f"figures-{it}", "n_clicks") for it in FORMATS),
        *(State(*each) for each in chosen),
        prevent_initial_call=True,
    )
    def download(*arguments: Any) -> Any:
        *clicks, name, sweep, accuracy = arguments
        if not any(clicks):
            return no_update
        ending = ctx.triggered_id.removeprefix("figures-")
        return written(drawings.of(Asked(name, sweep, accuracy)), name, f"{sweep}-{name}.{ending}")


def own_first(figure: Figure, known: Mapping[str, str]) -> dict[str, str]:
    """The sweeps that the figure can be drawn from, in all versions; those in the store come first."""
    if not figure.sweeps:
        return dict(known)
    own = [it for sweep in figure.sweeps for it in known if it == sweep or it.startswith(f"{sweep}@")]
    return {it: known.get(it, it) for it in (*own, *figure.sweeps)}


def index(store: Store) -> list[Any]:
    """What can be drawn now, and below it, each sweep once, what waits for runs."""
    versions = {it.name: it for it in store.sweeps() if it.meant}
    begun = {name for name, it in versions.items() if it.completed}
    drawable = [
        [linked(name, sweep, figure.title), name, sweep or "any", done(versions.get(sweep or ""))]
        for name, figure in FIGURES.items()
        for sweep in figure.sweeps or (None,)
        if (begun if sweep is None else sweep in begun)
    ]
    waiting: dict[str, list[str]] = {}
    for name, figure in FIGURES.items():
        for sweep in figure.sweeps:
            version = versions.get(sweep)
            if version is None or version.completed < version.runs:
                waiting.setdefault(sweep, []).append(name)
    missing = [
        [linked(names[0], sweep, sweep), ", ".join(names), done(versions.get(sweep)), f"gst sweep {sweep}"]
        for sweep, names in waiting.items()
    ]
    columns = ("figure", "name", "sweep", "completed runs")
    return [
        html.H2("Can be drawn now"),
        grid(columns, drawable, id="figures-index") if drawable else message("No run has completed yet."),
        html.H2("Wait for runs"),
        grid(("sweep", "figures", "completed runs", "command"), missing, id="figures-missing")
        if missing
        else html.P("None.", className="faint"),
    ]


def linked(name: str, sweep: str | None, text: str) -> Link:
    """A link to the figure of that name, of that sweep where it has several."""
    return Link(text, f"/figures/{name}{f'?sweep={sweep}' if sweep in FIGURES[name].family else ''}")


def done(version: Version | None) -> str:
    """How many runs of the sweep have completed."""
    return f"{version.completed:,} of {version.runs:,}" if version else ""


def written(drawing: Drawing, name: str, file: str) -> Any:
    """A download of the figure as that file."""
    numbers, figure = drawing
    with DRAWING, tempfile.TemporaryDirectory() as folder:
        made = export(figure, numbers, Path(folder) / f"figure{Path(file).suffix}", name=name)
        return file_download(made.read_bytes(), Path(file).name)
