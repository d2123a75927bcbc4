"""The picture of a table: set as in print, with rules above, below and under the head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from gst.figures.caption import add_note, subtitle, title_layout
from gst.figures.style import INK, p_value, plain, signed
from gst.figures.tables import ArmRow, ArmTable, Comparison, Spread

ROW, TOP, BOTTOM = 44, 120, 120
"""Pixels of a row, and above and below the table."""
MOST = 12
"""Runs that hovering over a row lists."""


class Column(NamedTuple):
    """A column: where it stands in the width of 1, how it is set, its head, and what it says of an arm."""

    x: float
    align: str
    head: str
    cell: Callable[[ArmRow], str]


def draw(found: ArmTable) -> go.Figure:
    """The figure of these numbers."""
    columns = _columns(found)
    figure = go.Figure()
    _text(figure, columns, 0, [f"<b>{column.head}</b>" for column in columns], "")
    for place, arm in enumerate(found.arms, start=1):
        _text(figure, columns, place, [column.cell(arm) for column in columns], _hover(found, arm))
    _rules(figure, len(found.arms))
    figure.update_xaxes(visible=False, range=[0, 1], fixedrange=True)
    figure.update_yaxes(visible=False, range=[len(found.arms) + 0.5, -0.5], fixedrange=True)
    accuracy = found.basis.accuracy_quantity.words
    title_layout(
        figure,
        found.source.title,
        subtitle(found.basis, accuracy, interval="mean ± sample standard deviation", scaled="↓: "),
        height=TOP + ROW * (len(found.arms) + 1) + BOTTOM,
        margin={"l": 60, "r": 60, "t": TOP, "b": BOTTOM},
    )
    add_note(figure, _method(found), below=14, width=160)
    return figure


def _columns(found: ArmTable) -> tuple[Column, ...]:
    def compared(words: Callable[[Comparison], str]) -> Callable[[ArmRow], str]:
        def cell(arm: ArmRow) -> str:
            comparison = found.comparison(arm.arm)
            return "" if comparison is None else words(comparison)

        return cell

    others = {comparison.other for comparison in found.comparisons}
    kinds = {other.rpartition(" ")[2] for other in others}
    than = others if len(others) == 1 else kinds if len(kinds) == 1 else {"the first of its kind"}
    head = f"Difference from {plain(than.pop())}" if others else "Difference"
    return (
        Column(0.0, "right", "Arm", lambda arm: plain(arm.arm) + (" ↓" if _scaled(arm) else "")),
        Column(0.35, "left", "Runs", lambda arm: str(arm.n)),
        Column(0.55, "left", "Test accuracy, %", lambda arm: _spread(arm.accuracy, 2)),
        Column(0.76, "left", "Stability, %", lambda arm: _spread(arm.stability, 3)),
        Column(1.0, "left", head, compared(_difference)),
    )


def _text(figure: go.Figure, columns: Sequence[Column], place: int, cells: Sequence[str], hover: str) -> None:
    figure.add_scatter(
        x=[column.x for column in columns],
        y=[place] * len(columns),
        text=list(cells),
        mode="text",
        textposition=[f"middle {column.align}" for column in columns],
        textfont={"size": 16, "color": INK},
        hovertext=hover,
        hoverinfo="text" if hover else "skip",
        cliponaxis=False,
        showlegend=False,
    )


def _rules(figure: go.Figure, arms: int) -> None:
    for y, width in ((-0.5, 2.5), (0.5, 1), (arms + 0.5, 2.5)):
        line = {"color": INK, "width": width}
        figure.add_shape(type="line", x0=0, x1=1, xref="paper", y0=y, y1=y, line=line)


def _spread(found: Spread | None, digits: int) -> str:
    if found is None:
        return "not measured"
    deviation = "" if found.deviation is None else f" ± {100 * found.deviation:.{digits}f}"
    return f"{100 * found.mean:.{digits}f}{deviation}"


def _difference(found: Comparison) -> str:
    value = f"{'+' if found.difference > 0 else ''}{signed(100 * found.difference)}"
    if found.test is None:
        return f"{value}, not tested"
    mark = f"<sup>{found.mark}</sup>" if found.mark else ""
    return f"{value}{mark}, {p_value(found.test.p)}"


def _scaled(arm: ArmRow) -> bool:
    return any(run.scale < 1 for run in arm.runs)


def _hover(found: ArmTable, arm: ArmRow) -> str:
    lines = [
        f"seed {run.seed}: {100 * run.accuracy(found.basis.accuracy):.2f}%, run {run.key[:12]}"
        for run in arm.runs[:MOST]
    ]
    more = [f"and {arm.n - MOST} more"] if arm.n > MOST else []
    return "<br>".join([f"<b>{plain(arm.arm)}</b>, n = {arm.n}", *lines, *more])


def _method(found: ArmTable) -> list[str]:
    sentences = ["A run's stability is the mean over its pruning events, 100% by definition without pruning."]
    tested = next((it.test for it in found.comparisons if it.test), None)
    if tested:
        kind = tested.method.partition("% ")[2].removesuffix(" t")
        sentences.append(
            f"Two-sample t-tests of accuracy, {kind} variance, two-tailed: (*) p < 10%, * p < 5%, ** p < 1%; "
            "not corrected for their number."
        )
    return sentences + [f"{note[0].upper()}{note[1:]}." for note in found.notes]
