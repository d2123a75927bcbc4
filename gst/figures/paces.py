"""How fast a run is pruned: the rate of its fastest layer, and the period at which events recur."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from gst.analysis import RunResult, distinct
from gst.figures.basis import stability


class Pace(NamedTuple):
    """The fraction of its layer that one event removes, where that is largest, and the epochs between two."""

    rate: float
    period: int

    @property
    def words(self) -> str:
        """The pace in words."""
        return f"{100 * self.rate:.3g}% every {self.period} epoch{'s' if self.period != 1 else ''}"


def pace(run: RunResult) -> Pace | None:
    """The pace of a run that was pruned as it trained; None for any other."""
    if stability(run) is None or run.iterative_rate is None or run.retrain_period is None:
        return None
    return Pace(run.iterative_rate, run.retrain_period)


def rate(run: RunResult) -> float | None:
    """The rate of a run that was pruned as it trained; None for any other."""
    its = pace(run)
    return its.rate if its else None


def listed(some: Sequence[Pace], every: Collection[Pace]) -> str:
    """Those paces by their rates, in words."""
    if len(some) == len(every):
        return "any rate" if len(every) > 1 else "the one rate"
    return ", ".join(f"{100 * it.rate:.3g}%" for it in some)


def by_pace(runs: Iterable[RunResult]) -> dict[Pace, tuple[RunResult, ...]]:
    """The runs of each pace, whatever their method, slowest first; a run in two arms counts once."""
    found: dict[Pace, list[RunResult]] = {}
    for run in distinct(runs):
        if (its := pace(run)) is not None:
            found.setdefault(its, []).append(run)
    return {its: tuple(found[its]) for its in sorted(found)}
