"""Runs with a stability and an accuracy, for tests of the trade-off."""

from __future__ import annotations

from typing import Any

from stores import Run, run_config

from gst.config import RunConfig

# (after / before, final accuracy) of four pruned runs: fractions of two, so that all is exact.
PRUNED = [(0.25, 0.75), (0.5, 0.5), (0.75, 0.625), (1.0, 0.25)]


def pruned(arm: str, seed: int, stability: float, accuracy: float, **changes: Any) -> Run:
    """A run of two epochs, with one event after the first and the best accuracy there."""
    return Run(arm, seed, [accuracy + 0.125, accuracy], events=[(0, 0.5, 0.5 * stability)], **changes)


def unpruned(arm: str, seed: int, accuracy: float, **changes: Any) -> Run:
    return Run(arm, seed, [accuracy, accuracy], **changes)


def targeted(target: str | None, *, every: int = 1, **changes: Any) -> RunConfig:
    """Two epochs, after the first of which that target is pruned; None for the unpruned twin."""
    pruning = {
        "kind": "filters", "score": "l2", "target": target, "layers": ("conv1",), "start": 0, "end": 0,
        "every": every, "fraction": 0.5,
    }  # fmt: skip
    return run_config(epochs=2, pruning=pruning if target else None, **changes)


TWINS = {"none": targeted(None), "hard": targeted("largest"), "soft": targeted("smallest")}
"""Configurations of the arms of HAND with which they can be paired: they differ in pruning alone."""

HAND = [
    unpruned("none", 0, 0.25),
    unpruned("none", 1, 0.5),
    *(pruned("hard", seed, *PRUNED[seed]) for seed in (0, 1)),
    *(pruned("soft", seed, *PRUNED[seed + 2]) for seed in (0, 1)),
]
