"""The drawing of a series: runs as faint dots, a mean at each place, a line through the means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from gst.analysis.levels import LevelResult
from gst.analysis.results import RunResult
from gst.figures.frame import Pane
from gst.figures.means import RunMean, run_mean
from gst.figures.style import INK, Look, bars, percent, plain
from gst.words import short

STAR = 15
"""Size in pixels of the star at the best mark."""


Run = TypeVar("Run", bound=RunResult | LevelResult)
About = TypeVar("About")


class Mark(NamedTuple, Generic[Run, About]):
    """Runs at one place of an axis, the value of each, and their mean; `about` is what else they share."""

    x: float
    about: About
    group: RunMean
    runs: tuple[Run, ...]
    values: tuple[float, ...]


def mark_of(x: float, about: About, name: str, pairs: Iterable[tuple[Run, float | None]]) -> Mark[Run, About]:
    """The mark of those runs that have a value, at least one; `name` is that of their mean."""
    runs, values = zip(*((run, float(value)) for run, value in pairs if value is not None), strict=True)
    return Mark(x, about, run_mean(name, values), runs, values)


def _percent(value: float) -> str:
    return percent(value, 3)


class SeriesStyle(NamedTuple):
    """The style of one series in every panel."""

    name: str
    look: Look
    place: Callable[[float, float], float]
    """The position of an x on the axis, given the offset of its series."""
    words: Callable[[Any], str]
    """The x of a mark in words, for its tooltip."""
    quantity: str = ""
    """The name of y in tooltips."""
    told: Callable[[float], str] = _percent
    """A y in words, for tooltips."""
    dash: str = "solid"
    aside: float = 0
    size: float = 10


def add_marks(
    pane: Pane,
    marks: Sequence[Mark[Any, Any]],
    style: SeriesStyle,
    *,
    small: bool = False,
    legend: bool = True,
) -> None:
    """Draw the series of these marks. A small panel, an inset, has smaller marks and no single runs."""
    if not small:
        _runs(pane, marks, style)
    colour, scaled = style.look.colour, any(run.scale < 1 for mark in marks for run in mark.runs)
    pane.add(
        x=[style.place(mark.x, style.aside) for mark in marks],
        y=[mark.group.mean for mark in marks],
        name=plain(style.name),
        legendgroup=style.name,
        showlegend=legend,
        mode="lines+markers",
        line={"color": colour, "width": 1.5 if small else 2, "dash": style.dash},
        marker=style.look.marker(0.7 * style.size if small else style.size, hollow=scaled),
        error_y=error_bars([mark.group for mark in marks], colour, small=small),
        customdata=[_mean_words(mark, style) for mark in marks],
        hovertemplate=_hover(style),
    )


def add_star(pane: Pane, mark: Mark[Any, Any], style: SeriesStyle) -> None:
    """Draw a star at the best mark of a series."""
    scaled = any(run.scale < 1 for run in mark.runs)
    star = Look(style.look.colour, "star").marker(STAR, hollow=scaled)
    pane.add(
        x=[style.place(mark.x, style.aside)],
        y=[mark.group.mean],
        name=f"{plain(style.name)}, optimal",
        legendgroup=style.name,
        mode="markers",
        marker=star if scaled else {**star, "line": {"color": INK, "width": 1}},
        customdata=[_mean_words(mark, style)],
        hovertemplate=f"optimal<br>{_hover(style)}",
    )


def _hover(style: SeriesStyle) -> str:
    return (
        f"<b>%{{customdata[3]}}</b>, %{{customdata[2]}}<br>"
        f"mean {style.quantity} %{{customdata[0]}}<br>%{{customdata[1]}}<extra></extra>"
    )


def _runs(pane: Pane, marks: Sequence[Mark[Any, Any]], style: SeriesStyle) -> None:
    shown = [(mark, run, value) for mark in marks for run, value in zip(mark.runs, mark.values, strict=True)]
    pane.add(
        x=[style.place(mark.x, style.aside) for mark, _, _ in shown],
        y=[value for _, _, value in shown],
        name=f"{plain(style.name)}, single runs",
        legendgroup=style.name,
        mode="markers",
        marker={"color": style.look.colour, "size": 4},
        opacity=0.35,
        customdata=[
            (short(run.key), run.seed, style.told(value), plain(run.arm), style.words(mark))
            for mark, run, value in shown
        ],
        hovertemplate=(
            "<b>%{customdata[3]}</b>, seed %{customdata[1]}<br>%{customdata[4]}<br>"
            f"{style.quantity} %{{customdata[2]}}<br>run %{{customdata[0]}}<extra></extra>"
        ),
    )


def error_bars(groups: Sequence[RunMean], colour: str, *, small: bool = False) -> dict[str, Any] | None:
    """Plotly's error bars for the intervals of these means; a mean without one has none."""
    if not any(it.estimate for it in groups):
        return None
    ends = ((it.estimate.low, it.estimate.high) if it.estimate else (None, None) for it in groups)
    return bars([it.mean for it in groups], ends, colour, 1.5 if small else 2, 3 if small else 5)


def _mean_words(mark: Mark[Any, Any], style: SeriesStyle) -> tuple[str, str, str, str]:
    found = mark.group.estimate
    interval = f"{style.told(found.low)} to {style.told(found.high)}" if found else "no interval"
    return (
        style.told(mark.group.mean),
        f"{interval}, n = {mark.group.n}",
        style.words(mark),
        plain(style.name),
    )
