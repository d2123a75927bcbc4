"""Driving a registered sweep: hand its unfinished runs to an engine, and leave the store in order."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gst.launch.trial import Assignment
from gst.store import Store

Engine = Callable[[Sequence[str], Assignment], tuple[str, ...]]
"""Runs a trial for each key; returns what kept trials from reaching the store, if anything did."""

POLL_SECONDS = 5.0


def drive(store: Store, assignment: Assignment, engine: Engine) -> tuple[str, ...]:
    """Have every run of the assignment's sweep carried to its end that is not there yet.

    From here on this is the sweep's only driver: trials of an earlier one find themselves refused.
    Runs that another sweep is training at the moment are waited for. However the engine ends, no run
    is left marked as running, nor a checkpoint that nobody needs. Returns, as sentences, what kept
    runs from their end and is not in the store.
    """
    driver_epoch = store.take_over(assignment.sweep_id)
    assignment = assignment._replace(driver_epoch=driver_epoch)
    first = keys = store.remaining(assignment.sweep_id)
    problems: tuple[str, ...] = ()
    try:
        while keys and not problems:
            problems = engine(keys, assignment)
            if _superseded(store, assignment):
                problems += ("another driver has taken the sweep over, and trains what is left of it",)
            else:
                keys = _wait_for_others(store, assignment.sweep_id)
    finally:
        store.interrupt(assignment.sweep_id, driver_epoch)
        _clear_checkpoints(store, assignment, first)
    return problems


def _superseded(store: Store, assignment: Assignment) -> bool:
    """Whether trials of this driver are refused by now."""
    newest = store.query(
        "SELECT driver_epoch FROM sweeps WHERE sweep_id = :sweep_id", sweep_id=assignment.sweep_id
    )
    return bool(newest.rows[0][0] != assignment.driver_epoch)


def _wait_for_others(store: Store, sweep_id: int) -> list[str]:
    """Runs still to do of those that another sweep was training a moment ago, after that moment."""
    busy = _busy_elsewhere(store, sweep_id)
    if not busy:
        return []
    time.sleep(POLL_SECONDS)
    return [key for key in store.remaining(sweep_id) if key in busy]


def _busy_elsewhere(store: Store, sweep_id: int) -> set[str]:
    """Keys of this sweep's runs that another sweep is training."""
    found = store.query(
        "SELECT r.key FROM runs r JOIN sweep_runs m ON m.run_id = r.run_id"
        " WHERE m.sweep_id = :sweep_id AND r.status = 'running' AND r.sweep_id <> :sweep_id",
        sweep_id=sweep_id,
    )
    return {key for (key,) in found.rows}


def _clear_checkpoints(store: Store, assignment: Assignment, keys: Sequence[str]) -> None:
    """Remove what trials of ended runs left behind: one that died may have written a last checkpoint.

    A failed run's stays, for a retry.
    """
    needed = {Path(name).parent.name for name in store.checkpoints()}
    for key in set(keys) - needed - set(store.remaining(assignment.sweep_id)):
        shutil.rmtree(assignment.artifacts / key, ignore_errors=True)
