"""The iterative rate against stability, accuracy and their correlation: the numbers of Figure 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import Accuracy, Source, Table
from gst.figures.basis import Basis, as_table, basis, stability, unpaced
from gst.figures.groups import Group, baselines
from gst.figures.paces import rate
from gst.figures.rates_correlation import PaceCorrelations, pace_correlations
from gst.figures.series import Series, series

if TYPE_CHECKING:
    from gst.store import Store


class Rates(NamedTuple):
    """The numbers of the figure: fractions of 1, one series a target, one mark a configuration."""

    basis: Basis
    stability: tuple[Series, ...]
    accuracy: tuple[Series, ...]
    baselines: tuple[Group, ...]
    correlations: PaceCorrelations
    notes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    def table(self) -> Table:
        """Means, unpruned means, correlations, runs and missing runs, one a row; fractions of 1."""
        accuracy = f"mean {self.basis.accuracy}_test_accuracy"
        rows = [row for it in self.stability for row in it.rows("mean stability", "iterative_rate")]
        rows += [row for it in self.accuracy for row in it.rows(accuracy, "iterative_rate")]
        rows += [baseline.row(accuracy) for baseline in self.baselines]
        return as_table([*rows, *self.correlations.rows(), *self.basis.rows()])


def numbers(store: Store, sweep: str, accuracy: Accuracy = "best") -> Rates:
    """The effect of the iterative rate in the newest sweep of that name.

    `best` is the best accuracy since the last pruning event, which peeks at the test set but is what
    the paper plots; `final` is that of the last epoch.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    correlations = pace_correlations(found, "pearson")
    return Rates(
        found,
        series(found.source, "stability", found.runs, rate, stability),
        series(found.source, "accuracy", found.runs, rate, lambda run: run.accuracy(accuracy)),
        baselines(found),
        correlations,
        correlations.notes + unpaced(found.runs),
    )
