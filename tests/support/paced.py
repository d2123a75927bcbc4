"""Runs that are pruned at several paces, for tests of the figures that have an iterative rate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stores import Run, fill, run_config

from gst.config import RunConfig
from gst.store import Store

EPOCHS, FRACTION, END = 6, 0.75, 2
LETTERS = {"S": "smallest", "R": "random", "L": "largest"}
# Events at 0, 1 and 2, or at 0 alone: rates of 25% and of 75%.
RATES = {1: 0.25, 3: 0.75}


def pruning(letter: str, every: int, score: str = "l2", **changes: Any) -> RunConfig:
    """A configuration that removes FRACTION of a layer in events from epoch 0 to END."""
    return run_config(
        epochs=EPOCHS,
        pruning={
            "kind": "filters", "score": score, "target": LETTERS[letter], "layers": ("conv1",), "start": 0,
            "end": END, "every": every, "fraction": FRACTION,
        },
        **changes,
    )  # fmt: skip


def run(arm: str, seed: int, every: int, stability: float, accuracy: float, **changes: Any) -> Run:
    """A run with that stability at each event, that final accuracy, and one 1/64 higher an epoch before."""
    epochs = range(0, END + 1, every)
    accuracies = [0.5] * (EPOCHS - 2) + [accuracy + 1 / 64, accuracy]
    return Run(arm, seed, accuracies, [(epoch, 0.5, 0.5 * stability) for epoch in epochs], **changes)


def fill_paced(store: Store, runs: Iterable[Run], configs: dict[str, RunConfig]) -> None:
    """A sweep `hand` of those runs, and of unpruned ones in arms that have no configuration."""
    runs = list(runs)
    present = {it.arm for it in runs}
    fill(store, runs, configs={arm: config for arm, config in configs.items() if arm in present})


CONFIGS = {f"{letter} {every}": pruning(letter, every) for letter in "SRL" for every in RATES}
# Stability and accuracy of three seeds in each arm; fractions of two, so that all is exact.
TABLE = {
    "S 1": [(0.96875, 0.625), (0.9375, 0.65625), (0.875, 0.6875)],
    "S 3": [(0.875, 0.625), (0.75, 0.75), (0.8125, 0.71875)],
    "R 1": [(0.9375, 0.640625), (0.90625, 0.65625), (0.84375, 0.671875)],
    "R 3": [(0.75, 0.6875), (0.5, 0.65625), (0.625, 0.75)],
    "L 1": [(0.875, 0.71875), (0.8125, 0.75), (0.75, 0.703125)],
    "L 3": [(0.5, 0.625), (0.25, 0.59375), (0.375, 0.609375)],
}
EVERY = {arm: int(arm[-1]) for arm in TABLE}
UNPRUNED = [Run("none", seed, [0.5] * 5 + [value]) for seed, value in enumerate((0.5, 0.625, 0.75))]
RUNS = [
    *UNPRUNED,
    *(run(arm, seed, EVERY[arm], *pair) for arm, of_arm in TABLE.items() for seed, pair in enumerate(of_arm)),
]
