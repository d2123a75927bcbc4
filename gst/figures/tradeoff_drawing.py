"""The picture of the trade-off: every pruned run on the left, the mean of every arm on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.stability_axis import StabilityAxis, stability_axis
from gst.figures.style import (
    BASELINE,
    FAINT,
    HEIGHT,
    TEMPLATE,
    Look,
    looks,
    p_value,
    percent,
    plain,
    signed,
    wrapped,
)
from gst.figures.tradeoff import Arm, Point, Tradeoff, stabilities
from gst.stats import Correlation

ACCURACY = {"final": "Final test accuracy", "best": "Best test accuracy since the last pruning event"}
MANY = 7
"""Arms from here on have upright labels, for which there is no other room."""
NOWHERE = (0.9, 1.0)
"""What the left panel spans where there is no run to show in it."""


def draw(found: Tradeoff) -> go.Figure:
    """The figure of these numbers."""
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, column_widths=[0.6, 0.4], horizontal_spacing=0.02
    )
    look = looks([arm.arm for arm in found.arms if arm.pruned])
    look |= {arm.arm: Look(BASELINE, "circle") for arm in found.arms if not arm.pruned}
    shown = [point for point in found.points if point.pruned and point.stability is not None]
    axis = stability_axis(stabilities(shown) if shown else NOWHERE)
    _line(figure, found, axis, shown)
    for place, arm in enumerate(found.arms):
        _runs(figure, arm.arm, [point for point in shown if point.arm == arm.arm], look[arm.arm], axis)
        _mean(figure, place, arm, look[arm.arm])
    _baselines(figure, found.arms)
    _axes(figure, found, axis, shown, look)
    _words(figure, found, axis)
    return figure


def _baselines(figure: go.Figure, arms: Sequence[Arm]) -> None:
    for arm in arms:
        if arm.pruned:
            continue
        figure.add_hline(
            y=arm.mean_accuracy, line={"color": BASELINE, "dash": "dash", "width": 1.5}, layer="below"
        )
        if arm.accuracy:
            low, high = arm.accuracy.low, arm.accuracy.high
            figure.add_hrect(y0=low, y1=high, fillcolor=BASELINE, opacity=0.1, line_width=0, layer="below")
        figure.add_annotation(
            text=plain(arm.arm),
            x=0.005,
            xref="x domain",
            xanchor="left",
            y=arm.mean_accuracy,
            yanchor="bottom",
            font={"size": 13, "color": BASELINE},
        )


def _line(figure: go.Figure, found: Tradeoff, axis: StabilityAxis, shown: Sequence[Point]) -> None:
    if found.line is None:
        return
    ends = axis.place(stabilities(shown))
    places = np.linspace(ends.min(), ends.max(), 200 if axis.curved else 2)
    figure.add_scatter(
        x=places,
        y=found.line.intercept + found.line.slope * axis.stability(places),
        mode="lines",
        line={"color": "#aaaaaa", "width": 2, "simplify": False},
        hoverinfo="skip",
        row=1,
        col=1,
    )


def _runs(figure: go.Figure, arm: str, points: Sequence[Point], look: Look, axis: StabilityAxis) -> None:
    figure.add_scatter(
        x=axis.place(stabilities(points)),
        y=[point.accuracy for point in points],
        name=arm,
        mode="markers",
        marker=look.marker(11, hollow=any(point.scale < 1 for point in points)),
        opacity=0.85,
        customdata=[(p.key[:12], p.seed, percent(p.stability or 0, 3)) for p in points],
        hovertemplate=(
            f"<b>{plain(arm)}</b>, seed %{{customdata[1]}}<br>stability %{{customdata[2]}}<br>"
            "accuracy %{y:.2%}<br>run %{customdata[0]}<extra></extra>"
        ),
        row=1,
        col=1,
    )


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


def _axes(
    figure: go.Figure,
    found: Tradeoff,
    axis: StabilityAxis,
    shown: Sequence[Point],
    look: Mapping[str, Look],
) -> None:
    title = "Stability: mean over a run's pruning events"
    figure.update_xaxes(title_text=title, tickangle=0, row=1, col=1)
    figure.update_xaxes(**axis.layout(stabilities(shown) if shown else NOWHERE), row=1, col=1)
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
    figure.update_yaxes(title_text=ACCURACY[found.accuracy], row=1, col=1)


def _label(arm: Arm, look: Look, many: bool) -> str:
    name = plain(arm.arm) if many else wrapped(arm.arm, 9)
    end = ", " if many else "<br>"
    n = f"n = {arm.n}" + ("" if arm.accuracy else f"{end}no interval")
    return f'<span style="color:{look.colour}"><b>{name}</b></span>{end}{n}'


def _words(figure: go.Figure, found: Tradeoff, axis: StabilityAxis) -> None:
    figure.update_layout(
        template=TEMPLATE,
        title={
            "text": wrapped(found.source.title, 100),
            "subtitle": {"text": _about(found)},
            "y": 0.97,
            "yanchor": "top",
        },
        margin={"l": 90, "r": 30, "t": 150, "b": 150},
        height=HEIGHT,
        showlegend=False,
    )
    heading = {
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "yshift": 8,
        "xanchor": "left",
        "align": "left",
        "x": 0,
    }
    figure.add_annotation(text=_correlations(found), xref="x domain", **heading)
    figure.add_annotation(text=f"<b>Mean of each arm</b>{_interval(found)}", xref="x2 domain", **heading)
    # Below the left panel only: upright labels of the right one may reach far down.
    note = {
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "paper",
        "y": 0,
        "yanchor": "top",
        "yshift": -68,
    }
    figure.add_annotation(text=_method(found, axis), **note, align="left", font={"size": 12, "color": FAINT})


def _about(found: Tradeoff) -> str:
    source = found.source
    about = (
        f"{', '.join(found.models)} on {', '.join(found.datasets)}",
        ACCURACY[found.accuracy].lower(),
        f"{len(source.keys)} runs",
        "95% bootstrap intervals over runs",
    )
    warnings = []
    if source.missing:
        warnings.append(f"{len(source.missing)} of {len(source.members)} missing: {source.statuses()}")
    if found.scales:
        scales = ", ".join(f"{scale:g}" for scale in found.scales)
        warnings.append(f"open symbols: scaled down to {scales} of the published configuration")
    return plain(" · ".join(about)) + (f"<br><b>{' · '.join(warnings)}</b>" if warnings else "")


def _correlations(found: Tradeoff) -> str:
    if found.pearson is None or found.kendall is None:
        return "<b>No correlation</b>, for the reason below"
    text = (
        f"<b>{_correlation('r', found.pearson)}</b>, {p_value(found.pearson.p)}; "
        f"{_correlation('τ', found.kendall)}, {p_value(found.kendall.p)}; n = {found.pearson.n}"
    )
    if found.pearson_clustered and found.kendall_clustered:
        text += (
            f"<br>resampling whole configurations: r {_bounds(found.pearson_clustered)}, "
            f"τ {_bounds(found.kendall_clustered)}"
        )
    return text


def _correlation(name: str, found: Correlation) -> str:
    return f"{name} = {signed(found.value)} {_bounds(found)}"


def _bounds(found: Correlation) -> str:
    return f"[{signed(found.low)}, {signed(found.high)}]"


def _interval(found: Tradeoff) -> str:
    return " and its 95% interval" if any(arm.accuracy for arm in found.arms) else ""


def _method(found: Tradeoff, axis: StabilityAxis) -> str:
    method = next((arm.accuracy.method for arm in found.arms if arm.accuracy), None)
    lines = [f"Intervals: {method}. p takes runs as independent." if method else "No arm has two runs."]
    if any(not arm.pruned for arm in found.arms):
        lines.append("Dashed: mean of the unpruned runs, which are not in the correlation.")
    if axis.curved:
        lines.append(
            "The axis is logarithmic in 100% − stability; "
            "the curve is the least-squares line in stability, which r measures."
        )
    lines += [note[0].upper() + note[1:] + "." for note in found.notes]
    return "<br>".join(wrapped(line, 112) for line in lines)
