"""Tables of the papers: each arm's accuracy and stability, and whether arms differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gst.analysis import Accuracy, RunResult, Source, Table
from gst.errors import InputError, UnknownNameError
from gst.figures.basis import Basis, Row, as_table, basis, stability
from gst.stats import TTest, t_test

if TYPE_CHECKING:
    from gst.store import Store


class Spread(NamedTuple):
    """A mean over runs and their sample standard deviation (ddof 1), None for one run; fractions of 1."""

    mean: float
    deviation: float | None


class ArmRow(NamedTuple):
    """One arm; `stability` is None where it was not measured, in runs pruned before their training."""

    arm: str
    runs: tuple[RunResult, ...]
    accuracy: Spread
    stability: Spread | None

    @property
    def n(self) -> int:
        """How many runs completed."""
        return len(self.runs)


class Comparison(NamedTuple):
    """The accuracy of `arm` less that of `other`, and the pooled two-tailed test; None for the `reason`."""

    arm: str
    other: str
    difference: float
    test: TTest | None
    reason: str

    @property
    def mark(self) -> str:
        """The stars that the p earns."""
        return "" if self.test is None else stars(self.test.p)


class ArmTable(NamedTuple):
    """The numbers of the table."""

    basis: Basis
    arms: tuple[ArmRow, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    @property
    def notes(self) -> tuple[str, ...]:
        """Why a comparison was not made, in words."""
        untested = [it for it in self.comparisons if it.test is None]
        return tuple(f"not tested: {it.arm} against {it.other}: {it.reason}" for it in untested)

    def comparison(self, arm: str) -> Comparison | None:
        """The comparison that stands in the row of that arm."""
        return next((it for it in self.comparisons if it.arm == arm), None)

    def table(self) -> Table:
        """Arms, comparisons and missing runs, one a row; fractions of 1."""
        missing = (
            {"what": f"{run.status} run", "arm": run.arm, "key": run.key, "seed": run.seed}
            for run in self.source.missing
        )
        return as_table([*self._arm_rows(), *self._comparison_rows(), *missing])

    def _arm_rows(self) -> Iterator[Row]:
        accuracy = f"{self.basis.accuracy}_test_accuracy"
        for row in self.arms:
            yield {
                "what": "arm",
                "arm": row.arm,
                "n": row.n,
                accuracy: row.accuracy.mean,
                f"{accuracy}_std": row.accuracy.deviation,
                "stability": row.stability.mean if row.stability else None,
                "stability_std": row.stability.deviation if row.stability else None,
            }

    def _comparison_rows(self) -> Iterator[Row]:
        for it in self.comparisons:
            found = it.test._asdict() | {"n": " and ".join(map(str, it.test.n))} if it.test else {}
            row = {"what": "difference", "arm": it.arm, "other": it.other, "value": it.difference}
            yield {**row, **found, "significance": it.mark, "note": it.reason}


def tab_c1(store: Store, sweep: str, accuracy: Accuracy = "best") -> ArmTable:
    """Every arm, and of arms that differ in their last word only (`46%`, `59%`) each against the first.

    Raises UnknownNameError for a sweep or accuracy that there is not, InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    arms = _arms(found)
    methods: dict[str, list[ArmRow]] = {}
    for arm in arms:
        methods.setdefault(arm.arm.rpartition(" ")[0] or arm.arm, []).append(arm)
    pairs = [(other, first) for first, *others in methods.values() for other in others]
    return ArmTable(found, arms, tuple(_compared(one, other, accuracy) for one, other in pairs))


def tab_f1(store: Store, sweep: str, accuracy: Accuracy = "best", reference: str = "PruneL") -> ArmTable:
    """Every arm, and each against `reference`.

    Raises UnknownNameError for a sweep, arm or accuracy that there is not, InputError where no run of
    the sweep or of the reference completed.
    """
    found = basis(store, sweep, accuracy)
    if reference not in found.source.arms:
        raise UnknownNameError(f"arm of sweep {sweep}", reference, found.source.arms)
    arms = _arms(found)
    of_reference = next((arm for arm in arms if arm.arm == reference), None)
    if of_reference is None:
        raise InputError(
            f"sweep {sweep!r} has no completed run of {reference!r}, which all are compared with"
        )
    others = (arm for arm in arms if arm is not of_reference)
    return ArmTable(found, arms, tuple(_compared(arm, of_reference, accuracy) for arm in others))


def stars(p: float) -> str:
    """`**` below 1%, `*` below 5%, `(*)` below 10%, as GST 2020 marks Table C.1."""
    return "**" if p < 0.01 else "*" if p < 0.05 else "(*)" if p < 0.1 else ""


def _arms(found: Basis) -> tuple[ArmRow, ...]:
    return tuple(
        _arm(arm, runs, found.accuracy)
        for arm in found.source.arms
        if (runs := tuple(run for run in found.runs if run.arm == arm))
    )


def _arm(arm: str, runs: tuple[RunResult, ...], accuracy: Accuracy) -> ArmRow:
    measured = [value for run in runs if (value := stability(run)) is not None]
    accuracies = [run.accuracy(accuracy) for run in runs]
    return ArmRow(arm, runs, _spread(accuracies), _spread(measured) if measured else None)


def _spread(values: Sequence[float]) -> Spread:
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None)


def _compared(arm: ArmRow, other: ArmRow, accuracy: Accuracy) -> Comparison:
    one, two = ([run.accuracy(accuracy) for run in row.runs] for row in (arm, other))
    difference = arm.accuracy.mean - other.accuracy.mean
    try:
        return Comparison(arm.arm, other.arm, difference, t_test(one, two, variances="pooled"), "")
    except InputError as error:
        return Comparison(arm.arm, other.arm, difference, None, str(error))
