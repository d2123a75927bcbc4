"""Runs of many levels: test error by level, loss by group of images, and the best level of each arm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from dash import Dash, Input, Output, dcc, html

from gst.dashboard.grid import grid
from gst.dashboard.kept import Kept
from gst.dashboard.leveled import (
    ACROSS,
    CHOICES,
    LOSSES,
    OPTIMAL,
    OPTIMAL_COLUMNS,
    LeveledSweep,
    arm_looks,
    draw_errors,
    draw_groups,
    error_series,
    group_curves,
    level_choices,
    leveled_sweep,
    named_arms,
    optimal_rows,
)
from gst.dashboard.page import Context, redrawn, remembered
from gst.dashboard.pieces import chooser, field, fields, graph, heading, message
from gst.figures.level_runs import RULE
from gst.figures.panels.group_losses import Shown
from gst.store import sweep_version
from gst.store.reading import leveled_sweeps

TITLE = "Levels"
ORDER = 3.5

NONE = "The store has no run that was measured level by level yet."
ABOUT = (
    "Marks are means over the runs of an arm with 95% intervals, dots single runs, stars "
    "optimal levels; hollow ones were scaled down."
)


def layout(context: Context) -> list[Any]:
    """Sweeps to choose, two pictures and a table."""
    sweeps = leveled_sweeps(context.store, context.sweeps)
    chosen = [it for it in context.sweeps if it in sweeps] or list(sweeps)[:1]
    level = context.query.get("level", OPTIMAL)
    known = {**CHOICES, **({level: f"level {level}"} if level.isdecimal() else {})}
    return [
        heading(TITLE, "Runs that are pruned level by level: test error, and which level is best."),
        fields(
            field("Sweeps", dcc.Dropdown(sweeps, chosen, id="levels-sweep", multi=True), wide=True),
            field("X axis", chooser("levels-across", ACROSS, context.query.get("across"))),
        ),
        html.Div(id="levels-about"),
        html.Div(id="levels-errors"),
        html.H2("Optimal levels"),
        html.Div(id="levels-optimal"),
        html.H2("Training loss by EL2N group"),
        fields(
            field("Level", chooser("levels-level", known, level)),
            field("Y axis", chooser("levels-loss", LOSSES, context.query.get("loss"))),
        ),
        html.Div(id="levels-groups"),
        dcc.Store(id="levels-mark"),
        dcc.Store(id="levels-groups-mark"),
    ]


def register(app: Dash, context: Context) -> None:
    """Draw what is chosen, and again once another run completes."""
    remembered(app, *(Input(f"levels-{name}", "value") for name in ("sweep", "across", "level", "loss")))
    leveled = Kept(partial(leveled_sweep, context.store), partial(sweep_version, context.store))

    @redrawn(
        app,
        "levels-mark",
        [
            Output("levels-errors", "children"),
            Output("levels-about", "children"),
            Output("levels-optimal", "children"),
            Output("levels-level", "options"),
        ],
        [Input("levels-sweep", "value"), Input("levels-across", "value")],
        lambda sweeps, across: leveled.marks(sweeps),
    )
    def show(sweeps: list[str] | None, across: str) -> Any:
        found, problems = leveled.gathered(sweeps)
        series = error_series(found, across)
        figure = graph(draw_errors(series, across, arm_looks(found)), id="levels-graph") if series else None
        options = [{"label": label, "value": value} for value, label in level_choices(found).items()]
        return figure, about(found, problems, across), optimal(found), options

    @redrawn(
        app,
        "levels-groups-mark",
        [Output("levels-groups", "children")],
        [Input(f"levels-{name}", "value") for name in ("sweep", "level", "loss")],
        lambda sweeps, level, loss: leveled.marks(sweeps),
    )
    def show_groups(sweeps: list[str] | None, level: str | None, loss: Shown) -> Any:
        return (groups(leveled.gathered(sweeps)[0], level, loss),)


def about(sweeps: Sequence[LeveledSweep], problems: Sequence[str], across: str) -> Any:
    """How to read the picture, and what is not in it."""
    if not sweeps:
        return [message(problem) for problem in problems] or message(NONE)
    words = [ABOUT]
    if across == "weights" and any(arm.first.kind == "extended" for _, _, arm in named_arms(sweeps)):
        words.append("Extended training keeps all its weights: it is shown by epochs only.")
    return [html.P(" ".join(words), className="about"), *map(message, problems)]


def optimal(sweeps: Sequence[LeveledSweep]) -> Any:
    """The table of optimal levels, and by which rule they are compared."""
    if not sweeps:
        return message(NONE)
    choices = " ".join(dict.fromkeys(sweep.runs.choice() for sweep in sweeps))
    rows = optimal_rows(sweeps)
    if not rows:
        return message("No arm has more than one level.")
    return [grid(OPTIMAL_COLUMNS, rows), html.P(f"{choices} {RULE}", className="about")]


def groups(sweeps: Sequence[LeveledSweep], level: str | None, loss: Shown) -> Any:
    """The picture of losses by group, or why there is none."""
    curves = group_curves(sweeps, level or OPTIMAL, loss)  # a level that no sweep has is no choice any more
    if not curves:
        return message("No arm has losses of EL2N groups at that level.")
    return graph(draw_groups(curves, loss, arm_looks(sweeps)), id="levels-groups-graph")
