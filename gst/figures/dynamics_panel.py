"""The dynamics as a panel: mean curves with bands, what events cost, and how the runs end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gst.figures.dynamics import Course, Dynamics, Event
from gst.figures.groups import Group
from gst.figures.style import BASELINE, COLOURS, Look, looks, percent, plain

QUANTITY = {
    "test_accuracy": "Test accuracy",
    "train_accuracy": "Training accuracy",
    "test_loss": "Test loss",
    "train_loss": "Training loss",
}
SHOWN = 0.9
"""How much of all curves is sure to be inside the panel; the rest is mostly of the first epochs."""
FEW = 12
"""Epochs up to which each has a tick: there is nothing between two of them."""
MARGIN = 0.85
"""The share of the epochs after which there is no room for words to the right of an event."""
DASHES = ("solid", "dash", "dot", "dashdot")
BASELINES = (BASELINE, "#888888", "#aaaaaa")


class Panel(NamedTuple):
    """Where a panel is in the figure, the ends of its y axis, and how its arms look."""

    row: int
    col: int
    low: float
    high: float
    looks: Mapping[str, Look]
    dashes: Mapping[str, str]
    cut: bool

    @property
    def place(self) -> dict[str, Any]:
        """The arguments that plotly wants."""
        return {"row": self.row, "col": self.col}


def add_dynamics(figure: go.Figure, found: Dynamics, row: int, col: int, *, arrows: bool = False) -> Panel:
    """The panel, once it is drawn; `arrows` point at all events of the least stable arm, as in GST 2019."""
    low, high = window(found)
    means = _finite([course.curve.mean for course in found.courses])
    cut = bool(means.min() < low or means.max() > high)
    panel = Panel(row, col, low, high, arm_looks(found), arm_dashes(found), cut)
    for course in found.courses:
        _entry(figure, course, panel)
        _band(figure, course, panel)
    for course in found.courses:  # on top of every band
        _mean(figure, found, course, panel)
    if arrows:
        _arrows(figure, found, panel)
    epochs = max(len(course.curve.epochs) for course in found.courses)
    _drops(figure, found, epochs, panel)
    for place, ending in enumerate(found.endings):
        _ending(figure, found, ending, epochs * (1 + 0.02 * (place + 1)), panel)
    end = epochs * (1 + 0.02 * (len(found.endings) + 1))
    figure.update_xaxes(title_text="Epoch", range=[1 - 0.02 * epochs, end], **panel.place)
    if epochs <= FEW:
        figure.update_xaxes(dtick=1, **panel.place)
    figure.update_yaxes(title_text=QUANTITY[found.quantity], range=[low, high], **panel.place)
    if found.quantity.endswith("accuracy"):
        figure.update_yaxes(tickformat=".2~%", **panel.place)
    return panel


def arm_looks(found: Dynamics) -> dict[str, Look]:
    """The look of each arm: a colour for one that is pruned, a grey for one that is not."""
    look = looks([course.arm for course in found.courses if course.pruned])
    unpruned = [course.arm for course in found.courses if not course.pruned]
    return look | {
        arm: Look(BASELINES[place % len(BASELINES)], "circle") for place, arm in enumerate(unpruned)
    }


def arm_dashes(found: Dynamics) -> dict[str, str]:
    """How the line of each arm is broken: differently once the colours begin again."""
    pruned = [course.arm for course in found.courses if course.pruned]
    dashes = {arm: DASHES[place // len(COLOURS) % len(DASHES)] for place, arm in enumerate(pruned)}
    return {course.arm: dashes.get(course.arm, "solid") for course in found.courses}


def window(found: Dynamics) -> tuple[float, float]:
    """The ends of the axis: most of the curves, without first epochs that would flatten all others."""
    values = _finite([course.curve.mean for course in found.courses])
    bounds = [bound for course in found.courses for bound in (course.curve.low, course.curve.high)]
    shown = np.concatenate([values, _finite([bound for bound in bounds if bound is not None])])
    low, high = float(shown.min()), float(shown.max())
    if found.quantity.endswith("accuracy"):
        most = float(np.quantile(values, 1 - SHOWN))
        low = max(low, most - 0.6 * (high - most))
        endings = [ending.mean for ending in found.endings]
        low = min([low, *(ending for ending in endings if ending > low - 0.5 * (high - low))])
    else:
        most = float(np.quantile(values, SHOWN))
        high = min(high, most + 0.6 * (most - low))
    margin = 0.05 * (high - low) or 0.01
    return low - margin, high + margin


def fine(stability: float) -> str:
    """A stability in percent, with a third digit where it is close to 100%."""
    close = 0.999 <= stability < 1 - 5e-6
    return (
        percent(stability, 3) if close else "100%" if 0.999 < stability < 1.00005 else percent(stability, 2)
    )


def points(drop: float) -> str:
    """A drop of a fraction of 1 as people say it: `−7.1 points`."""
    size = f"{abs(100 * drop):.1f}"
    return f"{'±' if size == '0.0' else '+' if drop < 0 else '−'}{size} points"


def _finite(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = np.concatenate([np.empty(0), *curves])
    return np.asarray(values[np.isfinite(values)])


def _entry(figure: go.Figure, course: Course, panel: Panel) -> None:
    """The arm in the legend, with its line, and the symbol that it has in other panels."""
    look = panel.looks[course.arm]
    stability = "" if course.stability is None else f"stability {fine(course.stability.mean)}, "
    figure.add_scatter(
        x=[None],
        y=[None],
        name=f"{plain(course.arm)}: {stability}n = {course.curve.n}",
        legendgroup=course.arm,
        mode="lines+markers" if course.pruned else "lines",
        line={"color": look.colour, "width": 2.5, "dash": panel.dashes[course.arm]},
        marker=look.marker(9, hollow=course.scale < 1),
        **panel.place,
    )


def _band(figure: go.Figure, course: Course, panel: Panel) -> None:
    curve, look = course.curve, panel.looks[course.arm]
    if curve.low is None or curve.high is None:
        return
    for bound, fill in ((curve.low, None), (curve.high, "tonexty")):
        figure.add_scatter(
            x=curve.epochs + 1,
            y=bound,
            name=course.arm,
            legendgroup=course.arm,
            showlegend=False,
            mode="lines",
            line={"color": look.colour, "width": 0},
            fill=fill,
            fillcolor=faded(look.colour),
            hoverinfo="skip",
            **panel.place,
        )


def faded(colour: str) -> str:
    """The colour as a band has it, given as `#rrggbb`."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.22)"


