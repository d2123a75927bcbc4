"""Points of runs as a picture, in panels, that thousands of them do not slow down."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.dashboard.points import GROUPS, VARIABLES, Placed, Point
from gst.figures.style import BASELINE, TEMPLATE, Look, looks, plain, wrapped

PANELS = 9
"""Panels at most; what does not fit is said."""
ACROSS = 3


def draw_points(
    points: Sequence[Placed], x: str, y: str, colour: str = "arm", facet: str | None = None
) -> go.Figure:
    """The points coloured by one group and split by another; each carries its run's key."""
    panels = list(dict.fromkeys(p.point.group(facet) for p in points))[:PANELS] if facet else [""]
    panels = panels or [""]
    across = min(ACROSS, len(panels))
    down = math.ceil(len(panels) / across)
    figure = make_subplots(
        rows=down,
        cols=across,
        shared_xaxes="all",
        shared_yaxes="all",
        subplot_titles=[f"{GROUPS[facet]} {wrapped(name, 40)}" for name in panels] if facet else None,
        horizontal_spacing=0.03,
        vertical_spacing=0.12 / down,
    )
    look = looks(list(dict.fromkeys(p.point.group(colour) for p in points if p.counts)))
    for place, panel in enumerate(panels):
        inside = [p for p in points if not facet or p.point.group(facet) == panel]
        _panel(figure, inside, colour, look, place // across + 1, place % across + 1)
    _layout(figure, x, y, down, across, f"{x}/{y}/{colour}/{facet}")
    return figure


def _panel(
    figure: go.Figure, points: Sequence[Placed], colour: str, look: dict[str, Look], row: int, column: int
) -> None:
    groups: dict[tuple[str, bool], list[Placed]] = {}
    for each in points:
        groups.setdefault((each.point.group(colour), each.counts), []).append(each)
    shown = {trace.legendgroup for trace in figure.data}
    for (name, counts), inside in groups.items():
        found = look[name] if counts else Look(BASELINE, "circle")
        group = f"{name}{'' if counts else ' (unpruned)'}"
        figure.add_scattergl(
            x=[p.x for p in inside],
            y=[p.y for p in inside],
            mode="markers",
            name=plain(group),
            legendgroup=group,
            showlegend=group not in shown,
            marker=found.marker(9, hollow=not counts),
            customdata=[_about(p.point) for p in inside],
            hovertemplate="%{customdata[1]}<br>%{x}, %{y}<br>run %{customdata[2]}<extra></extra>",
            row=row,
            col=column,
        )


def _about(point: Point) -> tuple[str, str, str]:
    return point.run.key, plain(f"{point.run.arm}, seed {point.run.seed}"), point.run.key[:12]


def _layout(figure: go.Figure, x: str, y: str, down: int, across: int, revision: str) -> None:
    figure.update_layout(
        template=TEMPLATE,
        height=560 if down == 1 else 340 * down + 80,
        margin={"l": 80, "r": 20, "t": 36, "b": 70},
        dragmode="select",
        uirevision=revision,  # a zoom and a selection outlive new points
        legend={"font_size": 12, "itemsizing": "constant"},
        showlegend=True,
    )
    figure.update_xaxes(tickformat=".2~%" if VARIABLES[x].share else None)
    figure.update_yaxes(tickformat=".2~%" if VARIABLES[y].share else None)
    figure.update_xaxes(title_text=VARIABLES[x].label, row=down)
    figure.update_yaxes(title_text=VARIABLES[y].label, col=1)
    if across > 1:
        figure.update_yaxes(title_font_size=13)
        figure.update_xaxes(title_font_size=13)
