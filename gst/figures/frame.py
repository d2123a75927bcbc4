"""A sheet as a picture: panels side by side, with title, legend, headings and notes around them.

A kind of panel registers how it is drawn:

    @draw_panel.register
    def _(panel: SeriesPanel, pane: Pane) -> None: ...
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from html import unescape
from typing import Any, NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.sheet import OPEN, SIDE_BY_SIDE, Grid, Panel, Sheet
from gst.figures.style import FAINT, TEMPLATE, WIDTH, plain, sentences, told_apart, wrapped

LEFT, RIGHT = 90, 30
"""Pixels beside the panels."""
TITLE_LINE, SUBTITLE_LINE, LEGEND_LINE, HEADING_LINE, NOTE_LINE = 28, 20, 23, 19, 16
"""Heights of lines in pixels."""
PANELS = 340
"""Least height of all rows of panels together, in pixels."""
BETWEEN, BETWEEN_SHARED = 72, 30
"""Pixels between rows of panels, for the axis of the upper row; fewer where the rows share theirs."""
ENTRY, LETTER = 52, 7.3
"""Widths in pixels of a legend's entry without its name, and of a letter of the name."""
BESIDE = 8
"""Number of entries from which on a legend stands beside a single column of panels, not above it."""
LONG = 60
"""Letters of an entry's name in a legend; one with more is shortened, as panels need room."""


class Pane(NamedTuple):
    """The place of one panel on a figure: its two axes, as plotly's traces name them (`x2` and `y2`)."""

    figure: go.Figure
    x: str = "x"
    y: str = "y"
    width: int = WIDTH - LEFT - RIGHT
    """Width in pixels on a page of the usual width."""

    def add(self, **trace: Any) -> None:
        """Draw a scatter trace. With `showlegend`, its legendgroup has one entry in the legend."""
        self.figure.add_scatter(xaxis=self.x, yaxis=self.y, **{"showlegend": False, **trace})

    def entry(self, name: str, **look: Any) -> None:
        """Give the legend an entry without a mark in the panel."""
        self.add(x=[None], y=[None], name=name, legendgroup=name, showlegend=True, **look)

    def set_x(self, **layout: Any) -> None:
        """Update the x axis."""
        self.figure.update_layout({f"xaxis{self.x[1:]}": layout})

    def set_y(self, **layout: Any) -> None:
        """Update the y axis."""
        self.figure.update_layout({f"yaxis{self.y[1:]}": layout})

    def shape(self, **shape: Any) -> None:
        """Draw a shape behind the traces, in the units of the axes unless xref or yref say otherwise."""
        self.figure.add_shape(**{"xref": self.x, "yref": self.y, "layer": "below", **shape})

    def across(self, y: float, **line: Any) -> None:
        """Draw a horizontal line through the panel."""
        self.shape(type="line", xref=f"{self.x} domain", x0=0, x1=1, y0=y, y1=y, line=line)

    def write(self, text: str, **annotation: Any) -> None:
        """Write into the panel, in the units of the axes unless xref or yref say otherwise."""
        self.figure.add_annotation(text=text, **{"xref": self.x, "yref": self.y, **annotation})

    def inset(self, left: float, bottom: float, width: float, height: float) -> Pane:
        """A small panel inside this one; its place and size are fractions of this one."""
        layout = self.figure.layout
        number = 1 + sum(1 for name in layout if re.fullmatch(r"xaxis\d*", name))
        x = layout[f"xaxis{self.x[1:]}"].domain
        y = layout[f"yaxis{self.y[1:]}"].domain
        across, up = x[1] - x[0], y[1] - y[0]
        inset = Pane(self.figure, f"x{number}", f"y{number}", int(width * self.width))
        inset.set_x(domain=[x[0] + left * across, x[0] + (left + width) * across], anchor=inset.y)
        inset.set_y(domain=[y[0] + bottom * up, y[0] + (bottom + height) * up], anchor=inset.x)
        return inset


@singledispatch
def draw_panel(panel: Panel, pane: Pane) -> None:
    """Draw the panel into that place: traces, shapes and axes, but no heading and no notes."""
    raise TypeError(f"{type(panel).__name__} has no drawing: register one with draw_panel")


def draw(sheet: Sheet) -> go.Figure:
    """The figure of these numbers."""
    of_panels = (line for panel in sheet.panels for line in panel.reading())
    reading = dict.fromkeys((*sheet.reading, *of_panels))
    notes = (*sentences((*sheet.departures(), *sheet.source.mixed)), *reading, *sentences(sheet.notes))
    figure = compose(sheet.panels, sheet.source.title, sheet.subtitle(), notes, sheet.grid)
    marks = (it.marker.symbol for it in figure.data if it.type == "scatter")
    if sheet.scaled == OPEN and not any("-open" in str(symbol) for symbol in marks):
        figure.layout.title.subtitle.text = sheet._replace(scaled="").subtitle()
    return figure


