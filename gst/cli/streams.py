"""Standard output and error on which no command breaks off: what could not be written is told at its end."""

from __future__ import annotations

import errno
import io
import os
import select
import signal
import sys
from collections.abc import Collection
from typing import Any, TextIO

from gst.cli.output import note

READER_GONE = 128 + signal.SIGPIPE
"""The exit code where the reader, such as `head`, has seen enough: a shell has it of other tools too."""


class Standard(io.FileIO):
    """A standard stream that waits for a slow reader, and raises nothing for what it cannot write."""

    problem: OSError | None = None
    """Why something was lost, if anything was; nothing is written after it."""

    def write(self, content: Any) -> int:
        """Write some of the content, or lose all of it; the number of bytes that are done with."""
        try:
            while self.problem is None:
                written: int | None = super().write(content)
                if written is not None:
                    return written
                select.select([], [self], [])  # a full pipe that does not block
        except OSError as error:
            self.problem = error
        return memoryview(content).nbytes


def open_streams() -> None:
    """Have standard input, output and error from here on, whatever the caller made of them.

    Must come before any file is opened: where one of the three is closed, the next file, such as the store's,
    gets its number, and what is printed lands in that file.
    """
    closed = [number for number in (0, 1, 2) if _is_closed(number)]
    for number in closed:
        os.open(os.devnull, os.O_RDWR)  # it gets the lowest number that is free
        os.set_inheritable(number, True)
    if 0 in closed:
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
    sys.stdout, sys.stderr = _stream(1, sys.stdout, closed), _stream(2, sys.stderr, closed)


def exit_code() -> int:
    """The exit code of a command that has done all it was asked to but, perhaps, print the whole of it."""
    problem = _lost_output()
    if problem is None:
        return 0
    if isinstance(problem, BrokenPipeError):
        return READER_GONE
    note(f"gst: standard output cannot be written: {problem.strerror}")
    return 1


def excuse_output() -> None:
    """Have no failure of what could not be printed: for commands whose results lie elsewhere."""
    problem = _lost_output()
    if problem is not None:
        note(f"standard output cannot be written: {problem.strerror}; the results are kept all the same")


def _lost_output() -> OSError | None:
    """Why something that was printed did not arrive on standard output; None if all did. It is told once."""
    sys.stdout.flush()
    raw = _raw(sys.stdout)
    if raw is None:
        return None
    problem, raw.problem = raw.problem, None
    return problem


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


def _stream(number: int, before: TextIO | None, closed: Collection[int]) -> TextIO:
    """A stream in the encoding of the one before, in which what the encoding lacks is escaped."""
    raw = Standard(number, "w", closefd=False)
    if number in closed:
        raw.problem = OSError(errno.EBADF, "it is closed")
    at_once = number == 2 or raw.isatty() or getattr(before, "write_through", False)  # as with python -u
    encoding = "utf-8" if before is None else before.encoding
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=encoding, errors="backslashreplace", line_buffering=at_once
    )


def _raw(stream: TextIO) -> Standard | None:
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw if isinstance(raw, Standard) else None
