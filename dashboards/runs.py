"""Single runs: a table to search, the chosen runs by epoch, and each run on a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from gst.analysis.quantities import EPOCH_QUANTITIES
from gst.dashboard.annotations import register_writing, said_of, writing
from gst.dashboard.page import Context, redrawn, remembered
from gst.dashboard.pieces import chooser, field, fields, graph, heading, message
from gst.dashboard.run_curves import MOST, draw_runs, run_curve
from gst.dashboard.run_groups import ARM, beside, groups
from gst.dashboard.run_page import run_page
from gst.dashboard.run_table import in_order, run_columns, run_rows, ticked
from gst.dashboard.served import Part, serve, served_grid
from gst.records import STATUSES
from gst.store import Filter, Store
from gst.store.reading import called_by_id, runs_version
from gst.store.run_pages import arms, arms_of, run_keys
from gst.words import counted

TITLE = "Runs"
ORDER = 2
MOST_CHOSEN = 10_000
"""Runs that may be chosen at once; the table may have more."""


def layout(context: Context) -> list[Any]:
    """Filters, the table, and the chosen runs; or all about the run that the address names."""
    if context.rest:
        return run_page(context, context.store.run(context.store.resolve(context.rest)))
    query = context.query
    sweeps = context.choice
    sweep = next(iter(context.sweeps), None)
    quantities = {name: quantity.title for name, quantity in EPOCH_QUANTITIES.items()}
    known = arms(context.store, sweep) if sweep else []
    status = dcc.Dropdown(
        list(STATUSES), context.asked("status", STATUSES), id="runs-status", multi=True, placeholder="any"
    )
    text = dcc.Input(id="runs-text", value=query.get("text", ""), debounce=0.4, type="text")
    arm = query.get("arm") if query.get("arm") in known else None
    rules = {"rowClassRules": {"chosen": "params.data && params.data.chosen"}}
    return [
        heading(
            TITLE,
            "Filter, sort and tick runs: those are drawn below, with the mean of each arm, and compared.",
        ),
        fields(
            field("Sweep", dcc.Dropdown(sweeps, sweep, id="runs-sweep", placeholder="all")),
            field("Arm", dcc.Dropdown(known, arm, id="runs-arm", placeholder="all")),
            field("Status", status),
            field("Search in key, model, data, pruning, arm and tags", text, wide=True),
        ),
        dcc.Store(id="runs-run", data=context.runs()),
        served_grid("runs-table", run_columns(query.get("sort", "")), **rules),
        html.H2("Chosen runs by epoch"),
        fields(
            field("Y axis", chooser("runs-quantity", quantities, query.get("quantity", "test_accuracy"))),
            field("Groups", _groups(context)),
            html.Button("Choose all of the table", id="runs-all", className="plain"),
            html.Button("Choose none", id="runs-none", className="plain"),
        ),
        *writing(context, "runs-many", "the chosen runs"),
        dcc.Store(id="runs-mark"),
        html.Div(id="runs-dynamics"),
        html.Div(id="runs-beside"),
        dcc.Store(id="runs-beside-mark"),
    ]


def _groups(context: Context) -> dcc.Dropdown:
    """What runs can be grouped by: their arm, or keys that vary among those that the address names."""
    known = list(groups(context.store, context.runs()[:MOST]).by)
    by = context.query.get("by")
    return dcc.Dropdown(known, by if by in known else None, id="runs-by", placeholder=ARM)


def register(app: Dash, context: Context) -> None:
    """Update the table and the curves when a choice or the store changes."""
    store = context.store
    names = ("sweep", "arm", "status", "text")
    filters = [Input(f"runs-{name}", "value") for name in names]

    @app.callback(
        Output("runs-arm", "options"),
        Output("runs-arm", "value"),
        Input("runs-sweep", "value"),
        State("runs-arm", "value"),
        prevent_initial_call=True,
    )
    def arm_options(sweep: str | None, arm: str | None) -> Any:
        known = arms(store, sweep) if sweep else []
        return known, arm if arm in known else None

    def wanted_of(sweep: Any, arm: Any, status: Any, text: Any) -> Filter:
        return Filter(sweep, arm, tuple(status or ()), text or "", hidden=store.archived())

    def rows(part: Part, *given: Any) -> Any:
        *wanted, _, _, chosen = given
        return run_rows(store, wanted_of(*wanted), part, chosen)

    quiet = [Input("version", "data"), Input("runs-many-done", "data"), Input("runs-run", "data")]
    serve(app, "runs-table", rows, filters, quiet, "run")
    register_writing(app, context, "runs-many", State("runs-run", "data"))
    register_writing(app, context, "runs-one", State("runs-key", "data"))

    @app.callback(
        Output("runs-said", "children"),
        Input("runs-one-done", "data"),
        State("runs-key", "data"),
        prevent_initial_call=True,
    )
    def said(done: float, keys: list[str]) -> Any:
        return said_of(store.run(keys[0]))

    @app.callback(
        Output("runs-run", "data"),
        Input("runs-table", "cellValueChanged"),
        Input("runs-all", "n_clicks"),
        Input("runs-none", "n_clicks"),
        State("runs-table", "columnState"),
        *(State(it.component_id, it.component_property) for it in filters),
        State("runs-run", "data"),
        prevent_initial_call=True,
    )
    def choose(changes: Any, every: int | None, none: int | None, columns: Any, *given: Any) -> Any:
        *wanted, before = given
        if ctx.triggered_id == "runs-table":
            return ticked(before, changes or ())
        if ctx.triggered_id == "runs-all" and every:
            return run_keys(store, in_order(wanted_of(*wanted), columns or ()), MOST_CHOSEN)
        return [] if none else no_update

    sorting = Input("runs-table", "columnState")
    shown = [Input("runs-quantity", "value"), Input("runs-by", "value")]
    remembered(app, *filters, sorting, Input("runs-run", "data"), *shown)

    @redrawn(
        app,
        "runs-mark",
        [Output("runs-dynamics", "children")],
        [Input("runs-run", "data"), *shown, Input("runs-sweep", "value")],
        lambda chosen, *_: runs_version(store, chosen[:MOST]),
    )
    def dynamics(chosen: list[str], quantity: str, by: str | None, sweep: str | None) -> Any:
        return (curves(store, chosen, quantity, sweep, by or ARM),)

    @redrawn(
        app,
        "runs-beside-mark",
        [Output("runs-by", "options"), Output("runs-by", "value"), Output("runs-beside", "children")],
        [Input("runs-run", "data"), Input("runs-sweep", "value")],
        lambda chosen, _: runs_version(store, chosen[:MOST]),
        State("runs-by", "value"),
    )
    def grouped(chosen: list[str], sweep: str | None, by: str | None) -> Any:
        found = groups(store, chosen[:MOST])
        known = list(found.by)
        return known, by if by in known else None, beside(store, found, arms_of(store, chosen[:MOST], sweep))


def curves(store: Store, chosen: Sequence[str], quantity: str, sweep: str | None, by: str = ARM) -> Any:
    """The chosen runs over their epochs, or why there is nothing to draw."""
    if not chosen:
        return message("No run is chosen.")
    left = [f"Only the first {MOST} chosen runs are drawn."] if len(chosen) > MOST else []
    left += [f"No more than {MOST_CHOSEN:,} runs are chosen at once."] if len(chosen) >= MOST_CHOSEN else []
    sweep_id = store.sweep_id(sweep) if sweep else None
    called = called_by_id(store)
    runs = (store.run(key) for key in chosen[:MOST])
    found = [run_curve(run, quantity, sweep_id, called) for run in runs]
    if by != ARM:
        of = groups(store, chosen[:MOST])
        found = [it._replace(group=of.of(it.key, by)) for it in found]
    drawn = draw_runs(found, quantity)
    said = [message(words) for words in (*left, *drawn.missing)]
    over = "the runs of an arm" if by == ARM else f"the seeds of a group, by {by}"
    about = f"{counted(len(chosen), 'chosen run')}. Bands: 95% intervals of the mean over {over}."
    return [
        html.P(about, className="about"),
        *said,
        *([graph(drawn.figure, id="runs-graph")] if drawn.figure.data else []),
    ]
