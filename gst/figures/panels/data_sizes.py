"""Accuracy and gap against the number of training images: the panels of GST 2019's Figure A3."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.curves import curves
from gst.analysis.results import RunResult
from gst.figures.axes import MarkAxis, asides, size_axis
from gst.figures.methods import Method, method, method_looks, methods, names
from gst.figures.panels.marks import SeriesStyle
from gst.figures.panels.series import Mark, SeriesPanel, series
from gst.figures.panels.train_and_test import TrainTest, TrainTestPanel
from gst.figures.sweep_runs import SweepRuns

if TYPE_CHECKING:
    from gst.store import Store


class SizePanels(NamedTuple):
    """The panels with augmentation, or without; curves are of the largest size that any run completed."""

    augment: bool
    accuracy: SeriesPanel
    gap: SeriesPanel
    largest: float
    curves: TrainTestPanel


def size(run: RunResult) -> float:
    """Number of training images of a class; infinity where a run takes all there are."""
    return math.inf if run.train_per_class is None else float(run.train_per_class)


def size_panels(store: Store, found: SweepRuns) -> tuple[SizePanels, ...]:
    """The panels without augmentation and with it, as far as there are runs."""
    axis = size_axis(map(size, found.runs))

    def words(mark: Mark) -> str:
        return axis.short(mark.x)

    order = methods(found.runs)
    name, look = names(order), method_looks(order)
    styles = {
        it: SeriesStyle(name[it], look[it], axis.place, words, aside=aside)
        for it, aside in zip(order, asides(len(order)), strict=True)
    }
    augments = sorted({run.augment for run in found.runs})
    return tuple(_panels(store, found, augment, axis, styles) for augment in augments)


def _panels(
    store: Store, found: SweepRuns, augment: bool, axis: MarkAxis, styles: Mapping[Method, SeriesStyle]
) -> SizePanels:
    runs = [run for run in found.runs if run.augment == augment]
    which = f"{'with' if augment else 'without'} augmentation"
    accuracy = SeriesPanel(
        f"<b>Test accuracy</b>, {which}",
        f"mean {found.accuracy}_test_accuracy",
        "train_per_class",
        "Training images of a class",
        axis,
        series(runs, size, lambda run: run.accuracy(found.accuracy)),
        {it: style._replace(quantity="accuracy") for it, style in styles.items()},
        about={"augment": augment},
    )
    gap = accuracy._replace(
        heading=f"<b>Gap: train − test</b>, {which}",
        what=f"mean {found.accuracy}_gap",
        series=series(runs, size, lambda run: run.gap(found.accuracy)),
        styles={it: style._replace(quantity="gap") for it, style in styles.items()},
    )
    largest = max(map(size, runs))
    return SizePanels(augment, accuracy, gap, largest, _largest(store, found, runs, largest, axis, styles))


def _largest(
    store: Store,
    found: SweepRuns,
    runs: Sequence[RunResult],
    largest: float,
    axis: MarkAxis,
    styles: Mapping[Method, SeriesStyle],
) -> TrainTestPanel:
    arms = {run.arm: method(run) for run in runs if size(run) == largest}
    train, test = (
        {curve.arm: curve for curve in curves(store, found.source, list(arms), quantity)}
        for quantity in ("train_accuracy", "test_accuracy")
    )
    about = {"train_per_class": None if largest == math.inf else largest, "augment": runs[0].augment}
    return TrainTestPanel(
        f"<b>{axis.short(largest)}</b>: ── test, ··· train",
        tuple(TrainTest(its, train[arm], test[arm]) for arm, its in arms.items()),
        styles,
        about,
    )
