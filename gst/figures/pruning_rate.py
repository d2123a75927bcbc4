"""The pruning rate of a run: the fraction that an event removes, and the epochs between events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from gst.analysis.quantities import stability
from gst.analysis.results import RunResult, distinct
from gst.grouping import grouped


class PruningRate(NamedTuple):
    """The fraction of the most pruned layer that one event removes, and the epochs between two events."""

    rate: float
    period: int

    @property
    def words(self) -> str:
        """The rate and the period in words."""
        return f"{100 * self.rate:.3g}% every {self.period} epoch{'s' if self.period != 1 else ''}"


def pruning_rate(run: RunResult) -> PruningRate | None:
    """The rate and period of a run that was pruned as it trained; None for any other."""
    if stability(run) is None or run.iterative_rate is None or run.retrain_period is None:
        return None
    return PruningRate(run.iterative_rate, run.retrain_period)


def iterative_rate(run: RunResult) -> float | None:
    """The rate of a run that was pruned as it trained; None for any other."""
    found = pruning_rate(run)
    return found.rate if found else None


def rates_named(some: Sequence[PruningRate], every: Collection[PruningRate]) -> str:
    """Those rates in words, for a note: `any rate`, `3%, 10%`."""
    if len(some) == len(every):
        return "any rate" if len(every) > 1 else "the one rate"
    return ", ".join(f"{100 * it.rate:.3g}%" for it in some)


def runs_by_rate(runs: Iterable[RunResult]) -> dict[PruningRate, tuple[RunResult, ...]]:
    """The runs of each rate and period, of all methods, slowest first; a run in two arms counts once."""
    rates = ((pruning_rate(run), run) for run in distinct(runs))
    found = grouped((rate, run) for rate, run in rates if rate is not None)
    return {its: tuple(found[its]) for its in sorted(found)}
