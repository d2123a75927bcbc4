"""How often two networks answer a test image differently in the end: those of two seeds, or of two arms.

Disagreement is at least the difference of two accuracies, as an image that one of them alone answers right is
answered differently; two networks of one accuracy may disagree on many.
"""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from gst.analysis.source import Source, completed_rows
from gst.archive.packed import unpacked
from gst.errors import InputError
from gst.stats.crossed import LEAST_SEEDS, jackknife_error

if TYPE_CHECKING:
    from gst.store import Store

Answers = NDArray[np.int64]


class Disagreement(NamedTuple):
    """The mean share of test images that two seeds of an arm answer differently, over its pairs of seeds.

    Pairs share seeds: the interval is Student's, of the jackknife that leaves out one seed with all its pairs
    (None below 3 seeds). `base` is the mean share that a run and the one of its seed in the sweep's first arm
    answer differently; None in that arm, and without such runs.
    """

    arm: str
    seeds: int
    value: float
    low: float | None
    high: float | None
    base: float | None


def disagreements(store: Store, source: Source) -> tuple[Disagreement, ...]:
    """That of each arm with two runs whose answers are stored, in the order of the sweep file.

    Raises InputError where no run has answers stored, and where each seed tests on images of its own.
    """
    arms: dict[str, dict[int, Answers]] = {}
    names, columns = ("arm", "key", "seed", "classes", "config"), {"config": "c.config"}
    for arm, _, seed, classes, config in completed_rows(store, source, names, "answers", columns=columns):
        _refuse_other_images(source, json.loads(config)["data"])
        arms.setdefault(arm, {})[seed] = np.array(unpacked(classes))
    if not arms:
        raise InputError(
            "no run has its answers stored: runs that were trained before schema 0012 have none; gst sweep "
            "stores them, and `gst import --shipped late_pruning` brings runs that have them"
        )
    first = next(iter(arms.values()), {})
    return tuple(
        _of_arm(arm, runs, {} if runs is first else first) for arm, runs in arms.items() if len(runs) > 1
    )


def _refuse_other_images(source: Source, data: dict[str, object]) -> None:
    drawn = "test_per_class" in data or (data["name"] == "digits" and "per_class" in data)
    if drawn and "draw" not in data:
        raise InputError(
            f"sweep {source.label!r}: each seed tests on images of its own, and answers cannot be compared; "
            "`data.draw` has all seeds draw the same"
        )


def _of_arm(arm: str, runs: dict[int, Answers], first: dict[int, Answers]) -> Disagreement:
    pairs = {(a, b): float((runs[a] != runs[b]).mean()) for a, b in combinations(runs, 2)}
    value = float(np.mean(list(pairs.values())))
    low = high = None
    if len(runs) >= LEAST_SEEDS:
        left = np.array([np.mean([it for pair, it in pairs.items() if seed not in pair]) for seed in runs])
        half = float(stdtrit(len(runs) - 1, 0.975) * jackknife_error(left))
        low, high = max(0.0, value - half), min(1.0, value + half)
    shared = [float((runs[seed] != first[seed]).mean()) for seed in runs if seed in first]
    return Disagreement(arm, len(runs), value, low, high, float(np.mean(shared)) if shared else None)
