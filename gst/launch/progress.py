"""How far a sweep has come and how long it will take, read from the store alone.

So it is the same for a sweep in this process, on this machine, on a cluster, or watched from elsewhere.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection
from typing import NamedTuple

from gst.store import Progress, Store

WINDOW_SECONDS = 60.0


class Snapshot(NamedTuple):
    """The state of a sweep at one moment."""

    progress: Progress
    epochs_per_second: float | None  # over the last minute; None until there is something to measure
    seconds_left: float | None
    elapsed: float = 0.0  # seconds since the first snapshot

    @property
    def waiting(self) -> int:
        """Runs that nobody has started, or that were stopped."""
        return self.progress.counts["pending"] + self.progress.counts["interrupted"]

    @property
    def ended(self) -> bool:
        """Whether no run is left to do."""
        return not self.waiting and not self.progress.counts["running"]


class Watch:
    """Takes snapshots of a sweep, or of its runs with those seeds, one after another."""

    def __init__(self, store: Store, sweep_id: int, seeds: Collection[int] | None = None) -> None:
        self._store = store
        self._sweep_id = sweep_id
        self._seeds = seeds
        self._seen: deque[tuple[float, int]] = deque()  # time and epochs done, for the pace
        self._began: float | None = None

    def snapshot(self) -> Snapshot:
        """How it stands now."""
        return self.at(time.monotonic(), self._store.progress(self._sweep_id, self._seeds))

    def at(self, moment: float, progress: Progress) -> Snapshot:
        """How it stands with that progress at that moment, in seconds of any clock."""
        self._began = moment if self._began is None else self._began
        elapsed = moment - self._began
        if self._seen and progress.epochs_done <= self._seen[0][1]:
            self._seen.clear()  # nothing has begun, or a resumed run gave back what it will train again
        self._seen.append((moment, progress.epochs_done))
        while len(self._seen) > 2 and moment - self._seen[1][0] >= WINDOW_SECONDS:
            self._seen.popleft()
        began, before = self._seen[0]
        done = progress.epochs_done - before
        if not done:
            return Snapshot(progress, None, None, elapsed)
        pace = done / (moment - began)
        return Snapshot(progress, pace, (progress.epochs_total - progress.epochs_done) / pace, elapsed)
