"""Marks over the curves of arms: drops at their last pruning events, arrows at all, and how runs end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gst.analysis.results import REMOVAL_PROBE, event_accuracies, probe_results
from gst.analysis.source import Source
from gst.figures.frame import Pane
from gst.figures.means import RunMean, run_mean
from gst.figures.panels.marks import error_bars
from gst.figures.sheet import Row
from gst.figures.style import Look, percent, plain
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store

MARKED = 0.5
"""The drop at a last event from which on it is named, as a fraction of the largest."""
ROOM = 0.85
"""The fraction of the epochs after which there is no room for words to the right of an event."""


class MeanEvent(NamedTuple):
    """The events of an arm's `n` runs in one epoch: means of the test accuracies around them."""

    arm: str
    epoch: int
    n: int
    before: float
    after: float

    @property
    def drop(self) -> float:
        """The fall of the mean, a fraction of 1; negative where it rose."""
        return self.before - self.after

    def row(self) -> Row:
        """The event as a row."""
        return {"what": "event", **self._asdict(), "drop": self.drop}

    def words(self) -> str:
        """Arm and epoch."""
        return f"{plain(self.arm)}, event of epoch {self.epoch}"


def mean_events(store: Store, source: Source) -> tuple[MeanEvent, ...]:
    """The events of all completed runs, by arm and epoch."""
    runs, found = event_accuracies(store, source)
    if not len(runs):
        return ()
    arms = {arm: place for place, arm in enumerate(source.arms)}
    arm, epoch = np.array([arms[it.arm] for it in source.completed])[runs], found[:, 0].astype(np.int64)
    order = np.lexsort((epoch, arm))
    groups, starts = np.unique(np.stack((arm, epoch), axis=1)[order], axis=0, return_index=True)
    return tuple(
        MeanEvent(source.arms[place], epoch, len(pairs), *pairs.mean(axis=0).tolist())
        for (place, epoch), pairs in zip(
            groups.tolist(), np.split(np.ascontiguousarray(found[order, 1:]), starts[1:]), strict=True
        )
    )


def marked_events(events: Sequence[MeanEvent], least_stable: str | None) -> tuple[MeanEvent, ...]:
    """The last events to name: of the least stable arm, and of one other that falls nearly as far."""
    last = {event.arm: event for event in events}
    falling = sorted(last.values(), key=lambda event: event.drop, reverse=True)
    first = [event for event in falling if event.arm == least_stable]
    others = [event for event in falling if event.drop >= MARKED * falling[0].drop > 0]
    return tuple(dict.fromkeys([*first, *others]))[:2]


def add_drops(
    pane: Pane, marked: Sequence[MeanEvent], epochs: int, lowest: float, looks: Mapping[str, Look]
) -> None:
    """Name the drops of these events; two of one epoch stand side by side. The axis begins at `lowest`."""
    taken: set[int] = set()
    for event in marked:
        late = event.epoch + 1 > ROOM * epochs
        right = not late and event.epoch not in taken
        above = late and event.epoch in taken
        taken.add(event.epoch)
        below = event.after < lowest
        pane.write(
            f"<b>{points(event.drop)}</b>",
            hovertext=(
                f"{event.words()}: {percent(event.before, 2)} to {percent(event.after, 2)}, n = {event.n}"
            ),
            x=event.epoch,
            xanchor="left" if right else "right",
            xshift=6 if right else -6,
            y=lowest if below else event.after,
            yanchor="bottom" if below else "middle",
            yshift=20 if above else 0,
            font={"size": 13, "color": looks[event.arm].colour},
            bgcolor="rgba(255, 255, 255, 0.7)",
        )


def add_arrows(pane: Pane, events: Sequence[MeanEvent], window: tuple[float, float], colour: str) -> None:
    """Point at each event of an arm; once, at the largest, where events are in adjacent epochs."""
    low, high = window
    for together in _adjacent(events):
        event = max(together, key=lambda event: event.drop)
        pane.write(
            "",
            x=event.epoch,
            y=min(max(event.before, low), high),
            hovertext="<br>".join(f"{it.words()}: {points(it.drop)}" for it in together),
            showarrow=True,
            arrowhead=2,
            arrowwidth=1.8,
            arrowcolor=colour,
            ax=0,
            ay=-34,
            standoff=4,
        )


def _adjacent(events: Sequence[MeanEvent]) -> list[list[MeanEvent]]:
    """The events in lists of those whose epochs follow each other."""
    together = [[event] for event in events[:1]]
    for before, event in pairwise(events):
        if event.epoch == before.epoch + 1:
            together[-1].append(event)
        else:
            together.append([event])
    return together


def points(drop: float) -> str:
    """A drop, a fraction of 1, in percentage points: `−7.1 points`."""
    size = f"{abs(100 * drop):.1f}"
    return f"{'±' if size == '0.0' else '+' if drop < 0 else '−'}{size} points"


def mean_endings(store: Store, source: Source) -> tuple[RunMean, ...]:
    """The mean accuracy of each arm without any filter that noise ever acted on, a fraction of 1."""
    accuracies = grouped(
        (it.arm, it.accuracy) for it in probe_results(store, source) if it.name == REMOVAL_PROBE
    )
    return tuple(run_mean(arm, accuracies[arm]) for arm in source.arms if arm in accuracies)


def add_ending(
    pane: Pane, ending: RunMean, x: float, window: tuple[float, float], look: Look, runs: str, *, hollow: bool
) -> None:
    """Draw a symbol behind the end of an arm's curve; at the edge, with its value, if it is below the window.

    `runs` are for its tooltip.
    """
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
