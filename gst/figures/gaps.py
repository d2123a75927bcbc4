"""Stability against accuracy and against the generalization gap: the numbers of Figures 4 and C.3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import Accuracy, RunResult, Source, Table, distinct
from gst.figures.basis import Basis, Row, as_table, basis
from gst.figures.groups import Difference, difference
from gst.figures.scatter import Scatter, scatter_numbers

if TYPE_CHECKING:
    from gst.store import Store

ALL = "all pruned"


class Gaps(NamedTuple):
    """The numbers of the figure: two scatters of the same runs, and pruned means less unpruned ones."""

    basis: Basis
    accuracy: Scatter
    gap: Scatter
    accuracy_differences: tuple[Difference, ...]
    gap_differences: tuple[Difference, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    def table(self) -> Table:
        """Correlations, differences from unpruned runs, runs and missing runs, one a row; fractions of 1."""
        return as_table([*self._rows(), *self.basis.rows()])

    def _rows(self) -> Iterator[Row]:
        yield from self.accuracy.rows()
        yield from self.gap.rows()
        yield from (it.row("accuracy") for it in self.accuracy_differences)
        yield from (it.row("gap") for it in self.gap_differences)


def numbers(store: Store, sweep: str, accuracy: Accuracy = "best") -> Gaps:
    """Stability, accuracy and gap in the newest sweep of that name.

    The gap is train less test accuracy at the epoch of the accuracy; the former is the running mean
    of the epoch, with augmentation where there is some.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    return Gaps(
        found,
        scatter_numbers(found.source, found.runs, "stability", f"{accuracy}_accuracy"),
        scatter_numbers(found.source, found.runs, "stability", f"{accuracy}_gap"),
        _differences(found, lambda run: run.accuracy(accuracy)),
        _differences(found, lambda run: run.gap(accuracy)),
    )


def _differences(found: Basis, quantity: Callable[[RunResult], float]) -> tuple[Difference, ...]:
    """Of all pruned runs, and of each pruned arm where there are several, from each unpruned arm."""
    arms: dict[str, list[float]] = {}
    for run in found.runs:
        arms.setdefault(run.arm, []).append(quantity(run))
    unpruned = list(dict.fromkeys(run.arm for run in found.runs if not run.pruned))
    pruned = {arm: values for arm, values in arms.items() if arm not in unpruned}
    if len(pruned) > 1:
        pruned = {ALL: [quantity(run) for run in distinct(found.runs) if run.pruned]} | pruned
    return tuple(
        difference(arm, baseline, values, arms[baseline])
        for baseline in unpruned
        for arm, values in pruned.items()
    )
