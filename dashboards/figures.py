"""The figures of the papers, each on a page of its own, drawn from what the store has."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from gst.dashboard.drawings import Asked, Drawing, kept_drawings, shown
from gst.dashboard.grid import Link, grid
from gst.dashboard.page import Context, redrawn, remembered
from gst.dashboard.parameters import parameters
from gst.dashboard.pieces import (
    chooser,
    field,
    fields,
    file_download,
    first_run,
    heading,
    link,
    menu,
    message,
)
from gst.figures import FIGURES, SUFFIXES, Figure, export
from gst.grouping import grouped
from gst.store import Store, Version

TITLE = "Figures"
ORDER = 4

FORMATS = tuple(suffix.removeprefix(".") for suffix in SUFFIXES)
PARAMETERS = tuple(dict.fromkeys(it for figure in FIGURES for it in parameters(figure)))
"""The parameters of all figures: callbacks need the control of each on every page."""
OF_SWEEP = ("x", "y")
"""Parameters whose choices are those of a sweep."""
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
    named = next(iter(context.sweeps), context.query.get("sweep"))
    sweep = named if named in sweeps else next(iter(sweeps), None)
    return [
        heading(figure.title, link("All figures", "/figures"), f" · {name}"),
        fields(
            field("Sweep", chooser("figures-sweep", sweeps, sweep)),
            *(parameter_field(context, name, it, sweep) for it in PARAMETERS),
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
    controls = [(f"figures-{it}", "value") for it in ("sweep", *PARAMETERS)]
    remembered(app, *(Input(*each) for each in controls))
    chosen = [("figures-name", "data"), *controls]

    @redrawn(
        app,
        "figures-mark",
        [Output("figures-figure", "children")],
        [Input(*each) for each in chosen],
        lambda name, sweep, *values: sweep and drawings.mark(asked(name, sweep, values)),
    )
    def draw(name: str, sweep: str | None, *values: str | None) -> Any:
        if sweep is None:
            return (first_run(),)
        return (shown(drawings, asked(name, sweep, values), "figures-graph"),)

    @app.callback(
        *(Output(f"figures-{it}", "options") for it in OF_SWEEP),
        Input("figures-sweep", "value"),
        State("figures-name", "data"),
        prevent_initial_call=True,
    )
    def offer(sweep: str | None, name: str) -> Any:
        own = parameters(name)
        return tuple(own[it].choices(context.store, sweep) if it in own else no_update for it in OF_SWEEP)

    @app.callback(
        Output("figures-file", "data"),
        *(Input(f"figures-{it}", "n_clicks") for it in FORMATS),
        *(State(*each) for each in chosen),
        prevent_initial_call=True,
    )
    def download(*arguments: Any) -> Any:
        clicks, (name, sweep, *values) = arguments[: len(FORMATS)], arguments[len(FORMATS) :]
        if not any(clicks):
            return no_update
        ending = ctx.triggered_id.removeprefix("figures-")
        return written(drawings.of(asked(name, sweep, values)), name, f"{sweep}-{name}.{ending}")


def parameter_field(context: Context, figure: str, name: str, sweep: str | None) -> html.Div:
    """The control of a parameter under its label, hidden where the figure has no such parameter."""
    own = parameters(figure).get(name)
    found = f"figures-{name}"
    control = (
        own.control(found, context.store, sweep, context.query.get(name)) if own else dcc.Dropdown(id=found)
    )
    return html.Div(field(name.replace("_", " ").capitalize(), control), hidden=own is None)


def asked(name: str, sweep: str, values: Sequence[str | None]) -> Asked:
    """The figure with the values of all controls; those that are empty, or of other figures, do not count."""
    own = parameters(name)
    given = zip(PARAMETERS, values, strict=True)
    return Asked(name, sweep, tuple((it, value) for it, value in given if value and it in own))


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
    done_with = {name for name, it in versions.items() if it.completed >= it.runs}
    pairs = ((sweep, name) for name, figure in FIGURES.items() for sweep in figure.sweeps)
    waiting = grouped((sweep, name) for sweep, name in pairs if sweep not in done_with)
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
