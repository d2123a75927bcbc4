"""How far sweeps are and how fast they go, in words, and the runs that failed or diverged."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dash import html

from gst.dashboard.pieces import folded, link, message
from gst.launch.progress import Snapshot, Watch
from gst.store import Progress, Store
from gst.store.reading import Failure, SweepState
from gst.words import counted, duration, readable, short

FAILURES = 30
"""Runs that failed or diverged and are shown; their tracebacks are long."""


class Speeds:
    """How fast each sweep trains, measured from one look to the next. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._watches: dict[int, Watch] = {}
        self._lock = threading.Lock()

    def snapshots(self, seconds: float, progresses: Iterable[Progress]) -> dict[int, Snapshot]:
        """The state of each sweep by its id; `seconds` is the time now, on any clock."""
        with self._lock:
            return {it.sweep_id: self._watch(it.sweep_id).at(seconds, it) for it in progresses}

    def _watch(self, sweep_id: int) -> Watch:
        return self._watches.setdefault(sweep_id, Watch(self._store, sweep_id))


def facts(state: SweepState, snapshot: Snapshot) -> Iterator[str]:
    """Facts about a sweep, in words."""
    progress = state.progress
    share = progress.epochs_done / progress.epochs_total if progress.epochs_total else 0
    yield counted(progress.runs, "run")
    yield f"{progress.epochs_done:,} of {progress.epochs_total:,} epochs ({share:.0%})"
    yield f"{duration(progress.seconds)} of training"
    if progress.silent:
        yield progress.silent.words
    if progress.counts["running"] > (progress.silent.runs if progress.silent else 0):
        if snapshot.epochs_per_second is None or snapshot.seconds_left is None:
            yield "measuring its speed"
        else:
            yield f"{snapshot.epochs_per_second:.3g} epochs/s"
            yield f"{duration(snapshot.seconds_left)} left"
        if progress.age is not None:
            yield f"last written {duration(max(0.0, progress.age))} ago"
    yield f"registered {readable(state.version.registered)} UTC"
    if state.version.options or not state.version.meant:
        yield state.version.words


def failed_runs(found: Sequence[Failure]) -> Any:
    """The runs that failed or diverged, each with a traceback that opens on a click."""
    if not found:
        return html.P("None.", className="faint")
    more = [message(f"Only the last {FAILURES} are shown.")] if len(found) > FAILURES else []
    return [*(failed_run(failure) for failure in found[:FAILURES]), *more]


def failed_run(failure: Failure) -> html.Details:
    """One run that failed or diverged."""
    epoch = "before its first epoch" if failure.last_epoch is None else f"after epoch {failure.last_epoch}"
    words = (
        failure.status,
        f"{failure.model} on {failure.dataset}, seed {failure.seed}",
        failure.reason or "",
        f"{epoch}, {counted(failure.attempts, 'attempt')}, on {failure.host or 'no machine'}",
        f"{readable(failure.ended)} UTC",
    )
    logs = [html.H3("Last lines of its log"), html.Pre(failure.log_tail)] if failure.log_tail else []
    return folded(
        [html.Code(short(failure.key)), *map(html.Span, words)],
        html.P(link(f"Run {short(failure.key)}", f"/runs/{short(failure.key)}")),
        html.Pre(failure.traceback or "There is no traceback."),
        *logs,
    )
