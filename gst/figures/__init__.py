"""Figures: numbers from a store, and pictures of them.

A figure is two functions: `numbers(store, sweep)` gives its numbers, `draw(numbers)` a plotly figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gst.figures import tradeoff, tradeoff_drawing
from gst.figures.export import SUFFIXES, export
from gst.figures.numbers import Numbers


class Figure(NamedTuple):
    """The numbers of a figure (from a store and the name of a sweep) and its picture (from the numbers).

    `sweep` is the sweep that the figure of a paper is drawn from, where it is of one.
    """

    numbers: Callable[..., Any]
    draw: Callable[[Any], go.Figure]
    title: str
    sweep: str | None = None


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {"tradeoff": Figure(tradeoff.numbers, tradeoff_drawing.draw, "Stability against accuracy, of any sweep")}
)
"""Every figure by its name, as sweep files and the command line know it."""

__all__ = ["FIGURES", "SUFFIXES", "Figure", "Numbers", "export"]
