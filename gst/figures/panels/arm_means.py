"""The arms of a sweep side by side: the mean accuracy of each, and its mean stability in the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gst.analysis.results import Accuracy
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean, measured_stability, run_mean
from gst.figures.panels.baselines import FEW, add_baseline
from gst.figures.panels.marks import error_bars
from gst.figures.sheet import Row
from gst.figures.style import BASELINE, Look, looks, percent, plain, told_apart, wrapped
from gst.figures.sweep_runs import SweepRuns

UPRIGHT = 44
"""Letters of an arm's name that stands upright; one with more is shortened."""
MANY = 7
"""Number of arms from which on their labels stand upright."""


class Arm(NamedTuple):
    """One arm over its completed runs; `stability` is None where no run has a pruning event."""

    name: str
    pruned: bool
    scale: float
    accuracy: RunMean
    stability: RunMean | None


class ArmMeans(NamedTuple):
    """The arms with a completed run, in the order of the sweep file."""

    accuracy: Accuracy
    arms: tuple[Arm, ...]

    @property
    def heading(self) -> str:
        """What is shown of each arm."""
        return f"<b>Mean of each arm</b>{' and its 95% interval' if self.method else ''}"

    @property
    def looks(self) -> Mapping[str, Look]:
        """The look of each arm; unpruned arms share one."""
        found = looks([arm.name for arm in self.arms if arm.pruned])
        return found | {arm.name: Look(BASELINE, "circle") for arm in self.arms if not arm.pruned}

    @property
    def method(self) -> str | None:
        """How the intervals were made; None where no arm has two runs."""
        return next((arm.accuracy.estimate.method for arm in self.arms if arm.accuracy.estimate), None)

    @property
    def upright(self) -> bool:
        """Whether the arms are so many that their labels stand upright."""
        return len(self.arms) >= MANY

    def rows(self) -> Iterator[Row]:
        """Both means of each arm."""
        for arm in self.arms:
            nothing = {"what": "mean stability", "arm": arm.name, "n": arm.accuracy.n}
            stable = arm.stability.row("mean stability") if arm.stability else nothing
            for row in (arm.accuracy.row(f"mean {self.accuracy}_test_accuracy"), stable):
                yield {**row, "scale": arm.scale}

    def reading(self) -> Iterator[str]:
        """How the intervals were made."""
        yield f"Intervals of means: {self.method}, over runs." if self.method else "No arm has two runs."


def arm_means(found: SweepRuns) -> ArmMeans:
    """Both means of each arm, with 95% intervals over its runs."""
    arms = []
    for name, runs in found.by_arm.items():
        accuracy, stable = [run.accuracy(found.accuracy) for run in runs], measured_stability(name, runs)
        scale = min(run.scale for run in runs)
        arms.append(Arm(name, runs[0].pruned, scale, run_mean(name, accuracy), stable))
    return ArmMeans(found.accuracy, tuple(arms))


@draw_panel.register
def _(panel: ArmMeans, pane: Pane) -> None:
    found, many = panel.looks, panel.upright
    names = told_apart([arm.name for arm in panel.arms], UPRIGHT)
    for place, arm in enumerate(panel.arms):
        look, interval = found[arm.name], arm.accuracy.estimate
        bounds = f"{percent(interval.low, 2)} to {percent(interval.high, 2)}" if interval else "no interval"
        pane.add(
            x=[place],
            y=[arm.accuracy.mean],
            name=plain(arm.name),
            mode="markers",
            marker=look.marker(14, hollow=arm.scale < 1),
            error_y=error_bars([arm.accuracy], look.colour),
            hovertemplate=(
                f"<b>{plain(arm.name)}</b>, n = {arm.accuracy.n}<br>"
                f"mean accuracy {percent(arm.accuracy.mean, 2)}<br>{bounds}<extra></extra>"
            ),
        )
    unpruned = [arm.accuracy for arm in panel.arms if not arm.pruned]
    for mean in unpruned if len(unpruned) <= FEW else ():  # each has a mark of its own as well
        add_baseline(pane, mean)
    pane.set_x(
        tickvals=list(range(len(panel.arms))),
        ticktext=[_label(it, name, found[it.name], many) for it, name in zip(panel.arms, names, strict=True)],
        tickangle=-90 if many else 0,
        range=[-0.6, len(panel.arms) - 0.4],
        showgrid=False,
    )
    pane.set_y(tickformat=".2~%")


def _label(arm: Arm, name: str, look: Look, many: bool) -> str:
    name = plain(name) if many else wrapped(arm.name, 9)
    end = ", " if many else "<br>"
    n = f"n = {arm.accuracy.n}" + ("" if arm.accuracy.estimate else f"{end}no interval")
    return f'<span style="color:{look.colour}"><b>{name}</b></span>{end}{n}'
