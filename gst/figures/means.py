"""Means over runs with their intervals, and how far pruned runs lie from unpruned ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    """The mean of these values, one a run, with its 95% bootstrap interval."""
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


def differences_from_unpruned(
    runs: Sequence[RunResult], y: Callable[[RunResult], float]
) -> tuple[Difference, ...]:
    """Of all pruned runs, and of each pruned arm where there are several, from each unpruned arm."""
    arms: dict[str, list[float]] = {}
    for run in runs:
        arms.setdefault(run.arm, []).append(y(run))
    unpruned = list(dict.fromkeys(run.arm for run in runs if not run.pruned))
    pruned = {arm: values for arm, values in arms.items() if arm not in unpruned}
    if len(pruned) > 1:
        pruned = {"all pruned": [y(run) for run in distinct(runs) if run.pruned]} | pruned
    return tuple(
        difference(arm, baseline, values, arms[baseline])
        for baseline in unpruned
        for arm, values in pruned.items()
    )


def difference(name: str, baseline: str, pruned: Sequence[float], unpruned: Sequence[float]) -> Difference:
    """Mean of the first less mean of the second, with Welch's interval where both sides have two runs."""
    value = float(np.mean(pruned) - np.mean(unpruned))
    try:
        test = t_test(pruned, unpruned)
    except InputError:  # one run on a side, or no variation on either
        test = None
    return Difference(name, baseline, value, (len(pruned), len(unpruned)), test)


def difference_words(differences: Mapping[str, Sequence[Difference]]) -> Iterator[str]:
    """The differences of each quantity in sentences, a sentence for each unpruned arm."""
    for what, found in differences.items():
        for baseline in dict.fromkeys(it.baseline for it in found):
            words = ", ".join(it.words for it in found if it.baseline == baseline)
            yield f"Mean {what} less that of {baseline}, in percentage points: {words}."
    methods = [it.test.method for found in differences.values() for it in found if it.test]
    if methods:
        yield f"Intervals of differences: {methods[0]}."
