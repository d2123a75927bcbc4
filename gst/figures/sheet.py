"""The numbers of any figure: its panels, and the runs that they are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from gst.analysis.source import Source, Table
from gst.figures.style import plain

if TYPE_CHECKING:
    from gst.figures.sweep_runs import SweepRuns

Row = Mapping[str, object]
"""A row of a table, by column; rates and accuracies are fractions of 1."""


class Listed(Protocol):
    """A part of a figure's table."""

    def rows(self) -> Iterator[Row]:
        """Its numbers."""
        ...


class Panel(Listed, Protocol):
    """The numbers of one panel, drawn by what its kind registered with `frame.draw_panel`."""

    @property
    def heading(self) -> str:
        """The line or lines above the panel, in plotly's HTML; empty for none."""
        ...

    def reading(self) -> Iterable[str]:
        """Sentences on how to read the panel; a sentence of several panels is written once."""
        ...


class Grid(NamedTuple):
    """The arrangement of panels on a sheet: row by row, from left to right.

    `columns` is their number in a row, 0 for one row of all; `widths` their relative widths. `row` is the
    least height of a row in pixels. Shared axes have titles and labels at the edge of the sheet only.
    """

    columns: int = 0
    widths: tuple[float, ...] = ()
    row: int = 200
    spacing: float = 0.08
    """Between columns, as a fraction of the figure's width."""
    shared_x: bool = False
    shared_y: bool = False
    foot: int = 68
    """Pixels from the lowest panels to the notes, for labels and titles of axes."""
    note_width: int = 160
    """Letters in a line of a note; fewer where the labels of an axis reach down beside the notes."""


SIDE_BY_SIDE = Grid()
OPEN = "open symbols: "
_Panel = TypeVar("_Panel")


class Sheet(NamedTuple):
    """The numbers of a figure, from which `frame.draw` draws it.

    `about` has the figure's own parts of the subtitle. Below the panels stands `reading`, how to read the
    figure, in sentences; then how to read each panel; then `notes`, what could not be computed or shown.
    Notes may lack a sentence's capital and full stop.
    """

    runs: SweepRuns
    panels: tuple[Panel, ...]
    about: tuple[str, ...] = ()
    reading: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    parts: tuple[Listed, ...] = ()
    """The parts of the table, in order, unless they are the panels and then the runs."""
    columns: tuple[str, ...] = ()
    """The columns of the table, unless they are all that occur."""
    grid: Grid = SIDE_BY_SIDE
    interval: str = "95% intervals"
    """The intervals around means, for the subtitle; empty where there is no mean."""
    scaled: str = OPEN
    """The mark of scaled-down runs, for the subtitle; `OPEN` is told where the figure draws such symbols."""
    deviations: tuple[str, ...] = ()
    """The differences of the runs from the published experiment, in words."""
    differs: str = ""
    """The departure of the sweep's file from its paper by design."""

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.runs.source

    def panel(self, kind: type[_Panel]) -> _Panel:
        """The first panel or part of the table of that kind; StopIteration where there is none."""
        return next(it for it in (*self.panels, *self.parts) if isinstance(it, kind))

    def table(self) -> Table:
        """All numbers of the figure, one a row, then the runs and the missing runs."""
        parts = self.parts or (*self.panels, self.runs)
        return as_table((row for part in parts for row in part.rows()), self.columns)

    def departures(self) -> Iterator[str]:
        """A note on each way in which the figure is not of its paper's experiment."""
        if self.differs:
            yield f"the sweep file differs from the paper by design: {self.differs}"
        if self.deviations:
            yield f"not the published experiment: {', '.join(self.deviations)}"

    def subtitle(self) -> str:
        """Model, data, the figure's own parts, the number of runs, and in bold what is missing or scaled."""
        source, runs = self.source, len(self.source.keys)
        about = (
            f"{', '.join(self.runs.models)} on {', '.join(self.runs.datasets)}",
            *self.about,
            "1 run" if runs == 1 else f"{runs:,} runs",
            *((self.interval,) if self.interval else ()),
        )
        warnings = []
        if source.missing:
            warnings.append(
                f"{len(source.missing):,} of {len(source.members):,} missing: {source.statuses()}"
            )
        if self.runs.scales:
            told = "scaled down" if self.deviations else self.runs.scaled_down
            warnings.append(f"{self.scaled}{told}")
        return plain(" · ".join(about)) + (f"<br><b>{' · '.join(warnings)}</b>" if warnings else "")


def missing_rows(source: Source) -> Iterator[Row]:
    """A row for each run that the sweep asks for and that did not complete."""
    for run in source.missing:
        yield {"what": f"{run.status} run", "arm": run.arm, "key": run.key, "seed": run.seed}


def as_table(rows: Iterable[Row], columns: tuple[str, ...] = ()) -> Table:
    """A table of these rows, with those columns or all that occur, in order of appearance."""
    listed = list(rows)
    columns = columns or tuple(dict.fromkeys(column for row in listed for column in row))
    return Table(columns, tuple(tuple(row.get(column) for column in columns) for row in listed))
