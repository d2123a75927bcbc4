"""How far every sweep is, and what failed."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from dash import Input, Output, State, html, no_update

from gst.dashboard.pieces import heading, link, message
from gst.dashboard.states import bar, legend
from gst.dashboard.sweeps import Paces, failures, sweep_states
from gst.dashboard.words import KEY_DIGITS, ago, counted, duration, shown

TITLE = "Overview"
ORDER = 1

FAILURES = 30
"""Failed runs that are shown; their tracebacks are long."""
SILENT_SECONDS = 600
"""How long a sweep with running runs may be silent before it is said."""


def layout(context):
    """Sweeps, and failed runs below."""
    return [
        heading(TITLE, "Every sweep of the store, the newest first."),
        html.Div(id="overview-sweeps"),
        html.H2("Failed runs"),
        html.Div(id="overview-failures"),
        html.Div(id="overview-failed", hidden=True),
    ]


def register(app, context):
    """Look at the sweeps at every tick, at failed runs when the store changes."""
    store = context.store
    paces = Paces(store)

    @app.callback(
        Output("overview-sweeps", "children"), Input("tick", "n_intervals"), Input("version", "data")
    )
    def sweeps(count, version):
        states = sweep_states(store)
        paced = paces.snapshots(time.monotonic(), [state.progress for state in states])
        now = datetime.now(UTC)
        if not states:
            return message(["There is no sweep yet. ", html.Code("gst sweep quickstart"), " makes one."])
        return [sweep(state, paced[state.progress.sweep_id], now) for state in states]

    @app.callback(
        Output("overview-failures", "children"),
        Output("overview-failed", "children"),
        Input("version", "data"),
        State("overview-failed", "children"),
    )
    def failed(version, before):
        found = failures(store, FAILURES + 1)
        mark = str([(failure.key, failure.attempts) for failure in found])
        if mark == before:  # so that a traceback which somebody reads stays open
            return no_update, no_update
        return failed_runs(found), mark


def sweep(state, snapshot, now):
    """One sweep: its bar, its counts and its facts."""
    progress = state.progress
    name = link(progress.name, f"/runs?sweep={progress.name}") if state.newest else progress.name
    return html.Div(
        [
            html.Span(name, className="name"),
            html.Span(state.title, className="title"),
            bar(progress.counts),
            legend(progress.counts),
            html.Div([html.Span(fact) for fact in facts(state, snapshot, now)], className="facts"),
        ],
        className="sweep",
    )


def facts(state, snapshot, now):
    """What is to be said of a sweep, in words."""
    progress = state.progress
    share = progress.epochs_done / progress.epochs_total if progress.epochs_total else 0
    yield counted(progress.runs, "run")
    yield f"{progress.epochs_done:,} of {progress.epochs_total:,} epochs ({share:.0%})"
    yield f"{duration(progress.seconds)} of training"
    if progress.counts["running"]:
        if snapshot.epochs_per_second is None:
            yield "measuring its pace"
        else:
            yield f"{snapshot.epochs_per_second:.3g} epochs/s"
            yield f"{duration(snapshot.seconds_left)} left"
        silent = progress.heartbeat and (now - progress.heartbeat).total_seconds() > SILENT_SECONDS
        yield f"{'no sign of life since' if silent else 'last written'} {ago(progress.heartbeat, now)}"
    yield f"registered {shown(state.registered)} UTC"
    if not state.newest:
        yield "an earlier version of this sweep"


def failed_runs(found):
    """The failed runs, each with a traceback that opens on a click."""
    if not found:
        return html.P("None.", className="faint")
    more = [message(f"Only the last {FAILURES} are shown.")] if len(found) > FAILURES else []
    return [*(failed_run(failure) for failure in found[:FAILURES]), *more]


def failed_run(failure):
    """One failed run."""
    epoch = (
        "before its first epoch" if failure.last_epoch is None else f"after epoch {failure.last_epoch + 1}"
    )
    about = f"{failure.model} on {failure.dataset}, seed {failure.seed}"
    tries = counted(failure.attempts, "attempt")
    logs = [html.H3("Last lines of its log"), html.Pre(failure.log_tail)] if failure.log_tail else []
    return html.Details(
        [
            html.Summary(
                [
                    html.Code(failure.key[:KEY_DIGITS]),
                    html.Span(about),
                    html.Span(failure.reason or ""),
                    html.Span(f"{epoch}, {tries}, on {failure.host or 'no machine'}"),
                    html.Span(f"{shown(failure.ended)[:19]} UTC"),
                ]
            ),
            html.Pre(failure.traceback or "There is no traceback."),
            *logs,
        ]
    )
