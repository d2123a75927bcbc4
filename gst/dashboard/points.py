"""Completed runs as points: a scatter plot of any two quantities, and their correlations."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.analysis.contrasts import Pairing, contrasts, pairings
from gst.analysis.quantities import RUN_QUANTITIES
from gst.analysis.results import RunResult, run_results
from gst.analysis.source import Source, find_source
from gst.dashboard.pieces import framed
from gst.errors import InputError
from gst.figures.panels.contrasts import Contrasts
from gst.figures.panels.fit import Dot, crossed
from gst.figures.style import BASELINE, Look, looks, plain, wrapped
from gst.grouping import grouped
from gst.stats.correlation import Correlation, Kind
from gst.stats.crossed import (
    CrossedRuns,
    between_correlation,
    pooled_correlation,
    within_correlation,
)
from gst.store import Store
from gst.words import short

PANELS = 9
"""Facets that are drawn at most; the page says when there are more."""
ACROSS = 3

KINDS: Mapping[Kind, str] = {"pearson": "Pearson r", "kendall": "Kendall τ", "spearman": "Spearman ρ"}

GROUPS: Mapping[str, str] = {
    "arm": "arm",
    "sweep": "sweep",
    "model": "model",
    "dataset": "data set",
    "kind": "kind of pruning",
    "score": "score",
    "target": "target",
    "retrain_period": "retrain period",
    "iterative_rate": "iterative rate",
    "train_per_class": "images of a class",
}
"""What the colour and the facets of points can stand for."""


class Point(NamedTuple):
    """A completed run of a sweep, in the first of its arms."""

    sweep: str
    run: RunResult

    def group(self, name: str) -> str:
        """The name of the point's group."""
        value = self.sweep if name == "sweep" else getattr(self.run, name)
        return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


class Placed(NamedTuple):
    """A point with its coordinates. `counts` says whether it is in the correlations."""

    point: Point
    x: float
    y: float
    counts: bool


def placed(points: Sequence[Point], x: str, y: str) -> tuple[Placed, ...]:
    """The points that have both quantities, with their values.

    Unpruned runs do not count in a correlation, because their stability of 1 is a convention.
    """
    across, upwards = RUN_QUANTITIES[x], RUN_QUANTITIES[y]
    found = []
    for point in points:
        first, second = across.of(point.run), upwards.of(point.run)
        if first is not None and second is not None:
            found.append(Placed(point, float(first), float(second), point.run.pruned))
    return tuple(found)


class Correlated(NamedTuple):
    """A correlation, or why there is none."""

    name: str
    correlation: Correlation | None
    why: str = ""


_BY_DESIGN: Mapping[str, Callable[[CrossedRuns], Correlation]] = {
    "Pearson r between configurations": between_correlation,
    "Pearson r within configurations": within_correlation,
    **{f"{name} of all runs": partial(pooled_correlation, kind) for kind, name in KINDS.items()},
}


def correlations(
    points: Sequence[Placed], chosen: Collection[str] | None = None, *, looked: bool = False
) -> tuple[Correlated, ...]:
    """The correlations of the runs that count, each run once: between and within configurations, and of all.

    With `chosen`, over the runs with those keys alone. Runs of different sweeps with one seed count as of
    one seed, as their random streams are. There is no p where a sweep `looked` at its data before it went on.
    Of the runs of one sweep these are the numbers of `gst figure tradeoff`.
    """
    counted = {p.point.run.key: p for p in points if p.counts}
    if chosen is not None:
        counted = {key: p for key, p in counted.items() if key in chosen}
    try:
        runs = crossed([Dot(p.point.run, p.x, p.y) for p in counted.values()])
    except InputError as error:
        return tuple(Correlated(name, None, str(error)) for name in _BY_DESIGN)
    return tuple(_correlated(name, of, runs, looked) for name, of in _BY_DESIGN.items())


def _correlated(
    name: str, of: Callable[[CrossedRuns], Correlation], runs: CrossedRuns, looked: bool
) -> Correlated:
    try:
        found = of(runs)
        return Correlated(name, found._replace(p=None) if looked else found)
    except InputError as error:
        return Correlated(name, None, str(error))


class PairedSweep(NamedTuple):
    """A sweep's completed runs and the contrasts that its configurations suggest."""

    source: Source
    runs: tuple[RunResult, ...]
    pairings: tuple[Pairing, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """The completed runs, each once."""
        runs = {run.key: run for run in reversed(self.runs)}
        return tuple(Point(self.source.label, run) for run in reversed(runs.values()))

    def contrasts(self, quantity: str) -> Contrasts:
        """The contrasts of a quantity of runs."""
        of = RUN_QUANTITIES[quantity]
        return Contrasts(of, contrasts(self.pairings, self.runs, of.of, looked=self.source.looked))


def paired_sweep(store: Store, sweep: str) -> PairedSweep:
    """The sweep of that name.

    Raises UnknownNameError where there is no such sweep, and InputError where none of its runs completed.
    """
    source = find_source(store, sweep)
    return PairedSweep(source, run_results(store, source), pairings(store, source))


def draw_points(
    points: Sequence[Placed],
    x: str,
    y: str,
    colour: str = "arm",
    facet: str | None = None,
    chosen: Collection[str] | None = None,
) -> go.Figure:
    """The scatter plot, coloured by one group, with a facet for each value of another.

    Runs that are not among the `chosen` ones, if there are any, are faint.

    The custom data of a point begins with its run's key.
    """
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
    if chosen is not None:
        for trace in figure.data:
            keys = [about[0] for about in trace.customdata]
            trace.selectedpoints = [place for place, key in enumerate(keys) if key in chosen]
    _layout(figure, x, y, down, across, f"{x}/{y}/{colour}/{facet}")
    return figure


def _panel(
    figure: go.Figure, points: Sequence[Placed], colour: str, look: dict[str, Look], row: int, column: int
) -> None:
    groups = grouped(((it.point.group(colour), it.counts, it.point.run.scale < 1), it) for it in points)
    shown = {trace.legendgroup for trace in figure.data}
    for (name, counts, scaled), inside in groups.items():
        found = look[name] if counts else Look(BASELINE, "circle")
        group = f"{name}{'' if counts else ' (unpruned)'}"
        figure.add_scatter(  # not WebGL, which plotly draws with code from strings: no page may run such
            x=[p.x for p in inside],
            y=[p.y for p in inside],
            mode="markers",
            name=plain(group),
            legendgroup=group,
            showlegend=group not in shown,
            marker=found.marker(9, hollow=scaled),
            customdata=[_about(p.point) for p in inside],
            hovertemplate="%{customdata[1]}<br>%{x}, %{y}<br>run %{customdata[2]}<extra></extra>",
            row=row,
            col=column,
        )
        shown.add(group)


def _about(point: Point) -> tuple[str, str, str]:
    return point.run.key, plain(f"{point.run.arm}, seed {point.run.seed}"), short(point.run.key)


def _layout(figure: go.Figure, x: str, y: str, down: int, across: int, revision: str) -> None:
    framed(figure, 600 if down == 1 else 340 * down + 120, revision)
    figure.update_layout(dragmode="select", legend_itemsizing="constant")
    figure.update_xaxes(tickformat=RUN_QUANTITIES[x].tick_format)
    figure.update_yaxes(tickformat=RUN_QUANTITIES[y].tick_format)
    figure.update_xaxes(title_text=RUN_QUANTITIES[x].short, row=down)
    figure.update_yaxes(title_text=RUN_QUANTITIES[y].short, col=1)
    if across > 1:
        figure.update_yaxes(title_font_size=13)
        figure.update_xaxes(title_font_size=13)
