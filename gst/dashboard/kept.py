"""Values that are made once and kept until what they were made from has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from gst.errors import InputError

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Entry(Generic[Value]):
    """A value with the mark it was made at, and a lock for the thread that makes it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.found: tuple[str, Value] | None = None


class Kept(Generic[Key, Value]):
    """A value for each key, made anew once the key's mark has changed. Threads may share it.

    `make` computes the value of a key. `mark` is a cheap summary of what the value is computed from.
    At most `most` values are kept, those that were asked for last.
    """

    def __init__(
        self, make: Callable[[Key], Value], mark: Callable[[Key], str], most: int | None = None
    ) -> None:
        self.mark = mark
        self._make = make
        self._most = most
        self._entries: dict[Key, _Entry[Value]] = {}
        self._lock = threading.Lock()

    def of(self, key: Key) -> Value:
        """The value of that key as it is now. Raises whatever `make` raises."""
        entry = self._entry(key)
        with entry.lock:  # the parts of a page ask at once, and to make it once is enough
            mark = self.mark(key)
            if entry.found is None or entry.found[0] != mark:
                entry.found = mark, self._make(key)
            return entry.found[1]

    def gathered(self, keys: Iterable[Key]) -> tuple[list[Value], list[str]]:
        """The values of these keys, and the messages of the InputErrors of keys that have none."""
        found, problems = [], []
        for key in keys:
            try:
                found.append(self.of(key))
            except InputError as error:
                problems.append(str(error))
        return found, problems

    def _entry(self, key: Key) -> _Entry[Value]:
        with self._lock:
            entry = self._entries.pop(key, None) or _Entry()
            self._entries[key] = entry
            while self._most is not None and len(self._entries) > self._most:
                del self._entries[next(iter(self._entries))]
            return entry