def compose(
    panels: Sequence[Panel], title: str, subtitle: str, notes: Iterable[str] = (), grid: Grid = SIDE_BY_SIDE
) -> go.Figure:
    """A figure of these panels with the notes below, a line each; the subtitle is in plotly's HTML."""
    columns = max(1, min(grid.columns or len(panels), len(panels)))
    rows = max(1, math.ceil(len(panels) / columns))
    heads = [_heads(panels[row * columns : (row + 1) * columns]) for row in range(rows)]
    # Rows stand at equal distances, so that the highest heading of a lower row makes room for all.
    axis = BETWEEN_SHARED if grid.shared_x else BETWEEN
    between = (axis + max(heads[1:])) if rows > 1 else 0
    inner = max(PANELS, rows * grid.row + (rows - 1) * between)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        column_widths=list(grid.widths) or None,
        shared_xaxes="all" if grid.shared_x else False,
        shared_yaxes="all" if grid.shared_y else False,
        horizontal_spacing=grid.spacing if columns > 1 else 0,
        vertical_spacing=between / inner,
    )
    panes = [_pane(figure, grid, columns, place) for place in range(len(panels))]
    for panel, pane in zip(panels, panes, strict=True):
        draw_panel(panel, pane)
        _head(pane, panel.heading)
    _place_on_log_axes(figure)
    _titles_at_the_edge(panes, columns, grid)
    entries = entries_once(figure)
    beside = columns == 1 and len(entries) >= BESIDE
    above = heads[0] + (0 if beside else LEGEND_LINE * legend_lines(entries))
    top = _title(figure, title, subtitle) + above
    bottom = grid.foot + 8 + NOTE_LINE * _write_notes(figure, notes, grid)
    figure.update_layout(
        template=TEMPLATE,
        margin={"l": LEFT, "r": RIGHT, "t": top, "b": bottom},
        height=top + max(inner, LEGEND_LINE * len(entries) if beside else 0) + bottom,
        showlegend=bool(entries),
        legend=_BESIDE if beside else {**_ABOVE, "y": 1 + (heads[0] + 4) / inner},
        # Where no legend is: a row of buttons would hide a long title.
        modebar={"orientation": "h" if beside else "v"},
    )
    figure.layout.title.y = 1 - 16 / figure.layout.height
    return figure


_ABOVE: Mapping[str, Any] = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "yanchor": "bottom",
    "tracegroupgap": 0,
}
_BESIDE: Mapping[str, Any] = {
    "x": 1.01,
    "xanchor": "left",
    "y": 1,
    "yanchor": "top",
    "tracegroupgap": 0,
    "font": {"size": 12},
}


def _pane(figure: go.Figure, grid: Grid, columns: int, place: int) -> Pane:
    number = "" if place == 0 else str(place + 1)
    share = grid.widths[place % columns] / sum(grid.widths) if grid.widths else 1 / columns
    width = (WIDTH - LEFT - RIGHT) * (1 - grid.spacing * (columns - 1)) * share
    return Pane(figure, f"x{number}", f"y{number}", int(width))


def _heads(panels: Sequence[Panel]) -> int:
    """Height in pixels of the headings of panels that stand side by side."""
    lines = max((panel.heading.count("<br>") + 1 for panel in panels if panel.heading), default=0)
    return HEADING_LINE * lines + 8 if lines else 0


def _head(pane: Pane, text: str) -> None:
    if text:
        place = {"xref": f"{pane.x} domain", "x": 0, "xanchor": "left"}
        place |= {"yref": f"{pane.y} domain", "y": 1, "yanchor": "bottom", "yshift": 6, "align": "left"}
        pane.write(text, **place)


def _place_on_log_axes(figure: go.Figure) -> None:
    """Put what was written at a value of a logarithmic axis at the value's logarithm, as plotly wants it."""
    for note in figure.layout.annotations:
        for axis in ("x", "y"):
            found = re.fullmatch(rf"{axis}(\d*)", note[f"{axis}ref"] or "")
            if found and figure.layout[f"{axis}axis{found[1]}"].type == "log":
                note[axis] = math.log10(note[axis]) if note[axis] > 0 else None
                note.visible = note[axis] is not None


def _titles_at_the_edge(panes: Sequence[Pane], columns: int, grid: Grid) -> None:
    for place, pane in enumerate(panes):
        if grid.shared_x and place + columns < len(panes):
            pane.set_x(title_text=None)
        elif grid.shared_x:
            pane.set_x(showticklabels=True)  # the lowest panel of a column that the last row lacks
        if grid.shared_y and place % columns:
            pane.set_y(title_text=None)


def entries_once(figure: go.Figure) -> list[str]:
    """Leave one entry in the legend for each group of traces; the names of the entries."""
    seen: dict[str, Any] = {}
    for trace in figure.data:
        if trace.showlegend:
            group = trace.legendgroup or trace.name
            trace.showlegend = group not in seen
            if trace.showlegend:
                seen[group] = trace
    names = told_apart([unescape(it.name or "") for it in seen.values()], LONG)
    for trace, name in zip(seen.values(), names, strict=True):
        if len(name) < len(unescape(trace.name or "")):
            trace.name = plain(name)
    return names


def legend_lines(entries: Sequence[str]) -> int:
    """Number of lines of a legend above or below panels; in more than one, entries stand in columns."""
    widths = [ENTRY + LETTER * len(name) for name in entries]
    room = WIDTH - LEFT - RIGHT
    if sum(widths) <= room:
        return 1 if entries else 0
    return math.ceil(len(entries) / max(1, int(room // max(widths))))


def _title(figure: go.Figure, title: str, subtitle: str) -> int:
    """Write title and subtitle; their height in pixels."""
    text = wrapped(title, 100)
    figure.update_layout(title={"text": text, "subtitle": {"text": subtitle}, "yanchor": "top"})
    lines = text.count("<br>") + 1, subtitle.count("<br>") + 1
    return 52 + TITLE_LINE * lines[0] + SUBTITLE_LINE * lines[1]


def _write_notes(figure: go.Figure, lines: Iterable[str], grid: Grid) -> int:
    """Write the wrapped lines below all panels; their number."""
    text = "<br>".join(wrapped(line, grid.note_width) for line in lines)
    figure.add_annotation(
        text=text,
        xref="paper",
        x=0,
        xanchor="left",
        yref="paper",
        y=0,
        yanchor="top",
        yshift=-grid.foot,
        align="left",
        font={"size": 12, "color": FAINT},
    )
    return text.count("<br>") + 1
