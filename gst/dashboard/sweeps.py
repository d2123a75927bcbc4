"""How far every sweep of a store has come, in one question for all of them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from gst.dashboard.words import moment
from gst.launch.progress import Snapshot, Watch
from gst.store import Progress, Store
from gst.store.schema import ENDED, STATUSES

_VERSION = """\
SELECT status, count(*), sum(COALESCE(last_epoch, -1)), sum(attempt), max(heartbeat), max(ended)
FROM runs GROUP BY status ORDER BY status"""
_SWEEPS = (
    "SELECT sweep_id, name, title, claim, registered FROM sweeps ORDER BY registered DESC, sweep_id DESC"
)
_COUNTS = f"""\
SELECT
    m.sweep_id, r.status, count(*),
    sum(COALESCE(r.last_epoch + 1, 0)),
    sum(CASE WHEN r.status IN ({", ".join(f"'{it}'" for it in ENDED)})
        THEN COALESCE(r.last_epoch + 1, 0) ELSE c.epochs END),
    sum(r.seconds), max(r.heartbeat)
FROM (SELECT DISTINCT sweep_id, run_id FROM sweep_runs) m
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
GROUP BY m.sweep_id, r.status"""
_FAILURES = """\
SELECT r.key, r.seed, c.model, c.dataset, r.reason, r.attempt, r.last_epoch, r.ended, a.host, a.device,
    a.traceback, a.log_tail
FROM runs r
JOIN configs c ON c.config_id = r.config_id
LEFT JOIN attempts a ON a.run_id = r.run_id AND a.attempt = r.attempt
WHERE r.status = 'failed'
ORDER BY r.ended DESC, r.run_id
LIMIT :most"""


class SweepState(NamedTuple):
    """A registered sweep; `newest` is whether no later one has its name."""

    title: str
    claim: str
    registered: datetime | None
    newest: bool
    progress: Progress


class Failure(NamedTuple):
    """A failed run, and what its last attempt left behind."""

    key: str
    seed: int
    model: str
    dataset: str
    reason: str | None
    attempts: int
    last_epoch: int | None
    ended: datetime | str | None
    host: str | None
    device: str | None
    traceback: str | None
    log_tail: str | None


def version(store: Store) -> str:
    """A mark that changes whenever a run or a sweep does."""
    sweeps = store.query("SELECT count(*), max(registered) FROM sweeps").rows
    return hashlib.sha256(repr((store.query(_VERSION).rows, sweeps)).encode()).hexdigest()[:16]


def results_version(store: Store) -> str:
    """A mark that changes whenever a run completes or a sweep is registered."""
    runs = store.query("SELECT count(*), max(ended) FROM runs WHERE status = 'completed'").rows
    return repr((runs, store.query("SELECT count(*), max(registered) FROM sweeps").rows))


def sweep_names(store: Store) -> list[str]:
    """The names of all sweeps, that of the newest first."""
    return list(dict.fromkeys(row[1] for row in store.query(_SWEEPS).rows))


def sweep_states(store: Store) -> tuple[SweepState, ...]:
    """All sweeps, the newest first; their progress is without arms."""
    found: dict[int, list[tuple[object, ...]]] = {}
    for sweep_id, *counts in store.query(_COUNTS).rows:
        found.setdefault(sweep_id, []).append(tuple(counts))
    states, seen = [], set()
    for sweep_id, name, title, claim, registered in store.query(_SWEEPS).rows:
        progress = _progress(sweep_id, name, found.get(sweep_id, ()))
        states.append(SweepState(title, claim, moment(registered), name not in seen, progress))
        seen.add(name)
    return tuple(states)


def failures(store: Store, most: int) -> tuple[Failure, ...]:
    """The runs that failed last, and no more than so many."""
    return tuple(Failure(*row) for row in store.query(_FAILURES, most=most).rows)


class Paces:
    """How fast each sweep is, measured from one look to the next. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._watches: dict[int, Watch] = {}
        self._lock = threading.Lock()

    def snapshots(self, seconds: float, progresses: Iterable[Progress]) -> dict[int, Snapshot]:
        """Each sweep as it stands at that moment, in seconds of any clock."""
        with self._lock:
            return {
                progress.sweep_id: self._watches.setdefault(
                    progress.sweep_id, Watch(self._store, progress.sweep_id)
                ).at(seconds, progress)
                for progress in progresses
            }


def _progress(sweep_id: int, name: str, rows: Iterable[tuple[object, ...]]) -> Progress:
    counts = dict.fromkeys(STATUSES, 0)
    done = total = 0
    seconds, heartbeats = 0.0, []
    for status, runs, epochs, expected, spent, heartbeat in rows:
        counts[str(status)] = int(str(runs))
        done, total = done + int(str(epochs)), total + int(str(expected))
        seconds += float(str(spent))
        heartbeats.append(moment(heartbeat))  # type: ignore[arg-type]
    last = max((it for it in heartbeats if it is not None), default=None)
    return Progress(sweep_id, name, counts, sum(counts.values()), done, total, seconds, last, ())
