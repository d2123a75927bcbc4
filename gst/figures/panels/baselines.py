"""The mean of an unpruned arm as a dashed line through a panel, with its interval as a band behind it."""

from __future__ import annotations

from gst.figures.frame import Pane
from gst.figures.means import RunMean
from gst.figures.style import BASELINE, HALO, percent, plain

LINE = {"color": BASELINE, "dash": "dash", "width": 1.5}


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
        pane.write(
            plain(group.name),
            hovertext=f"{plain(group.name)}: mean {percent(group.mean, 2)}, n = {group.n}",
            x=0.005,
            xref=f"{pane.x} domain",
            xanchor="left",
            y=group.mean,
            yanchor="bottom",
            font={"size": 13, "color": BASELINE, "shadow": HALO},
        )
