"""A quantity of single runs over their epochs, with the drops at their pruning events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import plotly.graph_objects as go

from gst.analysis.quantities import EPOCH_QUANTITIES
from gst.dashboard.pieces import framed
from gst.figures.axes import epoch_axis
from gst.figures.style import COLOURS, plain
from gst.store import RunDetails

MOST = 12
"""Curves that can be told apart: six colours, solid and dotted."""


class RunCurve(NamedTuple):
    """One run: its epochs counted from 0, a value for each, and its events as (epoch, before, after)."""

    key: str
    label: str
    epochs: tuple[int, ...]
    values: tuple[float | None, ...]
    events: tuple[tuple[int, float, float], ...]


def run_curve(run: RunDetails, quantity: str = "test_accuracy") -> RunCurve:
    """The curve of that run; it is empty before the first epoch."""
    kind = run.config["kind"] if run.config["kind"] != "none" else "unpruned"
    return RunCurve(
        run.key,
        f"{run.config['model']} {kind}, seed {run.run['seed']}, {run.key[:8]}",
        tuple(row["epoch"] for row in run.epochs),
        tuple(_value(row, quantity) for row in run.epochs),
        tuple(
            (row["epoch"], row["test_accuracy_before"], row["test_accuracy_after"])
            for row in run.events
            if row["epoch"] >= 0
        ),
    )


def _value(row: Mapping[str, Any], quantity: str) -> float | None:
    if quantity != "gap":
        return cast(float | None, row[quantity])
    test, train = row["test_accuracy"], row["train_accuracy"]
    return None if test is None or train is None else train - test


def draw_runs(curves: Sequence[RunCurve], quantity: str = "test_accuracy") -> go.Figure:
    """The curves over epochs; a drop in accuracy is a vertical line."""
    figure = go.Figure()
    for place, curve in enumerate(curves):
        colour = COLOURS[place % len(COLOURS)]
        dash = "solid" if place < len(COLOURS) else "dot"
        figure.add_scatter(
            x=list(curve.epochs),
            y=curve.values,
            name=plain(curve.label),
            legendgroup=curve.key,
            mode="lines" if len(curve.epochs) > 1 else "markers",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"{plain(curve.label)}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        )
        if quantity == "test_accuracy" and curve.events:
            _drops(figure, curve, colour)
    longest = max((len(curve.epochs) for curve in curves), default=0)
    figure.update_xaxes(**epoch_axis(longest))
    figure.update_yaxes(
        title_text=EPOCH_QUANTITIES[quantity].title, tickformat=EPOCH_QUANTITIES[quantity].tick_format
    )
    return framed(figure, 460, quantity)


def _drops(figure: go.Figure, curve: RunCurve, colour: str) -> None:
    x: list[Any] = []
    y: list[Any] = []
    for epoch, before, after in curve.events:
        x += [epoch, epoch, None]
        y += [before, after, None]
    figure.add_scatter(
        x=x,
        y=y,
        legendgroup=curve.key,
        showlegend=False,
        mode="lines+markers",
        line={"color": colour, "width": 1},
        marker={"size": 4, "color": colour},
        opacity=0.6,
        hovertemplate="pruning after epoch %{x}: %{y:.2%}<extra></extra>",
    )
