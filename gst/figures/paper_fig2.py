"""Figures 2 and B.2 of GST 2020: how accuracy develops, and stability against accuracy, run by run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.analysis import Accuracy, Source, Table
from gst.analysis.quantities import accuracy_quantity
from gst.figures.basis import as_table
from gst.figures.caption import add_note, subtitle, title_layout
from gst.figures.dynamics import Dynamics, basis_of_arms, dynamics_of
from gst.figures.dynamics_drawing import ABOVE_PANELS, legend_height, method_words
from gst.figures.dynamics_panel import add_dynamics
from gst.figures.frame import Pane, draw_panel
from gst.figures.panels import head
from gst.figures.panels.scatter import Scatter, scatter_panel

if TYPE_CHECKING:
    from gst.store import Store

HEIGHT = 760
"""Pixels: the legend stands above two panels, and their headings below it."""


class DynamicsAndScatter(NamedTuple):
    """The numbers of the figure: the same runs over their epochs, and as points."""

    accuracy: Accuracy
    dynamics: Dynamics
    scatter: Scatter

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.dynamics.source

    def table(self) -> Table:
        """Correlations, arms, events, curves, runs and missing runs; fractions of 1."""
        return as_table([*self.scatter.rows(), *self.dynamics.rows(), *self.dynamics.basis.rows()])


def numbers(
    store: Store, sweep: str, accuracy: Accuracy = "best", arms: str | Sequence[str] | None = None
) -> DynamicsAndScatter:
    """The dynamics of the newest sweep of that name and its trade-off, as GST 2020 plots both.

    The paper's accuracy is `best`, since the last pruning event; `final` is of the last epoch. Raises
    UnknownNameError for a name that there is not, and InputError for a sweep without completed runs.
    """
    found = basis_of_arms(store, sweep, accuracy, arms)
    scatter = scatter_panel(found.source, found.runs, "stability", f"{accuracy}_accuracy")
    return DynamicsAndScatter(accuracy, dynamics_of(store, found), scatter)


def draw(found: DynamicsAndScatter) -> go.Figure:
    """The figure: dynamics on the left, runs on the right."""
    figure = make_subplots(rows=1, cols=2, column_widths=[0.6, 0.4], horizontal_spacing=0.1)
    panel = add_dynamics(figure, found.dynamics, 1, 1)
    scatter = found.scatter._replace(looks=panel.looks, legend=False)
    draw_panel(scatter, Pane(figure, "x2", "y2", 400))
    figure.update_yaxes(title_font_size=14, row=1, col=2)  # a long title for a low panel
    interval = " and its 95% interval" if found.dynamics.method else ""
    heading = f"<b>Mean over the runs of an arm</b>{interval}"
    head(figure, ("x", "y"), heading)
    head(figure, ("x2", "y2"), scatter.heading)
    accuracy = accuracy_quantity(found.accuracy).words
    title_layout(
        figure,
        found.source.title,
        subtitle(found.dynamics, accuracy),
        height=HEIGHT,
        margin={"l": 90, "r": 30, "t": 155 + legend_height(len(found.dynamics.courses)), "b": 165},
        showlegend=True,
        legend=ABOVE_PANELS,
    )
    words = method_words(found.dynamics, panel)
    add_note(figure, [" ".join([*words, *scatter.reading()])], width=175)
    return figure
