"""The picture of GST 2019's Figure A3: data size against accuracy and gap, and accuracy by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.analysis import Curve
from gst.figures.caption import subtitle, title_layout
from gst.figures.methods import Method, methods
from gst.figures.panels import Axes, add_notes, counted, head, intervals, sentences, show_legend
from gst.figures.panels.series import Mark
from gst.figures.scatter import QUANTITIES
from gst.figures.series_drawing import Manner, add_series, manners
from gst.figures.style import HEIGHT, plain
from gst.figures.v1_sizes import ALL, Course, DataSizes, Sizes

TOP, BOTTOM, BETWEEN, PANEL = 165, 120, 85, 200
"""Pixels above, below and between rows of panels, and of a panel that can still be read."""
_ASIDE = 0.09
"""How far neighbouring series stand apart, where sizes are 1 apart."""


def draw(found: DataSizes) -> go.Figure:
    """The figure of these numbers: a row of panels without augmentation, and one with it."""
    rows = len(found.sizes)
    height = max(HEIGHT, TOP + BOTTOM + rows * PANEL + (rows - 1) * BETWEEN)
    figure = make_subplots(
        rows=rows,
        cols=3,
        horizontal_spacing=0.075,
        vertical_spacing=BETWEEN / (height - TOP - BOTTOM) if rows > 1 else 0,
    )
    manner = _manners(found)
    for row, sizes in enumerate(found.sizes):
        _row(figure, found, sizes, manner, row)
    accuracy = QUANTITIES[f"{found.basis.accuracy}_accuracy"].lower()
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, accuracy, _counted(found, manner)),
        margin={"l": 80, "r": 30, "t": TOP, "b": BOTTOM},
        height=height,
    )
    show_legend(figure, above=34)
    add_notes(figure, _notes(found), below=64)
    return figure


def _manners(found: DataSizes) -> dict[Method, Manner]:
    places = _places(found)

    def place(x: float, aside: float) -> float:
        return places[x] + _ASIDE * aside

    return manners(methods(found.basis.runs), place, _in_words)


def _places(found: DataSizes) -> dict[float, int]:
    """Sizes stand at equal distances: they are a handful, and grow by leaps."""
    sizes = {mark.x for it in found.sizes for series in it.accuracy for mark in series.marks}
    return {size: place for place, size in enumerate(sorted(sizes))}


def _in_words(mark: Mark) -> str:
    return _words(mark.x)


def _words(size: float) -> str:
    return "all images" if size == ALL else f"{size:g} images of a class"


def _row(figure: go.Figure, found: DataSizes, sizes: Sizes, manner: dict[Method, Manner], row: int) -> None:
    left, middle, right = (_axes(3 * row + place) for place in (1, 2, 3))
    for it in sizes.accuracy:
        add_series(figure, it, manner[it.method], left, "accuracy", legend=row == 0)
    for it in sizes.gap:
        add_series(figure, it, manner[it.method], middle, "gap")
    for course in sizes.courses:
        _course(figure, course, manner[course.method], right)
    places = _places(found)
    ticks = {
        "tickvals": list(places.values()),
        "ticktext": ["all" if size == ALL else f"{size:g}" for size in places],
        "range": [-0.5, len(places) - 0.5],
        "title_font_size": 14,
    }
    for column in (1, 2):
        figure.update_xaxes(title_text="Training images of a class", **ticks, row=row + 1, col=column)
    figure.update_xaxes(title_text="Epoch", title_font_size=14, row=row + 1, col=3)
    figure.update_yaxes(tickformat=".2~%", row=row + 1)
    which = f"{'with' if sizes.augment else 'without'} augmentation"
    head(figure, left, f"<b>Test accuracy</b>, {which}")
    head(figure, middle, f"<b>Gap: train − test</b>, {which}")
    head(figure, right, f"<b>{_words(sizes.largest)}</b>: ── test, ··· train")


def _axes(number: int) -> Axes:
    tail = "" if number == 1 else str(number)
    return f"x{tail}", f"y{tail}"


def _course(figure: go.Figure, course: Course, manner: Manner, axes: Axes) -> None:
    for curve, what, dash in ((course.train, "train", "dot"), (course.test, "test", "solid")):
        _band(figure, curve, manner, axes)
        figure.add_scatter(
            x=curve.epochs + 1,
            y=curve.mean,
            name=f"{manner.name}, {what}",
            legendgroup=manner.name,
            showlegend=False,
            mode="lines",
            line={"color": manner.look.colour, "width": 2, "dash": dash},
            customdata=_bounds(curve),
            hovertemplate=(
                f"<b>{plain(curve.arm)}</b>, n = {curve.n}<br>epoch %{{x}}<br>"
                f"mean {what} accuracy %{{y:.2%}}<br>%{{customdata[0]}}<extra></extra>"
            ),
            xaxis=axes[0],
            yaxis=axes[1],
        )


def _bounds(curve: Curve) -> Sequence[tuple[str]]:
    if curve.low is None or curve.high is None:
        return [("no interval",)] * len(curve.epochs)
    return [(f"{low:.2%} to {high:.2%}",) for low, high in zip(curve.low, curve.high, strict=True)]


def _band(figure: go.Figure, curve: Curve, manner: Manner, axes: Axes) -> None:
    if curve.low is None or curve.high is None:
        return
    figure.add_scatter(
        x=[*(curve.epochs + 1), *(curve.epochs[::-1] + 1)],
        y=[*curve.low, *curve.high[::-1]],
        name=f"{manner.name}, interval",
        legendgroup=manner.name,
        showlegend=False,
        mode="lines",
        line_width=0,
        fill="toself",
        fillcolor=manner.look.colour,
        opacity=0.15,
        hoverinfo="skip",
        xaxis=axes[0],
        yaxis=axes[1],
    )


def _counted(found: DataSizes, manner: dict[Method, Manner]) -> str:
    marks = [
        (f"{manner[it.method].name} at {_words(mark.x)}", mark.group.n)
        for sizes in found.sizes
        for it in sizes.accuracy
        for mark in it.marks
    ]
    return counted(marks, "mark")


def _notes(found: DataSizes) -> Iterator[str]:
    groups = [mark.group for it in found.sizes for series in (*it.accuracy, *it.gap) for mark in series.marks]
    yield (
        f"{intervals(it.estimate.method for it in groups if it.estimate)} Small dots are single runs. "
        "Train accuracy is the running mean of the epoch; test accuracy is after the epoch's pruning."
    )
    yield from sentences(found.notes)
