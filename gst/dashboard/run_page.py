"""Everything about one run, as a page shows it: its curve and events, and what it used of its machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go
import yaml
from dash import dcc, html
from plotly.subplots import make_subplots

from gst.config.user_code import readable
from gst.dashboard.annotations import said_of, writing
from gst.dashboard.grid import grid
from gst.dashboard.page import Context
from gst.dashboard.pieces import folded, framed, graph, heading, link, message
from gst.dashboard.run_curves import draw_runs, run_curve
from gst.figures.style import COLOURS
from gst.records import SystemSample
from gst.store import RunDetails
from gst.store.samples import attempt_samples, system_use
from gst.words import counted, short

ATTEMPT = ("attempt", "outcome", "started", "ended", "host", "device", "gpu", "torch", "gst", "git_commit")
EVENT = (
    *("epoch", "kind", "removed", "test_accuracy_before", "test_accuracy_after", "stability"),
    *("churn", "ece_before", "ece_after"),
)

PANEL = 120
"""Height of a panel in pixels."""


class Panel(NamedTuple):
    """The title of a column's panel, what its values are divided by, and the format of one."""

    title: str
    unit: float = 1
    form: str = ".3~g"


PANELS: Mapping[str, Panel] = {
    "cpu_use": Panel("CPUs busy"),
    "memory": Panel("Memory, GB", 1e9),
    "gpu_use": Panel("GPU busy", form=".0%"),
    "gpu_memory": Panel("GPU memory, GB", 1e9),
    "gpu_power": Panel("GPU power, W", form=".0f"),
}


Samples = Mapping[int, Sequence[SystemSample]]
"""Those of each attempt by its number."""


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


def system_section(samples: Samples) -> list[Any]:
    """Its heading, what each attempt used in words, and a picture; nothing where nothing was sampled."""
    if not samples:
        return []
    used = [html.Li(system_use(*it).words) for it in samples.items()]
    return [html.H2("System"), html.Ul(used), graph(draw_system(samples))]


def draw_system(samples: Samples) -> go.Figure:
    """A panel for each quantity that a machine told, over the minutes since an attempt began to train.

    The last attempts are drawn, as many as there are colours.
    """
    told = [
        name for name in PANELS if any(getattr(it, name) is not None for of in samples.values() for it in of)
    ]
    figure = make_subplots(rows=len(told), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    drawn = list(samples.items())[-len(COLOURS) :]
    for colour, (number, found) in zip(COLOURS, drawn, strict=False):
        for place, name in enumerate(told, start=1):
            panel = PANELS[name]
            given = [getattr(it, name) for it in found]
            values = [None if value is None else value / panel.unit for value in given]
            figure.add_scatter(
                x=[0.0, *(it.stop / 60 for it in found)],
                y=[*values[:1], *values],
                name=f"attempt {number}",
                legendgroup=number,
                showlegend=place == 1 and len(drawn) > 1,
                mode="lines",
                line={"color": colour, "shape": "vh"},
                hovertemplate=f"%{{y:{panel.form}}}<extra>attempt {number}</extra>",
                row=place,
                col=1,
            )
    for place, name in enumerate(told, start=1):
        panel = PANELS[name]
        figure.update_yaxes(
            title_text=panel.title, title_font_size=12, tickformat=panel.form, rangemode="tozero", row=place
        )
    figure.update_xaxes(title_text="Minutes since the attempt began to train", row=len(told))
    return framed(figure, PANEL * len(told) + 90, "system")
