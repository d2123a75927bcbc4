"""The picture of GST 2019's Figure 1: drops by epoch on the left, mean drop against accuracy on the right."""

from __future__ import annotations

from collections.abc import Iterator

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.panels import add_notes, counted, head, sentences, show_legend
from gst.figures.scatter import QUANTITIES
from gst.figures.scatter_drawing import add_scatter, method_words
from gst.figures.style import Look, looks, plain
from gst.figures.v1_drops import DropCurve, Drops

TICKS = tuple(digit * 10.0**power for power in range(-4, 2) for digit in (1, 2, 5))
"""Percentage points; a drop is of 100 at most."""


def draw(found: Drops) -> go.Figure:
    """The figure of these numbers."""
    figure = make_subplots(rows=1, cols=2, column_widths=[0.55, 0.45], horizontal_spacing=0.09)
    look = looks([arm for arm in found.source.arms if arm in found.scatter.arms])
    for curve in found.curves:
        _curve(figure, curve, look[curve.arm])
    add_scatter(figure, found.scatter, 1, 2, look, narrow=True)
    figure.update_xaxes(title_text="Epoch of the event", row=1, col=1)
    # Logarithmic: drops span decades, and those below 0 are not here.
    figure.update_yaxes(title_text="Mean drop, percentage points", type="log", row=1, col=1)
    figure.update_yaxes(tickvals=TICKS, ticktext=[f"{tick:g}" for tick in TICKS], row=1, col=1)
    figure.update_xaxes(title_text="Mean drop over a run's events, percentage points", row=1, col=2)
    figure.update_yaxes(title_text="Test accuracy", row=1, col=2)
    runs = found.basis.runs
    groups = [(arm, sum(run.arm == arm for run in runs)) for arm in dict.fromkeys(run.arm for run in runs)]
    accuracy = QUANTITIES[f"{found.basis.accuracy}_accuracy"].lower()
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, accuracy, counted(groups, "arm")),
        margin={"l": 80, "r": 30, "t": 205, "b": 150},
    )
    show_legend(figure, above=78)
    head(figure, ("x", "y"), "<b>Drops above 0 alone</b>: mean over the runs that have one")
    add_notes(figure, _notes(found))
    return figure


def _curve(figure: go.Figure, curve: DropCurve, look: Look) -> None:
    shown = [it for it in curve.epochs if it.mean is not None]
    figure.add_scatter(
        x=[it.epoch + 1 for it in shown],
        y=[100 * it.mean for it in shown if it.mean is not None],
        name=plain(curve.arm),
        legendgroup=curve.arm,
        showlegend=True,
        mode="lines+markers",
        line={"color": look.colour, "width": 1},
        marker=look.marker(5, hollow=curve.scaled),
        customdata=[(it.positive, it.n) for it in shown],
        hovertemplate=(
            f"<b>{plain(curve.arm)}</b>, epoch %{{x}}<br>mean drop %{{y:.3f}} points<br>"
            "above 0 in %{customdata[0]} of %{customdata[1]} runs<extra></extra>"
        ),
        row=1,
        col=1,
    )


def _notes(found: Drops) -> Iterator[str]:
    yield (
        "A drop is the test accuracy before an event less the one after it, in percentage points, not "
        "relative. Epochs count from 1. Left: no interval, as which runs count differs from epoch to epoch; "
        "epochs where no run's accuracy fell are left out. Right: all drops of a run count."
    )
    yield "Intervals: 95% percentile bootstrap over runs, 10,000 resamples. p takes runs as independent."
    yield from method_words(found.scatter)
    if not found.curves:
        yield from sentences(["no completed run had an event while it trained"])
