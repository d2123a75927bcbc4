"""Stability against accuracy: each run of a sweep as a point, and its arms side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gst.analysis import Accuracy, RunResult, Source, Table
from gst.figures.basis import Row, basis, stability
from gst.figures.scatter import Line, Scatter, scatter_numbers
from gst.stats import Correlation, Estimate, bootstrap

if TYPE_CHECKING:
    from gst.store import Store


class Point(NamedTuple):
    """One completed run. Stability and accuracy are fractions of 1.

    The stability is None in a pruned run without an event while it trained: one pruned before its
    training, whose stability of 1 is a convention, or one whose schedule removed nothing. It is 1 in
    an unpruned run.
    """

    key: str
    arm: str
    seed: int
    config: int
    pruned: bool
    stability: float | None
    accuracy: float
    scale: float


class Arm(NamedTuple):
    """One arm over its completed runs; an estimate is None where there are not two runs to make it from."""

    arm: str
    pruned: bool
    scale: float
    n: int
    mean_accuracy: float
    accuracy: Estimate | None
    mean_stability: float | None
    stability: Estimate | None


class Tradeoff(NamedTuple):
    """The numbers of the figure.

    The correlations are over all pruned runs, each once. The clustered ones draw whole configurations,
    whose runs are not independent of each other. None is what could not be computed; `notes` say why.
    """

    source: Source
    accuracy: Accuracy
    datasets: tuple[str, ...]
    models: tuple[str, ...]
    points: tuple[Point, ...]
    arms: tuple[Arm, ...]
    scatter: Scatter

    @property
    def pearson(self) -> Correlation | None:
        """Pearson's correlation of stability and accuracy."""
        return self.scatter.pearson

    @property
    def kendall(self) -> Correlation | None:
        """Kendall's tau-b of stability and accuracy."""
        return self.scatter.kendall

    @property
    def pearson_clustered(self) -> Correlation | None:
        """Pearson's, with the interval from whole configurations."""
        return self.scatter.pearson_clustered

    @property
    def kendall_clustered(self) -> Correlation | None:
        """Kendall's, with the interval from whole configurations."""
        return self.scatter.kendall_clustered

    @property
    def line(self) -> Line | None:
        """Accuracy as a line in stability."""
        return self.scatter.line

    @property
    def notes(self) -> tuple[str, ...]:
        """Why something could not be computed, or is not in the correlation."""
        return self.scatter.notes

    @property
    def scales(self) -> tuple[float, ...]:
        """The scales below 1 that occur: of runs shrunk from the published configuration."""
        return tuple(sorted({point.scale for point in self.points if point.scale < 1}))

    def table(self) -> Table:
        """Correlations, arms, runs and missing runs, one a row; fractions of 1."""
        accuracy = f"{self.accuracy}_test_accuracy"
        of_run = ("arm", "key", "seed", "scale", "stability", accuracy)
        columns = ("what", *of_run, "value", "low", "high", "n", "p", "method")
        rows: list[Row] = [*self.scatter.correlation_rows(), *self._arm_rows()]
        rows += [{"what": "run", **point._asdict(), accuracy: point.accuracy} for point in self.points]
        rows += [{"what": f"{run.status} run", **run._asdict()} for run in self.source.missing]
        return Table(columns, tuple(tuple(row.get(column) for column in columns) for row in rows))

    def _arm_rows(self) -> Iterator[Row]:
        for arm in self.arms:
            for what, mean, estimate in (
                (f"mean {self.accuracy}_test_accuracy", arm.mean_accuracy, arm.accuracy),
                ("mean stability", arm.mean_stability, arm.stability),
            ):
                found = estimate._asdict() if estimate else {"value": mean, "n": arm.n}
                yield {"what": what, "arm": arm.arm, "scale": arm.scale, **found}


def numbers(store: Store, sweep: str, accuracy: Accuracy = "final") -> Tradeoff:
    """The trade-off in the newest sweep of that name.

    `final` is the accuracy of the last epoch, `best` the best since the last pruning event, which
    peeks at the test set but is what GST 2020 plots. Intervals are 95% percentile bootstrap. Their
    generators follow from the sweep's digest: same runs, same numbers.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    source = found.source
    points = tuple(_point(run, accuracy) for run in found.runs)
    arms = tuple(
        _arm(source, arm, runs) for arm in source.arms if (runs := [p for p in points if p.arm == arm])
    )
    scatter = scatter_numbers(source, found.runs, "stability", f"{accuracy}_accuracy")
    return Tradeoff(source, accuracy, found.datasets, found.models, points, arms, scatter)


def _point(run: RunResult, accuracy: Accuracy) -> Point:
    return Point(
        key=run.key,
        arm=run.arm,
        seed=run.seed,
        config=run.config_id,
        pruned=run.pruned,
        stability=stability(run),
        accuracy=run.accuracy(accuracy),
        scale=run.scale,
    )


def _arm(source: Source, arm: str, runs: Sequence[Point]) -> Arm:
    accuracies = [run.accuracy for run in runs]
    stable = [run.stability for run in runs if run.stability is not None]
    return Arm(
        arm,
        runs[0].pruned,
        min(run.scale for run in runs),
        len(runs),
        float(np.mean(accuracies)),
        _mean(source, f"{arm}/accuracy", accuracies),
        float(np.mean(stable)) if stable else None,
        _mean(source, f"{arm}/stability", stable),
    )


def _mean(source: Source, name: str, values: Sequence[float]) -> Estimate | None:
    return bootstrap(values, source.generator(name)) if len(values) > 1 else None
