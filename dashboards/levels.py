"""Runs of many levels: errors as weights go, losses of groups of images, and the best level of each arm."""

from __future__ import annotations

from dash import Input, Output, State, dcc, html, no_update

from gst.dashboard.level_pictures import arm_looks, draw_errors, draw_groups
from gst.dashboard.levels import (
    ACROSS,
    LOSSES,
    OPTIMAL,
    OPTIMAL_COLUMNS,
    Leveled,
    error_series,
    group_curves,
    level_choices,
    leveled_sweeps,
    named_arms,
    optimal_rows,
)
from gst.dashboard.pieces import field, fields, graph, heading, message, table
from gst.errors import InputError
from gst.figures.level_runs import RULE

TITLE = "Levels"
ORDER = 3.5

NONE = "No run was summed up level by level yet."
ABOUT = (
    "Marks are means over the runs of an arm with 95% percentile bootstrap intervals, dots single runs, "
    "stars optimal levels; hollow ones were scaled down."
)


def layout(context):
    """Sweeps to choose, two pictures and a table."""
    sweeps = leveled_sweeps(context.store)
    asked = [name for name in context.query.get("sweep", "").split(",") if name in sweeps]
    return [
        heading(TITLE, "How runs are doing as weights go, level by level."),
        fields(
            field(
                "Sweeps", dcc.Dropdown(sweeps, asked or sweeps[:1], id="levels-sweeps", multi=True), wide=True
            ),
            field("Across", chooser("across", ACROSS, context.query.get("across"))),
        ),
        html.Div(id="levels-about"),
        graph(id="levels-errors", style={"minHeight": 500}),
        html.H2("Optimal levels"),
        html.Div(id="levels-optimal"),
        html.H2("Training loss by EL2N group"),
        fields(
            field("At", dcc.Dropdown([], OPTIMAL, id="levels-level", clearable=False)),
            field("Show", chooser("loss", LOSSES, context.query.get("loss"))),
        ),
        html.Div(id="levels-groups"),
        dcc.Store(id="levels-mark"),
        dcc.Store(id="levels-groups-mark"),
    ]


def register(app, context):
    """Draw what is chosen, and again once another run completes."""
    leveled = Leveled(context.store)

    @app.callback(
        Output("levels-errors", "figure"),
        Output("levels-about", "children"),
        Output("levels-optimal", "children"),
        Output("levels-level", "options"),
        Output("levels-mark", "data"),
        Input("levels-sweeps", "value"),
        Input("levels-across", "value"),
        Input("version", "data"),
        State("levels-mark", "data"),
    )
    def show(sweeps, across, version, before):
        # The browser keeps the mark of what it shows: pictures are sent only when they change.
        mark = [sweeps, across, [leveled.mark(sweep) for sweep in sweeps or ()]]
        if mark == before:
            return (no_update,) * 5
        found, problems = gathered(leveled, sweeps or ())
        figure = draw_errors(error_series(found, across), across, looks_of(found))
        options = [{"label": label, "value": value} for value, label in level_choices(found).items()]
        return figure, about(found, problems, across), optimal(found), options, mark

    @app.callback(
        Output("levels-groups", "children"),
        Output("levels-groups-mark", "data"),
        Input("levels-sweeps", "value"),
        Input("levels-level", "value"),
        Input("levels-loss", "value"),
        Input("version", "data"),
        State("levels-groups-mark", "data"),
    )
    def show_groups(sweeps, level, loss, version, before):
        mark = [sweeps, level, loss, [leveled.mark(sweep) for sweep in sweeps or ()]]
        if mark == before:
            return no_update, no_update
        return groups(gathered(leveled, sweeps or ())[0], level, loss), mark


def chooser(name, options, value):
    """A choice of one, the first where the address asks for none that exists."""
    value = value if value in options else next(iter(options))
    return dcc.Dropdown(dict(options), value, id=f"levels-{name}", clearable=False)


def gathered(leveled, sweeps):
    """The levels of these sweeps, and what is wrong with those that have none."""
    found, problems = [], []
    for sweep in sweeps:
        try:
            found.append(leveled.of(sweep))
        except InputError as error:
            problems.append(str(error))
    return found, problems


def looks_of(sweeps):
    """The look of each arm, in every picture."""
    return arm_looks([name for name, _, _ in named_arms(sweeps)])


def about(sweeps, problems, across):
    """How to read the picture, and what is not in it."""
    if not sweeps:
        return [message(problem) for problem in problems] or message(NONE)
    words = [ABOUT]
    if across == "weights" and any(arm.first.kind == "extended" for _, _, arm in named_arms(sweeps)):
        words.append("Extended training keeps all its weights: see it across epochs.")
    return [html.P(" ".join(words), className="about"), *map(message, problems)]


def optimal(sweeps):
    """The table of optimal levels, and by which rule they are compared."""
    if not sweeps:
        return message(NONE)
    choices = " ".join(dict.fromkeys(sweep.runs.choice() for sweep in sweeps))
    rows = optimal_rows(sweeps)
    return [table(OPTIMAL_COLUMNS, rows), html.P(f"{choices} {RULE}", className="about")]


def groups(sweeps, level, loss):
    """The picture of losses by group, or why there is none."""
    curves = group_curves(sweeps, level, loss)
    if not curves:
        return message("No arm has losses of EL2N groups at that level.")
    return graph(draw_groups(curves, loss, looks_of(sweeps)), id="levels-groups-graph")
