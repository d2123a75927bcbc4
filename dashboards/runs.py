"""Single runs: a table to search, and the chosen runs by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from gst.analysis.quantities import EPOCH_QUANTITIES
from gst.dashboard.page import Context, redrawn
from gst.dashboard.pieces import chooser, field, fields, folded, graph, heading, message, table
from gst.dashboard.run_curves import MOST, draw_runs, run_curve
from gst.figures.style import percent
from gst.records import STATUSES
from gst.store import Filter, RunDetails, RunPage, arms, run_page, runs_version, sweep_names
from gst.words import counted, readable, short

TITLE = "Runs"
ORDER = 2

COLUMNS = {
    "key": "run",
    "arm": "arm",
    "seed": "seed",
    "status": "status",
    "model": "model",
    "dataset": "data",
    "kind": "pruning",
    "score": "score",
    "target": "target",
    "last_epoch": "epochs",
    "final_test_accuracy": "final accuracy",
    "best_test_accuracy": "best accuracy",
    "mean_stability": "stability",
    "events": "events",
    "seconds": "seconds",
}
"""Columns of the table and their headings; `arm` is shown for a chosen sweep only."""
SHARES = ("final_test_accuracy", "best_test_accuracy", "mean_stability")
NUMBERS = (*SHARES, "seed", "last_epoch", "events", "seconds")
ATTEMPT = ("attempt", "outcome", "started", "ended", "host", "device", "gpu", "torch", "gst", "git_commit")
EVENT = ("epoch", "kind", "removed", "test_accuracy_before", "test_accuracy_after", "stability")

Order = dict[str, Any]
"""The column to sort by, whether its values fall, and the number of the page."""


def layout(context: Context) -> list[Any]:
    """Filters, the table, and the chosen runs."""
    query = context.query
    sweeps = sweep_names(context.store)
    sweep = next(iter(context.sweeps), None)
    quantities = {name: quantity.title for name, quantity in EPOCH_QUANTITIES.items()}
    arm = dcc.Dropdown([], query.get("arm"), id="runs-arm", placeholder="all")
    status = dcc.Dropdown(
        list(STATUSES), context.asked("status", STATUSES), id="runs-status", multi=True, placeholder="any"
    )
    text = dcc.Input(id="runs-text", value=query.get("text", ""), debounce=0.4, type="text")
    return [
        heading(TITLE, f"Filter, sort and choose runs; up to {MOST} chosen ones are drawn below."),
        fields(
            field("Sweep", dcc.Dropdown(sweeps, sweep, id="runs-sweep", placeholder="all")),
            field("Arm", arm),
            field("Status", status),
            field("Search in key, model, data, pruning, arm and tags", text, wide=True),
        ),
        dcc.Store(id="runs-order", data={"sort": None, "descending": False, "page": 0}),
        dcc.Store(id="runs-chosen", data=[query["run"]] if query.get("run") else []),
        html.Div(id="runs-table"),
        html.Div(
            [
                html.Button("Previous", id="runs-previous", className="plain"),
                html.Span(id="runs-count"),
                html.Button("Next", id="runs-next", className="plain"),
            ],
            className="pager",
        ),
        html.H2("Chosen runs by epoch"),
        fields(
            field("Y axis", chooser("runs-quantity", quantities, "test_accuracy")),
            html.Button("Choose none", id="runs-none", className="plain"),
        ),
        dcc.Store(id="runs-mark"),
        html.Div(id="runs-dynamics"),
        html.Div(id="runs-details"),
    ]


def register(app: Dash, context: Context) -> None:
    """Update the table and the curves when a choice or the store changes."""
    store = context.store
    filters = [Input(f"runs-{name}", "value") for name in ("sweep", "arm", "status", "text")]

    @app.callback(
        Output("runs-arm", "options"),
        Output("runs-arm", "value"),
        Input("runs-sweep", "value"),
        State("runs-arm", "value"),
    )
    def arm_options(sweep: str | None, arm: str | None) -> Any:
        known = arms(store, sweep) if sweep else []
        return known, arm if arm in known else None

    @app.callback(
        Output("runs-order", "data"),
        Input({"runs": "sort", "column": ALL}, "n_clicks"),
        Input("runs-previous", "n_clicks"),
        Input("runs-next", "n_clicks"),
        *filters,
        State("runs-order", "data"),
        prevent_initial_call=True,
    )
    def order(sorts: list[int | None], *rest: Any) -> Any:
        if isinstance(ctx.triggered_id, dict) and not any(sorts):
            return no_update  # the table was drawn, nobody has clicked
        return reordered(rest[-1], ctx.triggered_id)

    @app.callback(
        Output("runs-table", "children"),
        Output("runs-count", "children"),
        Output("runs-previous", "disabled"),
        Output("runs-next", "disabled"),
        Input("runs-order", "data"),
        *filters,
        Input("version", "data"),
        Input("runs-chosen", "data"),
    )
    def rows(
        order: Order,
        sweep: str | None,
        arm: str | None,
        status: list[str] | None,
        text: str | None,
        version: str,
        chosen: list[str],
    ) -> Any:
        wanted = Filter(sweep, arm, tuple(status or ()), text or "", order["sort"], order["descending"])
        page = run_page(store, wanted, order["page"])
        last = page.first + len(page.rows)
        words = f"{page.first + 1:,} to {last:,} of {counted(page.total, 'run')}" if page.total else "no run"
        return run_table(page, wanted, chosen), words, page.first == 0, last >= page.total

    @app.callback(
        Output("runs-chosen", "data"),
        Input({"runs": "pick", "place": ALL}, "value"),
        Input("runs-none", "n_clicks"),
        State({"runs": "pick", "place": ALL}, "options"),
        State("runs-chosen", "data"),
        prevent_initial_call=True,
    )
    def choose(values: list[Any], none: int | None, options: list[Any], before: list[str]) -> Any:
        if ctx.triggered_id == "runs-none":
            return []
        after = chosen_after(before, values, options)
        return no_update if after == before else after

    def keys(chosen: list[str]) -> list[str]:
        return [store.resolve(key) for key in chosen[:MOST]]

    @redrawn(
        app,
        "runs-mark",
        [Output("runs-dynamics", "children"), Output("runs-details", "children")],
        [Input("runs-chosen", "data"), Input("runs-quantity", "value")],
        lambda chosen, quantity: runs_version(store, keys(chosen)),
    )
    def dynamics(chosen: list[str], quantity: str) -> Any:
        if not chosen:
            return message("No run is chosen."), None
        found = [store.run(key) for key in keys(chosen)]
        figure = draw_runs([run_curve(run, quantity) for run in found], quantity)
        return graph(figure, id="runs-graph"), details(found[-1])


def reordered(before: Order, trigger: Any) -> Order:
    """The order after a click; a changed filter starts at the first page."""
    if trigger == "runs-previous":
        return before | {"page": max(0, before["page"] - 1)}
    if trigger == "runs-next":
        return before | {"page": before["page"] + 1}
    if isinstance(trigger, dict):
        column = trigger["column"]
        descending = not before["descending"] if before["sort"] == column else column in SHARES
        return {"sort": column, "descending": descending, "page": 0}
    return before | {"page": 0}


def chosen_after(before: Sequence[str], values: Sequence[Any], options: Sequence[Any]) -> list[str]:
    """The chosen runs after a box was ticked or cleared; those on other pages stay chosen."""
    here = [choice[0]["value"] for choice in options]
    ticked = {value for each in values for value in each or ()}
    kept = [key for key in before if key not in here or key in ticked]
    return (kept + [key for key in dict.fromkeys(here) if key in ticked and key not in kept])[:MOST]


def run_table(page: RunPage, wanted: Filter, chosen: Sequence[str]) -> Any:
    """The table of the runs on this page."""
    if not page.rows:
        return message("No run matches.")
    columns = [name for name in COLUMNS if name != "arm" or wanted.sweep]
    sides = {name: "number" if name in NUMBERS else "" for name in columns}
    head = [html.Th(""), *(html.Th(sorter(name, wanted), className=sides[name]) for name in columns)]
    body = [
        html.Tr(
            [
                html.Td(picker(place, row["key"], chosen)),
                *(html.Td(shown_of(row, name), className=sides[name]) for name in columns),
            ],
            className="chosen" if row["key"] in chosen else "",
        )
        for place, row in enumerate(page.rows)
    ]
    return html.Div(html.Table([html.Thead(html.Tr(head)), html.Tbody(body)]), className="scroll")


def sorter(name: str, wanted: Filter) -> html.Button:
    """A heading that sorts by its column when it is clicked."""
    arrow = (" ↓" if wanted.descending else " ↑") if wanted.sort == name else ""
    return html.Button(f"{COLUMNS[name]}{arrow}", id={"runs": "sort", "column": name})


def picker(place: int, key: str, chosen: Sequence[str]) -> dcc.Checklist:
    """A box that chooses the run."""
    ticked = [key] if key in chosen else []
    return dcc.Checklist([{"label": "", "value": key}], ticked, id={"runs": "pick", "place": place})


def shown_of(row: Mapping[str, Any], name: str) -> Any:
    """A value of a run as the table shows it."""
    value = row[name]
    if name == "key":
        return html.Code(short(value))
    if name == "status":
        return [html.I(className=f"dot {value}"), value]
    if name == "last_epoch":
        return f"{0 if value is None else value + 1} of {row['epochs']}"
    if name in SHARES:
        # The stability of a run without events is a convention, not a measurement.
        convention = name == "mean_stability" and not row["events"]
        return "" if value is None or convention else percent(value, 2)
    return f"{value:,.1f}" if name == "seconds" else readable(value)


def details(run: RunDetails) -> html.Div:
    """Everything else about one run."""
    members = ", ".join(f"{member['name']} ({member['arm']})" for member in run.sweeps)
    config = yaml.safe_dump(dict(run.config_json), sort_keys=False)
    events = [[row[c] for c in EVENT] for row in run.events]
    traces = [row["traceback"] for row in run.attempts if row["traceback"]]
    return html.Div(
        [
            html.H2(["Run ", html.Code(short(run.key))]),
            html.P(f"{run.run['status']}, seed {run.run['seed']}; in {members}", className="about"),
            *([message(run.silent.words)] if run.silent else []),
            folded("Configuration", html.Pre(config)),
            folded("Attempts", table(ATTEMPT, [[row[c] for c in ATTEMPT] for row in run.attempts])),
            *([folded("Pruning events", table(EVENT, events))] if events else []),
            *([folded("Traceback", html.Pre(traces[-1]))] if traces else []),
        ]
    )
