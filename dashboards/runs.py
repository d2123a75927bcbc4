"""Single runs: find them, and see how the chosen ones developed."""

from __future__ import annotations

import yaml
from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from gst.dashboard.dynamics import MOST, QUANTITIES, draw_runs, run_curves
from gst.dashboard.markup import STATES
from gst.dashboard.pieces import field, fields, graph, heading, message, table
from gst.dashboard.runs import COLUMNS, Filter, arms, run_page
from gst.dashboard.sweeps import sweep_names
from gst.dashboard.words import KEY_DIGITS, counted, shown
from gst.figures.style import percent

TITLE = "Runs"
ORDER = 2

SHARES = ("final_test_accuracy", "best_test_accuracy", "mean_stability")


def layout(context):
    """Filters, the table, and how the chosen runs developed."""
    store, query = context.store, context.query
    sweeps = sweep_names(store)
    sweep = query.get("sweep")
    sweep = sweep if sweep in sweeps else None
    statuses = [state for state in query.get("status", "").split(",") if state in STATES]
    key = query.get("run")
    return [
        heading(
            TITLE, f"Filtered and sorted by the database. Choose up to {MOST} to see how they developed."
        ),
        fields(
            field("Sweep", dcc.Dropdown(sweeps, sweep, id="runs-sweep", placeholder="all")),
            field("Arm", dcc.Dropdown([], query.get("arm"), id="runs-arm", placeholder="all")),
            field(
                "Status",
                dcc.Dropdown(list(STATES), statuses, id="runs-status", multi=True, placeholder="any"),
            ),
            field(
                "Words in key, model, data, pruning, arm or tags",
                dcc.Input(id="runs-text", value=query.get("text", ""), debounce=0.4, type="text"),
                wide=True,
            ),
        ),
        dcc.Store(id="runs-order", data={"sort": None, "descending": False, "page": 0}),
        dcc.Store(id="runs-chosen", data=[key] if key else []),
        html.Div(id="runs-table"),
        html.Div(
            [
                html.Button("Previous", id="runs-previous", className="plain"),
                html.Span(id="runs-count"),
                html.Button("Next", id="runs-next", className="plain"),
            ],
            className="pager",
        ),
        html.H2("How they developed"),
        fields(
            field(
                "Quantity",
                dcc.Dropdown(dict(QUANTITIES), "test_accuracy", id="runs-quantity", clearable=False),
            ),
            html.Button("Choose none", id="runs-none", className="plain"),
        ),
        dcc.Store(id="runs-mark"),
        html.Div(id="runs-dynamics"),
        html.Div(id="runs-details"),
    ]


def register(app, context):
    """Keep the table and the curves to what is chosen."""
    store = context.store
    filters = [Input(f"runs-{name}", "value") for name in ("sweep", "arm", "status", "text")]

    @app.callback(Output("runs-arm", "options"), Output("runs-arm", "value"), Input("runs-sweep", "value"),
                  State("runs-arm", "value"))  # fmt: skip
    def arm_options(sweep, arm):
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
    def order(sorts, previous, following, sweep, arm, status, text, before):
        if isinstance(ctx.triggered_id, dict) and not any(sorts):
            return no_update  # the table was drawn, nobody has clicked
        return reordered(before, ctx.triggered_id)

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
    def rows(order, sweep, arm, status, text, version, chosen):
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
    def choose(values, none, options, before):
        if ctx.triggered_id == "runs-none":
            return []
        after = chosen_after(before, values, options)
        return no_update if after == before else after

    @app.callback(
        Output("runs-dynamics", "children"),
        Output("runs-details", "children"),
        Output("runs-mark", "data"),
        Input("runs-chosen", "data"),
        Input("runs-quantity", "value"),
        Input("version", "data"),
        State("runs-mark", "data"),
    )
    def dynamics(chosen, quantity, version, before):
        # The browser keeps the mark of what it shows; runs that have ended need not be drawn again.
        mark = [chosen, quantity, version if alive(store, chosen) else ""]
        if mark == before:
            return no_update, no_update, no_update
        if not chosen:
            return message("No run is chosen."), None, mark
        figure = graph(draw_runs(run_curves(store, chosen, quantity), quantity), id="runs-graph")
        return figure, [details(store.run(store.resolve(key))) for key in chosen[-1:]], mark


