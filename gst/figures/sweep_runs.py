"""The completed runs of a sweep that a figure is drawn from, and the definition of their accuracy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, get_args

from gst.analysis.quantities import RunQuantity, accuracy_quantity, mean_drop, or_from_nothing, stability
from gst.analysis.results import Accuracy, RunResult, distinct, run_results
from gst.analysis.source import Source, find_source
from gst.errors import InputError, UnknownNameError
from gst.figures.sheet import Row, missing_rows
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store


class SweepRuns(NamedTuple):
    """The completed runs of a sweep, and which accuracy a figure shows of them."""

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
        """The scales below 1 that occur, sorted: runs shrunk from the published configuration."""
        return tuple(sorted({run.scale for run in self.runs if run.scale < 1}))

    @property
    def scaled_down(self) -> str:
        """These scales in words; nothing where no run was shrunk."""
        return scaled_words(self.scales) if self.scales else ""

    @property
    def accuracy_quantity(self) -> RunQuantity:
        """The accuracy, with its names and unit."""
        return accuracy_quantity(self.accuracy)

    @property
    def arm_counts(self) -> list[tuple[str, int]]:
        """Each arm with completed runs, and their number."""
        return [(arm, len(runs)) for arm, runs in self.by_arm.items()]

    @property
    def by_arm(self) -> dict[str, tuple[RunResult, ...]]:
        """The runs of each arm with completed runs, in the order of the sweep file."""
        found = grouped((run.arm, run) for run in self.runs)
        return {arm: tuple(found[arm]) for arm in self.source.arms if arm in found}

    def rows(self) -> Iterator[Row]:
        """A row for each run, with its settings and results, and for each missing run."""
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
                "mean_drop": mean_drop(run),
                f"{self.accuracy}_test_accuracy": run.accuracy(self.accuracy),
                f"{self.accuracy}_gap": run.gap(self.accuracy),
            }
        yield from missing_rows(self.source)


def scaled_words(scales: Iterable[float]) -> str:
    """To which fractions of the epochs in the sweep's file runs were scaled down."""
    return f"scaled down to {', '.join(f'{it:g}' for it in scales)} of the sweep file's epochs"


def sweep_runs(
    store: Store, sweep: str | Source, accuracy: Accuracy, arms: str | Sequence[str] | None = None
) -> SweepRuns:
    """The completed runs of the sweep of that name, or of those arms alone, in the order given.

    `arms` is a list, or names with commas between. Raises UnknownNameError for a sweep, an arm or an
    accuracy that there is not, and InputError where none of the runs completed.
    """
    if accuracy not in get_args(Accuracy):
        raise UnknownNameError("accuracy", accuracy, get_args(Accuracy))
    source = find_source(store, sweep)
    runs = run_results(store, source)
    if arms is None:
        return SweepRuns(source, accuracy, runs)
    wanted = [arm.strip() for arm in arms.split(",")] if isinstance(arms, str) else [str(arm) for arm in arms]
    for arm in wanted:
        if arm not in source.arms:
            raise UnknownNameError(f"arm of sweep {sweep}", arm, source.arms)
    chosen = source._replace(members=tuple(m for arm in wanted for m in source.members if m.arm == arm))
    if not chosen.keys:
        raise InputError(
            f"sweep {sweep!r} has no completed run yet in {', '.join(wanted)} ({chosen.statuses()}); "
            "run it to its end, or name other arms"
        )
    return SweepRuns(chosen, accuracy, tuple(run for arm in wanted for run in runs if run.arm == arm))


def without_event(runs: Iterable[RunResult]) -> tuple[str, ...]:
    """A note on the number of pruned runs without a pruning event, which have no stability and no drop."""
    without = [run for run in distinct(runs) if run.pruned and stability(run) is None]
    if not without:
        return ()
    runs_were = "1 pruned run has" if len(without) == 1 else f"{len(without)} pruned runs have"
    event = f"no measured pruning event{or_from_nothing(without)}"
    return (f"{runs_were} {event}, so no stability, and no place here",)
