"""Everything about one run, as a page shows it."""

from __future__ import annotations

from typing import Any

import yaml
from dash import dcc, html

from gst.config.user_code import readable
from gst.dashboard.annotations import said_of, writing
from gst.dashboard.grid import grid
from gst.dashboard.page import Context
from gst.dashboard.pieces import folded, graph, heading, link, message
from gst.dashboard.run_curves import draw_runs, run_curve
from gst.dashboard.run_system import system_section
from gst.store import RunDetails
from gst.store.samples import attempt_samples
from gst.words import counted, short

ATTEMPT = ("attempt", "outcome", "started", "ended", "host", "device", "gpu", "torch", "gst", "git_commit")
EVENT = (
    *("epoch", "kind", "removed", "test_accuracy_before", "test_accuracy_after", "stability"),
    *("churn", "ece_before", "ece_after"),
)


def run_page(context: Context, run: RunDetails) -> list[Any]:
    """Where the run belongs, what people say of it, its curve, its events and attempts."""
    members = ", ".join(f"{member['name']} ({member['arm']})" for member in run.sweeps)
    events = [[row[c] for c in EVENT] for row in run.events]
    traces = [row["traceback"] for row in run.attempts if row["traceback"]]
    drawn = draw_runs([run_curve(run)])
    return [
        heading(
            f"Run {short(run.key)}",
            *(link("All runs", "/runs"), f" · {run.run['status']}, seed {run.run['seed']}; in {members}"),
        ),
        html.Div(said_of(run), id="runs-said"),
        dcc.Store(id="runs-key", data=[run.key]),
        *writing(context, "runs-one", "this run"),
        *([message(run.silent.words)] if run.silent else []),
        *([message(run.run["reason"])] if run.run["reason"] else []),
        *([graph(drawn.figure)] if drawn.figure.data else [message("It has no epoch yet.")]),
        *([html.H2("Pruning events"), grid(EVENT, events)] if events else []),
        html.H2(counted(len(run.attempts), "attempt").capitalize()),
        grid(ATTEMPT, [[row[c] for c in ATTEMPT] for row in run.attempts]),
        *system_section(attempt_samples(context.store, run.key)),
        *([folded("Traceback", html.Pre(traces[-1]))] if traces else []),
        folded("Configuration", html.Pre(yaml.safe_dump(readable(run.config_json), sort_keys=False))),
    ]
