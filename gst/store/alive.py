"""Whether someone trains a run: the rule for whoever would take it, and for whoever asks how far it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, func

from gst.store.schema import runs
from gst.store.utc_time import Present
from gst.words import counted, duration

BUSY = timedelta(seconds=120)
"""How old the last sign of life of a run must be before it counts as abandoned."""

_RUNNING = runs.c.status == "running"
# A sign of life from the future is one of a clock that was wrong, and tells no more than an old one.
_RECENT = runs.c.heartbeat.between(Present(-BUSY), Present(BUSY))
ALIVE = _RUNNING & _RECENT
"""The condition that someone trains the run."""

_SILENT = case((_RUNNING & (runs.c.heartbeat.is_(None) | ~_RECENT), runs.c.run_id))
SILENCE = (
    func.count(_SILENT.distinct()),
    func.max(case((_SILENT.is_not(None), runs.c.heartbeat))),
    Present(),
)
"""Columns of a query over runs, from which `Silent.of` tells those that nobody trains."""


class Silent(NamedTuple):
    """Runs that are marked as running though nobody trains them: their driver had no time to say so."""

    runs: int
    seconds: float | None  # since the last sign of life of one of them, if there was any

    @classmethod
    def of(cls, runs: int, last: datetime | None, present: datetime) -> Silent | None:
        """What the columns of SILENCE say; None where every run that is marked so is trained."""
        return cls(runs, None if last is None else (present - last).total_seconds()) if runs else None

    @property
    def words(self) -> str:
        """`2 runs without a sign of life for 3 h`, and what to do."""
        since = "" if self.seconds is None or self.seconds < 0 else f" for {duration(self.seconds)}"
        return (
            f"{counted(self.runs, 'run')} marked as running without a sign of life{since}: nobody trains "
            f"{'it' if self.runs == 1 else 'them'}; `gst sweep FILE` carries on"
        )
