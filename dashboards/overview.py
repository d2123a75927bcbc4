"""How far every sweep is, and what failed."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, dcc, html

from gst.dashboard.page import Context, redrawn
from gst.dashboard.pieces import heading, link, message, status_bar
from gst.dashboard.sweep_facts import FAILURES, Speeds, facts, failed_runs
from gst.launch.progress import Snapshot
from gst.store.reading import SweepState, failures, sweep_states

TITLE = "Overview"
ORDER = 1


def layout(context: Context) -> list[Any]:
    """Sweeps, and below what failed or diverged."""
    return [
        heading(TITLE, "Every sweep of the store, the newest first."),
        html.Div(id="overview-sweeps"),
        html.H2("Runs that failed or diverged"),
        html.Div(id="overview-failures"),
        dcc.Store(id="overview-mark"),
    ]


def register(app: Dash, context: Context) -> None:
    """Read the sweeps at every tick, and the runs that failed when the store changes."""
    store = context.store
    speeds = Speeds(store)

    @app.callback(
        Output("overview-sweeps", "children"), Input("tick", "n_intervals"), Input("version", "data")
    )
    def sweeps(count: int | None, version: str) -> Any:
        states = sweep_states(store)
        if not states:
            return message(["There is no sweep yet. ", html.Code("gst sweep quickstart"), " makes one."])
        snapshots = speeds.snapshots(time.monotonic(), [state.progress for state in states])
        return [sweep(state, snapshots[state.progress.sweep_id]) for state in states]

    def marked() -> list[Any]:
        return [[failure.key, failure.attempts] for failure in failures(store, FAILURES + 1)]

    # Not at every change of the store: a traceback that somebody reads stays open.
    @redrawn(app, "overview-mark", [Output("overview-failures", "children")], [], marked)
    def failed() -> Any:
        return (failed_runs(failures(store, FAILURES + 1)),)


def sweep(state: SweepState, snapshot: Snapshot) -> html.Div:
    """One sweep: its bar, its counts and its facts."""
    called = state.version.called
    return html.Div(
        [
            html.Span(link(called, f"/runs?{urlencode({'sweep': called})}"), className="name"),
            html.Span(state.version.title, className="title"),
            status_bar(state.progress.counts),
            html.Div([html.Span(fact) for fact in facts(state, snapshot)], className="facts"),
        ],
        className="sweep",
    )
