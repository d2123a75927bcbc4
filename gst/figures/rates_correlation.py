"""The correlation of stability and accuracy at each pace, with both intervals; the numbers of Figure C.2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from gst.analysis import Accuracy, RunResult, Source, Table
from gst.errors import InputError
from gst.figures.basis import Basis, Row, as_table, basis, stability, unpaced
from gst.figures.paces import Pace, by_pace, listed
from gst.stats import Correlation, correlation, fisher_correlation

if TYPE_CHECKING:
    from gst.store import Store

Kind = Literal["pearson", "kendall"]


class PaceCorrelation(NamedTuple):
    """A correlation over the runs of one pace, of all targets; None is what could not be computed."""

    pace: Pace
    n: int
    fisher: Correlation | None
    bootstrap: Correlation | None

    @property
    def value(self) -> float | None:
        """The correlation itself, which is the same under both intervals."""
        found = self.fisher or self.bootstrap
        return found.value if found else None

    def rows(self, kind: Kind) -> Iterator[Row]:
        """A row for each interval."""
        for found in (self.fisher, self.bootstrap):
            if found:
                yield {
                    "what": kind,
                    "iterative_rate": self.pace.rate,
                    "retrain_period": self.pace.period,
                    **found._asdict(),
                }


class PaceCorrelations(NamedTuple):
    """The correlation at each pace, slowest first; `notes` say what could not be computed, and why."""

    basis: Basis
    kind: Kind
    paces: tuple[PaceCorrelation, ...]
    notes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    def table(self) -> Table:
        """Correlations, runs and missing runs, one a row; fractions of 1."""
        return as_table([*self.rows(), *self.basis.rows()])

    def rows(self) -> Iterator[Row]:
        """The correlations alone, as rows."""
        for found in self.paces:
            yield from found.rows(self.kind)


def numbers(store: Store, sweep: str, accuracy: Accuracy = "best") -> PaceCorrelations:
    """Kendall's tau of stability and accuracy at each pace, in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    correlations = pace_correlations(found, "kendall")
    return correlations._replace(notes=correlations.notes + unpaced(found.runs))


def pace_correlations(found: Basis, kind: Kind) -> PaceCorrelations:
    """That correlation at each pace.

    Fisher's interval is the paper's; it takes the pairs as normal, and for tau it is too wide. The
    bootstrap draws runs. Both take runs as independent.
    """
    runs = by_pace(found.runs)
    refused: dict[tuple[str, str], list[Pace]] = {}
    correlations = tuple(_correlation(found, kind, its, of_pace, refused) for its, of_pace in runs.items())
    notes = [
        f"no {name} interval at {listed(paces, runs)}: {reason}" for (name, reason), paces in refused.items()
    ]
    if not correlations:
        notes.append("no run that was pruned as it trained completed, so there is no correlation")
    return PaceCorrelations(found, kind, correlations, tuple(notes))


def _correlation(
    found: Basis,
    kind: Kind,
    its: Pace,
    runs: tuple[RunResult, ...],
    refused: dict[tuple[str, str], list[Pace]],
) -> PaceCorrelation:
    stabilities = [stable for run in runs if (stable := stability(run)) is not None]
    accuracies = [run.accuracy(found.accuracy) for run in runs]
    generator = found.source.generator(f"{kind}/{its.rate:.6g}/{its.period}")
    intervals: dict[str, Callable[[], Correlation]] = {
        "Fisher": lambda: fisher_correlation(kind, stabilities, accuracies),
        "bootstrap": lambda: correlation(kind, stabilities, accuracies, generator, method="percentile"),
    }
    made: dict[str, Correlation] = {}
    for name, make in intervals.items():
        try:
            made[name] = make()
        except InputError as error:
            refused.setdefault((name, str(error)), []).append(its)
    return PaceCorrelation(its, len(runs), made.get("Fisher"), made.get("bootstrap"))
