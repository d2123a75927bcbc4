"""How accuracy develops: the mean curve of every arm, what its pruning events did, and how it ends.

The accuracy of an epoch is that of the test after the epoch's pruning event, as in the paper: the
training loop tests again once it has pruned, and records that test (gst/training/train.py). The
event's own row has the test before it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, get_args

import numpy as np

from gst.analysis import (
    Accuracy,
    Curve,
    Quantity,
    RunResult,
    Source,
    Table,
    curves,
    event_drops,
    level_results,
    probe_results,
)
from gst.errors import InputError, UnknownNameError
from gst.figures.basis import Basis, Row, as_table, basis, stability
from gst.figures.groups import Group, group
from gst.stats.estimate import label

if TYPE_CHECKING:
    from gst.store import Store

RESAMPLES = 10_000
REMOVED = "targeted_filters_removed"
MARKED = 0.5
"""Drops at last events are marked where they are at least that share of the largest."""


class Course(NamedTuple):
    """One arm: its mean curve, its completed runs, and their mean stability (None where unmeasured)."""

    curve: Curve
    runs: tuple[RunResult, ...]
    stability: Group | None

    @property
    def arm(self) -> str:
        """Its label."""
        return self.curve.arm

    @property
    def pruned(self) -> bool:
        """Whether its runs prune or perturb."""
        return self.runs[0].pruned

    @property
    def scale(self) -> float:
        """The scale of its runs; below 1 they are shrunk from the published configuration."""
        return min(run.scale for run in self.runs)


class Event(NamedTuple):
    """The events of an arm's runs in one epoch (from 0): means of the test accuracies around them."""

    arm: str
    epoch: int
    n: int
    before: float
    after: float

    @property
    def drop(self) -> float:
        """How far the mean fell, as a fraction of 1; negative where it rose."""
        return self.before - self.after


