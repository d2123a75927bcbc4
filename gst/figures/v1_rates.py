"""The iterative rate against drop and accuracy: the numbers of GST 2019's Figures 3 and A2."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import Accuracy, Source, Table, event_drops, last_drops
from gst.figures.basis import Basis, as_table, basis, unpaced
from gst.figures.groups import Group, baselines
from gst.figures.paces import pace, rate
from gst.figures.series import Series, series

if TYPE_CHECKING:
    from gst.store import Store

MEAN = "mean drop"
LAST = "drop at the last event since the epoch before"


class DropRates(NamedTuple):
    """The numbers of the figure: one series a score and target, one mark a configuration.

    `what` is MEAN or LAST. Configurations with the same rate have a mark each, and are not pooled.
    """

    basis: Basis
    what: str
    drops: tuple[Series, ...]
    accuracy: tuple[Series, ...]
    baselines: tuple[Group, ...]
    notes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    def table(self) -> Table:
        """Means, unpruned means, runs and missing runs, one a row; fractions of 1."""
        accuracy = f"mean {self.basis.accuracy}_test_accuracy"
        rows = [row for it in self.drops for row in it.rows(self.what, "iterative_rate")]
        rows += [row for it in self.accuracy for row in it.rows(accuracy, "iterative_rate")]
        rows += [baseline.row(accuracy) for baseline in self.baselines]
        return as_table([*rows, *self.basis.rows()])


def numbers(store: Store, sweep: str, accuracy: Accuracy = "final") -> DropRates:
    """Figure 3: the rate against a run's mean drop over its events, in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    drops = {run.key: run.mean_drop for run in found.runs if pace(run)}
    return _numbers(found, MEAN, drops, unpaced(found.runs))


def last_numbers(store: Store, sweep: str, accuracy: Accuracy = "final") -> DropRates:
    """Figure A2: the rate against the drop of the last event, in the newest sweep of that name.

    That drop is the test accuracy of the epoch before less the one right after the event, so an epoch
    of training lies in between.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    last = last_drops(event_drops(store, found.source))
    drops = {key: drop for key, event in last.items() if (drop := event.drop_since_previous) is not None}
    notes = list(unpaced(found.runs))
    if first := len(last) - len(drops):
        runs_have = "1 run has its" if first == 1 else f"{first} runs have their"
        notes.append(f"{runs_have} last event in the first epoch, before which there is no accuracy")
    return _numbers(found, LAST, drops, notes)


def _numbers(found: Basis, what: str, drops: dict[str, float], notes: Iterable[str]) -> DropRates:
    return DropRates(
        found,
        what,
        series(found.source, what, found.runs, rate, lambda run: drops.get(run.key)),
        series(found.source, "accuracy", found.runs, rate, lambda run: run.accuracy(found.accuracy)),
        baselines(found),
        tuple(notes),
    )
