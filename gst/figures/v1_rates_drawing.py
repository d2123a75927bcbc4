"""The picture of GST 2019's Figures 3 and A2: rate against drop on the left, accuracy on the right."""

from __future__ import annotations

from collections.abc import Iterator

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.methods import SCORES_2019, names
from gst.figures.panels import (
    add_baseline_legend,
    add_notes,
    counted,
    head,
    intervals,
    sentences,
    show_legend,
)
from gst.figures.rate_axis import rate_axis
from gst.figures.scatter import QUANTITIES
from gst.figures.scatter_drawing import add_baseline
from gst.figures.series import Mark
from gst.figures.series_drawing import add_series, at_pace, manners
from gst.figures.v1_rates import LAST, DropRates

LEFT, RIGHT = ("x", "y"), ("x2", "y2")
HEADINGS = {
    LAST: "<b>Drop at the last event</b>: epoch before it less right after it",
}


def draw(found: DropRates) -> go.Figure:
    """The figure of these numbers."""
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.08)
    axis = rate_axis([mark.x for it in found.accuracy for mark in it.marks])
    manner = manners([it.method for it in found.accuracy], axis.place, at_pace, SCORES_2019)
    for it in found.drops:
        add_series(figure, it, manner[it.method], LEFT, "drop")
    for it in found.accuracy:
        add_series(figure, it, manner[it.method], RIGHT, "accuracy", legend=True)
    for baseline in found.baselines:
        add_baseline(figure, baseline, 1, 2, label=False)
    figure.update_xaxes(
        title_text="Iterative rate: % of the most pruned layer per event", **axis.layout(gap=0.03)
    )
    figure.update_yaxes(tickformat=".2~%")
    _words(figure, found)
    return figure


def _words(figure: go.Figure, found: DropRates) -> None:
    accuracy = QUANTITIES[f"{found.basis.accuracy}_accuracy"]
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, accuracy.lower(), _counted(found)),
        margin={"l": 80, "r": 30, "t": 170, "b": 150},
    )
    add_baseline_legend(figure, found.baselines)
    show_legend(figure, above=34)
    head(figure, LEFT, HEADINGS.get(found.what, "<b>Drop</b>: mean over a run's events"))
    head(figure, RIGHT, f"<b>{accuracy}</b>")
    add_notes(figure, _notes(found))


def _notes(found: DropRates) -> Iterator[str]:
    groups = [mark.group for it in (*found.drops, *found.accuracy) for mark in it.marks]
    yield (
        f"{intervals(it.estimate.method for it in groups if it.estimate)} "
        "Small dots are single runs; series stand a little apart."
    )
    yield "A drop is in test accuracy itself, in percentage points, and not relative to it."
    if any(_same_rate(it.marks) for it in found.accuracy):
        yield "Two retrain periods can have the same rate: each has its own mark; they are not pooled."
    yield from sentences(found.notes)


def _same_rate(marks: tuple[Mark, ...]) -> bool:
    rates = [mark.x for mark in marks]
    return len(set(rates)) < len(rates)


def _counted(found: DropRates) -> str:
    name = names([it.method for it in found.accuracy], SCORES_2019)
    marks = [
        (f"{name[it.method]} at {100 * mark.x:.3g}%", mark.group.n)
        for it in found.accuracy
        for mark in it.marks
    ]
    return counted(marks, "mark")
