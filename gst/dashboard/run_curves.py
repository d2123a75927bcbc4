"""A quantity of chosen runs over their epochs: each run, and the mean of each group with its interval."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import numpy as np
import plotly.graph_objects as go

from gst.analysis.curves import FloatArray, mean_curve
from gst.analysis.quantities import EPOCH_QUANTITIES
from gst.dashboard.pieces import framed
from gst.figures.axes import epoch_axis
from gst.figures.frame import Pane
from gst.figures.panels.bands import add_band, add_curve
from gst.figures.style import COLOURS, plain
from gst.grouping import grouped
from gst.store import RunDetails
from gst.words import short

MOST = 200
"""Runs that are drawn at most."""
ARMS = 12
"""Arms or other groups that can be told apart: six colours, solid and dotted."""


class RunCurve(NamedTuple):
    """One run: its epochs counted from 0, a value for each, and its events as (epoch, before, after).

    It is drawn with the others of its `group`, which is its arm where it is empty.
    """

    key: str
    sweep: str
    arm: str
    seed: int
    epochs: tuple[int, ...]
    values: tuple[float | None, ...]
    events: tuple[tuple[int, float, float], ...]
    group: str = ""


class Drawn(NamedTuple):
    """The picture of runs, and what is not in it, in words."""

    figure: go.Figure
    missing: tuple[str, ...]


def run_curve(
    run: RunDetails,
    quantity: str = "test_accuracy",
    sweep_id: int | None = None,
    called: Mapping[int, str] = MappingProxyType({}),
) -> RunCurve:
    """The curve of that run in its arm of that sweep, or of its last one; empty before the first epoch.

    `called` says what the versions of sweeps are called.
    """
    nowhere = {"sweep_id": 0, "name": "", "arm": ""}
    member = [nowhere, *run.sweeps, *(it for it in run.sweeps if it["sweep_id"] == sweep_id)][-1]
    return RunCurve(
        run.key,
        called.get(member["sweep_id"], member["name"]),
        member["arm"],
        run.run["seed"],
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


def draw_runs(curves: Sequence[RunCurve], quantity: str = "test_accuracy") -> Drawn:
    """The curves over epochs, coloured by group.

    A group with several runs has the mean, with its 95% interval, of those that have come furthest; a group
    with one run has its drops at pruning events, as vertical lines. Runs of a seed are no independent ones:
    where a group has several arms, its mean is over seeds, of the mean of all of its arms in each.
    """
    pane, arms = Pane(go.Figure()), _by_arm(curves)
    drawn = dict(list(arms.items())[:ARMS])
    for place, (arm, inside) in enumerate(drawn.items()):
        colour = COLOURS[place % len(COLOURS)]
        _arm(
            pane,
            arm,
            inside,
            {"color": colour, "dash": "dot" if place >= len(COLOURS) else "solid"},
            quantity,
        )
        if quantity == "test_accuracy" and len(inside) == 1 and inside[0].events:
            _drops(pane.figure, inside[0], colour)
    longest = max((len(curve.epochs) for curve in curves), default=0)
    pane.set_x(**epoch_axis(longest))
    pane.set_y(
        title_text=EPOCH_QUANTITIES[quantity].title,
        tickformat=EPOCH_QUANTITIES[quantity].tick_format,
        range=_span(drawn.values(), quantity == "test_accuracy"),
    )
    return Drawn(framed(pane.figure, 460, quantity), _missing(curves, len(arms)))


def _span(arms: Collection[Sequence[RunCurve]], drops: bool) -> list[float] | None:
    """The bounds of an axis with room for the runs, not for all of a band: that of two runs may be huge."""
    values = [value for inside in arms for curve in inside for value in curve.values if value is not None]
    alone = [inside[0] for inside in arms if len(inside) == 1]
    values += [end for curve in alone for _, *ends in curve.events for end in ends] if drops else []
    if not values:
        return None
    margin = 0.06 * (max(values) - min(values)) or 0.01
    return [min(values) - margin, max(values) + margin]


def _missing(curves: Sequence[RunCurve], arms: int) -> tuple[str, ...]:
    empty = sum(not _has_values(curve) for curve in curves)
    return (
        *(
            [f"{empty:,} of {len(curves):,} runs have nothing to draw: no epoch, or no such value."]
            if empty
            else []
        ),
        *([f"Only the first {ARMS} of {arms} arms are drawn."] if arms > ARMS else []),
    )


def _has_values(curve: RunCurve) -> bool:
    return any(value is not None for value in curve.values)


def _by_arm(curves: Sequence[RunCurve]) -> dict[str, list[RunCurve]]:
    """The curves with values by their group; arms begin with their sweep where there are several of these."""
    several = len({curve.sweep for curve in curves}) > 1
    return grouped(
        (curve.group or (f"{curve.sweep}: {curve.arm}" if several else curve.arm), curve)
        for curve in filter(_has_values, curves)
    )


def _arm(pane: Pane, arm: str, curves: Sequence[RunCurve], line: dict[str, str], quantity: str) -> None:
    """The runs of a group, thin where their mean is drawn over them."""
    form = EPOCH_QUANTITIES[quantity].text_format
    epochs = max((curve.epochs for curve in curves), key=len)
    furthest = [curve for curve in curves if list(curve.epochs) == list(epochs)]
    whole = over_seeds(furthest)
    thin = len(whole) > 1
    for curve in curves:
        name = f"{plain(arm)}, seed {curve.seed}"
        pane.add(
            x=list(curve.epochs),
            y=curve.values,
            name=name,
            legendgroup=arm if thin else curve.key,
            showlegend=not thin,
            mode="lines" if len(curve.epochs) > 1 else "markers",
            line={**line, "width": 1 if thin else 2},
            opacity=0.35 if thin else 1,
            hovertemplate=f"{name}, run {short(curve.key)}<br>epoch %{{x}}: %{{y:{form}}}<extra></extra>",
        )
    if not thin:
        return
    found = mean_curve(arm, whole, epochs)
    add_band(pane, found, line["color"])
    n = f"{found.n}" if found.n == len(curves) else f"{found.n} of {len(curves)}"
    if len({curve.arm for curve in curves}) > 1:
        n = f"{found.n} seeds of {len(curves)} runs"
    add_curve(
        pane,
        found,
        {**line, "width": 2.5},
        name=f"{plain(arm)}: mean, n = {n}",
        mode="lines" if len(epochs) > 1 else "markers",
        hovertemplate=f"<b>{plain(arm)}</b><br>epoch %{{x}}: mean %{{y:{form}}}<extra></extra>",
    )


def over_seeds(curves: Sequence[RunCurve]) -> FloatArray:
    """The values of curves of one length, [n, epochs]: of each run, or of several arms the mean in each seed.

    Seeds that not all of the arms have are left out: their means would be of other arms.
    """
    arms = {(curve.sweep, curve.arm) for curve in curves}
    if len(arms) == 1:
        return np.array([curve.values for curve in curves], dtype=np.float64)
    seeds: dict[int, dict[tuple[str, str], Sequence[float | None]]] = {}
    for curve in curves:
        seeds.setdefault(curve.seed, {})[curve.sweep, curve.arm] = curve.values
    whole = [list(of.values()) for of in seeds.values() if len(of) == len(arms)]
    return np.array(whole, dtype=np.float64).mean(axis=1) if whole else np.empty((0, 0))


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
