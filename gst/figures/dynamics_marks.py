"""What is marked in the panel of the dynamics: drops, events, and how noise runs end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go

from gst.figures.dynamics import Course, Dynamics, Event
from gst.figures.dynamics_axes import Panel
from gst.figures.groups import Group
from gst.figures.style import percent, plain

MARGIN = 0.85
"""The share of the epochs after which there is no room for words to the right of an event."""


def add_drops(figure: go.Figure, found: Dynamics, epochs: int, panel: Panel) -> None:
    """Name the drop at the last event of the arms that lost most; two of one epoch stand side by side."""
    taken: set[int] = set()
    for event in found.marked:
        late = event.epoch + 1 > MARGIN * epochs
        right = not late and event.epoch not in taken
        above = late and event.epoch in taken
        taken.add(event.epoch)
        below = event.after < panel.low
        figure.add_annotation(
            text=f"<b>{points(event.drop)}</b>",
            hovertext=(
                f"{plain(event.arm)}, event of epoch {event.epoch + 1}: "
                f"{percent(event.before, 2)} to {percent(event.after, 2)}, n = {event.n}"
            ),
            x=event.epoch + 1,
            xanchor="left" if right else "right",
            xshift=6 if right else -6,
            y=panel.low if below else event.after,
            yanchor="bottom" if below else "middle",
            yshift=20 if above else 0,
            font={"size": 13, "color": panel.looks[event.arm].colour},
            bgcolor="rgba(255, 255, 255, 0.7)",
            **panel.place,
        )


def add_arrows(figure: go.Figure, found: Dynamics, panel: Panel) -> None:
    """An arrow at each event of the least stable arm; one at the largest of events in adjacent epochs."""
    events = [event for event in found.events if event.arm == found.least_stable]
    for together in _adjacent(events):
        event = max(together, key=lambda event: event.drop)
        figure.add_annotation(
            x=event.epoch + 1,
            y=min(max(event.before, panel.low), panel.high),
            text="",
            hovertext="<br>".join(
                f"{plain(it.arm)}, event of epoch {it.epoch + 1}: {points(it.drop)}" for it in together
            ),
            showarrow=True,
            arrowhead=2,
            arrowwidth=1.8,
            arrowcolor=panel.looks[event.arm].colour,
            ax=0,
            ay=-34,
            standoff=4,
            **panel.place,
        )


def _adjacent(events: Sequence[Event]) -> list[list[Event]]:
    """The events in lists of those whose epochs follow each other."""
    together = [[event] for event in events[:1]]
    for before, event in pairwise(events):
        if event.epoch == before.epoch + 1:
            together[-1].append(event)
        else:
            together.append([event])
    return together


def add_ending(figure: go.Figure, found: Dynamics, ending: Group, x: float, panel: Panel) -> None:
    """A symbol behind the end of the curves; or at the edge, with its value, if it is below."""
    (course,) = (course for course in found.courses if course.arm == ending.name)
    look, estimate = panel.looks[ending.name], ending.estimate
    below = ending.mean < panel.low
    bars = None
    if estimate and not below:
        bars = {
            "array": [estimate.high - ending.mean],
            "arrayminus": [ending.mean - estimate.low],
            "color": look.colour,
        }
    figure.add_scatter(
        x=[x],
        y=[panel.low + 0.02 * (panel.high - panel.low) if below else ending.mean],
        name=ending.name,
        legendgroup=ending.name,
        showlegend=False,
        mode="markers",
        marker=look.marker(11, hollow=course.scale < 1),
        error_y=bars,
        cliponaxis=False,
        hovertemplate=(
            f"<b>{plain(ending.name)}</b>, without every filter that noise acted on<br>"
            f"mean {percent(ending.mean, 2)}"
            + (
                f", {percent(estimate.low, 2)} to {percent(estimate.high, 2)}"
                if estimate
                else ", no interval"
            )
            + f"<br>{which_runs(course)}<extra></extra>"
        ),
        **panel.place,
    )
    if below:  # upright, for the symbols stand close to each other
        figure.add_annotation(
            text=f"← {percent(ending.mean)}",
            textangle=-90,
            x=x,
            y=panel.low,
            yanchor="bottom",
            yshift=20,
            font={"size": 12, "color": look.colour},
            **panel.place,
        )


def which_runs(course: Course, most: int = 10) -> str:
    """The seed and key of each run, a line each, for hovering; of many the first."""
    lines = [f"seed {run.seed}: run {run.key[:12]}" for run in course.runs[:most]]
    more = len(course.runs) - most
    return "<br>".join([f"n = {course.curve.n}", *lines, *([f"and {more} more"] if more > 0 else [])])


def points(drop: float) -> str:
    """A drop of a fraction of 1 as people say it: `−7.1 points`."""
    size = f"{abs(100 * drop):.1f}"
    return f"{'±' if size == '0.0' else '+' if drop < 0 else '−'}{size} points"
