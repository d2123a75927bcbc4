"""Any two quantities of runs against each other, and how they go together in what you select."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from gst.dashboard.pieces import field, fields, graph, heading, message, table
from gst.dashboard.points import GROUPS, RESAMPLES, VARIABLES, Points, correlations, placed
from gst.dashboard.scatter import PANELS, draw_points
from gst.dashboard.sweeps import sweep_names
from gst.dashboard.words import counted
from gst.errors import InputError
from gst.figures.style import signed

TITLE = "Tradeoff"
ORDER = 3


def layout(context):
    """What is drawn, the points, and their correlations."""
    sweeps = sweep_names(context.store)
    asked = [name for name in context.query.get("sweep", "").split(",") if name in sweeps]
    axes = {name: variable.label for name, variable in VARIABLES.items()}
    return [
        heading(TITLE, "Each completed run is a point. Draw a box or a lasso to ask about some of them."),
        fields(
            field(
                "Sweeps",
                dcc.Dropdown(sweeps, asked or sweeps[:1], id="tradeoff-sweeps", multi=True),
                wide=True,
            ),
            field("Across", chooser("x", axes, context.query.get("x", "stability"))),
            field("Upwards", chooser("y", axes, context.query.get("y", "final_accuracy"))),
            field("Coloured by", chooser("colour", dict(GROUPS), context.query.get("colour", "arm"))),
            field(
                "Split by",
                dcc.Dropdown(
                    dict(GROUPS), context.query.get("facet"), id="tradeoff-facet", placeholder="nothing"
                ),
            ),
        ),
        html.Div(id="tradeoff-about"),
        graph(id="tradeoff-graph", style={"minHeight": 560}),
        dcc.Store(id="tradeoff-chosen"),
        dcc.Store(id="tradeoff-drawn"),
        dcc.Store(id="tradeoff-correlated"),
        html.Div(id="tradeoff-correlations"),
    ]


def register(app, context):
    """Draw the points, and correlate those that are selected."""
    points = Points(context.store)
    inputs = [Input(f"tradeoff-{name}", "value") for name in ("sweeps", "x", "y")]

    @app.callback(
        Output("tradeoff-graph", "figure"),
        Output("tradeoff-about", "children"),
        Output("tradeoff-drawn", "data"),
        *inputs,
        Input("tradeoff-colour", "value"),
        Input("tradeoff-facet", "value"),
        Input("version", "data"),
        State("tradeoff-drawn", "data"),
    )
    def draw(sweeps, x, y, colour, facet, version, before):
        # The browser keeps the mark of what it shows: thousands of points are sent only when they change.
        mark = [sweeps, x, y, colour, facet, [points.mark(sweep) for sweep in sweeps or ()]]
        if mark == before:
            return no_update, no_update, no_update
        found, problems = gathered(points, sweeps or ())
        shown = placed(found, x, y)
        said = [html.P(about(found, shown, facet), className="about"), *map(message, problems)]
        return draw_points(shown, x, y, colour, facet), said, mark

    app.clientside_callback(
        ClientsideFunction("gst", "chosen"),
        Output("tradeoff-chosen", "data"),
        Input("tradeoff-graph", "selectedData"),
    )

    @app.callback(
        Output("tradeoff-correlations", "children"),
        Output("tradeoff-correlated", "data"),
        *inputs,
        Input("tradeoff-chosen", "data"),
        Input("version", "data"),
        State("tradeoff-correlated", "data"),
    )
    def correlate(sweeps, x, y, chosen, version, before):
        mark = [sweeps, x, y, chosen, [points.mark(sweep) for sweep in sweeps or ()]]
        if mark == before:
            return no_update, no_update
        found, _ = gathered(points, sweeps or ())
        return correlated(placed(found, x, y), x, y, chosen), mark


def correlated(shown, x, y, chosen):
    """The correlations of all points, and beside them those of the selected ones."""
    everything = correlations(shown, x, y)
    parts = [panel("All runs shown", everything)]
    if chosen is not None:
        parts.append(panel("Selected runs", correlations(shown, x, y, frozenset(chosen)), "selected"))
    note = (
        "Over pruned runs, each once. Intervals: 95% percentile bootstrap over runs, "
        f"{RESAMPLES:,} resamples{other_methods(everything)}; p takes runs as independent, which those of "
        "one configuration are not."
    )
    return [html.Div(parts, className="columns"), html.P(note, className="about")]


def other_methods(found):
    """Which intervals are not bootstrapped, in words."""
    return "".join(
        f", but of {it.name} over {it.correlation.n:,} runs a {it.correlation.method}"
        for it in found
        if it.correlation and "bootstrap" not in it.correlation.method
    )


def chooser(name, options, value):
    """A choice of one, the first where the address asks for none that exists."""
    value = value if value in options else next(iter(options))
    return dcc.Dropdown(options, value, id=f"tradeoff-{name}", clearable=False)


def gathered(points, sweeps):
    """The points of these sweeps, and what is wrong with those that have none."""
    found, problems = [], []
    for sweep in sweeps:
        try:
            found += points.of(sweep)
        except InputError as error:
            problems.append(str(error))
    return found, problems


def about(found, shown, facet):
    """What is drawn, in words."""
    if not found:
        return "There is no completed run to show."
    words = counted(len(shown), "run")
    if left := len(found) - len(shown):
        words += f"; {left:,} more have no such number"
    if facet and len({p.point.group(facet) for p in shown}) > PANELS:
        words += f"; only the first {PANELS} panels are drawn"
    if scales := sorted({p.point.run.scale for p in shown if p.point.run.scale < 1}):
        words += (
            f"; scaled down to {', '.join(f'{scale:g}' for scale in scales)} of the published configuration"
        )
    hollow = any(not p.counts for p in shown)
    return f"{words}. {'Hollow: unpruned, not in the correlations.' if hollow else ''}"


def panel(title, found, name="all"):
    """A table of correlations."""
    rows = [row(each) for each in found]
    return html.Div(
        [html.H3(title), table(("", "value", "95% interval", "p", "runs"), rows)], id=f"tradeoff-{name}"
    )


def row(found):
    """One correlation, or why there is none."""
    if found.correlation is None:
        return [found.name, "", html.Div(found.why, className="words"), "", ""]
    it = found.correlation
    p = f"{it.p:.2g}" if it.p >= 1e-99 else "< 1e-99"
    return [found.name, signed(it.value), f"[{signed(it.low)}, {signed(it.high)}]", p, f"{it.n:,}"]
