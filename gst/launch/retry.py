"""Waiting for a store that does not answer, and no longer than makes sense."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from gst.errors import StoreError
from gst.store import TRANSIENT, disk_is_full

PAUSES = (1, 5, 15, 60, 120)
"""Seconds between tries to reach a store that does not answer: a database server takes a while to restart."""

FRESH_SECONDS = 600.0
"""The time after which an action that fails is waited for as if it were the first one to fail."""

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


def patiently(action: Callable[[], Answer]) -> Answer:
    """The action's result; the action is tried again and again while the store does not answer.

    Raises what the store raises, one of TRANSIENT, once all pauses have passed in vain, and at once
    where waiting changes nothing: there is no such store, it has another schema, or its disk is full.
    """
    pauses = iter(PAUSES)
    while True:
        began = time.monotonic()
        try:
            return action()
        except TRANSIENT as error:
            if time.monotonic() - began > FRESH_SECONDS:
                pauses = iter(PAUSES)
            pause = next(pauses, None)
            if pause is None or disk_is_full(error) or is_permanent(error):
                raise
            logger.warning("the store does not answer, next try in %d s: %s", pause, reason(error))
        time.sleep(pause)


def is_permanent(error: Exception) -> bool:
    """Whether gst itself refuses the store, without an error of the database behind that."""
    return isinstance(error, StoreError) and error.__cause__ is None


def reason(error: Exception) -> str:
    """The database's message, in one line."""
    lines = str(getattr(error, "orig", None) or error).split("\n")
    return "; ".join(stripped for line in lines if (stripped := line.strip()))


def complaint(error: Exception) -> str:
    """Why a store failed for good, and what to do: the end of a sentence."""
    if disk_is_full(error):
        return "the disk of the store is full: free some space, and the same command carries on"
    return reason(error) if is_permanent(error) else f"the store does not answer: {reason(error)}"
