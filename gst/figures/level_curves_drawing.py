"""The pictures of Jin 2022's Figures 3 and 4: a panel whose axis is what is left of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.level_axis import LeftAxis, axis_of, left_words
from gst.figures.level_curves import NoisyErrors, NoisyLosses
from gst.figures.level_drawing import (
    Manner,
    add_entry,
    add_levels,
    add_symbol_entry,
    error_words,
    loss_words,
    noise_colours,
)
from gst.figures.level_runs import RULE, Arm, LevelRuns
from gst.figures.level_series import LevelSeries
from gst.figures.level_words import against_dense, interval_words, marks_counted
from gst.figures.panels import add_notes, sentences, show_legend
from gst.figures.style import COLOURS, Look

AXES = ("x", "y")
LEFT = "Weights left, %"
_DASHED = {"dash": "dash", "width": 1.5}


def draw_errors(found: NoisyErrors) -> go.Figure:
    """Figure 3 of these numbers."""
    figure = make_subplots(rows=1, cols=1)
    axis, colours = axis_of(found.series), arm_colours(found.arms)
    drawn = []
    for arm, series in zip(found.arms, found.series, strict=True):
        _dense(figure, arm.levels[0].test_error, colours[arm.label])
        drawn.append((series, _manner(axis, colours[arm.label], error_words, "test error")))
    add_levels(figure, drawn, AXES)
    for arm in found.arms:
        add_entry(figure, arm.name, colours[arm.label])
    _star_entry(figure, found.series)
    add_entry(figure, "dense networks", "#555555", line={"color": "#555555", **_DASHED})
    figure.update_xaxes(title_text=LEFT, **axis.layout(most=14))
    figure.update_yaxes(title_text="Test error", tickformat=".2~%")
    _words(figure, found.runs, "test error by level", found.series)
    notes = [interval_words(found.series), *_reading(found.runs), *sentences(against_dense(found.arms))]
    add_notes(figure, notes)
    return figure


def draw_losses(found: NoisyLosses) -> go.Figure:
    """Figure 4 of these numbers."""
    figure = make_subplots(rows=1, cols=1)
    both = (*found.original, *found.noisy)
    axis, colours = axis_of(both), arm_colours(found.arms)
    drawn = []
    for arm, original, noisy in zip(found.arms, found.original, found.noisy, strict=True):
        manner = _manner(axis, colours[arm.label], loss_words, "training loss of noisy images")
        dashed = manner._replace(dash="dash", quantity="training loss of original images")
        drawn += [(original, dashed), (noisy, manner)]
    add_levels(figure, drawn, AXES)
    for arm in found.arms:
        add_entry(figure, arm.name, colours[arm.label])
    grey = "#555555"
    add_entry(figure, "images with wrong labels", grey)
    add_entry(
        figure, "images with their own labels", grey, line={"color": grey, "width": 2.5, "dash": "dash"}
    )
    _star_entry(figure, both)
    figure.update_xaxes(title_text=LEFT, **axis.layout(most=14))
    figure.update_yaxes(title_text="Training loss", rangemode="tozero")
    _words(figure, found.runs, "training loss by level", both)
    add_notes(figure, [interval_words(both), *_loss_reading(found)])
    return figure


def arm_colours(arms: Sequence[Arm]) -> dict[str, str]:
    """A colour for each arm: that of its noise, or one each where several have the same."""
    of_noise = noise_colours([arm.noise for arm in arms])
    if len(of_noise) == len(arms):
        return {arm.label: of_noise[arm.noise] for arm in arms}
    return {arm.label: COLOURS[place % len(COLOURS)] for place, arm in enumerate(arms)}


def _manner(axis: LeftAxis, colour: str, words: Any, quantity: str) -> Manner:
    return Manner(Look(colour, "square"), axis.place, left_words, words, quantity)


def _dense(figure: go.Figure, error: float, colour: str) -> None:
    figure.add_shape(
        type="line",
        x0=0,
        x1=1,
        xref="x domain",
        y0=error,
        y1=error,
        line={"color": colour, **_DASHED},
        layer="below",
    )


def _star_entry(figure: go.Figure, series: Sequence[LevelSeries]) -> None:
    add_symbol_entry(figure, "optimal level", "star", hollow=any(it.scaled for it in series), size=13)


def _words(figure: go.Figure, runs: LevelRuns, about: str, series: Sequence[LevelSeries]) -> None:
    title_layout(
        figure,
        runs.source.title,
        subtitle(runs.basis, about, marks_counted(series)),
        margin={"l": 90, "r": 30, "t": 145, "b": 150},
    )
    show_legend(figure, above=14)


def _reading(runs: LevelRuns) -> Iterator[str]:
    yield f"Dashed: mean of the dense networks (level 0) with the same labels. {runs.choice()}"
    yield RULE


def _loss_reading(found: NoisyLosses) -> Iterator[str]:
    yield (
        "Losses are means over the training images at the end of a level, in eval mode, unaugmented, on the "
        "labels that are trained on."
    )
    yield found.runs.choice()
    yield from sentences(found.notes)
