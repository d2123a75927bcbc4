"""The log of a trial: its last lines, for the store to keep, and its warnings, for whoever started it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOG_LINES = 40
"""How much of a failed trial's log the store keeps."""


@contextmanager
def log_tail() -> Iterator[deque[str]]:
    """The last lines that gst logs in this context."""
    tail: deque[str] = deque(maxlen=LOG_LINES)
    handler = _Tail(tail)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    log = logging.getLogger("gst")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield tail
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


@contextmanager
def warnings(told: Callable[[str], object] | None = None) -> Iterator[list[str]]:
    """The warnings of gst in this context, each once; `told` hears at once of those of this thread."""
    said: list[str] = []
    handler = _Said(said, told)
    log = logging.getLogger("gst")
    log.addHandler(handler)
    try:
        yield said
    finally:
        log.removeHandler(handler)


class _Said(logging.Handler):
    def __init__(self, said: list[str], told: Callable[[str], object] | None) -> None:
        super().__init__(logging.WARNING)
        self._said = said
        self._told = told
        self._thread = threading.get_ident()
        self._keeping = threading.Lock()

    def handle(self, record: logging.LogRecord) -> bool:
        """Keep what it says, unless it was said before, and tell it.

        It is told without the lock of this handler: Tune takes its time to hear, and other threads, such as
        the one that gives signs of life, may log meanwhile.
        """
        text = record.getMessage()
        with self._keeping:
            if record.levelno != logging.WARNING or text in self._said:
                return False
            self._said.append(text)
        if self._told is not None and threading.get_ident() == self._thread:
            try:
                self._told(text)
            except Exception:  # what cannot be told fails no run
                self.handleError(record)
        return True


class _Tail(logging.Handler):
    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as one line."""
        self._lines.append(self.format(record))
