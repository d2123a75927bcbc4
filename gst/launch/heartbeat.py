"""The sign of life of an attempt while it trains, however long an epoch takes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Self

from gst.errors import Fenced
from gst.store import Recorder
from gst.store.alive import BUSY

SECONDS = BUSY.total_seconds() / 4
"""Between two signs: three may go missing before another sweep takes the run for abandoned."""

JOIN_SECONDS = 5.0
"""How long the end of an attempt waits for a sign that is under way; a late one does no harm."""

logger = logging.getLogger(__name__)


class Heartbeat:
    """Beats from a thread of its own for as long as the context lasts; nothing it meets is raised there.

    A store that does not answer is only logged: the next write of an epoch will wait for it or give up.
    Once a beat is refused, because the run was cancelled or another attempt has it, `check` raises
    Fenced, and training need not go on to the end of an epoch that nobody will store.
    """

    def __init__(
        self, recorder: Recorder, seconds: float | None = None, memory: Callable[[], int] | None = None
    ) -> None:
        self._recorder = recorder
        self._memory = memory  # the most bytes that were used so far
        self._seconds = SECONDS if seconds is None else seconds
        self._over = threading.Event()
        self._refused: Fenced | None = None
        self._thread = threading.Thread(target=self._loop, name="gst-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join(JOIN_SECONDS)

    def check(self, *_: Any) -> None:
        """Raise Fenced if the run is no longer this attempt's. May be a hook: arguments are not looked at."""
        if self._refused is not None:
            raise Fenced(str(self._refused))

    def _loop(self) -> None:
        while not self._over.wait(self._seconds):
            try:
                self._recorder.beat(peak_memory=self._memory and self._memory())
            except Fenced as refused:
                self._refused = refused
                return
            except Exception as error:
                logger.warning("the store did not take a sign of life: %s", error)
