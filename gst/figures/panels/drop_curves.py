"""The drop in accuracy at pruning events by epoch: the left panel of GST 2019's Figure 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis.results import EventDrop
from gst.figures.frame import Pane, draw_panel
from gst.figures.sheet import Row
from gst.figures.style import Look, plain
from gst.figures.sweep_runs import SweepRuns
from gst.grouping import grouped

TICKS = tuple(digit * 10.0**power for power in range(-4, 2) for digit in (1, 2, 5))
"""Percentage points; a drop is of 100 at most."""


class EpochDrop(NamedTuple):
    """The events of an arm's runs in one epoch; drops are fractions of 1.

    `mean` is over the drops above 0 alone, `positive` in number; None where an event lowered no run's
    accuracy. `n` runs had an event.
    """

    epoch: int
    mean: float | None
    positive: int
    n: int


class DropCurve(NamedTuple):
    """The drops of one arm, at the epochs in which any of its runs had an event."""

    arm: str
    scaled: bool
    epochs: tuple[EpochDrop, ...]


class DropCurves(NamedTuple):
    """A curve for each arm with an event; `looks` has a look for each of these."""

    curves: tuple[DropCurve, ...]
    looks: Mapping[str, Look]
    heading: str = "<b>Drops above 0 alone</b>: mean over the runs that have one"

    def rows(self) -> Iterator[Row]:
        """A row for each arm and epoch."""
        for curve in self.curves:
            for it in curve.epochs:
                yield {
                    "what": "mean positive drop",
                    "arm": curve.arm,
                    "epoch": it.epoch,
                    "value": it.mean,
                    "n": it.positive,
                    "of": it.n,
                }

    def reading(self) -> Iterator[str]:
        """What a drop is, and which ones are left out."""
        yield (
            "A drop is the test accuracy before an event less the one after it, in percentage points, not "
            "relative. Left: no interval, as which runs count differs from epoch to "
            "epoch; epochs where no run's accuracy fell are left out. Right: all drops of a run count."
        )
        if not self.curves:
            yield "No completed run had an event while it trained."


def drop_curves(runs: SweepRuns, events: Sequence[EventDrop], looks: Mapping[str, Look]) -> DropCurves:
    """The curves of the arms that have events."""
    scaled = {run.arm for run in runs.runs if run.scale < 1}
    of_arm = grouped((event.arm, event) for event in events)
    shown = (DropCurve(arm, arm in scaled, _epochs(of_arm[arm])) for arm in runs.source.arms if arm in of_arm)
    return DropCurves(tuple(shown), looks)


def _epochs(events: Sequence[EventDrop]) -> tuple[EpochDrop, ...]:
    drops = grouped((event.epoch, event.drop) for event in events)
    return tuple(_epoch(epoch, drops[epoch]) for epoch in sorted(drops))


def _epoch(epoch: int, drops: Sequence[float]) -> EpochDrop:
    positive = [drop for drop in drops if drop > 0]
    return EpochDrop(epoch, float(np.mean(positive)) if positive else None, len(positive), len(drops))


@draw_panel.register
def _(panel: DropCurves, pane: Pane) -> None:
    for curve in panel.curves:
        shown = [(it, it.mean) for it in curve.epochs if it.mean is not None]
        look = panel.looks[curve.arm]
        pane.add(
            x=[it.epoch for it, _ in shown],
            y=[100 * mean for _, mean in shown],
            name=plain(curve.arm),
            legendgroup=curve.arm,
            showlegend=True,
            mode="lines+markers",
            line={"color": look.colour, "width": 1},
            marker=look.marker(5, hollow=curve.scaled),
            customdata=[(it.positive, it.n) for it, _ in shown],
            hovertemplate=(
                f"<b>{plain(curve.arm)}</b>, epoch %{{x}}<br>mean drop %{{y:.3f}} points<br>"
                "above 0 in %{customdata[0]} of %{customdata[1]} runs<extra></extra>"
            ),
        )
    pane.set_x(title_text="Epoch of the event")
    # Logarithmic: drops span decades, and those below 0 are not here.
    ticks = {"tickvals": TICKS, "ticktext": [f"{tick:g}" for tick in TICKS]}
    pane.set_y(title_text="Mean drop, percentage points", type="log", **ticks)
