"""The time that a run has, once its process is told to end, to come to the end of its epoch."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any, NoReturn, Self


class Grace:
    """Puts off SIGTERM for as long as the context lasts, though not by more than that many seconds.

    Code that sees `asked` finishes its epoch and calls `stop`; otherwise leaving the context does.
    Signals are the main thread's: in others nothing is put off.
    """

    def __init__(self, seconds: float) -> None:
        self.asked = False
        self._seconds = seconds
        self._end = 0.0
        self._before: Any = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        if self._seconds and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._hear)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._put_back()
        if self.asked and kind is not KeyboardInterrupt:
            self.stop()

    def stop(self) -> NoReturn:
        """Raise KeyboardInterrupt; what follows is the end, and no other SIGTERM cuts it short."""
        self._put_back()
        if callable(self._before):  # it may ignore more signals than SIGTERM
            self._before(signal.SIGTERM, None)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    def _put_back(self) -> None:
        """Leave signals to the handler of before, unless `stop` has done so: it may ignore them by now."""
        if self._timer is not None:
            self._timer.cancel()
        if signal.getsignal(signal.SIGTERM) == self._hear:
            signal.signal(signal.SIGTERM, self._before)

    def _hear(self, *_: object) -> None:
        """Told again and again, it counts from the first time."""
        if not self.asked:
            self.asked = True
            self._end = time.monotonic() + self._seconds
            here = threading.main_thread().ident
            self._timer = threading.Timer(self._seconds, signal.pthread_kill, (here, signal.SIGTERM))
            self._timer.daemon = True
            self._timer.start()
        elif time.monotonic() >= self._end:
            self.stop()
