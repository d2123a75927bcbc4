"""What is in training, the newest result of every sweep, and what failed."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from dash import Dash, Input, Output, State, dcc, html, no_update

from gst.analysis.contrasts import Headline
from gst.dashboard.headlines import Headlines, result
from gst.dashboard.page import Context, redrawn
from gst.dashboard.pieces import first_run, folded, heading, link, status_bar
from gst.dashboard.sweep_facts import FAILURES, Speeds, facts, failed_runs
from gst.launch.progress import Snapshot
from gst.store import Version
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
        every = sweep_states(store)
        states = [it for it in every if not it.version.archived]
        snapshots = speeds.snapshots(time.monotonic(), [state.progress for state in states])
        found = headlines.of(states)
        cards = [Card(it, snapshots[it.version.sweep_id], found.get(it.version.sweep_id)) for it in states]
        others = [it for it in cards if not it.in_training]
        hidden = [it.version for it in every if it.version.archived]
        mark = str(hash((*(it.shown for it in others), *hidden)))
        title = [html.H2("Sweeps" if others == cards else "Other sweeps")] if others else []
        shown = no_update if mark == before else [*title, *map(sweep, others), *archived(hidden)]
        return now(cards), shown, mark

    def marked() -> list[Any]:
        return [[failure.key, failure.attempts] for failure in failures(store, FAILURES + 1)]

    # Not at every change of the store: a traceback that somebody reads stays open.
    @redrawn(app, "overview-mark", [Output("overview-failures", "children")], [], marked)
    def failed() -> Any:
        return (failed_runs(failures(store, FAILURES + 1)),)


class Card(NamedTuple):
    """What is shown of a sweep."""

    state: SweepState
    snapshot: Snapshot
    headline: Headline | None

    @property
    def in_training(self) -> bool:
        """Whether somebody trains a run of the sweep."""
        silent = self.state.progress.silent
        return self.state.progress.counts["running"] > (silent.runs if silent else 0)

    @property
    def shown(self) -> Hashable:
        """All that its component says; cheaper to make than that."""
        counts = tuple(self.state.progress.counts.values())
        return self.state.version, counts, tuple(facts(self.state, self.snapshot)), self.headline


def now(cards: Sequence[Card]) -> list[Any]:
    """What changes all the time: the store at a glance, and the sweeps in training."""
    if not cards:
        return [first_run()]
    training = [it for it in cards if it.in_training]
    head = [html.H2("In training")] if training else []
    return [html.P(glance(cards, training), className="glance"), *head, *map(sweep, training)]


def archived(found: Sequence[Version]) -> list[Any]:
    """Links to archived sweeps, which a click on their number shows."""
    links = [html.P([sweep_link(it), html.Span(it.title, className="title")]) for it in found]
    return [folded(counted(len(found), "archived sweep"), *links)] if found else []


def sweep_link(version: Version) -> Any:
    """A link to the page of the sweep."""
    return link(version.called, f"/sweep/{quote(version.called, safe='@')}")


def glance(cards: Sequence[Card], training: Sequence[Card]) -> list[Any]:
    """The whole store in a line; a run in several sweeps counts in each."""
    progresses = [it.state.progress for it in cards]
    counts = {it: sum(of.counts[it] for of in progresses) for it in progresses[0].counts}
    wrong = counts["failed"] + counts["diverged"]
    left = [it.snapshot.seconds_left for it in training if it.snapshot.seconds_left is not None]
    said = "Nothing is in training"
    if training:
        silent = sum(it.silent.runs for it in progresses if it.silent)
        runs = counted(counts["running"] - silent, "run")
        said = f"{runs} of {counted(len(training), 'sweep')} in training"
        said += f", {duration(max(left))} left" if left else ""
    done = f"{counts['completed']:,} of {counted(sum(counts.values()), 'run')} completed in"
    return [
        html.Span(said),
        html.A(f"{counted(wrong, 'run')} failed or diverged", href="#failed") if wrong else "No run failed",
        html.Span(f"{done} {counted(len(cards), 'sweep')}"),
    ]


def sweep(card: Card) -> html.Div:
    """One sweep: its bar, its counts, its facts and its newest result."""
    state = card.state
    return html.Div(
        [
            html.Span(sweep_link(state.version), className="name"),
            html.Span(state.version.title, className="title"),
            status_bar(state.progress.counts),
            html.Div([html.Span(fact) for fact in facts(state, card.snapshot)], className="facts"),
            result(card.headline, state.progress.counts["completed"]),
        ],
        className="sweep",
    )
