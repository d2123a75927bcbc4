"""The pictures of GST 2020's Figures 6, E.3, E.5 and E.6."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.axes import NARROW, StabilityAxis
from gst.figures.caption import subtitle, title_layout
from gst.figures.flatness import Flatness
from gst.figures.panels import add_legend, add_notes, counted, sentences, show_legend
from gst.figures.scatter import QUANTITIES, Scatter
from gst.figures.scatter_drawing import HEADING, add_line, correlation_words, spanned, x_axis
from gst.figures.style import Look, looks, percent, plain

ROW, HEADS, FOOT = 340, 210, 150
"""Pixels: of a row of panels, of what stands above the first, and of what stands below the last."""
BETWEEN = 150
"""Pixels between rows, for the titles of axes and the headings of panels."""


class _Axis(NamedTuple):
    title: str
    words: Callable[[float], str]


_AXES: Mapping[str, _Axis] = MappingProxyType(
    {
        "stability": _Axis("Stability: mean over events, 100% without", lambda value: percent(value, 3)),
        "final_accuracy": _Axis("Final test accuracy", lambda value: percent(value, 2)),
        "best_accuracy": _Axis("Best test accuracy after pruning", lambda value: percent(value, 2)),
        "hessian_trace": _Axis("Tr(H): sum of {} leading eigenvalues", "{:.5g}".format),
        "gradient_trace": _Axis("Tr(C): noise of the gradients", "{:.5g}".format),
        "epsilon": _Axis("ε: step that raises the loss by 0.1", "{:.2f}".format),
        "tic": _Axis("Tr(C) / Tr(H), {} leading eigenvalues", "{:.4g}".format),
    }
)
_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "hessian_trace": "Tr(H): the signed sum of the {} leading eigenvalues of the mean loss's Hessian.",
        "gradient_trace": "Tr(C): the mean over images of the squared norm of one image's gradient.",
        "epsilon": (
            "ε: the smallest step, on a grid of 0.01, along any of the leading eigenvectors that raises the "
            "loss on the whole test set by 0.1."
        ),
        "tic": "Tr(C) / Tr(H): stands for Takeuchi's information criterion, which has H⁻¹ in it.",
    }
)


def draw(found: Flatness) -> go.Figure:
    """The figure of these numbers."""
    rows, columns = -(-len(found.panels) // 2), min(2, len(found.panels))
    inner = rows * ROW + (rows - 1) * BETWEEN
    heads = HEADS + 20 * (rows - 1)  # the title stands at a share of the height
    figure = make_subplots(
        rows=rows, cols=columns, horizontal_spacing=0.1, vertical_spacing=BETWEEN / inner if rows > 1 else 0
    )
    shown = {arm for panel in found.panels for arm in panel.arms}
    look = looks(found.source.arms)
    for place, panel in enumerate(found.panels):
        _panel(figure, found, panel, place // 2 + 1, place % 2 + 1, look)
    runs = found.basis.runs if found.flat is None else [it.run for it in found.flat.results]
    groups = [(arm, sum(run.arm == arm for run in runs)) for arm in dict.fromkeys(run.arm for run in runs)]
    accuracy = QUANTITIES[f"{found.basis.accuracy}_accuracy"].lower()
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, accuracy, counted(groups, "arm"), interval="95% intervals"),
        margin={"l": 90, "r": 30, "t": heads, "b": FOOT},
        height=heads + inner + FOOT,
    )
    show_legend(figure, above=80)
    add_legend(figure, {arm: look[arm] for arm in found.source.arms if arm in shown})
    add_notes(figure, _notes(found))
    return figure


def _panel(
    figure: go.Figure, found: Flatness, panel: Scatter, row: int, col: int, look: Mapping[str, Look]
) -> None:
    axis = x_axis(panel)
    add_line(figure, panel, axis, row, col)
    for arm in panel.arms:
        _dots(figure, panel, arm, look[arm], axis, row, col)
    layout = axis.layout(spanned(panel), NARROW) if panel.x == "stability" else _ticks(panel.x)
    figure.update_xaxes(title_text=_title(found, panel.x), tickangle=0, **layout, row=row, col=col)
    figure.update_yaxes(title_text=_title(found, panel.y), **_ticks(panel.y), row=row, col=col)
    figure.add_annotation(text=correlation_words(panel, narrow=True), **HEADING, row=row, col=col)


def _dots(
    figure: go.Figure, panel: Scatter, arm: str, look: Look, axis: StabilityAxis, row: int, col: int
) -> None:
    dots = [dot for dot in panel.points if dot.arm == arm]
    x, y = (_AXES[name].words for name in (panel.x, panel.y))
    names = [name.replace("_", " ") for name in (panel.x, panel.y)]
    figure.add_scatter(
        x=axis.place([dot.x for dot in dots]),
        y=[dot.y for dot in dots],
        name=plain(arm),
        legendgroup=arm,
        showlegend=False,
        mode="markers",
        marker=look.marker(10, hollow=any(dot.scale < 1 for dot in dots)),
        opacity=0.85,
        customdata=[(dot.key[:12], dot.seed, x(dot.x), y(dot.y)) for dot in dots],
        hovertemplate=(
            f"<b>{plain(arm)}</b>, seed %{{customdata[1]}}<br>{names[0]} %{{customdata[2]}}<br>"
            f"{names[1]} %{{customdata[3]}}<br>run %{{customdata[0]}}<extra></extra>"
        ),
        row=row,
        col=col,
    )


def _ticks(name: str) -> dict[str, str]:
    return {"tickformat": ".2~%"} if name.endswith("_accuracy") else {}


def _title(found: Flatness, name: str) -> str:
    return _AXES[name].title.format(found.flat.eigenpairs if found.flat else "")


def _notes(found: Flatness) -> Iterator[str]:
    names = dict.fromkeys(name for panel in found.panels for name in (panel.x, panel.y))
    if found.flat:
        yield from found.flat.words()
        yield from (_MEANINGS[name].format(found.flat.eigenpairs) for name in names if name in _MEANINGS)
    yield "Unpruned runs and runs pruned before training are in the correlations, with a stability of 100%."
    if any(x_axis(panel).curved for panel in found.panels):
        yield (
            "The axis of stability is logarithmic in 100% − stability; the curve is the least-squares line "
            "in stability, which r measures."
        )
    yield "Intervals: 95% percentile bootstrap over runs, 10,000 resamples. p takes runs as independent."
    yield from sentences(dict.fromkeys(note for panel in found.panels for note in panel.notes))
