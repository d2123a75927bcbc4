"""Where in a sweep file the values of its configurations stand, for messages about them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from gst.config.document import Document, KeyPath
from gst.config.expand import dotted
from gst.config.override import Override


class Place(NamedTuple):
    """Where a value was written; not exact where it is missing, or a mapping made of several places."""

    key: KeyPath
    exact: bool


class Source(NamedTuple):
    """The arm of the file that a configuration comes from, and the overrides that it took."""

    arm: str
    overrides: tuple[Override, ...]


class Origins(NamedTuple):
    """The file of a sweep, the source of each configuration by its label, and options that changed all."""

    document: Document
    sources: Mapping[str, Source]
    options: tuple[str, ...] = ()

    def line(self, label: str, key: KeyPath, message: str) -> str:
        """`file:line: key: message`, the arm where the line does not tell it, and overrides that matter."""
        name, source = dotted(key), self.sources[label]
        place, exact = _place(self.document, source.arm, key)
        alone = message.startswith(_OF_ONE_VALUE)
        changed = [it.text for it in source.overrides if not alone or _nested(it.key, name)]
        changed += self.options
        told = alone and exact and place[0] in ("arms", "base")
        context = [] if told and not changed else [f"in arm {label!r}"]
        context += [f"with {text}" for text in changed]
        where = f"{self.document.where(place)}: {name or 'configuration'}"
        return f"{where}: {message}" + (f" ({', '.join(context)})" if context else "")

    def folder(self, label: str, key: KeyPath) -> Path:
        """The folder of the file in which the value at that key stands, or of the sweep's own."""
        place = _place(self.document, self.sources[label].arm, key)
        return self.document.file(place.key).parent if place.exact else self.document.path.parent

    def misfit(self, label: str, said: str) -> str:
        """The same of what does not fit the data or the network, which begins with the key."""
        key, colon, message = said.partition(": ")
        if not colon or not _KEY.fullmatch(key):
            return f"{self.document.path}: arm {label!r}: {said}"
        return self.line(label, tuple(key.split(".")), message)


_OF_ONE_VALUE = ("expected ", "unknown ", "is required")
"""Beginnings of messages about a value alone; others are about several together, wherever they stand."""
_KEY = re.compile(r"(data|model|training|pruning|measure)(\.[a-z0-9_]+)*")


def _place(document: Document, arm: str, key: KeyPath) -> Place:
    """Where in the document the value at `key` of an arm's configuration comes from: the closest match."""
    own: KeyPath = ("arms", arm)
    nearest_first: tuple[KeyPath, ...] = (
        ("grid",), ("zip",), (*own, "grid"), (*own, "zip"), own, ("base",)
    )  # fmt: skip
    for length in range(len(key), 0, -1):
        wanted = dotted(key[:length])
        for origin, place in itertools.product(nearest_first, document.lines):
            if place[: len(origin)] == origin and dotted(place[len(origin) :]) == wanted:
                is_mapping = any(it[:-1] == place for it in document.lines)
                return Place(place, exact=length == len(key) and not is_mapping)
    return Place(own, exact=False)


def _nested(one: str, other: str) -> bool:
    """Whether one of two dotted keys is the other or lies inside it; everything lies inside the empty key."""
    return not other or f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")
