"""What is in training, the newest result of every sweep, and what failed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from dash import Dash, Input, Output, State, dcc, html, no_update
from plotly.utils import PlotlyJSONEncoder

from gst.analysis.contrasts import Headline
from gst.dashboard.headlines import Headlines, result
from gst.dashboard.page import Context, redrawn
from gst.dashboard.pieces import heading, link, message, status_bar
from gst.dashboard.sweep_facts import FAILURES, Speeds, facts, failed_runs
from gst.launch.progress import Snapshot
from gst.store.reading import SweepState, failures, sweep_states
from gst.words import counted, duration

TITLE = "Overview"
ORDER = 1


def layout(context: Context) -> list[Any]:
    """All of it at a glance, sweeps in training, the others, and what failed or diverged."""
    return [
        heading(TITLE),
        html.Div(id="overview-now"),
        html.Div(id="overview-sweeps"),
        dcc.Store(id="overview-shown"),
        html.H2("Runs that failed or diverged", id="failed"),
        html.Div(id="overview-failures"),
        dcc.Store(id="overview-mark"),
    ]


def register(app: Dash, context: Context) -> None:
    """Read the sweeps at every tick, and the runs that failed when the store changes."""
    store = context.store
    speeds, headlines = Speeds(store), Headlines(store)

    @app.callback(
        Output("overview-now", "children"),
        Output("overview-sweeps", "children"),
        Output("overview-shown", "data"),
        Input("tick", "n_intervals"),
        State("overview-shown", "data"),
    )
    def sweeps(count: int | None, before: str | None) -> Any:
        states = sweep_states(store)
        snapshots = speeds.snapshots(time.monotonic(), [state.progress for state in states])
        now, others = board(states, snapshots, headlines.of(states))
        mark = sha256(PlotlyJSONEncoder().encode(others).encode()).hexdigest()
        return now, no_update if mark == before else others, mark

    def marked() -> list[Any]:
        return [[failure.key, failure.attempts] for failure in failures(store, FAILURES + 1)]

    # Not at every change of the store: a traceback that somebody reads stays open.
    @redrawn(app, "overview-mark", [Output("overview-failures", "children")], [], marked)
    def failed() -> Any:
        return (failed_runs(failures(store, FAILURES + 1)),)


def board(
    states: Sequence[SweepState], snapshots: Mapping[int, Snapshot], headlines: Mapping[int, Headline]
) -> tuple[list[Any], list[Any]]:
    """What changes all the time, a glance and the sweeps in training, and the other sweeps."""
    if not states:
        return [message(["There is no sweep yet. ", html.Code("gst sweep quickstart"), " makes one."])], []
    cards = {
        it.version.sweep_id: sweep(it, snapshots[it.version.sweep_id], headlines.get(it.version.sweep_id))
        for it in states
    }
    training = [it for it in states if in_training(it)]
    others = [cards[it.version.sweep_id] for it in states if not in_training(it)]
    now: list[Any] = [
        html.P(glance(states, [snapshots[it.version.sweep_id] for it in training]), className="glance")
    ]
    if training:
        now += [html.H2("In training"), *(cards[it.version.sweep_id] for it in training)]
    return now, [html.H2("Other sweeps" if training else "Sweeps"), *others] if others else []


def in_training(state: SweepState) -> bool:
    """Whether somebody trains a run of the sweep."""
    silent = state.progress.silent
    return state.progress.counts["running"] > (silent.runs if silent else 0)


def glance(states: Sequence[SweepState], training: Sequence[Snapshot]) -> list[Any]:
    """The whole store in a line; a run in several sweeps counts in each."""
    counts = {it: sum(state.progress.counts[it] for state in states) for it in states[0].progress.counts}
    wrong = counts["failed"] + counts["diverged"]
    left = [it.seconds_left for it in training if it.seconds_left is not None]
    now = "Nothing is in training"
    if training:
        silent = sum(it.progress.silent.runs for it in states if it.progress.silent)
        runs = counted(counts["running"] - silent, "run")
        now = f"{runs} of {counted(len(training), 'sweep')} in training"
        now += f", {duration(max(left))} left" if left else ""
    done = f"{counts['completed']:,} of {counted(sum(counts.values()), 'run')} completed in"
    return [
        html.Span(now),
        html.A(f"{counted(wrong, 'run')} failed or diverged", href="#failed") if wrong else "No run failed",
        html.Span(f"{done} {counted(len(states), 'sweep')}"),
    ]


def sweep(state: SweepState, snapshot: Snapshot, found: Headline | None) -> html.Div:
    """One sweep: its bar, its counts, its facts and its newest result."""
    called = state.version.called
    return html.Div(
        [
            html.Span(link(called, f"/sweep/{quote(called, safe='@')}"), className="name"),
            html.Span(state.version.title, className="title"),
            status_bar(state.progress.counts),
            html.Div([html.Span(fact) for fact in facts(state, snapshot)], className="facts"),
            result(found, state.progress.counts["completed"]),
        ],
        className="sweep",
    )
