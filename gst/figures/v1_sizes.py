"""How much there is to train on against accuracy and gap: the numbers of GST 2019's Figure A3."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import Accuracy, Curve, RunResult, Source, Table, curves
from gst.figures.basis import Basis, Row, as_table, basis
from gst.figures.methods import Method, method
from gst.figures.panels.series import Series, series

if TYPE_CHECKING:
    from gst.store import Store

ALL = math.inf
"""The place of runs that train on all there is, right of every number of images."""


class Course(NamedTuple):
    """How the accuracies of an arm develop, of the epoch's training and of the test after its pruning."""

    method: Method
    scaled: bool
    train: Curve
    test: Curve


class Sizes(NamedTuple):
    """What was found with augmentation, or without: one series a method, one mark a size.

    `largest` is the largest size that any run completed, and the courses are of that.
    """

    augment: bool
    accuracy: tuple[Series, ...]
    gap: tuple[Series, ...]
    largest: float
    courses: tuple[Course, ...]

    def rows(self, accuracy: Accuracy) -> Iterator[Row]:
        """Means and courses, as rows."""
        for what, found in (
            (f"mean {accuracy}_test_accuracy", self.accuracy),
            (f"mean {accuracy}_gap", self.gap),
        ):
            for it in found:
                for row in it.rows(what, "train_per_class"):
                    yield {**row, "train_per_class": _size(row["train_per_class"]), "augment": self.augment}
        for course in self.courses:
            yield from _course_rows(course, self)


class DataSizes(NamedTuple):
    """The numbers of the figure, without augmentation first."""

    basis: Basis
    sizes: tuple[Sizes, ...]
    notes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    def table(self) -> Table:
        """Means, courses, runs and missing runs, one a row; fractions of 1, epochs counted from 0."""
        found = (row for sizes in self.sizes for row in sizes.rows(self.basis.accuracy))
        return as_table([*found, *self.basis.rows()])


def numbers(store: Store, sweep: str, accuracy: Accuracy = "final") -> DataSizes:
    """Accuracy and gap against the number of training images, in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    found = basis(store, sweep, accuracy)
    augments = sorted({run.augment for run in found.runs})
    sizes = tuple(_sizes(store, found, augment) for augment in augments)
    return DataSizes(found, sizes, _notes(sizes))


def _sizes(store: Store, found: Basis, augment: bool) -> Sizes:
    runs = [run for run in found.runs if run.augment == augment]
    accuracy, source = found.accuracy, found.source
    largest = max(map(size, runs))
    arms = {run.arm: run for run in runs if size(run) == largest}
    train = {curve.arm: curve for curve in curves(store, source, list(arms), "train_accuracy")}
    test = {curve.arm: curve for curve in curves(store, source, list(arms), "test_accuracy")}
    return Sizes(
        augment,
        series(source, "accuracy", runs, size, lambda run: run.accuracy(accuracy)),
        series(source, "gap", runs, size, lambda run: run.gap(accuracy)),
        largest,
        tuple(Course(method(run), run.scale < 1, train[arm], test[arm]) for arm, run in arms.items()),
    )


def size(run: RunResult) -> float:
    """The training images of a class; ALL where the run takes all there are."""
    return ALL if run.train_per_class is None else float(run.train_per_class)


def _notes(sizes: tuple[Sizes, ...]) -> tuple[str, ...]:
    """Which augmentations end at a smaller size than others, as runs are missing."""
    most = max(it.largest for it in sizes)
    return tuple(
        f"{'with' if it.augment else 'without'} augmentation no run of the largest size completed"
        for it in sizes
        if it.largest < most
    )


def _size(x: object) -> object:
    return None if x == ALL else x


def _course_rows(course: Course, sizes: Sizes) -> Iterator[Row]:
    for what, curve in (("train_accuracy", course.train), ("test_accuracy", course.test)):
        for place, epoch in enumerate(curve.epochs.tolist()):
            bounds = {} if curve.low is None or curve.high is None else {
                "low": float(curve.low[place]), "high": float(curve.high[place])
            }  # fmt: skip
            yield {
                "what": f"mean {what}",
                "arm": curve.arm,
                "n": curve.n,
                "score": course.method.score,
                "target": course.method.target,
                "train_per_class": _size(sizes.largest),
                "augment": sizes.augment,
                "epoch": epoch,
                "value": float(curve.mean[place]),
                **bounds,
            }