def _mean(figure: go.Figure, found: Dynamics, course: Course, panel: Panel) -> None:
    curve = course.curve
    shown = ".2%" if found.quantity.endswith("accuracy") else ".4g"
    interval = None if curve.low is None or curve.high is None else np.stack([curve.low, curve.high], axis=1)
    figure.add_scatter(
        x=curve.epochs + 1,
        y=curve.mean,
        name=course.arm,
        legendgroup=course.arm,
        showlegend=False,
        mode="lines",
        line={
            "color": panel.looks[course.arm].colour,
            "width": 1.8,
            "dash": panel.dashes[course.arm],
        },
        customdata=interval,
        hovertemplate=(
            f"<b>{plain(course.arm)}</b>, epoch %{{x}}<br>mean %{{y:{shown}}}"
            + (
                f", %{{customdata[0]:{shown}}} to %{{customdata[1]:{shown}}}"
                if interval is not None
                else ", no interval"
            )
            + f"<br>{which_runs(course)}<extra></extra>"
        ),
        **panel.place,
    )


def which_runs(course: Course, most: int = 10) -> str:
    """The seed and key of each run, a line each, for hovering; of many the first."""
    lines = [f"seed {run.seed}: run {run.key[:12]}" for run in course.runs[:most]]
    more = len(course.runs) - most
    return "<br>".join([f"n = {course.curve.n}", *lines, *([f"and {more} more"] if more > 0 else [])])


def _drops(figure: go.Figure, found: Dynamics, epochs: int, panel: Panel) -> None:
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


def _arrows(figure: go.Figure, found: Dynamics, panel: Panel) -> None:
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


def _ending(figure: go.Figure, found: Dynamics, ending: Group, x: float, panel: Panel) -> None:
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
