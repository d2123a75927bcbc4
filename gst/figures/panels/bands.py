"""Mean curves as lines, and their intervals as bands around them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gst.analysis.curves import Curve
from gst.figures.frame import Pane
from gst.figures.style import plain


def add_curve(pane: Pane, it: Curve, line: Mapping[str, Any], **trace: Any) -> None:
    """Draw the means, in the legend under the name of the arm unless the `trace` says otherwise."""
    named = {"name": plain(it.arm), "legendgroup": it.arm, "showlegend": True}
    pane.add(**{"x": it.x, "y": it.mean, "mode": "lines", "line": dict(line), **named, **trace})


def add_band(pane: Pane, it: Curve, colour: str, group: str = "") -> None:
    """Fill the space between the bounds, if there are any; `colour` is given as `#rrggbb`.

    The band comes and goes with the legend's `group`, that of the curve's arm unless it is given.
    """
    if it.low is None or it.high is None:
        return
    # Two lines, as a single outline would cross itself where bounds are not finite.
    for bound, fill in ((it.low, None), (it.high, "tonexty")):
        pane.add(
            x=it.x,
            y=bound,
            name=plain(group or it.arm),
            legendgroup=group or it.arm,
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