class Dynamics(NamedTuple):
    """The numbers of the figure: a course for each arm with a completed run.

    `endings` are the arms' mean test accuracies once every filter is removed that noise ever acted on
    (GST 2020, D.1); their runs were tested so after their last epoch. Events and endings are of test
    accuracies, and there are none with another quantity.
    """

    basis: Basis
    quantity: Quantity
    courses: tuple[Course, ...]
    events: tuple[Event, ...]
    endings: tuple[Group, ...]
    level_ends: tuple[int, ...] = ()
    """Epochs, counted from 0, with which a level of some run ends that another one follows."""

    @property
    def method(self) -> str | None:
        """How the bands were made; None where no arm has two runs."""
        banded = any(course.curve.low is not None for course in self.courses)
        return label("percentile", 0.95, RESAMPLES) if banded else None

    @property
    def source(self) -> Source:
        """The sweep, and of its runs those of the arms that are shown."""
        return self.basis.source

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that occur."""
        return self.basis.datasets

    @property
    def models(self) -> tuple[str, ...]:
        """The models that occur."""
        return self.basis.models

    @property
    def scales(self) -> tuple[float, ...]:
        """The scales below 1 that occur."""
        return self.basis.scales

    @property
    def least_stable(self) -> str | None:
        """The arm of the lowest mean stability, of those with events."""
        measured = [course for course in self.courses if course.stability and course.pruned]
        return min(measured, key=_mean_stability).arm if measured else None

    @property
    def marked(self) -> tuple[Event, ...]:
        """The last events to name: of the least stable arm, and of one other that falls nearly as far."""
        last = {event.arm: event for event in self.events}
        falling = sorted(last.values(), key=lambda event: event.drop, reverse=True)
        first = [event for event in falling if event.arm == self.least_stable]
        others = [event for event in falling if event.drop >= MARKED * falling[0].drop > 0]
        return tuple(dict.fromkeys([*first, *others]))[:2]

    def rows(self) -> Iterator[Row]:
        """Means of arms, their events and every point of their curves; epochs are counted from 1."""
        for course in self.courses:
            if course.stability:
                yield {**course.stability.row("mean stability"), "scale": course.scale}
        for ending in self.endings:
            yield ending.row("mean test_accuracy, targeted filters removed")
        for event in self.events:
            yield {
                "what": "event",
                "arm": event.arm,
                "epoch": event.epoch + 1,
                "n": event.n,
                "before": event.before,
                "after": event.after,
                "drop": event.drop,
            }
        for course in self.courses:
            yield from _curve_rows(course.curve, self.quantity)

    def table(self) -> Table:
        """All of that, and a row for each run and each missing run; fractions of 1."""
        return as_table([*self.rows(), *self.basis.rows()])


def numbers(
    store: Store, sweep: str, arms: str | Sequence[str] | None = None, quantity: Quantity = "test_accuracy"
) -> Dynamics:
    """The courses of those arms of the newest sweep of that name, or of all.

    `arms` is a list, or names with commas between. Intervals are 95% percentile bootstrap over runs.
    Raises UnknownNameError for a sweep, an arm or a quantity that there is not, and InputError where
    none of the runs completed.
    """
    return dynamics_of(store, basis_of_arms(store, sweep, "final", arms), quantity)


def basis_of_arms(store: Store, sweep: str, accuracy: Accuracy, arms: str | Sequence[str] | None) -> Basis:
    """What figures of those arms of the newest sweep of that name rest on, in the order given."""
    found = basis(store, sweep, accuracy)
    if arms is None:
        return found
    wanted = [arm.strip() for arm in arms.split(",")] if isinstance(arms, str) else [str(arm) for arm in arms]
    for arm in wanted:
        if arm not in found.source.arms:
            raise UnknownNameError(f"arm of sweep {sweep}", arm, found.source.arms)
    members = tuple(m for arm in wanted for m in found.source.members if m.arm == arm)
    source = found.source._replace(members=members)
    if not source.keys:
        raise InputError(
            f"sweep {sweep!r} has no completed run yet in {', '.join(wanted)} ({source.statuses()}); "
            "run it to its end, or name other arms"
        )
    runs = tuple(run for arm in wanted for run in found.runs if run.arm == arm)
    return Basis(source, accuracy, runs)


def dynamics_of(store: Store, found: Basis, quantity: Quantity = "test_accuracy") -> Dynamics:
    """The courses of the arms of that basis."""
    if quantity not in get_args(Quantity):
        raise UnknownNameError("quantity", quantity, get_args(Quantity))
    source = found.source
    of_arm = {arm: tuple(run for run in found.runs if run.arm == arm) for arm in source.arms}
    courses = tuple(
        Course(curve, of_arm[curve.arm], _stability(source, curve.arm, of_arm[curve.arm]))
        for curve in curves(store, source, quantity=quantity, resamples=RESAMPLES)
        if of_arm[curve.arm]
    )
    of_tests = quantity == "test_accuracy"
    events = _events(store, source) if of_tests else ()
    endings = _endings(store, source) if of_tests else ()
    return Dynamics(found, quantity, courses, events, endings, _level_ends(store, source))


def _level_ends(store: Store, source: Source) -> tuple[int, ...]:
    results = level_results(store, source)
    last = {it.key: it.level for it in results}  # levels rise
    return tuple(sorted({it.epochs - 1 for it in results if it.level < last[it.key]}))


def _stability(source: Source, arm: str, runs: Sequence[RunResult]) -> Group | None:
    measured = [value for run in runs if (value := stability(run)) is not None]
    return group(source, arm, "stability", measured) if measured else None


def _mean_stability(course: Course) -> float:
    assert course.stability is not None
    return course.stability.mean


def _events(store: Store, source: Source) -> tuple[Event, ...]:
    accuracies: dict[tuple[int, int], list[tuple[float, float]]] = {}
    places = {arm: place for place, arm in enumerate(source.arms)}
    for event in event_drops(store, source):
        accuracies.setdefault((places[event.arm], event.epoch), []).append((event.before, event.after))
    return tuple(
        Event(source.arms[place], epoch, len(pairs), *np.mean(pairs, axis=0).tolist())
        for (place, epoch), pairs in sorted(accuracies.items())
    )


def _endings(store: Store, source: Source) -> tuple[Group, ...]:
    accuracies: dict[str, list[float]] = {}
    for probe in probe_results(store, source):
        if probe.name == REMOVED:
            accuracies.setdefault(probe.arm, []).append(probe.accuracy)
    return tuple(group(source, arm, REMOVED, accuracies[arm]) for arm in source.arms if arm in accuracies)


def _curve_rows(curve: Curve, quantity: str) -> Iterator[Row]:
    for place, epoch in enumerate(curve.epochs.tolist()):
        row = {"what": quantity, "arm": curve.arm, "epoch": epoch + 1, "n": curve.n}
        row["value"] = _number(curve.mean[place])
        if curve.low is not None and curve.high is not None:
            row |= {"low": _number(curve.low[place]), "high": _number(curve.high[place])}
        yield row


def _number(value: np.float64) -> float | None:
    """The number as Python's own; None for one that is not finite, which is a loss of a diverging epoch."""
    return float(value) if np.isfinite(value) else None
