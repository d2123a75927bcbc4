"""Accuracy without any filter that noise ever acted on, as a symbol behind the end of an arm's curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gst.analysis.results import probe_results
from gst.analysis.source import Source
from gst.figures.frame import Pane
from gst.figures.means import RunMean, run_mean
from gst.figures.panels.marks import error_bars
from gst.figures.style import Look, percent, plain
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store

REMOVED = "targeted_filters_removed"
"""The name of the probe, a test after the last epoch (GST 2020, D.1)."""


def mean_endings(store: Store, source: Source) -> tuple[RunMean, ...]:
    """The mean accuracy of each arm whose runs were tested so, a fraction of 1."""
    accuracies = grouped((it.arm, it.accuracy) for it in probe_results(store, source) if it.name == REMOVED)
    return tuple(run_mean(arm, accuracies[arm]) for arm in source.arms if arm in accuracies)


def add_ending(
    pane: Pane, ending: RunMean, x: float, window: tuple[float, float], look: Look, runs: str, *, hollow: bool
) -> None:
    """Draw the symbol; at the edge, with its value, if it is below the window. `runs` are for its tooltip."""
    (low, high), estimate = window, ending.estimate
    below = ending.mean < low
    bounds = f"{percent(estimate.low, 2)} to {percent(estimate.high, 2)}" if estimate else "no interval"
    pane.add(
        x=[x],
        y=[low + 0.02 * (high - low) if below else ending.mean],
        name=plain(ending.name),
        legendgroup=ending.name,
        mode="markers",
        marker=look.marker(11, hollow=hollow),
        error_y=None if below else error_bars([ending], look.colour),
        cliponaxis=False,
        hovertemplate=(
            f"<b>{plain(ending.name)}</b>, without every filter that noise acted on<br>"
            f"mean {percent(ending.mean, 2)}, {bounds}<br>{runs}<extra></extra>"
        ),
    )
    if below:  # upright, for the symbols stand close to each other
        text, font = f"← {percent(ending.mean)}", {"size": 12, "color": look.colour}
        pane.write(text, textangle=-90, x=x, y=low, yanchor="bottom", yshift=20, font=font)
