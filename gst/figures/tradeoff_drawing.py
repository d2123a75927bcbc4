"""The picture of the trade-off: every pruned run on the left, the mean of every arm on the right."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import add_note, subtitle, title_layout
from gst.figures.groups import Group
from gst.figures.scatter import QUANTITIES
from gst.figures.scatter_drawing import HEADING, add_baseline, add_scatter, method_words
from gst.figures.style import BASELINE, Look, looks, percent, plain, wrapped
from gst.figures.tradeoff import Arm, Tradeoff

MANY = 7
"""Arms from here on have upright labels, for which there is no other room."""


def draw(found: Tradeoff) -> go.Figure:
    """The figure of these numbers."""
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, column_widths=[0.6, 0.4], horizontal_spacing=0.02
    )
    look = looks([arm.arm for arm in found.arms if arm.pruned])
    look |= {arm.arm: Look(BASELINE, "circle") for arm in found.arms if not arm.pruned}
    add_scatter(figure, found.scatter, 1, 1, look)
    for place, arm in enumerate(found.arms):
        _mean(figure, place, arm, look[arm.arm])
        if not arm.pruned:
            group = Group(arm.arm, arm.n, arm.mean_accuracy, arm.accuracy)
            add_baseline(figure, group, 1, 2, label=False)
    _axes(figure, found, look)
    _words(figure, found)
    return figure


def _mean(figure: go.Figure, place: int, arm: Arm, look: Look) -> None:
    interval = arm.accuracy
    figure.add_scatter(
        x=[place],
        y=[arm.mean_accuracy],
        name=arm.arm,
        mode="markers",
        marker=look.marker(14, hollow=arm.scale < 1),
        error_y=None
        if interval is None
        else {
            "array": [interval.high - interval.value],
            "arrayminus": [interval.value - interval.low],
            "color": look.colour,
            "thickness": 2.5,
            "width": 6,
        },
        hovertemplate=(
            f"<b>{plain(arm.arm)}</b>, n = {arm.n}<br>mean accuracy {percent(arm.mean_accuracy, 2)}<br>"
            + (f"{percent(interval.low, 2)} to {percent(interval.high, 2)}" if interval else "no interval")
            + "<extra></extra>"
        ),
        row=1,
        col=2,
    )


def _axes(figure: go.Figure, found: Tradeoff, look: Mapping[str, Look]) -> None:
    many = len(found.arms) >= MANY
    figure.update_xaxes(
        tickvals=list(range(len(found.arms))),
        ticktext=[_label(arm, look[arm.arm], many) for arm in found.arms],
        tickangle=-90 if many else 0,
        range=[-0.6, len(found.arms) - 0.4],
        showgrid=False,
        row=1,
        col=2,
    )
    figure.update_yaxes(tickformat=".2~%")


def _label(arm: Arm, look: Look, many: bool) -> str:
    name = plain(arm.arm) if many else wrapped(arm.arm, 9)
    end = ", " if many else "<br>"
    n = f"n = {arm.n}" + ("" if arm.accuracy else f"{end}no interval")
    return f'<span style="color:{look.colour}"><b>{name}</b></span>{end}{n}'


def _words(figure: go.Figure, found: Tradeoff) -> None:
    accuracy = QUANTITIES[f"{found.accuracy}_accuracy"].lower()
    title_layout(figure, found.source.title, subtitle(found, accuracy))
    interval = " and its 95% interval" if any(arm.accuracy for arm in found.arms) else ""
    figure.add_annotation(text=f"<b>Mean of each arm</b>{interval}", **HEADING, row=1, col=2)
    # Below the left panel only: upright labels of the right one may reach far down.
    add_note(figure, _method(found))


def _method(found: Tradeoff) -> list[str]:
    method = next((arm.accuracy.method for arm in found.arms if arm.accuracy), None)
    intervals = f"Intervals: {method}. p takes runs as independent." if method else "No arm has two runs."
    return [intervals, *method_words(found.scatter)]
