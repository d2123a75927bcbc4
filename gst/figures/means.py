"""Means over runs with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis.quantities import stability
from gst.analysis.results import RunResult
from gst.figures.sheet import Row
from gst.grouping import grouped
from gst.stats.estimate import Estimate
from gst.stats.means import mean_interval


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


def run_mean(name: str, values: Sequence[float]) -> RunMean:
    """The mean of one value per run, with its 95% interval."""
    estimate = mean_interval(values) if len(values) > 1 else None
    return RunMean(name, len(values), float(np.mean(values)), estimate)


def measured_stability(arm: str, runs: Iterable[RunResult]) -> RunMean | None:
    """The mean stability of an arm's runs with pruning events; None where none has any."""
    measured = [value for run in runs if run.events and (value := stability(run)) is not None]
    return run_mean(arm, measured) if measured else None


def unpruned_means(runs: Iterable[RunResult], y: Callable[[RunResult], float]) -> tuple[RunMean, ...]:
    """The mean of y in each unpruned arm."""
    arms = grouped((run.arm, y(run)) for run in runs if not run.pruned)
    return tuple(run_mean(arm, values) for arm, values in arms.items())
