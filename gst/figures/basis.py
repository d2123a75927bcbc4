"""What a figure rests on: the completed runs of a sweep, one definition of accuracy, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, get_args

from gst.analysis import Accuracy, RunResult, Source, Table, distinct, find_source, run_results
from gst.errors import UnknownNameError

if TYPE_CHECKING:
    from gst.store import Store

Row = Mapping[str, object]


class Basis(NamedTuple):
    """The completed runs of the newest sweep of a name, and which accuracy a figure shows of them."""

    source: Source
    accuracy: Accuracy
    runs: tuple[RunResult, ...]

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that occur, sorted."""
        return tuple(sorted({run.dataset for run in self.runs}))

    @property
    def models(self) -> tuple[str, ...]:
        """The models that occur, sorted."""
        return tuple(sorted({run.model for run in self.runs}))

    @property
    def scales(self) -> tuple[float, ...]:
        """The scales below 1 that occur: of runs shrunk from the published configuration."""
        return tuple(sorted({run.scale for run in self.runs if run.scale < 1}))

    def rows(self) -> Iterator[Row]:
        """A row for each run with everything that the figures show of it, and for each missing run."""
        for run in self.runs:
            yield {
                "what": "run",
                "arm": run.arm,
                "key": run.key,
                "seed": run.seed,
                "scale": run.scale,
                "iterative_rate": run.iterative_rate,
                "retrain_period": run.retrain_period,
                "train_per_class": run.train_per_class,
                "augment": run.augment,
                "stability": stability(run),
                "mean_drop": run.mean_drop if run.measured else None,
                f"{self.accuracy}_test_accuracy": run.accuracy(self.accuracy),
                f"{self.accuracy}_gap": run.gap(self.accuracy),
            }
        for missing in self.source.missing:
            yield {
                "what": f"{missing.status} run",
                "arm": missing.arm,
                "key": missing.key,
                "seed": missing.seed,
            }


def basis(store: Store, sweep: str, accuracy: Accuracy) -> Basis:
    """What figures of the newest sweep of that name rest on.

    Raises UnknownNameError for a sweep or an accuracy that there is not, and InputError where no run
    of the sweep completed.
    """
    if accuracy not in get_args(Accuracy):
        raise UnknownNameError("accuracy", accuracy, get_args(Accuracy))
    source = find_source(store, sweep)
    return Basis(source, accuracy, run_results(store, source))


def stability(run: RunResult) -> float | None:
    """The run's stability, or None where it was not measured: pruned before training, or not at all."""
    return run.stability if run.measured else None


def unpaced(runs: Iterable[RunResult]) -> tuple[str, ...]:
    """A note on the pruned runs without an event while they trained: they have no stability and no drop."""
    count = sum(run.pruned and stability(run) is None for run in distinct(runs))
    if not count:
        return ()
    runs_were = "1 pruned run has" if count == 1 else f"{count} pruned runs have"
    return (f"{runs_were} no measured pruning event, so no stability, and no place here",)


def as_table(rows: Iterable[Row]) -> Table:
    """The rows under all columns that occur, in the order in which they first do."""
    listed = list(rows)
    columns = tuple(dict.fromkeys(column for row in listed for column in row))
    return Table(columns, tuple(tuple(row.get(column) for column in columns) for row in listed))
