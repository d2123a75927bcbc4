"""Levels as pictures: errors by level, and losses by EL2N group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.dashboard.levels import ACROSS, LOSSES, GroupCurve
from gst.figures.axes import asides
from gst.figures.level_axis import axis_of
from gst.figures.level_drawing import Manner, add_entry, add_levels, error_words
from gst.figures.level_series import LevelMark, LevelSeries
from gst.figures.panels.marks import error_bars
from gst.figures.style import TEMPLATE, Look, looks, plain

AXES = ("x", "y")


def draw_errors(series: Sequence[LevelSeries], across: str, look: Mapping[str, Look]) -> go.Figure:
    """The test errors of arms, each in its look, by what is left of the weights or by epochs."""
    figure = make_subplots(rows=1, cols=1)
    axis = axis_of(series) if across == "weights" else None

    def place(x: float, aside: float) -> float:
        return axis.place(x) if axis else x

    drawn = [
        (it, Manner(look[it.name], place, _where, error_words, "test error", star=len(it.marks) > 1))
        for it in series
    ]
    add_levels(figure, drawn, AXES)
    for it in series:
        marker = look[it.name].marker(8, hollow=it.scaled)
        add_entry(figure, it.name, look[it.name].colour, mode="lines+markers", marker=marker)
    title = f"{ACROSS[across].capitalize()}{', %' if axis else ''}"
    figure.update_xaxes(title_text=title, **(axis.layout(most=12) if axis else {"rangemode": "tozero"}))
    figure.update_yaxes(title_text="Test error", tickformat=".2~%")
    return _laid_out(figure, f"errors/{across}")


def draw_groups(curves: Sequence[GroupCurve], shown: str, look: Mapping[str, Look]) -> go.Figure:
    """The losses of arms by EL2N group, each in its look."""
    figure = make_subplots(rows=1, cols=1)
    for curve, aside in zip(curves, asides(len(curves)), strict=True):
        found = look[curve.name]
        hollow = any(run.scale < 1 for run in curve.level.runs)
        figure.add_scatter(
            x=[number + 0.2 * aside for number in curve.bins],
            y=[it.mean for it in curve.groups],
            name=plain(f"{curve.name}, level {curve.level.level}"),
            mode="lines+markers",
            line={"color": found.colour, "width": 1.5},
            marker=found.marker(8, hollow=hollow),
            error_y=error_bars(curve.groups, found.colour, small=True),
            customdata=[
                (number, it.n, _bounds(it)) for number, it in zip(curve.bins, curve.groups, strict=True)
            ],
            hovertemplate=(
                f"<b>{plain(curve.name)}</b>, level {curve.level.level}<br>group %{{customdata[0]}}: "
                "mean %{y:.4g}<br>%{customdata[2]}, n = %{customdata[1]}<extra></extra>"
            ),
        )
    figure.update_xaxes(title_text="EL2N group: from the lowest scores to the highest")
    figure.update_yaxes(title_text=f"Training {LOSSES[shown]}")
    return _laid_out(figure, f"groups/{shown}")


def arm_looks(names: Sequence[str]) -> dict[str, Look]:
    """A look for each arm, the same in every picture of the page."""
    return looks(list(dict.fromkeys(names)))


def _where(mark: LevelMark) -> str:
    level, run = mark.level, mark.runs[0]
    left = f"{100 * level.weights_left:.3g}% of {run.weights:,} weights left"
    return f"level {level.level}, epoch {level.epochs}, {left}"


def _bounds(found: object) -> str:
    estimate = getattr(found, "estimate", None)
    return f"{estimate.low:.4g} to {estimate.high:.4g}" if estimate else "no interval"


def _laid_out(figure: go.Figure, revision: str) -> go.Figure:
    return figure.update_layout(
        template=TEMPLATE,
        height=500,
        margin={"l": 80, "r": 20, "t": 30, "b": 70},
        showlegend=True,
        legend={"font_size": 12},
        uirevision=revision,
    )
