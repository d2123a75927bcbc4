"""The picture of a scatter, as a panel of any figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gst.figures.axes import NARROW, WIDE, StabilityAxis, stability_axis
from gst.figures.groups import Group
from gst.figures.scatter import QUANTITIES, Dot, Scatter
from gst.figures.style import BASELINE, Look, p_value, percent, plain, signed
from gst.stats import Correlation

NOWHERE = (0.9, 1.0)
"""What the axis spans where there is no run to show on it."""
HEADING: Mapping[str, Any] = {
    "xref": "x domain",
    "x": 0,
    "xanchor": "left",
    "yref": "y domain",
    "y": 1,
    "yanchor": "bottom",
    "yshift": 8,
    "align": "left",
}
"""Where the heading of a panel stands, for figure.add_annotation(..., row=, col=)."""


def add_scatter(
    figure: go.Figure,
    scatter: Scatter,
    row: int,
    col: int,
    looks: Mapping[str, Look],
    *,
    heading: str = "",
    narrow: bool = False,
) -> StabilityAxis:
    """The axis of x, once the panel is drawn: runs, line, unpruned arms, axis titles and a heading.

    `looks` has a look for each arm with points. The heading gives the correlations, below the line of
    text `heading` if there is one; it needs 30 pixels above the panel, and 20 for each further line, of
    which a `narrow` panel, of less than 600 pixels, has one more.
    """
    axis = x_axis(scatter)
    add_line(figure, scatter, axis, row, col)
    for arm in scatter.arms:
        dots = [dot for dot in scatter.points if dot.arm == arm]
        _dots(figure, scatter, dots, looks[arm], axis, row, col)
    for group in scatter.baselines:
        add_baseline(figure, group, row, col)
    figure.update_xaxes(
        title_text=QUANTITIES[scatter.x],
        tickangle=0,
        **axis.layout(spanned(scatter), NARROW if narrow else WIDE),
        row=row,
        col=col,
    )
    figure.update_yaxes(title_text=QUANTITIES[scatter.y], tickformat=".2~%", row=row, col=col)
    lines = [*([heading] if heading else []), correlation_words(scatter, narrow=narrow)]
    figure.add_annotation(text="<br>".join(lines), **HEADING, row=row, col=col)
    return axis


def x_axis(scatter: Scatter) -> StabilityAxis:
    """The axis of x: curved for stabilities where they would be a vertical line, plain for all else."""
    return stability_axis(spanned(scatter)) if scatter.x == "stability" else StabilityAxis(curved=False)


def add_baseline(figure: go.Figure, group: Group, row: int, col: int, *, label: bool = True) -> None:
    """Draw the mean of an unpruned arm as a dashed line, and its interval as a band behind it."""
    # Shapes by hand: add_hline passes over a panel that has no trace.
    place = {"x0": 0, "x1": 1, "xref": "x domain", "layer": "below", "row": row, "col": col}
    line = {"color": BASELINE, "dash": "dash", "width": 1.5}
    figure.add_shape(type="line", y0=group.mean, y1=group.mean, line=line, **place)
    if group.estimate:
        low, high = group.estimate.low, group.estimate.high
        band = {"fillcolor": BASELINE, "opacity": 0.1, "line_width": 0}
        figure.add_shape(type="rect", y0=low, y1=high, **band, **place)
    if label:
        figure.add_annotation(
            text=plain(group.name),
            hovertext=f"{plain(group.name)}: mean {percent(group.mean, 2)}, n = {group.n}",
            x=0.005,
            xref="x domain",
            xanchor="left",
            y=group.mean,
            yanchor="bottom",
            font={"size": 13, "color": BASELINE},
            row=row,
            col=col,
        )


def correlation_words(scatter: Scatter, *, narrow: bool = False) -> str:
    """Both correlations with intervals, p and n, for a heading; or that there are none."""
    if scatter.pearson is None or scatter.kendall is None:
        return "<b>No correlation</b>, for the reason below"
    apart = "<br>" if narrow else "; "
    text = (
        f"<b>{_correlation('r', scatter.pearson)}</b>, {p_value(scatter.pearson.p)}{apart}"
        f"{_correlation('τ', scatter.kendall)}, {p_value(scatter.kendall.p)}; n = {scatter.pearson.n}"
    )
    if scatter.pearson_clustered and scatter.kendall_clustered:
        drawn = "by" if narrow else "resampling whole"
        text += (
            f"<br>{drawn} configurations: r {_bounds(scatter.pearson_clustered)}, "
            f"τ {_bounds(scatter.kendall_clustered)}"
        )
    return text


def method_words(scatter: Scatter) -> tuple[str, ...]:
    """What a reader must know of the panel besides its intervals, and why something is not in it."""
    sentences = []
    if scatter.baselines:
        sentences.append("Dashed: mean of the unpruned runs, which are not in the correlation.")
    if x_axis(scatter).curved:
        sentences.append(
            "The axis is logarithmic in 100% − stability; "
            "the curve is the least-squares line in stability, which r measures."
        )
    return (*sentences, *(f"{note[0].upper()}{note[1:]}." for note in scatter.notes))


def spanned(scatter: Scatter) -> NDArray[np.float64] | tuple[float, ...]:
    """What the axis of x must show."""
    return scatter.xs if scatter.points else NOWHERE


def add_line(figure: go.Figure, scatter: Scatter, axis: StabilityAxis, row: int, col: int) -> None:
    """Draw the least-squares line, if there is one; on a curved axis it is a curve."""
    if scatter.line is None:
        return
    ends = axis.place(scatter.xs)
    places = np.linspace(ends.min(), ends.max(), 200 if axis.curved else 2)
    figure.add_scatter(
        x=places,
        y=scatter.line.intercept + scatter.line.slope * axis.stability(places),
        mode="lines",
        line={"color": "#aaaaaa", "width": 2, "simplify": False},
        hoverinfo="skip",
        showlegend=False,
        row=row,
        col=col,
    )


def _dots(
    figure: go.Figure,
    scatter: Scatter,
    dots: Sequence[Dot],
    look: Look,
    axis: StabilityAxis,
    row: int,
    col: int,
) -> None:
    name = plain(dots[0].arm)
    x_name, y_name = (quantity.split("_")[-1] for quantity in (scatter.x, scatter.y))
    figure.add_scatter(
        x=axis.place([dot.x for dot in dots]),
        y=[dot.y for dot in dots],
        name=dots[0].arm,
        legendgroup=dots[0].arm,
        showlegend=False,
        mode="markers",
        marker=look.marker(11, hollow=any(dot.scale < 1 for dot in dots)),
        opacity=0.85,
        customdata=[(dot.key[:12], dot.seed, percent(dot.x, 3)) for dot in dots],
        hovertemplate=(
            f"<b>{name}</b>, seed %{{customdata[1]}}<br>{x_name} %{{customdata[2]}}<br>"
            f"{y_name} %{{y:.2%}}<br>run %{{customdata[0]}}<extra></extra>"
        ),
        row=row,
        col=col,
    )


def _correlation(name: str, found: Correlation) -> str:
    return f"{name} = {signed(found.value)} {_bounds(found)}"


def _bounds(found: Correlation) -> str:
    return f"[{signed(found.low)}, {signed(found.high)}]"
