"""The picture of Figure 3: rate against stability, accuracy, and the correlation of the two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.methods import names
from gst.figures.panels import (
    add_baseline_legend,
    add_notes,
    counted,
    head,
    intervals,
    sentences,
    show_legend,
)
from gst.figures.rate_axis import RateAxis, rate_axis
from gst.figures.rates import Rates
from gst.figures.rates_correlation_drawing import INTERVALS, add_correlations, methods_of
from gst.figures.scatter import QUANTITIES
from gst.figures.scatter_drawing import add_baseline
from gst.figures.series import Series
from gst.figures.series_drawing import add_series, at_pace, manners

LEFT, CENTRE, RIGHT, INSET = ("x", "y"), ("x2", "y2"), ("x3", "y3"), ("x4", "y4")
_MUCH = 3
"""How many times the range of the slower rates all rates must span for those to get an inset."""


def draw(found: Rates) -> go.Figure:
    """The figure of these numbers."""
    slower = _slower(found.stability)
    inset = {"cell": (1, 1), "l": 0.17, "b": 0.12, "w": 0.5, "h": 0.45}
    figure = make_subplots(rows=1, cols=3, horizontal_spacing=0.075, insets=[inset] if slower else None)
    axis = rate_axis([mark.x for it in found.stability for mark in it.marks])
    manner = manners([it.method for it in found.stability], axis.place, at_pace)
    for it in found.stability:
        add_series(figure, it, manner[it.method], LEFT, "stability", legend=True)
    for it in found.accuracy:
        add_series(figure, it, manner[it.method], CENTRE, "accuracy")
    for it in slower:
        add_series(figure, it, manner[it.method], INSET, "stability", small=True)
    for baseline in found.baselines:
        add_baseline(figure, baseline, 1, 2, label=False)
    add_baseline_legend(figure, found.baselines)
    add_correlations(figure, found.correlations, axis, RIGHT)
    _axes(figure, axis, bool(slower))
    _words(figure, found)
    return figure


def _slower(found: Sequence[Series]) -> tuple[Series, ...]:
    """The series without the fastest rate, where that one alone spreads the axis; else none."""
    marks = [mark for it in found for mark in it.marks]
    rates = {mark.x for mark in marks}
    if len(rates) < 3:
        return ()
    slower = [mark.group.mean for mark in marks if mark.x < max(rates)]
    if np.ptp([mark.group.mean for mark in marks]) <= _MUCH * np.ptp(slower):
        return ()
    trimmed = (it._replace(marks=tuple(mark for mark in it.marks if mark.x < max(rates))) for it in found)
    return tuple(it for it in trimmed if it.marks)


def _axes(figure: go.Figure, axis: RateAxis, inset: bool) -> None:
    for number in (1, 2, 3):
        title = "Iterative rate, % of the most pruned layer"
        figure.update_xaxes(title_text=title, title_font_size=14, **axis.layout(), row=1, col=number)
    figure.update_yaxes(tickformat=".2~%", row=1, col=1)
    figure.update_yaxes(tickformat=".2~%", row=1, col=2)
    if inset:
        slower = axis._replace(rates=axis.rates[:-1])
        figure.update_layout(
            xaxis4={**slower.layout(gap=0.1), "tickfont_size": 10},
            yaxis4={"tickformat": ".2~%", "tickfont_size": 10, "nticks": 5},
        )


def _words(figure: go.Figure, found: Rates) -> None:
    accuracy = QUANTITIES[f"{found.basis.accuracy}_accuracy"]
    about = subtitle(found.basis, accuracy.lower(), _counted(found))
    title_layout(figure, found.source.title, about, margin={"l": 80, "r": 30, "t": 185, "b": 150})
    show_legend(figure)
    head(figure, LEFT, "<b>Stability</b>: mean over a run's events")
    head(figure, CENTRE, f"<b>{accuracy.replace(' since', '</b><br>since')}")
    head(figure, RIGHT, f"<b>Pearson's r of the two</b><br>{INTERVALS}")
    groups = [mark.group for it in (*found.stability, *found.accuracy) for mark in it.marks]
    small = "Small dots are single runs; targets at one rate stand a little apart."
    lines = [
        f"{intervals(it.estimate.method for it in groups if it.estimate)} {small}",
        methods_of("pearson"),
    ]
    add_notes(figure, [*lines, *sentences(found.notes)])


def _counted(found: Rates) -> str:
    name = names([it.method for it in found.stability])
    marks = [
        (f"{name[it.method]} at {100 * mark.x:.3g}%", mark.group.n)
        for it in found.stability
        for mark in it.marks
    ]
    return counted(marks, "mark")
