"""How much an arm, its baseline and their difference vary from seed to seed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from gst.analysis.quantities import RunQuantity
from gst.analysis.results import RunResult
from gst.stats.rows import pearson_rows
from gst.stats.spread import Spread, deviation, paired_spread, unpaired_spread


class ContrastSpread(NamedTuple):
    """Deviations over seeds of an arm and of its baseline, as people read the quantity: shares in percent.

    `runs` are the runs of each that have the quantity, `pairs` the seeds that both have. A deviation is None
    below 2 runs, the correlation over pairs below 3 or where a side does not vary, and a spread where it
    cannot be told from 0.
    """

    arm: str
    baseline: str
    runs: tuple[int, int]
    pairs: int
    deviation_arm: float | None
    deviation_baseline: float | None
    correlation: float | None
    unpaired: Spread | None
    paired: Spread | None


def contrast_spreads(
    runs: Iterable[RunResult], contrasts: Iterable[tuple[str, str]], quantity: RunQuantity
) -> tuple[ContrastSpread, ...]:
    """The spread of each contrast, which is a pair of labels: an arm and its baseline."""
    by_arm: dict[str, dict[int, float]] = {}
    for run in runs:
        value = quantity.of(run)
        if value is not None and math.isfinite(value):
            by_arm.setdefault(run.arm, {})[run.seed] = quantity.in_unit(value)
    return tuple(
        _spread(arm, baseline, by_arm.get(arm, {}), by_arm.get(baseline, {})) for arm, baseline in contrasts
    )


def _spread(
    arm: str, baseline: str, first: Mapping[int, float], second: Mapping[int, float]
) -> ContrastSpread:
    ours, theirs = list(first.values()), list(second.values())
    one, two = (deviation(side) if len(side) > 1 else None for side in (ours, theirs))
    common = sorted(first.keys() & second.keys())
    sides = np.array([[side[seed] for seed in common] for side in (first, second)])
    correlation = float(pearson_rows(sides[0], sides[1:])[0]) if len(common) > 2 else math.nan
    paired = paired_spread(*sides) if len(common) > 1 else None
    known = one is not None and two is not None and one + two > 0
    return ContrastSpread(
        arm,
        baseline,
        (len(ours), len(theirs)),
        len(common),
        one,
        two,
        None if math.isnan(correlation) else correlation,
        unpaired_spread(ours, theirs) if known else None,
        paired if paired is not None and paired.deviation > 0 else None,
    )
