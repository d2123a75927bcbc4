"""What a run used of its machines, attempt by attempt, as a section of its page."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

import plotly.graph_objects as go
from dash import html
from plotly.subplots import make_subplots

from gst.dashboard.pieces import framed, graph
from gst.figures.style import COLOURS
from gst.store import RunDetails
from gst.store.samples import system_use

PANEL = 120
"""Height of a panel in pixels."""


class Panel(NamedTuple):
    """The title of a column's panel, what its values are divided by, and the format of one."""

    title: str
    unit: float = 1
    form: str = ".3~g"


PANELS: Mapping[str, Panel] = MappingProxyType(
    {
        "cpu_use": Panel("CPUs busy"),
        "memory": Panel("Memory, GB", 1e9),
        "gpu_use": Panel("GPU busy", form=".0%"),
        "gpu_memory": Panel("GPU memory, GB", 1e9),
        "gpu_power": Panel("GPU power, W", form=".0f"),
    }
)


def system_section(run: RunDetails) -> list[Any]:
    """Its heading, what each attempt used in words, and a picture; nothing where nothing was sampled."""
    if not run.system_samples:
        return []
    used = [html.Li(it.words) for it in system_use(run.system_samples)]
    return [html.H2("System"), html.Ul(used), graph(draw_system(run))]


def draw_system(run: RunDetails) -> go.Figure:
    """A panel for each quantity that a machine told, over the minutes since an attempt began to train.

    The last attempts are drawn, as many as there are colours.
    """
    told = [name for name in PANELS if any(row[name] is not None for row in run.system_samples)]
    figure = make_subplots(rows=len(told), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    attempts = [(number, list(rows)) for number, rows in groupby(run.system_samples, itemgetter("attempt"))]
    for colour, (number, rows) in zip(COLOURS, attempts[-len(COLOURS) :], strict=False):
        for place, name in enumerate(told, start=1):
            panel = PANELS[name]
            values = [None if row[name] is None else row[name] / panel.unit for row in rows]
            figure.add_scatter(
                x=[0.0, *(row["stop"] / 60 for row in rows)],
                y=[*values[:1], *values],
                name=f"attempt {number}",
                legendgroup=number,
                showlegend=place == 1 and len(attempts) > 1,
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
