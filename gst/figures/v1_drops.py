"""How far events lower the accuracy, and what accuracy comes of it: the numbers of GST 2019's Figure 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gst.analysis import Accuracy, EventDrop, Source, Table, event_drops
from gst.figures.basis import Basis, Row, as_table, basis
from gst.figures.scatter import Scatter, scatter_numbers

if TYPE_CHECKING:
    from gst.store import Store


class EpochDrop(NamedTuple):
    """The events of an arm's runs in one epoch, counted from 0; drops are fractions of 1.

    `mean` is over the drops above 0 alone, `positive` in number; None where an event lowered no run's
    accuracy. `n` runs had an event.
    """

    epoch: int
    mean: float | None
    positive: int
    n: int


class DropCurve(NamedTuple):
    """The drops of one arm, at the epochs in which any of its runs had an event."""

    arm: str
    scaled: bool
    epochs: tuple[EpochDrop, ...]

    def rows(self) -> Iterator[Row]:
        """The epochs as rows."""
        for it in self.epochs:
            yield {
                "what": "mean positive drop",
                "arm": self.arm,
                "epoch": it.epoch,
                "value": it.mean,
                "n": it.positive,
                "of": it.n,
            }


class Drops(NamedTuple):
    """The numbers of the figure."""

    basis: Basis
    curves: tuple[DropCurve, ...]
    scatter: Scatter

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    def table(self) -> Table:
        """Correlations, drops by epoch, runs and missing runs, one a row; fractions of 1."""
        drops = (row for curve in self.curves for row in curve.rows())
        return as_table([*self.scatter.rows(), *drops, *self.basis.rows()])


def numbers(store: Store, sweep: str, accuracy: Accuracy = "final") -> Drops:
    """Drops by epoch, and mean drops against accuracy, in the newest sweep of that name.

    A drop is in accuracy itself, as the first version of the paper has it, and not relative to what
    it was before. The correlation takes all drops of a run, the curves those above 0 alone.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    events = event_drops(store, found.source)
    scaled = {run.arm for run in found.runs if run.scale < 1}
    curves = (
        DropCurve(arm, arm in scaled, _epochs([event for event in events if event.arm == arm]))
        for arm in found.source.arms
    )
    return Drops(
        found,
        tuple(curve for curve in curves if curve.epochs),
        scatter_numbers(found.source, found.runs, "mean_drop", f"{accuracy}_accuracy"),
    )


def _epochs(events: Sequence[EventDrop]) -> tuple[EpochDrop, ...]:
    drops: dict[int, list[float]] = {}
    for event in events:
        drops.setdefault(event.epoch, []).append(event.drop)
    return tuple(_epoch(epoch, drops[epoch]) for epoch in sorted(drops))


def _epoch(epoch: int, drops: Sequence[float]) -> EpochDrop:
    positive = [drop for drop in drops if drop > 0]
    return EpochDrop(epoch, float(np.mean(positive)) if positive else None, len(positive), len(drops))
