"""The error barrier by branch epoch, and the error along the lines between two orders of batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis.barriers import Line, Split
from gst.analysis.curves import Curve, mean_curve
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean, run_mean
from gst.figures.panels.bands import add_band, add_curve
from gst.figures.sheet import Row
from gst.figures.style import bars, intervals, looks, plain
from gst.grouping import grouped

SPLITS: tuple[Split, ...] = ("test", "train")
RULE = (
    "Error barrier: the largest error on the straight line between the two final networks less the mean of "
    "both ends (Frankle et al. 2020). Runs of a line share their trunk; seeds are what is independent."
)


class Mark(NamedTuple):
    """The barriers of an arm's seeds, on one split."""

    epoch: int
    split: Split
    group: RunMean
    values: tuple[float, ...]


class BarrierPanel(NamedTuple):
    """Barriers by the epoch at which the two runs branched off."""

    marks: tuple[Mark, ...]
    heading: str = "<b>Error barrier</b>"

    def rows(self) -> Iterator[Row]:
        """A row for each arm and split."""
        for it in self.marks:
            yield {**it.group.row(f"{it.split} error barrier"), "branch_epoch": it.epoch}

    def counts(self) -> list[tuple[str, int]]:
        """Each mark, and its number of seeds."""
        return [(f"{it.split} at {it.epoch}", it.group.n) for it in self.marks]

    def reading(self) -> Iterator[str]:
        """The definition, and how intervals were made."""
        yield RULE
        yield intervals(it.group.estimate.method for it in self.marks if it.group.estimate)


class LinesPanel(NamedTuple):
    """The mean test error along the lines of an arm, and the epoch at which these branched off, for each."""

    curves: tuple[tuple[int, Curve], ...]
    heading: str = "<b>Test error on the line</b>"

    def rows(self) -> Iterator[Row]:
        """A row for each point of each curve."""
        for epoch, it in self.curves:
            for place, share in enumerate(it.x.tolist()):
                about = {"what": "test error on the line", "arm": it.arm, "branch_epoch": epoch}
                yield {**about, "share": share, **it.numbers(place)}

    def reading(self) -> Iterator[str]:
        """How the bands were made."""
        yield "Bands: 95% t intervals of the mean over seeds, point by point."


def barrier_panel(lines: Sequence[Line]) -> BarrierPanel:
    """The barriers of these lines, by branch epoch and arm."""
    marks = []
    for (epoch, arm), of_arm in _by_arm(lines):
        for split in SPLITS:
            values = tuple(it.barrier(split) for it in of_arm)
            marks.append(Mark(epoch, split, run_mean(arm, values), values))
    return BarrierPanel(tuple(marks))


def lines_panel(lines: Sequence[Line]) -> LinesPanel:
    """The mean test error along these lines, arm by arm, each of one number of points."""
    return LinesPanel(
        tuple(
            (epoch, mean_curve(arm, np.array([it.test for it in of_arm]), of_arm[0].shares))
            for (epoch, arm), of_arm in _by_arm(lines)
        )
    )


def _by_arm(lines: Sequence[Line]) -> list[tuple[tuple[int, str], list[Line]]]:
    """The lines of each branch epoch and arm, sorted by these."""
    return sorted(grouped(((it.epoch, it.arm), it) for it in lines).items())


@draw_panel.register
def _(panel: BarrierPanel, pane: Pane) -> None:
    epochs = sorted({it.epoch for it in panel.marks})
    for (split, look), aside in zip(looks(SPLITS).items(), (-0.08, 0.08), strict=True):
        marks = [it for it in panel.marks if it.split == split]
        places = [epochs.index(it.epoch) + aside for it in marks]
        ends = [(it.low, it.high) if it else (None, None) for it in (mark.group.estimate for mark in marks)]
        means = [it.group.mean for it in marks]
        pane.add(
            x=[place for place, it in zip(places, marks, strict=True) for _ in it.values],
            y=[value for it in marks for value in it.values],
            mode="markers",
            marker={"color": look.colour, "size": 4, "opacity": 0.5},
            hoverinfo="skip",
        )
        pane.add(
            x=places,
            y=means,
            error_y=bars(means, ends, look.colour),
            name=f"{split} error",
            legendgroup=split,
            showlegend=True,
            mode="markers+lines",
            marker=look.marker(9),
            line={"color": look.colour},
            hovertext=[plain(f"{it.group.name}, n = {it.group.n}") for it in marks],
        )
    pane.across(0, color="#888888", width=1)
    ticks = {"tickvals": list(range(len(epochs))), "ticktext": list(map(str, epochs))}
    pane.set_x(**ticks, title_text="Branch epoch")
    pane.set_y(tickformat=".1~%", title_text="Error barrier")


@draw_panel.register
def _(panel: LinesPanel, pane: Pane) -> None:
    colours = looks([*SPLITS, *(it.arm for _, it in panel.curves)])  # none of the other panel
    for epoch, it in panel.curves:
        colour = colours[it.arm].colour
        add_band(pane, it, colour)
        add_curve(pane, it, {"color": colour}, name=f"from epoch {epoch}")
    pane.set_x(title_text="Share of the way")
    pane.set_y(tickformat=".1~%", title_text="Test error")
