"""What a quantity is: a number that a run has, in the unit in which papers print it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from gst.analysis import Accuracy
from gst.compare.measured import MeasuredRun

Unit = Literal[
    "percent",
    "points",
    "correlation",
    "p",
    "count",
    "images",
    "batches",
    "epochs",
    "ratio",
    "loss",
    "fraction",
    "number",
]


class Quantity(NamedTuple):
    """A number that a run has, by the chosen definition of accuracy; None where this run has it not."""

    words: str
    unit: Unit
    of: Callable[[MeasuredRun, Accuracy], float | None]
