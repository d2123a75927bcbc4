"""Means over runs at many places, such as epochs or ranks, and their intervals as a band."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gst.figures.frame import Pane
from gst.figures.sheet import Row
from gst.figures.style import plain
from gst.stats.means import mean_intervals

FloatArray = NDArray[np.float64]


class Means(Protocol):
    """Means at several places, and the bounds of their intervals; None where there is one run."""

    @property
    def mean(self) -> FloatArray: ...  # noqa: D102

    @property
    def low(self) -> FloatArray | None: ...  # noqa: D102

    @property
    def high(self) -> FloatArray | None: ...  # noqa: D102


def means_of_runs(values: FloatArray) -> tuple[FloatArray, FloatArray | None, FloatArray | None]:
    """The mean of values [runs, places] at each place, and the bounds of its 95% interval."""
    mean = values.mean(axis=0)
    if len(values) < 2 or not mean.size:
        return mean, None, None
    found = mean_intervals(values.T)
    return mean, found.low, found.high


def mean_row(it: Means, place: int) -> Row:
    """The columns of one mean; a value that is not finite, such as the loss of a diverging run, is None."""
    row = {"value": _finite(it.mean[place])}
    if it.low is None or it.high is None:
        return row
    return row | {"low": _finite(it.low[place]), "high": _finite(it.high[place])}


def _finite(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None


def add_band(
    pane: Pane, x: ArrayLike, low: FloatArray | None, high: FloatArray | None, colour: str, group: str
) -> None:
    """Fill the space between the bounds, if there are any; `colour` is given as `#rrggbb`."""
    if low is None or high is None:
        return
    # Two lines, as a single outline would cross itself where bounds are not finite.
    for bound, fill in ((low, None), (high, "tonexty")):
        pane.add(
            x=x,
            y=bound,
            name=plain(group),
            legendgroup=group,
            mode="lines",
            line={"color": colour, "width": 0},
            fill=fill,
            fillcolor=faded(colour),
            hoverinfo="skip",
        )


def faded(colour: str) -> str:
    """The colour of a band: that of its line, `#rrggbb`, mostly transparent."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.22)"
