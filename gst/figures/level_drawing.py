"""The picture of a series over levels: single runs as faint dots, a mean a level, a star at the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from gst.figures.level_series import LevelMark, LevelSeries
from gst.figures.panels import Axes
from gst.figures.panels.marks import error_bars
from gst.figures.style import COLOURS, INK, Look, percent, plain

STAR = 15
"""Pixels of the star at an optimal level."""


class Manner(NamedTuple):
    """How one series is drawn: its look and dash, where an x is, and what x and y are in words."""

    look: Look
    place: Callable[[float, float], float]
    x_words: Callable[[LevelMark], str]
    y_words: Callable[[float], str]
    quantity: str
    dash: str = "solid"
    aside: float = 0
    star: bool = True


def noise_colours(noises: Sequence[float]) -> dict[float, str]:
    """A colour for each fraction of wrong labels."""
    return {noise: COLOURS[place % len(COLOURS)] for place, noise in enumerate(sorted(set(noises)))}


def error_words(error: float) -> str:
    """An error rate for whoever hovers over it."""
    return percent(error, 2)


def loss_words(loss: float) -> str:
    """A loss for whoever hovers over it."""
    return f"{loss:.4g}"


def add_levels(figure: go.Figure, series: Sequence[tuple[LevelSeries, Manner]], axes: Axes) -> None:
    """Draw the series into the panel with those axes, stars on top; none has an entry in the legend."""
    for found, manner in series:
        _runs(figure, found, manner, axes)
        _means(figure, found, manner, axes)
    for found, manner in series:
        if found.optimal and manner.star:
            _star(figure, found, found.optimal, manner, axes)


def _runs(figure: go.Figure, found: LevelSeries, manner: Manner, axes: Axes) -> None:
    shown = [
        (mark, run, value) for mark in found.marks for run, value in zip(mark.runs, mark.values, strict=True)
    ]
    figure.add_scatter(
        x=[manner.place(mark.x, manner.aside) for mark, _, _ in shown],
        y=[value for _, _, value in shown],
        name=f"{found.name}, single runs",
        showlegend=False,
        mode="markers",
        marker={"color": manner.look.colour, "size": 4},
        opacity=0.35,
        customdata=[
            (run.key[:12], run.seed, manner.y_words(value), plain(run.arm), manner.x_words(mark))
            for mark, run, value in shown
        ],
        hovertemplate=(
            "<b>%{customdata[3]}</b>, seed %{customdata[1]}<br>%{customdata[4]}<br>"
            f"{manner.quantity} %{{customdata[2]}}<br>run %{{customdata[0]}}<extra></extra>"
        ),
        xaxis=axes[0],
        yaxis=axes[1],
    )


def _means(figure: go.Figure, found: LevelSeries, manner: Manner, axes: Axes) -> None:
    figure.add_scatter(
        x=[manner.place(mark.x, manner.aside) for mark in found.marks],
        y=[mark.group.mean for mark in found.marks],
        name=found.name,
        showlegend=False,
        mode="lines+markers",
        line={"color": manner.look.colour, "width": 2, "dash": manner.dash},
        marker=manner.look.marker(8, hollow=found.scaled),
        error_y=error_bars([mark.group for mark in found.marks], manner.look.colour, small=True),
        customdata=[_mean_words(mark, manner) for mark in found.marks],
        hovertemplate=_hover(manner),
        xaxis=axes[0],
        yaxis=axes[1],
    )


def _star(figure: go.Figure, found: LevelSeries, mark: LevelMark, manner: Manner, axes: Axes) -> None:
    star = Look(manner.look.colour, "star").marker(STAR, hollow=found.scaled)
    if not found.scaled:
        star["line"] = {"color": INK, "width": 1}
    figure.add_scatter(
        x=[manner.place(mark.x, manner.aside)],
        y=[mark.group.mean],
        name=f"{found.name}, optimal",
        showlegend=False,
        mode="markers",
        marker=star,
        customdata=[_mean_words(mark, manner)],
        hovertemplate=f"optimal level<br>{_hover(manner)}",
        xaxis=axes[0],
        yaxis=axes[1],
    )


def _mean_words(mark: LevelMark, manner: Manner) -> tuple[str, str, str, str]:
    found = mark.group.estimate
    bounds = f"{manner.y_words(found.low)} to {manner.y_words(found.high)}" if found else "no interval"
    return (
        plain(mark.level.arm),
        manner.x_words(mark),
        manner.y_words(mark.group.mean),
        f"{bounds}, n = {mark.group.n}",
    )


def _hover(manner: Manner) -> str:
    return (
        f"<b>%{{customdata[0]}}</b><br>%{{customdata[1]}}<br>mean {manner.quantity} %{{customdata[2]}}<br>"
        "%{customdata[3]}<extra></extra>"
    )


def add_entry(figure: go.Figure, name: str, colour: str, **how: object) -> None:
    """Give the legend an entry: a line with its dash, or a symbol, or both, as plotly takes them."""
    figure.add_scatter(
        x=[None],
        y=[None],
        name=plain(name),
        showlegend=True,
        **{"mode": "lines", "line": {"color": colour, "width": 2.5}, **how},
    )


def add_symbol_entry(figure: go.Figure, name: str, symbol: str, *, hollow: bool, size: float = 10) -> None:
    """Give the legend an entry for a symbol, in grey, for series of several colours."""
    marker = Look("#555555", symbol).marker(size, hollow=hollow)
    add_entry(figure, name, "#555555", mode="markers", marker=marker)
