"""The figures of the papers, each on a page of its own, drawn from what the store has."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from gst.analysis.results import Accuracy
from gst.dashboard.drawings import Asked, Drawing, default_accuracy, kept_drawings, shown
from gst.dashboard.grid import Link, grid
from gst.dashboard.page import Context, redrawn, remembered
from gst.dashboard.pieces import chooser, field, fields, file_download, heading, link, message
from gst.figures import FIGURES, Figure, export
from gst.store import Store, Version

TITLE = "Figures"
ORDER = 4

FORMATS = ("html", "csv", "json")
"""Formats that the server writes without a browser; the camera above a figure saves a PNG."""


def layout(context: Context) -> list[Any]:
    """The index of figures, or the page of one."""
    name = context.rest
    if not name:
        about = "A figure is drawn once the store has its runs; until then its page says how to get them."
        return [heading(TITLE, about), index(context.store)]
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
            *(html.Button(f"Download {it}", id=f"figures-{it}", className="plain") for it in FORMATS),
        ),
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


def index(store: Store) -> html.Div:
    """A table of all figures, and how many of their runs have completed."""
    versions = {it.name: it for it in store.sweeps() if it.meant}
    rows = [
        row(name, figure, sweep, versions.get(sweep or ""))
        for name, figure in FIGURES.items()
        for sweep in figure.sweeps or (None,)
    ]
    return grid(
        ("figure", "name", "sweep", "completed runs", "command for missing runs"), rows, id="figures-index"
    )


def row(name: str, figure: Figure, sweep: str | None, version: Version | None) -> list[Any]:
    """The row of a figure and a sweep; None stands for any sweep."""
    drawable = version is not None and version.completed == version.runs
    query = f"?sweep={sweep}" if sweep in figure.family else ""
    return [
        Link(figure.title, f"/figures/{name}{query}"),
        name,
        sweep or "any",
        f"{version.completed:,} of {version.runs:,}" if version else "",
        f"gst sweep {sweep}" if sweep and not drawable else "",
    ]


def written(drawing: Drawing, name: str, file: str) -> Any:
    """A download of the figure as that file."""
    numbers, figure = drawing
    with tempfile.TemporaryDirectory() as folder:
        made = export(figure, numbers, Path(folder) / f"figure{Path(file).suffix}", name=name)
        return file_download(made.read_bytes(), Path(file).name)
