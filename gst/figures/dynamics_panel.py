"""The dynamics as a panel: mean curves with bands, what events cost, and how the runs end."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from gst.figures.dynamics import Course, Dynamics
from gst.figures.dynamics_axes import QUANTITY, Panel, panel_of
from gst.figures.dynamics_marks import add_arrows, add_drops, add_ending, which_runs
from gst.figures.style import percent, plain

FEW = 12
"""Epochs up to which each has a tick: there is nothing between two of them."""


def add_dynamics(figure: go.Figure, found: Dynamics, row: int, col: int, *, arrows: bool = False) -> Panel:
    """The panel, once it is drawn; `arrows` point at all events of the least stable arm, as in GST 2019."""
    panel = panel_of(found, row, col)
    for epoch in found.level_ends:
        _level_end(figure, epoch + 1.5, panel)
    for course in found.courses:
        _entry(figure, course, panel)
        _band(figure, course, panel)
    for course in found.courses:  # on top of every band
        _mean(figure, found, course, panel)
    if arrows:
        add_arrows(figure, found, panel)
    epochs = max(len(course.curve.epochs) for course in found.courses)
    add_drops(figure, found, epochs, panel)
    for place, ending in enumerate(found.endings):
        add_ending(figure, found, ending, epochs * (1 + 0.02 * (place + 1)), panel)
    end = epochs * (1 + 0.02 * (len(found.endings) + 1))
    figure.update_xaxes(title_text="Epoch", range=[1 - 0.02 * epochs, end], **panel.place)
    if epochs <= FEW:
        figure.update_xaxes(dtick=1, **panel.place)
    figure.update_yaxes(title_text=QUANTITY[found.quantity], range=[panel.low, panel.high], **panel.place)
    if found.quantity.endswith("accuracy"):
        figure.update_yaxes(tickformat=".2~%", **panel.place)
    return panel


def _level_end(figure: go.Figure, x: float, panel: Panel) -> None:
    line = {"color": "#bbbbbb", "width": 1, "dash": "dot"}
    ends = {"x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "y domain"}
    figure.add_shape(type="line", line=line, layer="below", **ends, **panel.place)


def _entry(figure: go.Figure, course: Course, panel: Panel) -> None:
    """The arm in the legend, with its line, and the symbol that it has in other panels."""
    look = panel.looks[course.arm]
    stability = "" if course.stability is None else f"stability {fine(course.stability.mean)}, "
    figure.add_scatter(
        x=[None],
        y=[None],
        name=f"{plain(course.arm)}: {stability}n = {course.curve.n}",
        legendgroup=course.arm,
        mode="lines+markers" if course.pruned else "lines",
        line={"color": look.colour, "width": 2.5, "dash": panel.dashes[course.arm]},
        marker=look.marker(9, hollow=course.scale < 1),
        **panel.place,
    )


def _band(figure: go.Figure, course: Course, panel: Panel) -> None:
    curve, look = course.curve, panel.looks[course.arm]
    if curve.low is None or curve.high is None:
        return
    for bound, fill in ((curve.low, None), (curve.high, "tonexty")):
        figure.add_scatter(
            x=curve.epochs + 1,
            y=bound,
            name=course.arm,
            legendgroup=course.arm,
            showlegend=False,
            mode="lines",
            line={"color": look.colour, "width": 0},
            fill=fill,
            fillcolor=faded(look.colour),
            hoverinfo="skip",
            **panel.place,
        )


def _mean(figure: go.Figure, found: Dynamics, course: Course, panel: Panel) -> None:
    curve = course.curve
    shown = ".2%" if found.quantity.endswith("accuracy") else ".4g"
    interval = None if curve.low is None or curve.high is None else np.stack([curve.low, curve.high], axis=1)
    figure.add_scatter(
        x=curve.epochs + 1,
        y=curve.mean,
        name=course.arm,
        legendgroup=course.arm,
        showlegend=False,
        mode="lines",
        line={
            "color": panel.looks[course.arm].colour,
            "width": 1.8,
            "dash": panel.dashes[course.arm],
        },
        customdata=interval,
        hovertemplate=(
            f"<b>{plain(course.arm)}</b>, epoch %{{x}}<br>mean %{{y:{shown}}}"
            + (
                f", %{{customdata[0]:{shown}}} to %{{customdata[1]:{shown}}}"
                if interval is not None
                else ", no interval"
            )
            + f"<br>{which_runs(course)}<extra></extra>"
        ),
        **panel.place,
    )


def fine(stability: float) -> str:
    """A stability in percent, with a third digit where it is close to 100%."""
    close = 0.999 <= stability < 1 - 5e-6
    return (
        percent(stability, 3) if close else "100%" if 0.999 < stability < 1.00005 else percent(stability, 2)
    )


def faded(colour: str) -> str:
    """The colour as a band has it, given as `#rrggbb`."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.22)"
