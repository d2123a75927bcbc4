"""Accuracy and gap by the number of training images, and both accuracies by epoch (GST 2019, Figure A3)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.curves import Curve, curves
from gst.analysis.results import RunResult
from gst.figures.axes import MarkAxis, asides, epoch_axis, size_axis
from gst.figures.frame import Pane, draw_panel
from gst.figures.methods import Method, method, method_looks, methods, names
from gst.figures.panels.bands import add_band, add_curve
from gst.figures.panels.marks import SeriesStyle
from gst.figures.panels.series import RateMark, SeriesPanel, series
from gst.figures.sheet import Row
from gst.figures.style import plain
from gst.figures.sweep_runs import SweepRuns

if TYPE_CHECKING:
    from gst.store import Store


class TrainTest(NamedTuple):
    """The training and test accuracy of an arm by epoch; the test is after the epoch's pruning."""

    method: Method
    train: Curve
    test: Curve


class TrainTestPanel(NamedTuple):
    """A pair of curves for each method; `about` has further columns of all rows."""

    heading: str
    curves: tuple[TrainTest, ...]
    styles: Mapping[Method, SeriesStyle]
    about: Row

    def rows(self) -> Iterator[Row]:
        """A row for each point of a curve."""
        for it in self.curves:
            for what, curve in (("train_accuracy", it.train), ("test_accuracy", it.test)):
                for place, epoch in enumerate(curve.x.tolist()):
                    yield {
                        "what": f"mean {what}",
                        "arm": curve.arm,
                        "n": curve.n,
                        "score": it.method.score,
                        "target": it.method.target,
                        **self.about,
                        "epoch": epoch,
                        **curve.numbers(place),
                    }

    def reading(self) -> Iterator[str]:
        """The definition of both accuracies."""
        yield (
            "Train accuracy is the running mean of the epoch; test accuracy is after the epoch's pruning. "
            "Bands: intervals of the mean over runs."
        )


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

    def words(mark: RateMark) -> str:
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


@draw_panel.register
def _(panel: TrainTestPanel, pane: Pane) -> None:
    for it in panel.curves:
        style = panel.styles[it.method]
        for curve, what, dash in ((it.train, "train", "dot"), (it.test, "test", "solid")):
            add_band(pane, curve, style.look.colour, style.name)
            _curve(pane, curve, style, what, dash)
    longest = max((it.test.x.size for it in panel.curves), default=0)
    pane.set_x(title_font_size=14, **epoch_axis(longest))
    pane.set_y(tickformat=".2~%")


def _curve(pane: Pane, curve: Curve, style: SeriesStyle, what: str, dash: str) -> None:
    bounds = ["no interval"] * len(curve.x)
    if curve.low is not None and curve.high is not None:
        bounds = [f"{low:.2%} to {high:.2%}" for low, high in zip(curve.low, curve.high, strict=True)]
    add_curve(
        pane,
        curve,
        {"color": style.look.colour, "width": 2, "dash": dash},
        name=f"{style.name}, {what}",
        legendgroup=style.name,
        showlegend=False,
        customdata=[(it,) for it in bounds],
        hovertemplate=(
            f"<b>{plain(curve.arm)}</b>, n = {curve.n}<br>epoch %{{x}}<br>"
            f"mean {what} accuracy %{{y:.2%}}<br>%{{customdata[0]}}<extra></extra>"
        ),
    )
