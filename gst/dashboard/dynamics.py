"""How chosen runs develop: their epochs and pruning events, and a picture of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gst.figures.style import COLOURS, TEMPLATE, plain
from gst.store import Store

MOST = 12
"""Curves that can still be told apart: six colours, drawn through and dashed."""

QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "test_accuracy": "Test accuracy",
        "train_accuracy": "Train accuracy",
        "gap": "Generalization gap",
        "test_loss": "Test loss",
        "train_loss": "Train loss",
    }
)
_VALUE = {name: f"e.{name}" for name in QUANTITIES} | {"gap": "e.train_accuracy - e.test_accuracy"}
_SHARES = ("test_accuracy", "train_accuracy", "gap")


class RunCurve(NamedTuple):
    """One run: its epochs counted from 0, a value for each, and its events as (epoch, before, after)."""

    key: str
    label: str
    epochs: tuple[int, ...]
    values: tuple[float | None, ...]
    events: tuple[tuple[int, float, float], ...]


def run_curves(store: Store, keys: Sequence[str], quantity: str = "test_accuracy") -> tuple[RunCurve, ...]:
    """The curves of these runs, in that order; those that have no epoch yet have empty ones."""
    keys = list(dict.fromkeys(keys))[:MOST]
    if not keys:
        return ()
    names = {f"key{place}": key for place, key in enumerate(keys)}
    chosen = f"r.key IN ({', '.join(f':{name}' for name in names)})"
    known = {
        key: f"{model} {kind if kind != 'none' else 'unpruned'}, seed {seed}, {key[:8]}"
        for key, model, kind, seed in store.query(
            "SELECT r.key, c.model, c.kind, r.seed FROM runs r"
            f" JOIN configs c ON c.config_id = r.config_id WHERE {chosen}",
            **names,
        ).rows
    }
    epochs = store.query(
        f"SELECT r.key, e.epoch, {_VALUE[quantity]} FROM runs r JOIN epochs e ON e.run_id = r.run_id"
        f" WHERE {chosen} ORDER BY r.key, e.epoch",
        **names,
    ).rows
    events = store.query(
        "SELECT r.key, p.epoch, p.test_accuracy_before, p.test_accuracy_after FROM runs r"
        f" JOIN pruning_events p ON p.run_id = r.run_id WHERE {chosen} AND p.epoch >= 0"
        " ORDER BY r.key, p.epoch",
        **names,
    ).rows
    return tuple(
        RunCurve(
            key,
            known[key],
            tuple(row[1] for row in epochs if row[0] == key),
            tuple(row[2] for row in epochs if row[0] == key),
            tuple((row[1], row[2], row[3]) for row in events if row[0] == key),
        )
        for key in keys
        if key in known
    )


def draw_runs(curves: Sequence[RunCurve], quantity: str = "test_accuracy") -> go.Figure:
    """The curves over their epochs, which count from 1 here; each drop of accuracy as a line downwards."""
    figure = go.Figure()
    for place, curve in enumerate(curves):
        colour = COLOURS[place % len(COLOURS)]
        dash = "solid" if place < len(COLOURS) else "dot"
        figure.add_scatter(
            x=[epoch + 1 for epoch in curve.epochs],
            y=curve.values,
            name=plain(curve.label),
            legendgroup=curve.key,
            mode="lines" if len(curve.epochs) > 1 else "markers",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"{plain(curve.label)}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        )
        if quantity == "test_accuracy" and curve.events:
            _drops(figure, curve, colour)
    figure.update_layout(
        template=TEMPLATE,
        height=420,
        margin={"l": 70, "r": 20, "t": 20, "b": 60},
        legend={"orientation": "h", "y": -0.22, "yanchor": "top", "font_size": 12},
        uirevision=quantity,  # a zoom outlives new epochs
        showlegend=True,
    )
    figure.update_xaxes(title_text="Epoch")
    figure.update_yaxes(title_text=QUANTITIES[quantity])
    if quantity in _SHARES:
        figure.update_yaxes(tickformat=".0%")
    return figure


def _drops(figure: go.Figure, curve: RunCurve, colour: str) -> None:
    x: list[Any] = []
    y: list[Any] = []
    for epoch, before, after in curve.events:
        x += [epoch + 1, epoch + 1, None]
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
