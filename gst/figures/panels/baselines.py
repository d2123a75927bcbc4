"""The mean of an unpruned arm as a dashed line through a panel, with its interval as a band behind it."""

from __future__ import annotations

from collections.abc import Sequence

from gst.figures.frame import Pane
from gst.figures.means import RunMean
from gst.figures.style import BASELINE, HALO, percent, plain

LINE = {"color": BASELINE, "dash": "dash", "width": 1.5}


FEW = 3
"""Number of lines, at most, that have a name and a band each: more would cover each other."""


def add_baselines(pane: Pane, groups: Sequence[RunMean]) -> None:
    """Draw the means of unpruned arms, each named in the panel; of many the lines alone, named together."""
    if len(groups) <= FEW:
        for group in groups:
            add_baseline(pane, group, label=True)
        return
    for group in groups:
        pane.across(group.mean, **LINE)
    highest = max(it.mean for it in groups)
    _write(pane, f"{len(groups)} unpruned arms", "<br>".join(map(_told, groups)), highest)


def add_baseline(pane: Pane, group: RunMean, *, label: bool = False, legend: bool = False) -> None:
    """Draw the mean of an unpruned arm, named in the panel by a label, or in the legend."""
    name = f"{plain(group.name)}, n = {group.n}"
    pane.across(group.mean, **LINE)
    if group.estimate:
        across = {"xref": f"{pane.x} domain", "x0": 0, "x1": 1}
        low, high = group.estimate.low, group.estimate.high
        band = {"fillcolor": BASELINE, "opacity": 0.1, "line_width": 0}
        pane.shape(type="rect", y0=low, y1=high, **band, **across)
    if legend:
        pane.entry(name, mode="lines", line=LINE)
    if label:
        _write(pane, plain(group.name), _told(group), group.mean)


def _told(group: RunMean) -> str:
    return f"{plain(group.name)}: mean {percent(group.mean, 2)}, n = {group.n}"


def _write(pane: Pane, words: str, hover: str, y: float) -> None:
    pane.write(
        words,
        hovertext=hover,
        x=0.005,
        xref=f"{pane.x} domain",
        xanchor="left",
        y=y,
        yanchor="bottom",
        font={"size": 13, "color": BASELINE, "shadow": HALO},
    )
