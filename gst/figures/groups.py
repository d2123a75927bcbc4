"""Means of groups of runs with their intervals, and how far pruned runs lie from unpruned ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis import Source
from gst.errors import InputError
from gst.figures.basis import Basis, Row
from gst.stats import Estimate, TTest, bootstrap, t_test


class Group(NamedTuple):
    """The mean of a quantity over the runs of an arm, or of several; `estimate` is None for one run."""

    name: str
    n: int
    mean: float
    estimate: Estimate | None

    def row(self, what: str) -> Row:
        """The group as a row: `what` says of which quantity."""
        bounds = self.estimate._asdict() if self.estimate else {"value": self.mean, "n": self.n}
        return {"what": what, "arm": self.name, **bounds}


def group(source: Source, name: str, quantity: str, values: Sequence[float]) -> Group:
    """The mean of these values, one a run, with its 95% bootstrap interval."""
    estimate = bootstrap(values, source.generator(f"{name}/{quantity}")) if len(values) > 1 else None
    return Group(name, len(values), float(np.mean(values)), estimate)


def baselines(found: Basis) -> tuple[Group, ...]:
    """The accuracy of each unpruned arm."""
    arms: dict[str, list[float]] = {}
    for run in found.runs:
        if not run.pruned:
            arms.setdefault(run.arm, []).append(run.accuracy(found.accuracy))
    return tuple(group(found.source, arm, "accuracy", values) for arm, values in arms.items())


class Difference(NamedTuple):
    """The mean of pruned runs less that of unpruned ones; `test` is None where there was none to make."""

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


def difference(name: str, baseline: str, pruned: Sequence[float], unpruned: Sequence[float]) -> Difference:
    """Mean of the first less mean of the second, with Welch's interval where both sides have two runs."""
    value = float(np.mean(pruned) - np.mean(unpruned))
    try:
        test = t_test(pruned, unpruned)
    except InputError:  # one run on a side, or no variation on either
        test = None
    return Difference(name, baseline, value, (len(pruned), len(unpruned)), test)
