"""Real processes from outside: whether they live, whose children they are, and the signals that hurt them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 240
"""Seconds before anything that tests wait for counts as not coming; machines of a pipeline are slow."""


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that its parent has not asked after yet has."""
    fields = _stat(pid)
    return fields is None or fields[0] == "Z"


def wait_until_gone(pids: Iterable[int]) -> None:
    waiting = list(pids)
    end = time.monotonic() + PATIENCE
    while waiting := [pid for pid in waiting if not is_gone(pid)]:
        assert time.monotonic() < end, f"still there: {waiting}"
        time.sleep(0.05)


def parent(pid: int) -> int | None:
    """The process that started it, or None: it is gone."""
    fields = _stat(pid)
    return None if fields is None else int(fields[1])


def children(pid: int) -> list[int]:
    """The processes that it has started and that are there."""
    listed = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [other for other in listed if parent(other) == pid and not is_gone(other)]


def send(number: signal.Signals, pids: Iterable[int]) -> None:
    """Send the signal to each that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@contextmanager
def frozen(pids: Iterable[int]) -> Iterator[None]:
    """Processes that do nothing at all in the context, and go on after it as if no time had passed."""
    chosen = list(pids)
    send(signal.SIGSTOP, chosen)
    try:
        yield
    finally:
        send(signal.SIGCONT, chosen)


def _stat(pid: int) -> list[str] | None:
    """What the kernel tells of a process after its name: state, parent, and so on."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return None
