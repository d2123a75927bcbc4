"""Every figure by its name, as sweep files and the command line know it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gst.errors import InputError, UnknownNameError
from gst.figures.papers.any_sweep import ANY_SWEEP
from gst.figures.papers.gst2019 import GST2019
from gst.figures.papers.gst2020 import GST2020
from gst.figures.papers.jin2022 import JIN2022
from gst.figures.recipe import Figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from gst.store import Store

FIGURES: Mapping[str, Figure] = MappingProxyType({**ANY_SWEEP, **GST2020, **GST2019, **JIN2022})


def figure(store: Store, name: str, sweep: str | None = None, **parameters: Any) -> go.Figure:
    """The picture of that name from a sweep, its own one where it has one, for a notebook.

    Raises UnknownNameError for a figure or a sweep that there is not, and InputError where one must be named.
    """
    if name not in FIGURES:
        raise UnknownNameError("figure", name, FIGURES)
    chosen = sweep or FIGURES[name].sweep
    if chosen is None:
        raise InputError(f"figure {name!r} is of several sweeps; say of which: sweep=...")
    return FIGURES[name].draw(FIGURES[name].numbers(store, chosen, **parameters))
