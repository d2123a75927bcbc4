"""The picture of GST 2020's Figure B.1: histograms of activations, untrained and trained, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.groups import Group
from gst.figures.normality import LIMIT, LayerNormality, Normalities, centres
from gst.figures.panels import add_notes, head, show_legend
from gst.figures.style import COLOURS, INK, plain, signed

ROW, BETWEEN, HEADS, FOOT = 130, 26, 180, 150
"""Pixels: of a row of panels, between rows, above the first and below the last."""
HIGHEST = 0.8
"""Where the axis of densities ends in the paper; a normal density is 0.4 at most."""
CUT_OFF = f"Densities above {HIGHEST:g} and values beyond ±{LIMIT:g} are cut off."
MEASURES = (
    "KS: the largest distance from the normal distribution function. Kurtosis: excess, 0 if normal. With "
    "the images' own statistics each channel has mean 0 and variance 1, so only the shape is tested."
)
_NAMES = {"batch": "the images' own statistics, as in the paper", "running": "running statistics"}


def draw(found: Normalities) -> go.Figure:
    """The figure of these numbers."""
    n = max(it.n for it in found.layers)
    about = subtitle(found.basis, f"{found.arm}: n = {n}", scaled="")
    return picture(found.layers, found.source.title, about, _notes(found))


def picture(
    layers: Sequence[LayerNormality], title: str, about: str, notes: Iterable[str], after: str = "Trained"
) -> go.Figure:
    """Histograms of these layers, the first one on top; `after` heads the column of trained ones."""
    names = tuple(dict.fromkeys(it.layer for it in layers))
    rows = len(names)
    inner = rows * ROW + (rows - 1) * BETWEEN
    figure = make_subplots(
        rows=rows,
        cols=2,
        shared_xaxes=True,
        shared_yaxes="all",
        horizontal_spacing=0.04,
        vertical_spacing=BETWEEN / inner if rows > 1 else 0,
    )
    for it in layers:
        _histogram(figure, it, names.index(it.layer) + 1, 2 if it.trained else 1)
    for row, name in enumerate(names, start=1):
        for column in (1, 2):
            panel = [it for it in layers if it.layer == name and it.trained == (column == 2)]
            _normal(figure, row, column)
            _words(figure, panel, row, column)
        figure.update_yaxes(title_text=plain(name), title_font_size=14, row=row, col=1)
    figure.update_xaxes(range=[-LIMIT, LIMIT], zeroline=False)
    figure.update_yaxes(range=[0, HIGHEST], dtick=0.4, tickformat=".1f")
    figure.update_xaxes(title_text="Activation after normalising, before scale and shift", row=rows)
    title_layout(
        figure,
        title,
        about,
        margin={"l": 90, "r": 30, "t": HEADS, "b": FOOT},
        height=HEADS + inner + FOOT,
        bargap=0,
    )
    show_legend(figure, above=34)
    head(figure, ("x", "y"), "<b>Untrained</b>")
    head(figure, ("x2", "y2"), f"<b>{plain(after)}</b>")
    add_notes(figure, notes)
    return figure


def _histogram(figure: go.Figure, it: LayerNormality, row: int, column: int) -> None:
    """Filled where the images' own statistics normalise, a line where the running ones do."""
    own = it.statistics == "batch"
    colour = COLOURS[0] if own else COLOURS[1]
    figure.add_scatter(
        x=centres(len(it.density)),
        y=it.density,
        name=_NAMES[it.statistics],
        legendgroup=it.statistics,
        showlegend=row == 1 and column == 1,
        mode="lines",
        line={"color": colour, "width": 0 if own else 1.5, "shape": "hvh"},
        fill="tozeroy" if own else None,
        fillcolor="rgba(0,114,178,0.55)" if own else None,
        hovertemplate=f"{plain(it.layer)}, {it.statistics}<br>%{{x:.3f}}: %{{y:.4f}}<extra></extra>",
        row=row,
        col=column,
    )


def _normal(figure: go.Figure, row: int, column: int) -> None:
    x = np.linspace(-LIMIT, LIMIT, 201)
    figure.add_scatter(
        x=x,
        y=np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
        name="normal density",
        legendgroup="normal",
        showlegend=row == 1 and column == 1,
        mode="lines",
        line={"color": INK, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
        row=row,
        col=column,
    )


def _words(figure: go.Figure, panel: list[LayerNormality], row: int, column: int) -> None:
    """Distance and kurtosis of each way to normalise, left and right of the density."""
    for it in panel:
        own = it.statistics == "batch"
        side = "left" if own else "right"
        figure.add_annotation(
            text=f"KS {_mean(it.ks, 3)}<br>kurtosis {_mean(it.kurtosis, 2)}",
            xref="x domain",
            x=0.01 if own else 0.99,
            xanchor=side,
            yref="y domain",
            y=0.97,
            yanchor="top",
            align=side,
            font={"size": 13, "color": COLOURS[0] if own else "#A34700"},
            row=row,
            col=column,
        )
    if not panel:
        figure.add_annotation(
            text="not measured", xref="x domain", x=0.5, yref="y domain", y=0.9, row=row, col=column
        )


def _mean(it: Group, digits: int) -> str:
    """The mean, with its interval where there is one."""
    value = signed(it.mean, digits) if abs(it.mean) < 1000 else f"{it.mean:.2g}"
    if it.estimate is None or abs(it.mean) >= 1000:
        return value
    return f"{value} [{signed(it.estimate.low, digits)}, {signed(it.estimate.high, digits)}]"


def _notes(found: Normalities) -> Iterator[str]:
    fewest, most = found.activations
    pooled = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
    yield (
        f"Each histogram pools {pooled} activations of a run over channels, positions and images; shown is "
        f"the mean over runs, the deepest layer on top. {CUT_OFF}"
    )
    yield MEASURES
    yield (
        "Brackets: 95% percentile bootstrap over runs, 10,000 resamples; "
        "much too narrow for a handful of runs."
    )
    if found.unmeasured:
        some = "1 completed run has" if found.unmeasured == 1 else f"{found.unmeasured} completed runs have"
        yield f"{some} no measured activations, and no place here."
    if found.others:
        yield f"Measured too, and not shown: {', '.join(found.others)}."
