"""A sweep in this process, one run after another."""

from __future__ import annotations

from collections.abc import Sequence

from gst.launch.trial import Assignment, run_trial


def run_all(keys: Sequence[str], assignment: Assignment) -> tuple[str, ...]:
    """Carry each run to its end; nothing is returned, for what keeps a trial from the store is raised."""
    for key in keys:
        run_trial(key, assignment)
    return ()
