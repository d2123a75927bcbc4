"""Waiting for a store that does not answer, and no longer than makes sense."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from gst.store import STORE_ERRORS, fault, reason

PAUSES = (1, 5, 15, 60, 120)
"""Seconds between tries to reach a store that does not answer: a database server takes a while to restart."""

FRESH_SECONDS = 600.0
"""The time after which an action that fails is waited for as if it were the first one to fail."""

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


def patiently(action: Callable[[], Answer]) -> Answer:
    """The action's result; the action is tried again and again while the store does not answer.

    Raises what the store raises, one of STORE_ERRORS, once all pauses have passed in vain, and at once
    where no waiting helps.
    """
    pauses = iter(PAUSES)
    while True:
        began = time.monotonic()
        try:
            return action()
        except STORE_ERRORS as error:
            if fault(error) != "transient":
                raise
            if time.monotonic() - began > FRESH_SECONDS:
                pauses = iter(PAUSES)
            pause = next(pauses, None)
            if pause is None:
                raise
            logger.warning("the store does not answer, next try in %d s: %s", pause, reason(error))
        time.sleep(pause)
