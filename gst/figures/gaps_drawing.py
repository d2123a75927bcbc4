"""The picture of Figures 4 and C.3: stability against accuracy on the left, against the gap on the right."""

from __future__ import annotations

from collections.abc import Iterator

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.caption import subtitle, title_layout
from gst.figures.gaps import Gaps
from gst.figures.groups import Difference
from gst.figures.panels import add_legend, add_notes, counted, show_legend
from gst.figures.scatter import QUANTITIES
from gst.figures.scatter_drawing import add_scatter, method_words
from gst.figures.style import looks, signed

YS = ("Test accuracy", "Gap: train − test accuracy")


def draw(found: Gaps) -> go.Figure:
    """The figure of these numbers."""
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.1)
    arms = [arm for arm in found.source.arms if arm in found.accuracy.arms]
    look = looks(arms)
    for column, scatter in enumerate((found.accuracy, found.gap), start=1):
        add_scatter(figure, scatter, 1, column, look, narrow=True)
        figure.update_yaxes(title_text=YS[column - 1], row=1, col=column)
    runs = found.basis.runs
    groups = [(arm, sum(run.arm == arm for run in runs)) for arm in dict.fromkeys(run.arm for run in runs)]
    about = QUANTITIES[f"{found.basis.accuracy}_accuracy"].lower()
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, about, counted(groups, "arm")),
        margin={"l": 90, "r": 30, "t": 200, "b": 185},
    )
    show_legend(figure, above=76)
    add_legend(figure, look)
    add_notes(figure, _notes(found))
    return figure


def _notes(found: Gaps) -> Iterator[str]:
    yield from dict.fromkeys((*method_words(found.accuracy), *method_words(found.gap)))
    for what, differences in (("accuracy", found.accuracy_differences), ("gap", found.gap_differences)):
        for baseline in dict.fromkeys(it.baseline for it in differences):
            words = ", ".join(_difference(it) for it in differences if it.baseline == baseline)
            yield f"Mean {what} less that of {baseline}, in percentage points: {words}."
    tests = [it.test.method for it in found.accuracy_differences if it.test]
    ours = f" of differences: {tests[0]};" if tests else ""
    others = "of correlations and unpruned means: percentile bootstrap over runs, 10,000 resamples"
    yield f"Intervals{ours} {others}."


def _difference(it: Difference) -> str:
    value = f"{it.name} {signed(100 * it.value)}"
    if it.test is None:
        return f"{value} (no interval, n = {it.n[0]} and {it.n[1]})"
    return f"{value} [{signed(100 * it.test.low)}, {signed(100 * it.test.high)}]"
