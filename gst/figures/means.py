"""Means over runs with their intervals, and how far pruned runs lie from unpruned ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis import RunResult, Source, distinct
from gst.errors import InputError
from gst.figures.sheet import Row
from gst.figures.style import signed
from gst.stats import Estimate, TTest, bootstrap, t_test


class RunMean(NamedTuple):
    """The mean of a quantity over runs; `estimate` is None for one run."""

    name: str
    n: int
    mean: float
    estimate: Estimate | None

    def row(self, what: str) -> Row:
        """The mean as a row: `what` says of which quantity."""
        bounds = self.estimate._asdict() if self.estimate else {"value": self.mean, "n": self.n}
        return {"what": what, "arm": self.name, **bounds}


def run_mean(source: Source, name: str, quantity: str, values: Sequence[float]) -> RunMean:
    """The mean of one value per run, with its 95% bootstrap interval; `quantity` names its random stream."""
    estimate = bootstrap(values, source.generator(f"{name}/{quantity}")) if len(values) > 1 else None
    return RunMean(name, len(values), float(np.mean(values)), estimate)


def unpruned_means(
    source: Source, runs: Iterable[RunResult], quantity: str, y: Callable[[RunResult], float]
) -> tuple[RunMean, ...]:
    """The mean of y in each unpruned arm; `quantity` names its random stream."""
    arms: dict[str, list[float]] = {}
    for run in runs:
        if not run.pruned:
            arms.setdefault(run.arm, []).append(y(run))
    return tuple(run_mean(source, arm, quantity, values) for arm, values in arms.items())


class Difference(NamedTuple):
    """The mean of pruned runs less that of unpruned ones; `test` is None where none could be made."""

    name: str
    baseline: str
    value: float
    n: tuple[int, int]
    test: TTest | None

    def row(self, what: str) -> Row:
        """The difference as a row: `what` says of which quantity."""
        found = {} if self.test is None else {"low": self.test.low, "high": self.test.high, "p": self.test.p}
        method = None if self.test is None else self.test.method
        words = f"{what}: {self.name} less {self.baseline}"
        return {
            "what": words,
            "value": self.value,
            "n": " and ".join(map(str, self.n)),
            "method": method,
        } | found

    @property
    def words(self) -> str:
        """The difference in percentage points: `PruneL −1.20 [−1.90, −0.50]`."""
        value = f"{self.name} {signed(100 * self.value)}"
        if self.test is None:
            return f"{value} (no interval, n = {self.n[0]} and {self.n[1]})"
        return f"{value} [{signed(100 * self.test.low)}, {signed(100 * self.test.high)}]"


class Differences(NamedTuple):
    """The differences between pruned and unpruned means of one quantity."""

    quantity: str
    found: tuple[Difference, ...]

    def rows(self) -> Iterator[Row]:
        """A difference a row."""
        for it in self.found:
            yield it.row(self.quantity)

    def reading(self) -> Iterator[str]:
        """The differences, a sentence for each unpruned arm, and how their intervals were made."""
        for baseline in dict.fromkeys(it.baseline for it in self.found):
            words = ", ".join(it.words for it in self.found if it.baseline == baseline)
            yield f"Mean {self.quantity} less that of {baseline}, in percentage points: {words}."
        if methods := [it.test.method for it in self.found if it.test]:
            yield f"Intervals of differences: {methods[0]}."


def differences_from_unpruned(
    quantity: str, runs: Sequence[RunResult], y: Callable[[RunResult], float]
) -> Differences:
    """The differences of all pruned runs, and of each of several pruned arms, from each unpruned arm."""
    arms: dict[str, list[float]] = {}
    for run in runs:
        arms.setdefault(run.arm, []).append(y(run))
    unpruned = list(dict.fromkeys(run.arm for run in runs if not run.pruned))
    pruned = {arm: values for arm, values in arms.items() if arm not in unpruned}
    if len(pruned) > 1:
        pruned = {"all pruned": [y(run) for run in distinct(runs) if run.pruned]} | pruned
    pairs = [(baseline, arm) for baseline in unpruned for arm in pruned]
    return Differences(
        quantity, tuple(difference(arm, baseline, pruned[arm], arms[baseline]) for baseline, arm in pairs)
    )


def difference(name: str, baseline: str, pruned: Sequence[float], unpruned: Sequence[float]) -> Difference:
    """The mean of pruned less that of unpruned values, with Welch's interval where both have two runs."""
    value = float(np.mean(pruned) - np.mean(unpruned))
    try:
        test = t_test(pruned, unpruned)
    except InputError:  # one run on a side, or no variation on either
        test = None
    return Difference(name, baseline, value, (len(pruned), len(unpruned)), test)
