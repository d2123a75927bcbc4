"""The picture of a comparison: published values as marks with their spread, ours beside them."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.compare.results import FigureResult, ValueResult
from gst.compare.telling import number, published_words
from gst.figures.style import COLOURS, FAINT, INK, TEMPLATE, bars, plain, wrapped
from gst.grouping import grouped

ROW, HEADING, AROUND = 44, 60, 110
"""Pixels of a value, between two quantities, and above and below all."""
NOT_DRAWN = ("p", "count")
"""Units of numbers that have no interval to draw; the tables have them."""
SHIFT = 0.16
"""How far apart the two marks of a value are, in rows."""
SUFFIX = {"percent": "%"}


def draw(found: FigureResult) -> go.Figure | None:
    """The compared values, a panel for each quantity; None where there is nothing to draw."""
    drawn = (it for it in found.values if it.ours is not None and it.unit not in NOT_DRAWN)
    panels = grouped((it.what, it) for it in drawn)
    if not panels:
        return None
    rows = [len(values) for values in panels.values()]
    inner = ROW * sum(rows) + HEADING * (len(rows) - 1)
    figure = make_subplots(
        rows=len(rows),
        cols=1,
        row_heights=[count / sum(rows) for count in rows],
        vertical_spacing=HEADING / inner if len(rows) > 1 else 0,
    )
    for row, (what, values) in enumerate(panels.items(), start=1):
        _panel(figure, row, what, values)
    figure.update_layout(
        template=TEMPLATE,
        height=inner + AROUND,
        margin={"l": 10, "r": 20, "t": AROUND - 50, "b": 50},
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": "left"},
    )
    figure.update_layout(legend_y=1 + 14 / inner)
    return figure


def _panel(figure: go.Figure, row: int, what: str, values: Sequence[ValueResult]) -> None:
    places = list(range(len(values)))
    _published(figure, row, values)
    _ours(figure, row, values)
    suffix = SUFFIX.get(values[0].unit, "")
    unit = f" ({values[0].unit})" if values[0].unit in ("points", "batches", "epochs") else ""
    figure.update_xaxes(title_text=plain(what + unit), title_font_size=14, ticksuffix=suffix, row=row, col=1)
    figure.update_yaxes(
        tickvals=places,
        ticktext=[wrapped(value.arms or "all", 24) for value in values],
        range=[len(values) - 0.5, -0.5],  # the first on top
        showgrid=False,
        row=row,
        col=1,
    )


def _published(figure: go.Figure, row: int, values: Sequence[ValueResult]) -> None:
    spread = [_spread(value) for value in values]
    figure.add_scatter(
        x=[value.published for value in values],
        y=[place - SHIFT for place in range(len(values))],
        name="published, with its standard deviation over runs or its range",
        mode="markers",
        marker={"symbol": "diamond-open", "size": 12, "color": INK, "line": {"width": 2}},
        error_x={
            "array": [more for _, more in spread],
            "arrayminus": [less for less, _ in spread],
            "color": FAINT,
            "thickness": 1.5,
            "width": 4,
        },
        hovertemplate=[
            f"<b>{plain(value.arms)}</b><br>published: {plain(published_words(value))}<br>"
            f"{plain(value.place)}<extra></extra>"
            for value in values
        ],
        legendgroup="published",
        showlegend=row == 1,
        row=row,
        col=1,
    )


def _spread(value: ValueResult) -> tuple[float | None, float | None]:
    """How far the bar of the published value reaches to either side; None for no bar."""
    if value.range:
        return value.published - value.range[0], value.range[1] - value.published
    return value.deviation, value.deviation


def _ours(figure: go.Figure, row: int, values: Sequence[ValueResult]) -> None:
    numbers = [value.ours for value in values if value.ours is not None]
    colour = COLOURS[0]
    figure.add_scatter(
        x=[ours.value for ours in numbers],
        y=[place + SHIFT for place in range(len(numbers))],
        name="ours, with its 95% interval (open: another setting than published)",
        mode="markers",
        marker={
            "symbol": ["circle-open" if value.deviations or value.differs else "circle" for value in values],
            "size": 11,
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        error_x=bars(
            [ours.value for ours in numbers], [(ours.low, ours.high) for ours in numbers], colour, 2.5, 5
        ),
        hovertemplate=[
            f"<b>{plain(value.arms)}</b><br>ours: "
            f"{number(ours.value, ours.low, ours.high, value.unit)}<br>n = {' and '.join(map(str, ours.n))}"
            f"<br>{plain(ours.method)}<extra></extra>"
            for value, ours in zip(values, numbers, strict=True)
        ],
        legendgroup="ours",
        showlegend=row == 1,
        row=row,
        col=1,
    )