def reordered(before, trigger):
    """Sorting and page after what was clicked; a filter that changed starts at the first page."""
    if trigger == "runs-previous":
        return before | {"page": max(0, before["page"] - 1)}
    if trigger == "runs-next":
        return before | {"page": before["page"] + 1}
    if isinstance(trigger, dict):
        column = trigger["column"]
        descending = not before["descending"] if before["sort"] == column else column in SHARES
        return {"sort": column, "descending": descending, "page": 0}
    return before | {"page": 0}


def chosen_after(before, values, options):
    """The chosen runs after the boxes of this page stand as they do; those of other pages stay."""
    here = [choice[0]["value"] for choice in options]
    ticked = {value for each in values for value in each or ()}
    kept = [key for key in before if key not in here or key in ticked]
    return (kept + [key for key in dict.fromkeys(here) if key in ticked and key not in kept])[:MOST]


def alive(store, keys):
    """Whether any of these runs may still change."""
    names = {f"key{place}": key for place, key in enumerate(keys)} or {"key": ""}
    marks = ", ".join(f":{name}" for name in names)
    living = "status IN ('pending', 'running', 'interrupted')"
    return (
        store.query(f"SELECT count(*) FROM runs WHERE {living} AND key IN ({marks})", **names).rows[0][0] > 0
    )


def run_table(page, wanted, chosen):
    """The rows of this page."""
    if not page.rows:
        return message("No run is like that.")
    columns = [name for name in COLUMNS if name != "arm" or wanted.sweep]
    head = [html.Th("")] + [html.Th(sorter(name, wanted), className=side(name)) for name in columns]
    body = [
        html.Tr(
            [html.Td(picker(place, row, chosen))]
            + [html.Td(cell(row, name), className=side(name)) for name in columns],
            className="chosen" if row["key"] in chosen else "",
        )
        for place, row in enumerate(page.rows)
    ]
    return html.Div(html.Table([html.Thead(html.Tr(head)), html.Tbody(body)]), className="scroll")


def sorter(name, wanted):
    """A heading that sorts by its column."""
    arrow = (" ↓" if wanted.descending else " ↑") if wanted.sort == name else ""
    return html.Button(f"{COLUMNS[name]}{arrow}", id={"runs": "sort", "column": name})


def picker(place, row, chosen):
    """A box that chooses the run."""
    key = row["key"]
    ticked = [key] if key in chosen else []
    return dcc.Checklist([{"label": "", "value": key}], ticked, id={"runs": "pick", "place": place})


def side(name):
    """The class of a column: numbers stand to the right."""
    return "number" if name in {*SHARES, "seed", "last_epoch", "events", "seconds"} else ""


def cell(row, name):
    """A value of a run as the table shows it."""
    value = row[name]
    if name == "key":
        return html.Code(value[:KEY_DIGITS])
    if name == "status":
        return [html.I(className=f"dot {value}"), value]
    if name == "last_epoch":
        return f"{0 if value is None else value + 1} of {row['epochs']}"
    if name in SHARES:
        # The stability of a run without events is a convention, and no number of its own.
        convention = name == "mean_stability" and not row["events"]
        return "" if value is None or convention else percent(value, 2)
    if name == "seconds":
        return f"{value:,.1f}"
    return shown(value)


def details(run):
    """Everything else about one run."""
    attempts = (
        "attempt",
        "outcome",
        "started",
        "ended",
        "host",
        "device",
        "gpu",
        "torch",
        "gst",
        "git_commit",
    )
    events = ("epoch", "kind", "removed", "test_accuracy_before", "test_accuracy_after", "stability")
    parts = [
        html.H2(["Run ", html.Code(run.key[:KEY_DIGITS])]),
        html.P(
            f"{run.run['status']}, seed {run.run['seed']}; in "
            + ", ".join(f"{member['name']} ({member['arm']})" for member in run.sweeps),
            className="about",
        ),
        html.Details(
            [html.Summary("Configuration"), html.Pre(yaml.safe_dump(dict(run.config_json), sort_keys=False))]
        ),
        html.Details(
            [html.Summary("Attempts"), table(attempts, [[row[c] for c in attempts] for row in run.attempts])]
        ),
    ]
    if run.events:
        rows = [[row[c] + 1 if c == "epoch" else row[c] for c in events] for row in run.events]
        parts.append(html.Details([html.Summary("Pruning events"), table(events, rows)]))
    traces = [row["traceback"] for row in run.attempts if row["traceback"]]
    if traces:
        parts.append(html.Details([html.Summary("Traceback"), html.Pre(traces[-1])]))
    return html.Div(parts)
