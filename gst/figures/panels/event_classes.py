"""Which classes pay for pruning, and which class test images are taken for in the place of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis.event_parts import EventClasses, FloatArray
from gst.errors import InputError
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean, run_mean
from gst.figures.panels.marks import error_bars
from gst.figures.sheet import Row
from gst.figures.style import FAINT, Look, looks, percent, plain

MOST_ARMS = 6
"""Number of arms whose marks stand side by side at a class."""
MOST_WRITTEN = 20
"""Number of classes up to which shares are written into their cells."""
ON_CELLS = "#1f2328"
"""The colour of numbers on cells, which stay light on dark pages; greys would turn with the page."""
NO_CLASSES = (
    "no run has classes of events: runs that were trained before schema 0012 have none; gst sweep stores "
    "them, and `gst import --shipped late_pruning` brings runs that have them"
)


class ClassDrops(NamedTuple):
    """The mean drop of each class at events, over runs, for each arm; `hidden` arms are in the table only."""

    arms: Mapping[str, tuple[RunMean, ...]]
    hidden: tuple[str, ...]
    looks: Mapping[str, Look]
    heading: str = "<b>Drop in accuracy at events</b>, by class"

    def rows(self) -> Iterator[Row]:
        """A row for each class of each arm."""
        for arm, means in self.arms.items():
            for it in means:
                yield {**it.row("mean drop at events, of a class"), "arm": arm, "class": it.name}

    def reading(self) -> Iterator[str]:
        """What a drop is, and which arms are not drawn."""
        yield (
            "Drop of a class: its right answers before events less those after, over its test images, "
            "mean over a run's events; intervals over runs. Of many classes some differ by chance."
        )
        if self.hidden:
            names = ", ".join(self.hidden)
            yield f"Drawn are the {MOST_ARMS} arms whose classes differ most; in the table: {names}."


class ConfusionPanel(NamedTuple):
    """Of the answers before an event, the shares that are another class after it [before, after], by arm."""

    arm: str
    runs: int
    shares: FloatArray
    churn: float
    columns: int

    @property
    def heading(self) -> str:
        """The arm, its runs, and what share of all answers changed."""
        return f"<b>{plain(self.arm)}</b>, n = {self.runs} runs, churn {percent(self.churn)}"

    def rows(self) -> Iterator[Row]:
        """A row for each pair of classes between which an answer moved."""
        for before, after in zip(*np.nonzero(self.shares), strict=True):
            value, about = float(self.shares[before, after]), {"arm": self.arm, "class": str(before)}
            yield {"what": "share of answers that stay or move", **about, "other": str(after), "value": value}

    def reading(self) -> Iterator[str]:
        """What a cell is."""
        yield (
            "Of the test images that a network took for the class of the row just before an event, the "
            "share, in percent, that it takes for that of the column just after, over all events of all "
            "runs. On the diagonal, without colour: what stays."
        )


def class_drops(found: Sequence[EventClasses], arms: Sequence[str]) -> ClassDrops:
    """The drops of these runs, by arm in that order. Raises InputError where there is none."""
    by_arm = {arm: [it for it in found if it.arm == arm] for arm in arms}
    means = {arm: _means(runs) for arm, runs in by_arm.items() if runs}
    if not means:
        raise InputError(NO_CLASSES)
    spread = sorted(means, key=lambda arm: -float(np.std([it.mean for it in means[arm]])))
    hidden = tuple(arm for arm in means if arm in spread[MOST_ARMS:])
    return ClassDrops(means, hidden, looks([arm for arm in means if arm not in hidden]))


def _means(runs: Sequence[EventClasses]) -> tuple[RunMean, ...]:
    drops = [it.drops / np.maximum(it.images, 1) for it in runs]
    return tuple(run_mean(str(label), [float(it[label]) for it in drops]) for label in range(len(drops[0])))


def confusion_panels(
    found: Sequence[EventClasses], arms: Sequence[str], most: int
) -> tuple[ConfusionPanel, ...]:
    """The confusions of those arms; of the `most` with the largest churn, in order. Raises as class_drops."""
    sums = {arm: [it.moved for it in found if it.arm == arm] for arm in arms}
    moved = {arm: (len(its), np.sum(its, axis=0)) for arm, its in sums.items() if its}
    if not moved:
        raise InputError(NO_CLASSES)
    churn = {arm: float(1 - np.trace(it) / it.sum()) for arm, (_, it) in moved.items()}
    chosen = sorted(sorted(moved, key=lambda arm: -churn[arm])[:most], key=list(moved).index)
    return tuple(
        ConfusionPanel(arm, moved[arm][0], _shares(moved[arm][1]), churn[arm], len(chosen)) for arm in chosen
    )


def _shares(moved: FloatArray) -> FloatArray:
    return np.asarray(moved / np.maximum(moved.sum(axis=1, keepdims=True), 1))


@draw_panel.register
def _(panel: ClassDrops, pane: Pane) -> None:
    pane.across(0, color=FAINT, width=1, dash="dot")
    shown = [arm for arm in panel.arms if arm not in panel.hidden]
    classes = [it.name for it in panel.arms[shown[0]]]
    for place, arm in enumerate(shown):
        look, means = panel.looks[arm], panel.arms[arm]
        aside = (place - (len(shown) - 1) / 2) * 0.8 / MOST_ARMS
        pane.add(
            x=[at + aside for at in range(len(classes))],
            y=[it.mean for it in means],
            name=plain(arm),
            legendgroup=arm,
            showlegend=True,
            mode="markers",
            marker=look.marker(9),
            error_y=error_bars(means, look.colour),
            customdata=[it.n for it in means],
            hovertemplate=(
                f"<b>{plain(arm)}</b><br>class %{{x:.0f}}: %{{y:.2%}}, n = %{{customdata}}<extra></extra>"
            ),
        )
    pane.set_x(title_text="Class of the test images", tickvals=list(range(len(classes))), ticktext=classes)
    pane.set_y(title_text="Mean drop at events, points", tickformat=".0%")


@draw_panel.register
def _(panel: ConfusionPanel, pane: Pane) -> None:
    classes = len(panel.shares)
    moved = np.where(np.eye(classes, dtype=bool), np.nan, panel.shares)
    written = classes * panel.columns <= MOST_WRITTEN
    pane.figure.add_heatmap(
        z=moved,
        xaxis=pane.x,
        yaxis=pane.y,
        colorscale=[[0, "white"], [1, "#D55E00"]],
        zmin=0,
        showscale=False,
        hovertemplate="from %{y} to %{x}: %{z:.2%}<extra></extra>",
    )
    for before in range(classes) if written else ():
        for after in range(classes):
            value = panel.shares[before, after]
            if value:
                colour = FAINT if before == after else ON_CELLS
                pane.write(f"{100 * value:.1f}", x=after, y=before, font={"size": 11, "color": colour})
    pane.set_x(title_text="Class after the event", tickvals=list(range(classes)), showgrid=False)
    pane.set_y(
        title_text="Class before the event",
        tickvals=list(range(classes)),
        autorange="reversed",
        showgrid=False,
    )
