"""The picture of Jin 2022's Figure 1a: pruning and extended training, and where there is no difference."""

from __future__ import annotations

from collections.abc import Iterator

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.extended import Extended, LevelPair
from gst.figures.level_axis import LeftAxis, axis_of, left_words
from gst.figures.level_drawing import Manner, add_entry, add_levels, error_words
from gst.figures.level_runs import RULE
from gst.figures.level_words import interval_words, marks_counted
from gst.figures.panels import add_notes, show_legend
from gst.figures.style import COLOURS, GRID, Look

TICKS = 14
"""At most so many levels have a tick at the bottom, and their epochs at the top."""
_SHADE = "#000000"


def draw(found: Extended) -> go.Figure:
    """The figure of these numbers."""
    figure = make_subplots(rows=1, cols=1)
    axis = axis_of((*found.pruned, *found.extended))
    (pair,) = found.pairs
    for low, high in shaded(axis, pair.levels):
        _shade(figure, low, high)
    sides = (("iterative pruning", "square", found.pruned), ("extended dense", "circle", found.extended))
    for place, (name, symbol, series) in enumerate(sides):
        look = Look(COLOURS[place], symbol)
        aside = 1.0 - 2 * place
        manner = Manner(look, axis.place, left_words, error_words, "test error", aside=aside, star=False)
        for it in series:
            add_levels(figure, [(it, manner)], ("x", "y"))
            marker = look.marker(9, hollow=it.scaled)
            add_entry(figure, name, look.colour, mode="lines+markers", marker=marker)
    marker = {"symbol": "square", "size": 14, "color": _SHADE, "opacity": 0.12}
    add_entry(figure, "no difference", _SHADE, mode="markers", marker=marker)
    figure.update_xaxes(title_text="Weights left by pruning, %", **axis.layout(TICKS))
    figure.update_yaxes(title_text="Test error", tickformat=".2~%")
    _epochs(figure, axis, pair.levels)
    title_layout(
        figure,
        found.source.title,
        subtitle(found.runs.basis, "test error by level", marks_counted((*found.pruned, *found.extended))),
        margin={"l": 90, "r": 30, "t": 190, "b": 150},
    )
    show_legend(figure, above=62)
    add_notes(figure, _notes(found))
    return figure


def shaded(axis: LeftAxis, levels: tuple[LevelPair, ...]) -> list[tuple[float, float]]:
    """Where there is no difference, from left to right: halfway to the next level on either side."""
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


def _shade(figure: go.Figure, low: float, high: float) -> None:
    figure.add_shape(
        type="rect",
        x0=low,
        x1=high,
        y0=0,
        y1=1,
        yref="y domain",
        fillcolor=_SHADE,
        opacity=0.08,
        line_width=0,
        layer="below",
    )


def _epochs(figure: go.Figure, axis: LeftAxis, levels: tuple[LevelPair, ...]) -> None:
    """An axis above the panel with the epochs that both had trained by then."""
    epochs = {it.weights_left: it.epochs for it in levels}
    ticks = [left for left in axis.ticks(TICKS) if left in epochs]
    figure.add_scatter(
        x=[None], y=[None], xaxis="x2", showlegend=False
    )  # an axis without a trace is not drawn
    figure.update_layout(
        xaxis2={
            "overlaying": "x",
            "matches": "x",
            "side": "top",
            "title": {"text": "Epochs trained", "font": {"size": 14}, "standoff": 8},
            "tickvals": [axis.place(left) for left in ticks],
            "ticktext": [f"{epochs[left]}" for left in ticks],
            "showgrid": False,
            "linecolor": GRID,
        }
    )


def _notes(found: Extended) -> Iterator[str]:
    (pair,) = found.pairs
    yield interval_words((*found.pruned, *found.extended))
    yield (
        "Extended dense: the same epochs with the same replayed learning rates, and no weight is removed; it "
        "stands where pruning of the same level does. Epochs count the first, dense training."
    )
    yield f"{RULE} Shaded: levels at which both match, paired by seed."
    judged = [it for it in pair.levels if it.rule]
    if not judged:
        yield "No level is shaded: fewer than two seeds are on both sides."
        return
    matching = [it for it in judged if it.match]
    last = _last_of_first_run(judged)
    until = (
        f"; from level 0 on, all match down to {100 * last.weights_left:.3g}% of the weights" if last else ""
    )
    yield f"Both match at {len(matching)} of {len(judged)} levels{until}."


def _last_of_first_run(levels: list[LevelPair]) -> LevelPair | None:
    """The sparsest of the levels before the first difference; None where already the first one differs."""
    last = None
    for it in levels:
        if not it.match:
            break
        last = it
    return last
