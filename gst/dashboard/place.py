"""Where the pages of a store stand: those of further stores have the store's name before their address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from flask import has_request_context, request


def at(address: str) -> str:
    """The address of a page, of the store whose page is asked for at present."""
    return f"{request.script_root}{address}" if has_request_context() else address


def places(urls: Sequence[str]) -> dict[str, str]:
    """Where each store's pages stand, by its name, of stores by their addresses: the first at the root.

    A name is that of the file or database; one that is there already is given a number.
    """
    found: dict[str, str] = {}
    for name in _names(urls):
        found[name] = f"/store/{name}" if found else ""
    return found


def _names(urls: Iterable[str]) -> list[str]:
    names: list[str] = []
    for url in urls:
        stem = re.sub("[^0-9A-Za-z_-]+", "-", PurePosixPath(urlsplit(url).path).stem) or "store"
        numbered = (f"{stem}-{number}" for number in range(2, 2 + len(names)))
        names.append(next(it for it in (stem, *numbered) if it not in names))
    return names
