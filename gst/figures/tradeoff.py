"""Stability against accuracy: each run of a sweep as a point, and its arms side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from gst.analysis import Accuracy, RunResult, Source, Table, find_source, run_results
from gst.errors import InputError, UnknownNameError
from gst.stats import Correlation, Estimate, bootstrap, correlation

if TYPE_CHECKING:
    from gst.store import Store

_CORRELATIONS = {
    "pearson": "Pearson's",
    "kendall": "Kendall's",
    "pearson_clustered": "Pearson's by configuration",
    "kendall_clustered": "Kendall's by configuration",
}


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


def stabilities(points: Sequence[Point]) -> NDArray[np.float64]:
    """The stability of each point, NaN where it has none."""
    return np.array([point.stability for point in points], dtype=np.float64)


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


class Line(NamedTuple):
    """Accuracy = intercept + slope * stability, by least squares over the pruned runs."""

    slope: float
    intercept: float


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
    pearson: Correlation | None
    kendall: Correlation | None
    pearson_clustered: Correlation | None
    kendall_clustered: Correlation | None
    line: Line | None
    notes: tuple[str, ...]

    @property
    def scales(self) -> tuple[float, ...]:
        """The scales below 1 that occur: of runs shrunk from the published configuration."""
        return tuple(sorted({point.scale for point in self.points if point.scale < 1}))

    def table(self) -> Table:
        """Correlations, arms, runs and missing runs, one a row; fractions of 1."""
        accuracy = f"{self.accuracy}_test_accuracy"
        of_run = ("arm", "key", "seed", "scale", "stability", accuracy)
        columns = ("what", *of_run, "value", "low", "high", "n", "p", "method")
        rows = [*self._correlation_rows(), *self._arm_rows()]
        rows += [{"what": "run", **point._asdict(), accuracy: point.accuracy} for point in self.points]
        rows += [{"what": f"{run.status} run", **run._asdict()} for run in self.source.missing]
        return Table(columns, tuple(tuple(row.get(column) for column in columns) for row in rows))

    def _correlation_rows(self) -> Iterator[dict[str, object]]:
        for name in _CORRELATIONS:
            if found := getattr(self, name):
                row = {"what": name, **found._asdict()}
                # The p takes runs as independent, which is what clusters are there to deny.
                yield row | {"p": None} if name.endswith("_clustered") else row

    def _arm_rows(self) -> Iterator[dict[str, object]]:
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
    if accuracy not in get_args(Accuracy):
        raise UnknownNameError("accuracy", accuracy, get_args(Accuracy))
    source = find_source(store, sweep)
    results = run_results(store, source)
    points = tuple(_point(run, accuracy) for run in results)
    arms = tuple(
        _arm(source, arm, runs) for arm in source.arms if (runs := [p for p in points if p.arm == arm])
    )
    pruned = list({p.key: p for p in points if p.pruned and p.stability is not None}.values())
    correlations, notes = _correlations(source, pruned)
    if without := len({p.key for p in points if p.pruned and p.stability is None}):
        notes.append(
            f"{without} pruned runs had no pruning event while they trained: they have no stability, "
            "and are not in the correlation"
        )
    return Tradeoff(
        source,
        accuracy,
        datasets=tuple(sorted({run.dataset for run in results})),
        models=tuple(sorted({run.model for run in results})),
        points=points,
        arms=arms,
        pearson=correlations.get("pearson"),
        kendall=correlations.get("kendall"),
        pearson_clustered=correlations.get("pearson_clustered"),
        kendall_clustered=correlations.get("kendall_clustered"),
        line=_line(pruned) if "pearson" in correlations else None,
        notes=tuple(notes),
    )


def _point(run: RunResult, accuracy: Accuracy) -> Point:
    return Point(
        key=run.key,
        arm=run.arm,
        seed=run.seed,
        config=run.config_id,
        pruned=run.pruned,
        stability=run.stability if run.measured else None,
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


def _correlations(source: Source, runs: Sequence[Point]) -> tuple[dict[str, Correlation], list[str]]:
    """Those that can be computed, by name, and why the others cannot."""
    if not runs:
        return {}, ["no pruned run completed, so there is no correlation"]
    found: dict[str, Correlation] = {}
    refused: dict[str, list[str]] = {}
    for name, words in _CORRELATIONS.items():
        try:
            found[name] = _correlation(source, name, runs)
        except InputError as error:
            refused.setdefault(str(error), []).append(words)
    return found, [f"not computed: {', '.join(words)}: {reason}" for reason, words in refused.items()]


def _correlation(source: Source, name: str, runs: Sequence[Point]) -> Correlation:
    kind: Literal["pearson", "kendall"] = "pearson" if name.startswith("pearson") else "kendall"
    # By their place in the sweep: ids differ from store to store, and would make the interval differ.
    places = {config: place for place, config in enumerate(dict.fromkeys(run.config for run in runs))}
    return correlation(
        kind,
        stabilities(runs),
        [run.accuracy for run in runs],
        source.generator(name),
        clusters=[places[run.config] for run in runs] if name.endswith("_clustered") else None,
        method="percentile",  # as for the means; BCa has nothing to lean on with a handful of clusters
    )


def _line(runs: Sequence[Point]) -> Line:
    stability, accuracy = stabilities(runs), np.array([run.accuracy for run in runs])
    distance = stability - stability.mean()
    slope = float(distance @ accuracy / (distance @ distance))
    return Line(slope, float(accuracy.mean()) - slope * float(stability.mean()))
