"""Figures: numbers from a store, and pictures of them.

A figure is a recipe (`papers/`): a function from a store and the name of a sweep to a Sheet of panels
(`panels/`), each of which has its numbers and its drawing. `frame.draw` makes a picture of any sheet.
"""

from __future__ import annotations

from gst.figures.book import FIGURES, figure
from gst.figures.files.export import SUFFIXES, export
from gst.figures.recipe import Figure
from gst.figures.sheet import Sheet

__all__ = ["FIGURES", "SUFFIXES", "Figure", "Sheet", "export", "figure"]
