"""What pruning events cost the classes of test images, what became of answers, and what layers are left with.

Each function has the completed runs in the order of the sweep file; runs of older stores have no classes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.source import Source, completed_rows
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store

FloatArray = NDArray[np.float64]
_AS_IT_TRAINED = "t.epoch >= 0"
_COLUMNS = (
    "arm", "key", "epoch", "label", "images", "right_before", "right_after", "answered_before", "moved",
)  # fmt: skip


class EventClasses(NamedTuple):
    """The events of a run as it trained, all of them together.

    `images` are the test images of each class and `drops` their right answers before less those after, both
    summed over events [classes]; `moved` [before, after] are the answers before and after, of the same sums.
    """

    arm: str
    key: str
    images: FloatArray
    drops: FloatArray
    moved: FloatArray


class LayerShares(NamedTuple):
    """The share of a layer's units that a run has left after each of its events, by epoch, and before all.

    The latter stands at the epoch before the first event. A layer that an event passes over is as it was.
    """

    arm: str
    key: str
    epochs: tuple[int, ...]
    left: dict[str, tuple[float, ...]]


def event_classes(store: Store, source: Source) -> tuple[EventClasses, ...]:
    """What events did to classes, of each run that has it stored."""
    rows = completed_rows(
        store, source, _COLUMNS, "event_classes", where=_AS_IT_TRAINED, order=["t.epoch", "t.label"]
    )
    classes = 1 + max((row[3] for row in rows), default=-1)
    found: dict[tuple[str, str], EventClasses] = {}
    for arm, key, _, label, images, before, after, answered, moved in rows:
        empty = EventClasses(arm, key, np.zeros(classes), np.zeros(classes), np.zeros((classes, classes)))
        it = found.setdefault((arm, key), empty)
        it.images[label] += images
        it.drops[label] += before - after
        it.moved[label, label] += answered
        for other, number in json.loads(moved) if isinstance(moved, str) else moved:
            it.moved[label, other] += number
            it.moved[label, label] -= number
    return tuple(found.values())


def layer_shares(store: Store, source: Source) -> tuple[LayerShares, ...]:
    """What each event leaves of each layer, of each run that removes something as it trains."""
    names = ("arm", "key", "epoch", "layer", "total", "kept_before", "kept_after")
    rows = completed_rows(
        store,
        source,
        names,
        "layer_prunings",
        columns={"kept_after": "t.kept_after + COALESCE(t.regrown, 0)"},
        where=_AS_IT_TRAINED,
        order=["t.epoch", "t.layer"],
    )
    runs = grouped(
        ((arm, key), (epoch, layer, before / total, after / total))
        for arm, key, epoch, layer, total, before, after in rows
    )
    return tuple(_shares(arm, key, events) for (arm, key), events in runs.items())


def _shares(arm: str, key: str, events: list[tuple[int, str, float, float]]) -> LayerShares:
    epochs = sorted({epoch for epoch, *_ in events})
    after = {(epoch, layer): share for epoch, layer, _, share in events}
    first = {layer: before for _, layer, before, _ in reversed(events)}
    left: dict[str, tuple[float, ...]] = {}
    for layer, share in sorted(first.items()):
        shares = [share]
        for epoch in epochs:
            shares.append(after.get((epoch, layer), shares[-1]))
        left[layer] = tuple(shares)
    return LayerShares(arm, key, (epochs[0] - 1, *epochs), left)
