"""Whether someone trains a run: the rule for whoever would take it, and for whoever asks how far it is."""

from __future__ import annotations

from datetime import timedelta

from gst.store.schema import runs
from gst.store.utc_time import Present

BUSY = timedelta(seconds=120)
"""How old the last sign of life of a run must be before it counts as abandoned."""

RUNNING = runs.c.status == "running"

# A sign of life from the future is one of a clock that was wrong, and tells no more than an old one.
ALIVE = RUNNING & runs.c.heartbeat.between(Present(-BUSY), Present(BUSY))
"""The condition that someone trains the run."""
