"""What a page is given to show."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gst.store import Store

NOTHING: Mapping[str, str] = MappingProxyType({})


class Context(NamedTuple):
    """The store, opened read-only, and what the address says after the page's name.

    `/figures/fig3?accuracy=best` is the page `figures` with rest `fig3` and query {"accuracy": "best"}.
    """

    store: Store
    rest: str = ""
    query: Mapping[str, str] = NOTHING


class Selection(NamedTuple):
    """What a simple page is to show: the sweep that the reader chose, None where the store has none."""

    sweep: str | None
    query: Mapping[str, str] = NOTHING
