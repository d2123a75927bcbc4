"""The picture of Figure C.1: a small scatter for each pace."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.methods import method_looks, methods_in_order, names
from gst.figures.panels import add_legend, add_notes, counted, sentences, show_legend
from gst.figures.rates_scatter import PaceScatters, Panel
from gst.figures.scatter import QUANTITIES, Scatter
from gst.figures.scatter_drawing import add_scatter, x_axis
from gst.figures.style import HEIGHT, Look, p_value, signed
from gst.stats import Correlation

COLUMNS = 4
TOP, BOTTOM, BETWEEN, PANEL = 185, 115, 95, 140
"""Pixels above, below and between rows of panels, and of a panel that still can be read."""
GAP = 0.16
"""Between ticks of a panel that is this narrow, as a share of its axis."""


def draw(found: PaceScatters) -> go.Figure:
    """The figure of these numbers."""
    columns = max(1, min(COLUMNS, len(found.panels)))
    rows = max(1, ceil(len(found.panels) / columns))
    figure = make_subplots(
        rows=rows, cols=columns, shared_yaxes="all", horizontal_spacing=0.03, vertical_spacing=_between(rows)
    )
    order = methods_in_order(found.methods.values())
    look, name = method_looks(order), names(order)
    looks = {arm: look[method] for arm, method in found.methods.items()}
    for place, panel in enumerate(found.panels):
        _panel(figure, panel, looks, place // columns + 1, place % columns + 1)
    _titles(figure, len(found.panels), columns)
    sizes = counted([(f"{100 * it.pace.rate:.3g}%", len(it.scatter.points)) for it in found.panels], "rate")
    accuracy = QUANTITIES[f"{found.basis.accuracy}_accuracy"].lower()
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, accuracy, sizes),
        margin={"l": 80, "r": 30, "t": TOP, "b": BOTTOM},
        height=_height(rows),
    )
    show_legend(figure, above=58)
    add_legend(figure, {name[it]: look[it] for it in order})
    add_notes(figure, _notes(found), below=58)
    return figure


def _height(rows: int) -> int:
    return max(HEIGHT, TOP + BOTTOM + rows * PANEL + (rows - 1) * BETWEEN)


def _between(rows: int) -> float:
    return BETWEEN / (_height(rows) - TOP - BOTTOM) if rows > 1 else 0.0


def _panel(figure: go.Figure, panel: Panel, looks: Mapping[str, Look], row: int, column: int) -> None:
    axis = add_scatter(figure, panel.scatter, row, column, looks)
    if panel.scatter.points:
        figure.update_xaxes(**axis.layout(panel.scatter.xs, gap=GAP), row=row, col=column)
    figure.update_traces(marker_size=7, selector={"mode": "markers"}, row=row, col=column)
    # The heading of a full panel would be three times as wide as this one.
    figure.layout.annotations[-1].update(text=_heading(panel), font_size=12, yshift=4)


def _heading(panel: Panel) -> str:
    found: Scatter = panel.scatter
    return "<br>".join(
        (
            f"<b>{panel.pace.words}</b>, n = {len(found.points)}",
            _correlation("r", found.pearson),
            _correlation("τ", found.kendall),
        )
    )


def _correlation(name: str, found: Correlation | None) -> str:
    if found is None:
        return f"{name} not computed"
    return f"{name} = {signed(found.value)} [{signed(found.low)}, {signed(found.high)}], {p_value(found.p)}"


def _titles(figure: go.Figure, panels: int, columns: int) -> None:
    """Keep the titles of the axes at the edge, where there is room for them."""
    figure.update_xaxes(title_font_size=13, tickfont_size=11, nticks=5)
    figure.update_yaxes(title_text=None, tickfont_size=12)
    for place in range(panels):
        row, column = place // columns + 1, place % columns + 1
        lowest = place + columns >= panels
        figure.update_xaxes(title_text="Stability" if lowest else None, title_standoff=4, row=row, col=column)
        if column == 1:
            figure.update_yaxes(title_text="Test accuracy", title_font_size=13, row=row, col=column)


def _notes(found: PaceScatters) -> list[str]:
    lines = ["Intervals: 95% percentile bootstrap over runs, which p takes as independent too."]
    if any(x_axis(it.scatter).curved for it in found.panels):
        lines.append("Where the line is curved, the axis is logarithmic in 100% − stability.")
    return [" ".join(lines), *sentences(found.notes)]
