"""Series over levels, shaded where two of them match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gst.figures.axes import MarkAxis
from gst.figures.frame import Pane, draw_panel
from gst.figures.level_pairs import LevelPair
from gst.figures.panels.level_series import LevelsPanel
from gst.figures.sheet import Row
from gst.figures.style import GRID

SHADE = "#000000"


class MatchingLevels(NamedTuple):
    """A panel over what is left of the weights, and its two series level by level."""

    panel: LevelsPanel
    axis: MarkAxis
    """That of the panel."""
    levels: tuple[LevelPair, ...]
    heading: str = "Epochs trained<br> "
    """The title of the axis above the panel, and room for its labels."""

    def rows(self) -> Iterator[Row]:
        """The marks of both."""
        return self.panel.rows()

    def counts(self) -> list[tuple[str, int]]:
        """Each mark, and how many runs it stands for."""
        return self.panel.counts()

    def reading(self) -> Iterator[str]:
        """How means were made, what is shaded, and at how many levels both match."""
        yield from self.panel.reading()
        judged = [it for it in self.levels if it.rule]
        if not judged:
            yield "No level is shaded: fewer than two seeds are on both sides."
            return
        first = next((place for place, it in enumerate(judged) if not it.match), len(judged))
        until = ""
        if first:
            last = 100 * judged[first - 1].weights_left
            until = f"; from level 0 on, all match down to {last:.3g}% of the weights"
        matching = sum(it.match for it in judged)
        yield f"Shaded: both match at {matching} of {len(judged)} levels{until}."


def shaded(axis: MarkAxis, levels: Sequence[LevelPair]) -> list[tuple[float, float]]:
    """Where both match, from left to right: halfway to the next level on either side."""
    ordered = sorted(levels, key=lambda it: -it.weights_left)
    places = [axis.place(it.weights_left) for it in ordered]
    spans: list[tuple[float, float]] = []
    for number, it in enumerate(ordered):
        if not it.match:
            continue
        before = places[number] - places[number - 1] if number else 0.0
        after = places[number + 1] - places[number] if number + 1 < len(places) else 0.0
        low = places[number] - (before or after) / 2
        high = places[number] + (after or before) / 2
        if spans and number and ordered[number - 1].match:
            spans[-1] = spans[-1][0], high
        else:
            spans.append((low, high))
    return spans


@draw_panel.register
def _(panel: MatchingLevels, pane: Pane) -> None:
    for low, high in shaded(panel.axis, panel.levels):
        across = {"y0": 0, "y1": 1, "yref": f"{pane.y} domain"}
        pane.shape(type="rect", x0=low, x1=high, **across, fillcolor=SHADE, opacity=0.08, line_width=0)
    draw_panel(panel.panel, pane)
    pane.entry(
        "no difference",
        mode="markers",
        marker={"symbol": "square", "size": 14, "color": SHADE, "opacity": 0.12},
    )
    epochs = {it.weights_left: it.epochs for it in panel.levels}
    ticks = [left for left in panel.axis.ticks(pane.width) if left in epochs]
    above = pane.inset(0, 0, 1, 1)._replace(y=pane.y)
    above.add(x=[None], y=[None])  # an axis without a trace is not drawn
    above.set_x(
        anchor=pane.y,
        overlaying=pane.x,
        matches=pane.x,
        side="top",
        tickvals=[panel.axis.place(left) for left in ticks],
        ticktext=[f"{epochs[left]}" for left in ticks],
        showgrid=False,
        linecolor=GRID,
    )
