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
    log = logging.getLogger("gst")
    level = log.level
    with attached(Saying(tail.append, logging.NOTSET, "%(asctime)s %(name)s: %(message)s")):
        log.setLevel(logging.INFO)
        try:
            yield tail
        finally:
            log.setLevel(level)


@contextmanager
def warnings(told: Callable[[str], object] | None = None) -> Iterator[list[str]]:
    """The warnings of gst in this context, each once; `told` hears at once of those of this thread."""
    said: list[str] = []
    with attached(_Said(said, told)):
        yield said


@contextmanager
def attached(handler: logging.Handler) -> Iterator[None]:
    """A context in which the handler hears what gst logs."""
    log = logging.getLogger("gst")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class Saying(logging.Handler):
    """Says each record of that level or above, in that form."""

    def __init__(self, say: Callable[[str], object], level: int, form: str) -> None:
        super().__init__(level)
        self._say = say
        self.setFormatter(logging.Formatter(form))

    def emit(self, record: logging.LogRecord) -> None:
        """Say it now. A terminal that is gone must not end a run that warns of something."""
        try:
            self._say(self.format(record))
        except Exception:
            self.handleError(record)

    @contextmanager
    def through(self, say: Callable[[str], object]) -> Iterator[None]:
        """Say it that way in the context."""
        before, self._say = self._say, say
        try:
            yield
        finally:
            self._say = before


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
