"""Stability against accuracy at each pace, with a panel for each: the numbers of Figure C.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import Accuracy, Source, Table
from gst.figures.basis import Basis, Row, as_table, basis, unpaced
from gst.figures.methods import Method, method
from gst.figures.pruning_rate import PruningRate as Pace
from gst.figures.pruning_rate import rates_named as listed
from gst.figures.pruning_rate import runs_by_rate as by_pace
from gst.figures.scatter import Scatter, scatter_numbers

if TYPE_CHECKING:
    from gst.store import Store


class Panel(NamedTuple):
    """The runs of one pace, of all targets."""

    pace: Pace
    scatter: Scatter

    def rows(self) -> list[Row]:
        """The panel's correlations as rows."""
        place = {"iterative_rate": self.pace.rate, "retrain_period": self.pace.period}
        return [{**row, **place} for row in self.scatter.rows()]


class PaceScatters(NamedTuple):
    """A panel for each pace, slowest first; `methods` says what each arm is."""

    basis: Basis
    methods: dict[str, Method]
    panels: tuple[Panel, ...]
    notes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    def table(self) -> Table:
        """Correlations, runs and missing runs, one a row; fractions of 1."""
        return as_table([*(row for panel in self.panels for row in panel.rows()), *self.basis.rows()])


def numbers(store: Store, sweep: str, accuracy: Accuracy = "best") -> PaceScatters:
    """Stability and accuracy at each pace of the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    panels = tuple(
        Panel(
            pace, scatter_numbers(found.source, runs, "stability", f"{accuracy}_accuracy", name=_name(pace))
        )
        for pace, runs in by_pace(found.runs).items()
    )
    methods = {run.arm: method(run) for run in found.runs if run.pruned}
    return PaceScatters(found, methods, panels, _notes(panels) + unpaced(found.runs))


def _name(pace: Pace) -> str:
    return f"{pace.rate:.6g}/{pace.period}"


def _notes(panels: tuple[Panel, ...]) -> tuple[str, ...]:
    """What could not be computed, each reason once; those by configuration are in no panel's heading."""
    if not panels:
        return ("no run that was pruned as it trained completed, so there is no panel",)
    reasons: dict[str, list[Pace]] = {}
    for pace, scatter in panels:
        if scatter.pearson is None or scatter.kendall is None:
            for note in scatter.notes:
                reasons.setdefault(note.removeprefix("not computed: "), []).append(pace)
    every = [panel.pace for panel in panels]
    return tuple(f"not computed at {listed(paces, every)}: {note}" for note, paces in reasons.items())
