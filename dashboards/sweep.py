"""All about one sweep: how far it is, what came of it, its versions, and what failed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlencode

from dash import Dash, Input, Output, State, dcc, html, no_update

from gst.analysis.looks import decision_in_words
from gst.dashboard.access import check_writer
from gst.dashboard.contrast_table import contrasted
from gst.dashboard.drawings import Asked, kept_drawings, shown, with_headings
from gst.dashboard.grid import Link, grid
from gst.dashboard.kept import Kept
from gst.dashboard.page import Context, redrawn
from gst.dashboard.pieces import chooser, field, fields, first_run, heading, link, message, status_bar
from gst.dashboard.points import PairedSweep, paired_sweep
from gst.dashboard.sweep_facts import FAILURES, Speeds, facts, failed_runs
from gst.errors import InputError
from gst.figures import FIGURES
from gst.figures.style import percent
from gst.store import Progress, Store, Version, mixtures, sweep_names, sweep_version
from gst.store.account import named_figures
from gst.store.reading import SweepState, failures, leveled_sweeps
from gst.words import readable

TITLE = "Sweep"
ORDER = 1.5


def layout(context: Context) -> list[Any]:
    """The page of the sweep that the address names, or of the newest one."""
    store, sweeps = context.store, sweep_names(context.store)
    if not (context.rest or sweeps):
        return [heading(TITLE), first_run()]
    version = store.version(context.rest or next(iter(sweeps)))
    sweeps = sweep_names(store, [version.called])
    return [
        heading(version.title, f"Sweep {version.address}, {version.words}. ", *links(store, version)),
        *([message(f"Claim: {version.claim}")] if version.claim else []),
        fields(field("Sweep and version", chooser("sweep-version", sweeps, version.called), wide=True)),
        dcc.Store(id="sweep-name", data=version.address),
        html.Div(_archive_button(context, version), id="sweep-archived"),
        html.Div(id="sweep-progress", className="sweep"),
        html.Div(id="sweep-arms"),
        html.Div(id="sweep-results"),
        html.H2("Runs that failed or diverged"),
        html.Div(id="sweep-failures"),
        *(dcc.Store(id=f"sweep-{it}-mark") for it in ("arms", "results", "failures")),
    ]


def register(app: Dash, context: Context) -> None:
    """Follow how far the sweep is, and draw its results when a run of it changes its status."""
    store = context.store
    speeds, drawings = Speeds(store), kept_drawings(store)
    paired: Kept[str, PairedSweep] = Kept(
        lambda name: paired_sweep(store, name), lambda name: sweep_version(store, name), 4
    )
    name = Input("sweep-name", "data")

    @app.callback(
        Output("address", "pathname", allow_duplicate=True),
        Input("sweep-version", "value"),
        State("address", "pathname"),
        prevent_initial_call=True,
    )
    def go(chosen: str, path: str) -> Any:
        present = unquote(path).partition("/sweep/")[2]
        same = present and store.version(present).called == chosen
        return no_update if same else f"/sweep/{quote(chosen, safe='@')}"

    register_archive(app, context)

    @app.callback(Output("sweep-progress", "children"), Input("tick", "n_intervals"), name)
    def progress(count: int | None, sweep: str) -> Any:
        state = SweepState(store.version(sweep), store.progress(store.sweep_id(sweep)))
        snapshots = speeds.snapshots(time.monotonic(), [state.progress])
        told = [html.Span(it) for it in facts(state, snapshots[state.version.sweep_id])]
        return [status_bar(state.progress.counts), html.Div(told, className="facts")]

    def far(sweep: str) -> list[Any]:
        return [list(arm) for arm in store.progress(store.sweep_id(sweep)).arms]

    @redrawn(app, "sweep-arms-mark", [Output("sweep-arms", "children")], [name], far)
    def arms(sweep: str) -> Any:
        return (grid(*arm_rows(sweep, store.progress(store.sweep_id(sweep)))),)

    @redrawn(
        app,
        "sweep-results-mark",
        [Output("sweep-results", "children")],
        [name],
        lambda sweep: sweep_version(store, sweep),
    )
    def results(sweep: str) -> Any:
        found = [*said(store, sweep), *differences(paired, sweep)]
        for figure, title in with_headings(named_figures(store, store.sweep_id(sweep))).items():
            asked = Asked(figure, sweep)
            found += [html.H2(title), shown(drawings, asked, f"sweep-{figure}")]
        return (found,)

    def marked(sweep: str) -> list[Any]:
        return [[it.key, it.attempts] for it in failures(store, FAILURES + 1, store.sweep_id(sweep))]

    @redrawn(app, "sweep-failures-mark", [Output("sweep-failures", "children")], [name], marked)
    def failed(sweep: str) -> Any:
        return (failed_runs(failures(store, FAILURES + 1, store.sweep_id(sweep))),)


def _archive_button(context: Context, version: Version) -> list[Any]:
    """A button that archives the sweep, or undoes that, where the dashboard may write."""
    if context.editor is None:
        return []
    words = "Take out of the archive" if version.archived else "Archive this sweep"
    return [html.Button(words, id="sweep-archive", className="plain")]


def register_archive(app: Dash, context: Context) -> None:
    """Have that button do so; nothing is registered where the dashboard only reads."""
    editor = context.editor
    if editor is None:
        return

    @app.callback(
        Output("sweep-archived", "children"),
        Input("sweep-archive", "n_clicks"),
        State("sweep-name", "data"),
        prevent_initial_call=True,
    )
    def archive(clicks: int | None, sweep: str) -> Any:
        if not clicks:
            return no_update
        check_writer()
        version = editor.version(sweep)
        editor.archive(version.sweep_id, undo=version.archived)
        return _archive_button(context, editor.version(sweep))


def links(store: Store, version: Version) -> Iterator[Any]:
    """Links to the other pages, about this sweep."""
    called = version.called
    query = urlencode({"sweep": called}, safe="@")
    own = [it for it, figure in FIGURES.items() if version.name in figure.sweeps]
    pages = {
        "Runs": f"/runs?{query}",
        "Tradeoff": f"/tradeoff?{query}",
        **({"Levels": f"/levels?{query}"} if called in leveled_sweeps(store, None) else {}),
        **{FIGURES[it].title: f"/figures/{it}?{query}" for it in own},
        "By key": f"/figures/by?{query}",
        "Compare": "/compare",
    }
    for place, (words, address) in enumerate(pages.items()):
        yield from ([" · "] if place else [])
        yield link(words, address)


def arm_rows(sweep: str, progress: Progress) -> tuple[tuple[str, ...], list[list[Any]]]:
    """How far each arm is, with a link to its runs, and what is in training where something is."""
    training = any(it.running or it.so_far is not None for it in progress.arms)
    columns = ("arm", "completed", "runs", "mean test accuracy", "running", "so far")
    return columns if training else columns[:4], [
        [
            Link(it.arm, f"/runs?{urlencode({'sweep': sweep, 'arm': it.arm}, safe='@')}"),
            *(it.completed, it.runs, _percent(it.test_accuracy)),
            *((it.running, _percent(it.so_far)) if training else ()),
        ]
        for it in progress.arms
    ]


def _percent(mean: float | None) -> str:
    return "" if mean is None else percent(mean, 2)


def said(store: Store, sweep: str) -> Iterator[Any]:
    """What the sweep decided, in what its runs differ that should be alike, and notes about it."""
    sweep_id = store.sweep_id(sweep)
    if (decision := decision_in_words(store, sweep_id)) is not None:
        yield message(decision)
    for mixed in mixtures(store, sweep_id):
        yield message(mixed.words)
    for note in store.notes(sweep_id):
        yield html.P([html.Span(f"{readable(note.written)} ", className="faint"), note.text])


def differences(paired: Kept[str, PairedSweep], sweep: str) -> list[Any]:
    """The differences of its arms in final test accuracy, as the page Tradeoff has them."""
    try:
        return contrasted(
            paired.of(sweep).contrasts("final_accuracy"), html.H2("Differences of arms, paired by seed")
        )
    except InputError:
        return []  # nothing has completed: the figures say so
