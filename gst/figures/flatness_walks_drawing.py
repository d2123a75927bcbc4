"""The picture of GST 2020's Figure E.4: a panel for each eigenvector, a line for each arm."""

from __future__ import annotations

from collections.abc import Iterator

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.flatness_walks import Walks
from gst.figures.panels import add_notes, counted, head, show_legend
from gst.figures.style import looks, plain

COLUMNS, ROW, BETWEEN, HEADS = 3, 220, 50, 180
"""Panels in a row; pixels of a row, between rows, and above the first."""


def draw(found: Walks) -> go.Figure:
    """The figure of these numbers."""
    rows = -(-len(found.ranks) // COLUMNS)
    inner = rows * ROW + (rows - 1) * BETWEEN
    figure = make_subplots(
        rows=rows,
        cols=COLUMNS,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.03,
        vertical_spacing=BETWEEN / inner if rows > 1 else 0,
    )
    look = looks(found.source.arms)
    named: set[str] = set()
    for it in found.walks:
        number = found.ranks.index(it.rank)
        figure.add_scatter(
            x=it.epsilons,
            y=it.mean,
            name=plain(it.arm),
            legendgroup=it.arm,
            showlegend=it.arm not in named,
            mode="lines+markers",
            line={"color": look[it.arm].colour, "width": 1.5},
            marker=look[it.arm].marker(5, hollow=it.scaled),
            hovertemplate=(
                f"<b>{plain(it.arm)}</b>, eigenvector {it.rank}<br>step %{{x:.2f}}<br>"
                f"mean rise %{{y:.4f}}, n = {it.n}<extra></extra>"
            ),
            row=number // COLUMNS + 1,
            col=number % COLUMNS + 1,
        )
        named.add(it.arm)
    figure.update_xaxes(title_text="Step ε along the eigenvector", row=rows)
    figure.update_yaxes(title_text="Rise in test loss", col=1)
    first = [it for it in found.walks if it.rank == found.ranks[0]]
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, counted([(it.arm, it.n) for it in first], "arm"), interval="means over runs"),
        margin={"l": 90, "r": 30, "t": HEADS, "b": 150},
        height=HEADS + inner + 150,
    )
    show_legend(figure, above=30)
    for number, rank in enumerate(found.ranks):
        axis = "" if not number else str(number + 1)
        head(figure, (f"x{axis}", f"y{axis}"), f"<b>Eigenvector {rank}</b>")
    add_notes(figure, _notes(found))
    return figure


def _notes(found: Walks) -> Iterator[str]:
    yield from found.flat.words()
    yield (
        "The loss is of the whole test set, less that without a step. Eigenvectors count from 0, that of the "
        "largest signed eigenvalue; a step's sign has no meaning of its own. Intervals are in the table."
    )
