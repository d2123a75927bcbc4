"""Any two quantities of runs against each other, and their correlations, also among selected runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from gst.analysis.quantities import RUN_QUANTITIES
from gst.dashboard.contrast_table import contrasted
from gst.dashboard.grid import grid
from gst.dashboard.kept import Kept
from gst.dashboard.page import Context, redrawn, remembered
from gst.dashboard.pieces import chooser, field, fields, graph, heading, message
from gst.dashboard.points import (
    GROUPS,
    PANELS,
    Correlated,
    PairedSweep,
    Placed,
    Point,
    correlations,
    draw_points,
    paired_sweep,
    placed,
)
from gst.figures.panels.scatter import CROSSED
from gst.figures.style import bounds, signed
from gst.figures.sweep_runs import scaled_words
from gst.store import sweep_version
from gst.words import counted, readable

TITLE = "Tradeoff"
ORDER = 3


def layout(context: Context) -> list[Any]:
    """Controls, the scatter plot, differences of arms, and the correlations."""
    sweeps, query = context.choice, context.query
    chosen = context.sweeps or list(sweeps)[:1]
    axes = {name: quantity.short for name, quantity in RUN_QUANTITIES.items()}
    facet = dcc.Dropdown(dict(GROUPS), query.get("facet"), id="tradeoff-facet", placeholder="none")
    return [
        heading(
            TITLE,
            "Each point is a completed run. Draw a box or a lasso to select runs and correlate them alone.",
        ),
        fields(
            field("Sweeps", dcc.Dropdown(sweeps, chosen, id="tradeoff-sweep", multi=True), wide=True),
            field("X axis", chooser("tradeoff-x", axes, query.get("x", "stability"))),
            field("Y axis", chooser("tradeoff-y", axes, query.get("y", "final_accuracy"))),
            field("Colour", chooser("tradeoff-colour", GROUPS, query.get("colour", "arm"))),
            field("Facet", facet),
        ),
        html.Div(id="tradeoff-about"),
        html.Div(graph(id="tradeoff-graph", style={"minHeight": 600}), id="tradeoff-panels"),
        dcc.Store(id="tradeoff-run", data=context.runs() or None),
        dcc.Store(id="tradeoff-drawn"),
        dcc.Store(id="tradeoff-correlated"),
        dcc.Store(id="tradeoff-contrasted"),
        html.Div(id="tradeoff-contrasts"),
        html.Div(id="tradeoff-correlations"),
    ]


def register(app: Dash, context: Context) -> None:
    """Draw the points, and correlate those that are selected."""
    kept = Kept(partial(paired_sweep, context.store), partial(sweep_version, context.store))
    inputs = [Input(f"tradeoff-{name}", "value") for name in ("sweep", "x", "y")]

    colours = [Input("tradeoff-colour", "value"), Input("tradeoff-facet", "value")]
    remembered(app, *inputs, *colours, Input("tradeoff-run", "data"))

    @redrawn(
        app,
        "tradeoff-drawn",
        [
            Output("tradeoff-graph", "figure"),
            Output("tradeoff-panels", "className"),
            Output("tradeoff-panels", "hidden"),
            Output("tradeoff-about", "children"),
        ],
        [*inputs, *colours],
        lambda sweeps, *_: kept.marks(sweeps),
        State("tradeoff-run", "data"),
    )
    def draw(
        sweeps: list[str] | None, x: str, y: str, colour: str, facet: str | None, chosen: list[str] | None
    ) -> Any:
        found, problems = kept.gathered(sweeps)
        every = points_of(found)
        shown = placed(every, x, y)
        axes = tuple(RUN_QUANTITIES[name].short for name in (x, y))
        said = [html.P(about(len(every), shown, facet, axes), className="about"), *map(message, problems)]
        return draw_points(shown, x, y, colour, facet, chosen), "panels" if facet else "", not shown, said

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("gst", "chosen"),
        Output("tradeoff-run", "data"),
        Input("tradeoff-graph", "selectedData"),
        prevent_initial_call=True,
    )

    @redrawn(
        app,
        "tradeoff-correlated",
        [Output("tradeoff-correlations", "children")],
        [*inputs, Input("tradeoff-run", "data")],
        lambda sweeps, *_: kept.marks(sweeps),
    )
    def correlate(sweeps: list[str] | None, x: str, y: str, chosen: list[str] | None) -> Any:
        found, _ = kept.gathered(sweeps)
        looked = any(sweep.source.looked for sweep in found)
        return (correlated(placed(points_of(found), x, y), chosen, looked=looked),)

    @redrawn(
        app,
        "tradeoff-contrasted",
        [Output("tradeoff-contrasts", "children")],
        [Input("tradeoff-sweep", "value"), Input("tradeoff-y", "value")],
        lambda sweeps, _: kept.marks(sweeps),
    )
    def contrast(sweeps: list[str] | None, y: str) -> Any:
        found, _ = kept.gathered(sweeps)
        return ([part for it in found for part in contrasted(it.contrasts(y), html.H2(it.source.label))],)


def points_of(found: Sequence[PairedSweep]) -> list[Point]:
    """The points of all these sweeps."""
    return [point for sweep in found for point in sweep.points]


def about(runs: int, shown: Sequence[Placed], facet: str | None, axes: Sequence[str] = ("x", "y")) -> str:
    """What is drawn of that many runs, and what is left out or missing, in words."""
    if not runs:
        return "There is no completed run to show: choose another sweep, or wait until a run has completed."
    if not shown:
        missing = " and ".join(dict.fromkeys(axes))
        return f"None of the {counted(runs, 'completed run')} has {missing}: choose other axes."
    words = counted(len(shown), "run")
    if left := runs - len(shown):
        words += f"; {left:,} more have no value on one of the axes"
    if facet and len({p.point.group(facet) for p in shown}) > PANELS:
        words += f"; only the first {PANELS} panels are drawn"
    if small := [p.point for p in shown if p.point.run.scale < 1]:
        sweeps = ", ".join(sorted({it.sweep for it in small}))
        of = f", {sweeps}" if len({p.point.sweep for p in shown}) > 1 else ""
        words += f"; hollow{of}: {scaled_words(sorted({it.run.scale for it in small}))}"
    unpruned = any(not p.counts for p in shown)
    return f"{words}. {'Grey: unpruned, not in the correlations.' if unpruned else ''}"


def correlated(shown: Sequence[Placed], chosen: Collection[str] | None, *, looked: bool = False) -> list[Any]:
    """The correlations of all points, and beside them those of the selected ones."""
    parts = [panel("All runs shown", correlations(shown, looked=looked), "all")]
    if chosen is not None:
        found = correlations(shown, frozenset(chosen), looked=looked)
        parts.append(panel("Selected runs", found, "selected"))
    note = f"Over pruned runs, each run once. {CROSSED}"
    return [html.Div(parts, className="columns"), html.P(note, className="about")]


def panel(title: str, found: Sequence[Correlated], name: str) -> html.Div:
    """A table of correlations."""
    columns = ("", "value", "95% interval", "p", "n")
    return html.Div([html.H2(title), grid(columns, list(map(row, found)))], id=f"tradeoff-{name}")


def row(found: Correlated) -> list[Any]:
    """The row of a correlation, or why there is none."""
    if found.correlation is None:
        return [found.name, "", found.why, "", ""]
    it = found.correlation
    interval = bounds(it).strip() or it.method
    return [found.name, signed(it.value), interval, readable(it.p, 2), f"{it.n} {it.unit}"]
