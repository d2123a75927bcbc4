"""The pictures of GST 2020's Figures E.1 and E.2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.eigenvalues import ArmSpectrum, Eigenvalues
from gst.figures.panels import add_notes, counted, head, show_legend
from gst.figures.style import Look, looks, percent, plain

KNEE = 0.1
"""Signed eigenvalues below this are drawn to a linear scale, larger ones to a logarithmic one."""
_TICKS = tuple(sign * 10.0**power for sign in (-1, 1) for power in range(-1, 7))


def draw_e1(found: Eigenvalues) -> go.Figure:
    """Bars for the leading eigenvalues of each arm."""
    figure = go.Figure()
    look = looks(found.source.arms)
    ((_, spectra),) = found.panels
    for it in spectra:
        figure.add_bar(
            x=[str(place + 1) for place in range(len(it.mean))],
            y=it.mean,
            name=_name(it),
            legendgroup=it.arm,
            marker=_filling(it, look[it.arm]),
            error_y=_error_bars(it),
            hovertemplate=(
                f"<b>{plain(it.arm)}</b>, rank %{{x}}<br>mean %{{y:.5g}}, n = {it.n}<extra></extra>"
            ),
        )
    figure.update_xaxes(title_text="Rank by magnitude", type="category")
    figure.update_yaxes(title_text="Eigenvalue of the Hessian", zeroline=True, zerolinecolor="#999999")
    _frame(figure, found, "mean of each rank over runs")
    show_legend(figure, above=16)
    add_notes(figure, _notes(found))
    return figure


def draw_e2(found: Eigenvalues) -> go.Figure:
    """Signed eigenvalues with their intervals on the left, magnitudes on the right."""
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.1)
    look = looks(found.source.arms)
    (_, signed), (_, magnitudes) = found.panels
    for it in signed:
        _line(figure, it, look[it.arm], place(it.mean), 1)
        if it.low is not None and it.high is not None:
            _band(figure, look[it.arm].colour, place(it.low), place(it.high))
    for it in magnitudes:
        _line(figure, it, look[it.arm], it.mean, 2)
    highest = max((float(np.abs(it.mean).max()) for it in signed if len(it.mean)), default=1.0)
    ticks = [0.0, *(tick for tick in _TICKS if abs(tick) <= 2 * highest)]
    # From 1, so that a logarithmic axis has a place for the first.
    figure.update_xaxes(title_text="Rank, from 1", type="log", dtick=1)
    words = [f"{tick:g}".replace("-", "−") for tick in ticks]
    figure.update_yaxes(title_text="Eigenvalue", tickvals=place(ticks), ticktext=words, row=1, col=1)
    figure.update_yaxes(title_text="Magnitude of eigenvalue", type="log", dtick=1, row=1, col=2)
    _frame(figure, found, "mean of each rank over runs")
    show_legend(figure, above=52)
    head(figure, ("x", "y"), "<b>By signed value</b>, the largest first, with 95% intervals")
    head(figure, ("x2", "y2"), "<b>By magnitude</b>, the largest first")
    further = (
        "Left: the axis is linear between −0.1 and 0.1 and logarithmic beyond. The paper's bands are of 80%.",
    )
    add_notes(figure, (*_notes(found), *further))
    return figure


def place(values: object) -> NDArray[np.float64]:
    """Where eigenvalues are drawn: by their inverse hyperbolic sine, which takes negative ones too."""
    return np.arcsinh(np.asarray(values, dtype=np.float64) / KNEE)


def _line(figure: go.Figure, it: ArmSpectrum, look: Look, y: NDArray[np.float64], col: int) -> None:
    figure.add_scatter(
        x=np.arange(1, len(y) + 1),
        y=y,
        name=_name(it),
        legendgroup=it.arm,
        showlegend=col == 1,
        mode="lines",
        line={"color": look.colour, "width": 2, "dash": "dot" if it.scaled else "solid"},
        customdata=it.mean,
        hovertemplate=(
            f"<b>{plain(it.arm)}</b>, rank %{{x}}<br>mean %{{customdata:.5g}}, n = {it.n}<extra></extra>"
        ),
        row=1,
        col=col,
    )


def _band(figure: go.Figure, colour: str, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
    ranks = np.arange(1, len(low) + 1)
    figure.add_scatter(
        x=np.concatenate([ranks, ranks[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=colour,
        opacity=0.15,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        row=1,
        col=1,
    )


def _filling(it: ArmSpectrum, look: Look) -> Mapping[str, object]:
    """A solid bar; one of runs that were scaled down has only its outline."""
    line = {"color": look.colour, "width": 1.5}
    return {"color": "rgba(255,255,255,0)" if it.scaled else look.colour, "line": line}


def _error_bars(it: ArmSpectrum) -> Mapping[str, object] | None:
    if it.low is None or it.high is None:
        return None
    return {
        "array": it.high - it.mean,
        "arrayminus": it.mean - it.low,
        "color": "#222222",
        "thickness": 1,
        "width": 3,
    }


def _name(it: ArmSpectrum) -> str:
    return plain(it.arm) + (f" ({percent(it.stability, 2)} stable)" if it.stability is not None else "")


def _frame(figure: go.Figure, found: Eigenvalues, *about: str) -> None:
    _, spectra = found.panels[0]
    groups = [(it.arm, it.n) for it in spectra]
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, *about, counted(groups, "arm"), scaled="outlines and dotted lines: "),
        margin={"l": 90, "r": 30, "t": 205, "b": 150},
    )


def _notes(found: Eigenvalues) -> Iterator[str]:
    yield from found.flat.words()
    yield (
        "Intervals: 95% percentile bootstrap over runs, 10,000 resamples. "
        "An arm's stability is the mean over its runs."
    )
