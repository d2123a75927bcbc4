"""The pictures of Jin 2022's Figures 6 and 7: pruning beside something else, one colour for each noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.extended import Extended
from gst.figures.level_axis import axis_of, left_words
from gst.figures.level_drawing import (
    Manner,
    add_entry,
    add_levels,
    add_symbol_entry,
    error_words,
    noise_colours,
)
from gst.figures.level_runs import RULE, LevelRuns, noise_name
from gst.figures.level_series import LevelMark, LevelSeries
from gst.figures.level_words import compared, interval_words, marks_counted, place
from gst.figures.panels import add_notes, show_legend
from gst.figures.style import Look
from gst.figures.widths import WidthPair, Widths

AXES = ("x", "y")


class Side(NamedTuple):
    """One of the two that a figure compares: its name, its symbol and dash, and its series."""

    name: str
    symbol: str
    dash: str
    series: tuple[LevelSeries, ...]


def draw_extended(found: Extended) -> go.Figure:
    """Figure 6 of these numbers."""
    sides = (
        Side("iterative pruning", "square", "solid", found.pruned),
        Side("extended dense", "circle", "dot", found.extended),
    )
    figure = make_subplots(rows=1, cols=1)
    add_levels(figure, [(it, manner) for _, it, manner in _manners(sides)], AXES)
    figure.update_xaxes(title_text="Epochs trained", rangemode="tozero")
    figure.update_yaxes(title_text="Test error", tickformat=".2~%")
    _words(figure, found.runs, sides)
    add_notes(figure, _extended_notes(found, sides))
    return figure


def draw_widths(found: Widths) -> go.Figure:
    """Figure 7 of these numbers."""
    sides = (
        Side("iterative pruning", "square", "solid", found.pruned),
        Side("scaled width", "circle", "dot", found.narrow),
    )
    figure = make_subplots(rows=1, cols=1)
    axis = axis_of(found.pruned) if found.pruned else axis_of(found.narrow)
    every = axis_of((*found.pruned, *found.narrow))
    drawn = []
    for side, series, manner in _manners(sides):
        words = left_words if side is sides[0] else _width_words
        drawn.append((series, manner._replace(place=axis.place, x_words=words)))
    add_levels(figure, drawn, AXES)
    layout = axis.layout(most=14) | {"range": every.layout()["range"]}
    figure.update_xaxes(title_text="Weights left of the full network, %", **layout)
    figure.update_yaxes(title_text="Test error", tickformat=".2~%")
    _words(figure, found.runs, sides)
    add_notes(figure, _width_notes(found, sides))
    return figure


def _manners(sides: Sequence[Side]) -> Iterator[tuple[Side, LevelSeries, Manner]]:
    """Each series of each side, and how it is drawn but for the axis."""
    colours = noise_colours([it.noise for side in sides for it in side.series])
    for side in sides:
        for it in side.series:
            look = Look(colours[it.noise], side.symbol)
            yield (
                side,
                it,
                Manner(look, _plainly, _epoch_words, error_words, "test error", side.dash),
            )


def _plainly(x: float, aside: float) -> float:
    return x


def _epoch_words(mark: LevelMark) -> str:
    level = mark.level
    return f"level {level.level}, epoch {level.epochs}, {100 * level.weights_left:.3g}% of the weights left"


def _width_words(mark: LevelMark) -> str:
    return f"width {mark.runs[0].width:.3g}: {100 * mark.x:.3g}% of the full network's weights"


def _words(figure: go.Figure, runs: LevelRuns, sides: Sequence[Side]) -> None:
    every = [it for side in sides for it in side.series]
    hollow = any(it.scaled for it in every)
    for noise, colour in noise_colours([it.noise for it in every]).items():
        add_entry(figure, noise_name(noise), colour)
    for side in sides:
        if side.series:
            grey = {"color": "#555555", "width": 2, "dash": side.dash}
            marker = Look("#555555", side.symbol).marker(9, hollow=hollow)
            add_entry(figure, side.name, "#555555", mode="lines+markers", line=grey, marker=marker)
    add_symbol_entry(figure, "optimal of each", "star", hollow=hollow, size=13)
    title_layout(
        figure,
        runs.source.title,
        subtitle(runs.basis, "test error", marks_counted(every)),
        margin={"l": 90, "r": 30, "t": 145, "b": 150},
    )
    show_legend(figure, above=14)


def _extended_notes(found: Extended, sides: Sequence[Side]) -> Iterator[str]:
    yield interval_words([it for side in sides for it in side.series])
    yield (
        "Extended dense: the same epochs with the same replayed learning rates, and no weight is removed. "
        "Epochs count the first, dense training."
    )
    yield f"{found.runs.choice()} {RULE}"
    for pair in found.pairs:
        name = pair.arm.name
        if pair.pruned is None or pair.extended is None:
            missing = "iterative pruning" if pair.pruned is None else "extended training"
            yield f"{name[0].upper()}{name[1:]}: no completed run of {missing}."
        else:
            yield (
                f"{name[0].upper()}{name[1:]}: extended dense at level {pair.extended.optimal.level} less "
                f"pruning at level {pair.pruned.optimal.level}, {compared(pair.best)}."
            )


def _width_notes(found: Widths, sides: Sequence[Side]) -> Iterator[str]:
    yield interval_words([it for side in sides for it in side.series])
    yield (
        "Scaled width: dense networks whose hidden layers are all narrower, trained once with the standard "
        "schedule, placed by the weights that they have. The full width is level 0 of pruning where it was "
        "not trained by itself."
    )
    yield f"{found.runs.choice()} The optimal width is chosen the same way. {RULE}"
    for pair in found.pairs:
        yield f"{pair.name[0].upper()}{pair.name[1:]}: {_width_note(pair)}."


def _width_note(pair: WidthPair) -> str:
    if pair.narrow is None:
        return "no completed dense network"
    width = f"width {pair.narrow.runs[0].width:.3g}"
    gain = f"is the {'only' if pair.alone else 'best'} width"
    if pair.gain:
        gain = f"less full width {compared(pair.gain)}"
    if pair.pruned is None:
        return f"{width} {gain}; no completed run of iterative pruning"
    best = f"{width} less pruning at {place(pair.pruned.optimal)}, {compared(pair.best)}"
    return f"{best}; {width} {gain}"
