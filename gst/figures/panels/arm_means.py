"""The arms of a sweep side by side: the mean accuracy of each, and its mean stability in the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis import Accuracy, RunResult, Source
from gst.analysis.quantities import stability
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean
from gst.figures.panels.baselines import add_baseline
from gst.figures.panels.marks import error_bars
from gst.figures.sheet import Row
from gst.figures.style import BASELINE, Look, looks, percent, plain, wrapped
from gst.figures.sweep_runs import SweepRuns
from gst.stats import Estimate, bootstrap

MANY = 7
"""Arms from here on have upright labels, for which there is no other room."""


class Arm(NamedTuple):
    """One arm over its completed runs; an estimate is None where there are not two runs to make it from."""

    arm: str
    pruned: bool
    scale: float
    n: int
    mean_accuracy: float
    accuracy: Estimate | None
    mean_stability: float | None
    stability: Estimate | None


class ArmMeans(NamedTuple):
    """The arms with a completed run, in the order of the sweep file."""

    accuracy: Accuracy
    arms: tuple[Arm, ...]

    @property
    def heading(self) -> str:
        """What is shown of each arm."""
        interval = " and its 95% interval" if any(arm.accuracy for arm in self.arms) else ""
        return f"<b>Mean of each arm</b>{interval}"

    @property
    def looks(self) -> Mapping[str, Look]:
        """A look for each arm; unpruned ones share theirs."""
        found = looks([arm.arm for arm in self.arms if arm.pruned])
        return found | {arm.arm: Look(BASELINE, "circle") for arm in self.arms if not arm.pruned}

    def rows(self) -> Iterator[Row]:
        """Both means of each arm."""
        for arm in self.arms:
            for what, mean, estimate in (
                (f"mean {self.accuracy}_test_accuracy", arm.mean_accuracy, arm.accuracy),
                ("mean stability", arm.mean_stability, arm.stability),
            ):
                found = estimate._asdict() if estimate else {"value": mean, "n": arm.n}
                yield {"what": what, "arm": arm.arm, "scale": arm.scale, **found}

    def reading(self) -> Iterator[str]:
        """How the intervals were made."""
        method = next((arm.accuracy.method for arm in self.arms if arm.accuracy), None)
        yield f"Intervals of means: {method}, over runs." if method else "No arm has two runs."


def arm_means(runs: SweepRuns) -> ArmMeans:
    """Both means of each arm, with 95% percentile bootstrap intervals over its runs."""
    of_arm: dict[str, list[RunResult]] = {arm: [] for arm in runs.source.arms}
    for run in runs.runs:
        of_arm[run.arm].append(run)
    return ArmMeans(runs.accuracy, tuple(_arm(runs, arm, its) for arm, its in of_arm.items() if its))


def _arm(found: SweepRuns, arm: str, runs: Sequence[RunResult]) -> Arm:
    accuracies = [run.accuracy(found.accuracy) for run in runs]
    stable = [value for run in runs if (value := stability(run)) is not None]
    return Arm(
        arm,
        runs[0].pruned,
        min(run.scale for run in runs),
        len(runs),
        float(np.mean(accuracies)),
        _estimate(found.source, f"{arm}/accuracy", accuracies),
        float(np.mean(stable)) if stable else None,
        _estimate(found.source, f"{arm}/stability", stable),
    )


def _estimate(source: Source, name: str, values: Sequence[float]) -> Estimate | None:
    return bootstrap(values, source.generator(name)) if len(values) > 1 else None


@draw_panel.register
def _(panel: ArmMeans, pane: Pane) -> None:
    found, many = panel.looks, len(panel.arms) >= MANY
    for place, arm in enumerate(panel.arms):
        mean = RunMean(arm.arm, arm.n, arm.mean_accuracy, arm.accuracy)
        interval = arm.accuracy
        bounds = f"{percent(interval.low, 2)} to {percent(interval.high, 2)}" if interval else "no interval"
        pane.add(
            x=[place],
            y=[arm.mean_accuracy],
            name=plain(arm.arm),
            mode="markers",
            marker=found[arm.arm].marker(14, hollow=arm.scale < 1),
            error_y=error_bars([mean], found[arm.arm].colour),
            hovertemplate=(
                f"<b>{plain(arm.arm)}</b>, n = {arm.n}<br>"
                f"mean accuracy {percent(arm.mean_accuracy, 2)}<br>{bounds}<extra></extra>"
            ),
        )
        if not arm.pruned:
            add_baseline(pane, mean)
    pane.set_x(
        tickvals=list(range(len(panel.arms))),
        ticktext=[_label(arm, found[arm.arm], many) for arm in panel.arms],
        tickangle=-90 if many else 0,
        range=[-0.6, len(panel.arms) - 0.4],
        showgrid=False,
    )
    pane.set_y(tickformat=".2~%")


def _label(arm: Arm, look: Look, many: bool) -> str:
    name = plain(arm.arm) if many else wrapped(arm.arm, 9)
    end = ", " if many else "<br>"
    n = f"n = {arm.n}" + ("" if arm.accuracy else f"{end}no interval")
    return f'<span style="color:{look.colour}"><b>{name}</b></span>{end}{n}'
