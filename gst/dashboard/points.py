"""Completed runs as points, and how any two of their quantities go together."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from gst.analysis import RunResult, find_source, run_results
from gst.errors import InputError
from gst.stats import Correlation, correlation
from gst.stats.correlation import Kind
from gst.store import Store

RESAMPLES = 2000
"""Of the bootstrap: a selection is answered while the reader waits."""

KINDS: Mapping[Kind, str] = MappingProxyType(
    {"pearson": "Pearson r", "kendall": "Kendall τ", "spearman": "Spearman ρ"}
)


class Variable(NamedTuple):
    """A number of a run, or None where a run has none."""

    label: str
    of: Callable[[RunResult], float | None]
    share: bool  # a fraction of 1, which people read in percent
    of_events: bool = False  # measured at pruning events, and a convention in a run without any


VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "stability": Variable("Mean stability", lambda run: run.stability, True, True),
        "mean_drop": Variable("Mean drop of accuracy", lambda run: run.mean_drop, True, True),
        "last_drop": Variable("Last drop of accuracy", lambda run: run.last_drop, True, True),
        "final_accuracy": Variable("Final test accuracy", lambda run: run.final_accuracy, True),
        "best_accuracy": Variable(
            "Best test accuracy since the last event", lambda run: run.best_accuracy, True
        ),
        "final_gap": Variable("Final generalization gap", lambda run: run.final_gap, True),
        "best_gap": Variable("Generalization gap at the best accuracy", lambda run: run.best_gap, True),
        "iterative_rate": Variable("Iterative pruning rate", lambda run: run.iterative_rate, True),
        "retrain_period": Variable("Retrain period, epochs", lambda run: run.retrain_period, False),
        "total_fraction": Variable("Fraction pruned in all", lambda run: run.total_fraction, True),
        "train_per_class": Variable("Training images of a class", lambda run: run.train_per_class, False),
        "events": Variable("Pruning events", lambda run: run.events, False),
    }
)

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "arm": "arm",
        "sweep": "sweep",
        "model": "model",
        "dataset": "data set",
        "kind": "kind of pruning",
        "score": "score",
        "target": "target",
        "retrain_period": "retrain period",
        "iterative_rate": "iterative rate",
        "train_per_class": "images of a class",
    }
)
"""What points can be coloured and split by."""


class Point(NamedTuple):
    """One completed run of one sweep, in its first arm there."""

    sweep: str
    digest: str
    run: RunResult

    def group(self, name: str) -> str:
        """Which group the point is in, in words."""
        value = self.sweep if name == "sweep" else getattr(self.run, name)
        return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


class Placed(NamedTuple):
    """A point with both of its numbers. `counts` says whether it is in the correlation."""

    point: Point
    x: float
    y: float
    counts: bool


class Points:
    """The completed runs of sweeps, kept until one more completes. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[str, tuple[Point, ...]]] = {}
        self._lock = threading.Lock()

    def mark(self, sweep: str) -> str:
        """What changes when another run of that sweep completes."""
        return repr(self._store.query(_MARK, sweep=sweep).rows)

    def of(self, sweep: str) -> tuple[Point, ...]:
        """Those of the newest sweep of that name, each run once.

        Raises UnknownNameError where there is none, and InputError where none of its runs completed.
        """
        with self._lock:  # the picture and its correlations ask at once, and one of them is enough
            mark = self.mark(sweep)
            if self._known.get(sweep, ("",))[0] != mark:
                self._known[sweep] = mark, _points(self._store, sweep)
            return self._known[sweep][1]


def _points(store: Store, sweep: str) -> tuple[Point, ...]:
    source = find_source(store, sweep)
    runs = {run.key: run for run in reversed(run_results(store, source))}
    return tuple(Point(sweep, source.digest, run) for run in reversed(runs.values()))


_MARK = """\
SELECT m.sweep_id, count(*), max(r.ended)
FROM sweep_runs m JOIN runs r ON r.run_id = m.run_id
WHERE r.status = 'completed' AND m.sweep_id = (
    SELECT sweep_id FROM sweeps WHERE name = :sweep ORDER BY registered DESC, sweep_id DESC LIMIT 1
)
GROUP BY m.sweep_id"""


def placed(points: Sequence[Point], x: str, y: str) -> tuple[Placed, ...]:
    """The points that have both numbers.

    Unpruned runs do not count in a correlation, because their stability of 1 is a convention; nor do
    runs that were pruned before training only, where a number is of events.
    """
    horizontal, vertical = VARIABLES[x], VARIABLES[y]
    of_events = horizontal.of_events or vertical.of_events
    found = []
    for point in points:
        first, second = horizontal.of(point.run), vertical.of(point.run)
        if first is None or second is None or (of_events and not point.run.measured):
            continue
        found.append(Placed(point, float(first), float(second), point.run.pruned))
    return tuple(found)


class Found(NamedTuple):
    """A correlation, or why there is none."""

    name: str
    correlation: Correlation | None
    why: str = ""


def correlations(
    points: Sequence[Placed], x: str, y: str, chosen: Collection[str] | None = None
) -> tuple[Found, ...]:
    """Each kind of correlation over the points that count, each run once, or over those of these keys.

    Intervals are over runs, 95% percentile bootstrap unless their method says otherwise; the same runs
    have the same intervals.
    """
    counted = {p.point.run.key: p for p in points if p.counts}
    if chosen is not None:
        counted = {key: p for key, p in counted.items() if key in chosen}
    first, second = [p.x for p in counted.values()], [p.y for p in counted.values()]
    seed = hashlib.sha256("/".join([x, y, *sorted(counted)]).encode()).digest()
    return tuple(_found(kind, first, second, seed) for kind in KINDS)


def _found(kind: Kind, x: Sequence[float], y: Sequence[float], seed: bytes) -> Found:
    generator = np.random.default_rng(int.from_bytes(seed[:16], "little"))
    try:
        found = correlation(kind, x, y, generator, method="percentile", resamples=RESAMPLES)
    except InputError as error:
        return Found(KINDS[kind], None, str(error))
    return Found(KINDS[kind], found)
