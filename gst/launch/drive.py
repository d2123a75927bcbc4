"""Driving a registered sweep: hand its unfinished runs to an engine, and leave the store in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial

from gst.errors import Fenced, InputError
from gst.launch.artifacts import artifacts_at
from gst.launch.checkpoints import missing_checkpoints
from gst.launch.retry import patiently
from gst.launch.trial import Assignment
from gst.store import STORE_ERRORS, Look, Store, complaint, run_states, unmeasured
from gst.store.alive import BUSY
from gst.store.run_states import in_training
from gst.words import counted, duration

Engine = Callable[[Sequence[str], Assignment], tuple[str, ...]]
"""Runs a trial for each key; returns what kept trials from reaching the store, if anything did."""

POLL_SECONDS = 5.0
SUPERSEDED = "another driver has taken the sweep over, and trains what it was asked for"

logger = logging.getLogger(__name__)


def drive(
    store: Store,
    assignment: Assignment,
    engine: Engine,
    told: Callable[[Look], None] | None = None,
    asked: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Have every run of the assignment's sweep, or those `asked` for, carried to its end.

    From here on this is the sweep's only driver: trials of an earlier one find themselves refused.
    Runs that another sweep is training at the moment are waited for; those that were trained for another one
    are measured where they lack what this one asks for. A sweep with a design decides once the runs of a look
    have ended, and goes on to those of the next or stops; `told` hears of each decision.
    Raises InputError, and takes nothing over, where an earlier driver trains a run that is not asked for.
    However the engine ends, no run is left marked as running, nor a checkpoint that nobody needs. Returns,
    as sentences, what kept runs from their end and is not in the store.
    """
    sweep_id = assignment.sweep_id
    _refuse_to_stop_others(store, sweep_id, asked)
    assignment = assignment._replace(driver_epoch=patiently(partial(store.take_over, sweep_id)))
    remaining = partial(_remaining, store, sweep_id, asked)
    keys = patiently(remaining)
    _tell_of_missing(store, assignment)
    known = set(keys)
    problems: tuple[str, ...] = ()
    try:
        while True:
            problems = _train(store, assignment, engine, keys, remaining)
            look = None if problems else patiently(partial(_decide, store, assignment))
            if look is not None and told is not None:
                told(look)
            keys = [] if problems else patiently(remaining)
            if look is None and known.issuperset(keys):  # none that a decision entered
                return problems or _measure(store, assignment, engine, asked)
            known.update(keys)
    finally:
        _leave(store, assignment)


def _refuse_to_stop_others(store: Store, sweep_id: int, asked: Collection[str] | None) -> None:
    others = [] if asked is None else patiently(partial(in_training, store, sweep_id)).difference(asked)
    if others:
        raise InputError(
            f"another driver of this sweep trains {counted(len(others), 'run')} that --seeds leaves out, and "
            "would stop: wait for its end, or give --seeds that have its seeds too; if it is gone, "
            f"try again in {duration(BUSY.total_seconds())}"
        )


def _tell_of_missing(store: Store, assignment: Assignment) -> None:
    try:
        lost = patiently(
            partial(missing_checkpoints, store, assignment.sweep_id, artifacts_at(assignment.artifacts))
        )
    except STORE_ERRORS:
        raise
    except Exception as error:  # each file system has its own; the trials will find out
        lost = f"whether checkpoints are there cannot be told: {error}"
    if lost is not None:
        logger.warning("%s", lost)


def _remaining(
    store: Store, sweep_id: int, asked: Collection[str] | None, *, ready: bool = True
) -> list[str]:
    """The runs that can begin; or all, with those that need some of them."""
    return [key for key in store.remaining(sweep_id, ready=ready) if asked is None or key in asked]


def _train(
    store: Store,
    assignment: Assignment,
    engine: Engine,
    keys: Sequence[str],
    remaining: Callable[..., list[str]],
) -> tuple[str, ...]:
    """Have those runs carried to their end, and others that need them where the engine begins these itself.

    Returns what kept them from it.
    """
    problems: tuple[str, ...] = ()
    while keys and not problems:
        waiting = frozenset(patiently(partial(remaining, ready=False))).difference(keys)
        problems = engine(keys, assignment._replace(waiting=waiting))
        if patiently(partial(_superseded, store, assignment)):
            problems += (SUPERSEDED,)
        else:
            keys = patiently(partial(_still_to_do, store, assignment.sweep_id, keys, remaining))
    return problems


def _measure(
    store: Store, assignment: Assignment, engine: Engine, asked: Collection[str] | None
) -> tuple[str, ...]:
    """Have completed runs measured that lack what the sweep asks for: they were trained for another one."""
    found = patiently(partial(unmeasured, store, assignment.sweep_id))
    keys = tuple(key for key in found if asked is None or key in asked)
    return engine(keys, assignment) if keys else ()


def _decide(store: Store, assignment: Assignment) -> Look | None:
    """The decision of the sweep's next look, if it is due and ours to take."""
    try:
        return store.decide(assignment.sweep_id, assignment.driver_epoch)
    except Fenced:
        return None


def _superseded(store: Store, assignment: Assignment) -> bool:
    """Whether trials of this driver are refused by now."""
    newest = {it.sweep_id: it.driver_epoch for it in store.sweeps()}
    return newest[assignment.sweep_id] != assignment.driver_epoch


def _still_to_do(
    store: Store, sweep_id: int, tried: Sequence[str], remaining: Callable[[], list[str]]
) -> list[str]:
    """Runs to try again: another sweep was training them, and maybe does; none where trying is in vain."""
    running = [it for it in run_states(store, sweep_id) if it.status == "running"]
    busy = any(it.sweep_id != sweep_id for it in running)
    if busy:
        time.sleep(POLL_SECONDS)
    left = remaining()
    return left if busy or len(left) < len(tried) else []


def _leave(store: Store, assignment: Assignment) -> None:
    """Put the store in order, unless it does not answer: then the next driver does, and loses nothing."""
    try:
        store.interrupt(assignment.sweep_id, assignment.driver_epoch)
        _clear_checkpoints(store, assignment)
    except STORE_ERRORS as error:
        logger.warning("the end of the sweep could not be noted: %s", complaint(error))


def _clear_checkpoints(store: Store, assignment: Assignment) -> None:
    """Remove what trials of the sweep's ended runs left behind, under whichever driver: they may have died.

    A failed run's stays, for a retry, and so does a completed one's that the store names.
    """
    needed = {name.partition("/")[0] for name in store.checkpoints()}
    sweep_id = assignment.sweep_id
    ended = {it.key for it in run_states(store, sweep_id)} - needed - set(store.remaining(sweep_id))
    artifacts = artifacts_at(assignment.artifacts)
    try:
        for file in list(artifacts.files()):
            if file.name.partition("/")[0] in ended:
                artifacts.remove(file.name)
                artifacts.tidy(file.name.partition("/")[0])
    except Exception as error:  # what is left over costs space and nothing else
        logger.warning("checkpoints are left behind in %s, for `gst gc`: %s", artifacts, error)
