"""The figures of the papers, each on a page of its own, drawn from what the store has."""

from __future__ import annotations

import inspect
import tempfile
import threading
from pathlib import Path
from typing import get_args

from dash import Input, Output, State, ctx, dcc, html, no_update

from gst.analysis import Accuracy
from gst.dashboard.pieces import field, fields, graph, heading, link, message, table
from gst.dashboard.sweeps import sweep_names, sweep_states
from gst.errors import GstError
from gst.figures import FIGURES, export

TITLE = "Figures"
ORDER = 4

FORMATS = ("html", "csv", "json")
"""Those that need no browser on this side; the camera above a figure takes a PNG."""


def layout(context):
    """The index of figures, or the page of one."""
    name = context.rest
    if not name:
        return [
            heading(TITLE, "What a store has the runs of is drawn, the others say how to get them."),
            index(context.store),
        ]
    if name not in FIGURES:
        return [heading(TITLE), message([f"There is no figure {name!r}. ", link("All figures", "/figures")])]
    figure = FIGURES[name]
    sweeps = own_first(figure, sweep_names(context.store))
    asked = context.query.get("sweep")
    sweep = asked if asked in sweeps else next(iter(sweeps), None)
    definition = dcc.Dropdown(
        list(get_args(Accuracy)), default_accuracy(name), id="figures-accuracy", clearable=False
    )
    return [
        heading(figure.title, link("All figures", "/figures"), f" · {name}"),
        fields(
            field("Sweep", dcc.Dropdown(sweeps, sweep, id="figures-sweep", clearable=False)),
            html.Div(field("Accuracy", definition), hidden=default_accuracy(name) is None),
            *(html.Button(f"Download {it}", id=f"figures-{it}", className="plain") for it in FORMATS),
        ),
        dcc.Download(id="figures-file"),
        dcc.Store(id="figures-name", data=name),
        dcc.Store(id="figures-mark"),
        dcc.Loading(html.Div(id="figures-figure", style={"minHeight": 200}), delay_show=400),
    ]


def register(app, context):
    """Draw the figure that the page is of, and hand it out as a file."""
    drawings = Drawings(context.store)
    of_figure = [
        State("figures-name", "data"),
        State("figures-sweep", "value"),
        State("figures-accuracy", "value"),
    ]

    @app.callback(
        Output("figures-figure", "children"),
        Output("figures-mark", "data"),
        Input("figures-name", "data"),
        Input("figures-sweep", "value"),
        Input("figures-accuracy", "value"),
        Input("version", "data"),
        State("figures-mark", "data"),
    )
    def draw(name, sweep, accuracy, version, before):
        # The browser keeps the mark of what it shows: an answer that it dropped for a newer one is missed.
        mark = [name, sweep, accuracy, drawings.mark(sweep)]
        return (no_update, no_update) if mark == before else (shown(drawings, name, sweep, accuracy), mark)

    @app.callback(
        Output("figures-file", "data"),
        *(Input(f"figures-{it}", "n_clicks") for it in FORMATS),
        *of_figure,
        prevent_initial_call=True,
    )
    def download(*arguments):
        *clicks, name, sweep, accuracy = arguments
        if not any(clicks):
            return no_update
        numbers, figure = drawings.of(name, sweep, accuracy)
        return written(figure, numbers, name, f"{sweep}-{name}.{ctx.triggered_id.removeprefix('figures-')}")


def shown(drawings, name, sweep, accuracy):
    """The figure, or what is missing."""
    if sweep is None:
        return message("The store has no sweep yet.")
    try:
        _, figure = drawings.of(name, sweep, accuracy)
    except GstError as error:
        return [message(str(error)), *how(name, sweep)]
    return graph(figure, id="figures-graph")


def own_first(figure, known):
    """The sweeps that a figure can be drawn from, those of a paper that the store has before the others."""
    if not figure.sweeps:
        return known
    return [*(it for it in figure.sweeps if it in known), *(it for it in figure.sweeps if it not in known)]


def how(name, sweep):
    """How to get the runs of a paper's figure."""
    own = sweep in FIGURES[name].sweeps
    return [html.P(["Its runs come from ", html.Code(f"gst sweep {sweep}"), "."])] if own else []


def index(store):
    """Every figure, and how far its runs are."""
    states = {state.progress.name: state.progress for state in sweep_states(store) if state.newest}
    rows = []
    for name, figure in FIGURES.items():
        for sweep in figure.sweeps or (None,):
            progress = states.get(sweep)
            address = f"/figures/{name}?sweep={sweep}" if sweep in figure.family else f"/figures/{name}"
            rows.append(
                [
                    link(figure.title, address),
                    html.Code(name),
                    sweep or "any",
                    f"{progress.counts['completed']:,} of {progress.runs:,}" if progress else "",
                    html.Code(f"gst sweep {sweep}") if sweep and not drawable(progress) else "",
                ]
            )
    return table(("figure", "name", "sweep", "completed runs", "to get its runs"), rows, id="figures-index")


def drawable(progress):
    """Whether a sweep has all its runs."""
    return progress is not None and progress.counts["completed"] == progress.runs


def default_accuracy(name):
    """What the figure takes without being told; None where it has no such parameter."""
    parameter = inspect.signature(FIGURES[name].numbers).parameters.get("accuracy")
    return None if parameter is None else parameter.default


def written(figure, numbers, name, file):
    """A download of the figure as that file."""
    with tempfile.TemporaryDirectory() as folder:
        return dcc.send_bytes(export(figure, numbers, Path(folder) / file, name=name).read_bytes(), file)


class Drawings:
    """Figures and their numbers, kept until another run of their sweep completes."""

    MOST = 16

    def __init__(self, store):
        self._store = store
        self._kept = {}
        self._lock = threading.Lock()

    def of(self, name, sweep, accuracy):
        """The numbers and the figure. Raises GstError where the store does not have what it takes."""
        key = (name, sweep, accuracy, self.mark(sweep))
        if key in self._kept:
            return self._kept[key]
        given = {} if default_accuracy(name) is None else {"accuracy": accuracy}
        numbers = FIGURES[name].numbers(self._store, sweep, **given)
        found = numbers, FIGURES[name].draw(numbers)
        with self._lock:
            while len(self._kept) >= self.MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return found

    def mark(self, sweep):
        """What changes when another run of the sweep completes or fails."""
        sql = (
            "SELECT w.sweep_id, r.status, count(*) FROM sweeps w"
            " JOIN sweep_runs m ON m.sweep_id = w.sweep_id JOIN runs r ON r.run_id = m.run_id"
            " WHERE w.name = :sweep GROUP BY w.sweep_id, r.status ORDER BY w.sweep_id, r.status"
        )
        return str(self._store.query(sql, sweep=sweep).rows)
