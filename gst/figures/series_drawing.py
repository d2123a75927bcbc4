"""The picture of a series: its runs as faint dots, a mean for each configuration, a line through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gst.figures.axes import asides
from gst.figures.groups import Group
from gst.figures.methods import SCORES, Method, dashes, method_looks, names
from gst.figures.panels import Axes
from gst.figures.panels.series import Mark, Series
from gst.figures.style import Look, percent, plain


class Manner(NamedTuple):
    """How one series is drawn in every panel."""

    name: str
    look: Look
    dash: str
    place: Callable[[float, float], float]
    """Where on the axis an x is drawn, given how far its series stands aside."""
    aside: float
    words: Callable[[Mark], str]
    """What x means, in words, for whoever hovers over a mark."""


def manners(
    order: Sequence[Method],
    place: Callable[[float, float], float],
    words: Callable[[Mark], str],
    scores: Mapping[str, str] = SCORES,
) -> dict[Method, Manner]:
    """A manner for each of these methods, which stand side by side where they have the same x."""
    name, look, dash = names(order, scores), method_looks(order), dashes(order)
    return {
        it: Manner(name[it], look[it], dash[it], place, aside, words)
        for it, aside in zip(order, asides(len(order)), strict=True)
    }


def at_pace(mark: Mark) -> str:
    """What the place of a mark means where x is a rate."""
    return f"{100 * mark.x:.4g}% an event, every {mark.period} epoch{'' if mark.period == 1 else 's'}"


def add_series(
    figure: go.Figure,
    found: Series,
    manner: Manner,
    axes: Axes,
    quantity: str,
    *,
    legend: bool = False,
    small: bool = False,
) -> None:
    """Draw the series into the panel with those axes; `quantity` names y for whoever hovers.

    A small panel, an inset, has smaller marks and no single runs.
    """
    if not small:
        _runs(figure, found, manner, axes, quantity)
    size = 7 if small else 10
    figure.add_scatter(
        x=[manner.place(mark.x, manner.aside) for mark in found.marks],
        y=[mark.group.mean for mark in found.marks],
        name=manner.name,
        legendgroup=manner.name,
        showlegend=legend,
        mode="lines+markers",
        line={"color": manner.look.colour, "width": 1.5 if small else 2, "dash": manner.dash},
        marker=manner.look.marker(
            size, hollow=any(run.scale < 1 for mark in found.marks for run in mark.runs)
        ),
        error_y=error_bars([mark.group for mark in found.marks], manner.look.colour, small=small),
        customdata=[(*_mean_words(mark.group), manner.words(mark)) for mark in found.marks],
        hovertemplate=(
            f"<b>{plain(manner.name)}</b>, %{{customdata[2]}}<br>"
            f"mean {quantity} %{{customdata[0]}}<br>%{{customdata[1]}}<extra></extra>"
        ),
        xaxis=axes[0],
        yaxis=axes[1],
    )


def _runs(figure: go.Figure, found: Series, manner: Manner, axes: Axes, quantity: str) -> None:
    shown = [
        (mark, run, value) for mark in found.marks for run, value in zip(mark.runs, mark.values, strict=True)
    ]
    figure.add_scatter(
        x=[manner.place(mark.x, manner.aside) for mark, _, _ in shown],
        y=[value for _, _, value in shown],
        name=f"{manner.name}, single runs",
        legendgroup=manner.name,
        showlegend=False,
        mode="markers",
        marker={"color": manner.look.colour, "size": 4},
        opacity=0.35,
        customdata=[
            (run.key[:12], run.seed, percent(value, 3), plain(run.arm), manner.words(mark))
            for mark, run, value in shown
        ],
        hovertemplate=(
            "<b>%{customdata[3]}</b>, seed %{customdata[1]}<br>%{customdata[4]}<br>"
            f"{quantity} %{{customdata[2]}}<br>run %{{customdata[0]}}<extra></extra>"
        ),
        xaxis=axes[0],
        yaxis=axes[1],
    )


def error_bars(groups: Sequence[Group], colour: str, *, small: bool = False) -> dict[str, Any] | None:
    """Plotly's error bars for the intervals of these means; a mean without one has none."""
    if not any(it.estimate for it in groups):
        return None
    return {
        "array": [it.estimate.high - it.mean if it.estimate else None for it in groups],
        "arrayminus": [it.mean - it.estimate.low if it.estimate else None for it in groups],
        "color": colour,
        "thickness": 1.5 if small else 2,
        "width": 3 if small else 5,
    }


def _mean_words(it: Group) -> tuple[str, str]:
    found = it.estimate
    interval = f"{percent(found.low, 3)} to {percent(found.high, 3)}" if found else "no interval"
    return percent(it.mean, 3), f"{interval}, n = {it.n}"
