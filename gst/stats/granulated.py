"""Kendall's tau as one knob varies and everything else is held: the granulated coefficient.

Of Jiang et al. (2020), Fantastic Generalization Measures and Where to Find Them (arXiv 1912.02178), equations
7 and 8. A correlation over all runs can come from one knob that moves both quantities; a tau of runs that
differ in a single knob cannot come from the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gst.errors import InputError
from gst.stats.means import mean_t
from gst.stats.resample import FloatArray
from gst.stats.rows import kendall_rows

FEWEST = 3
"""Seeds from which on there is an interval."""


class GranulatedTau(NamedTuple):
    """A mean of Kendall's tau-b over seeds, and Student's interval of it, cut off at -1 and 1.

    `n` counts the seeds that have a coefficient; the value is None without any. There is no interval below 3
    of them, nor where all have the same one: three that are 1 or -1 agree by chance in a quarter of cases.
    `groups` counts the groups of runs whose tau is in the mean, `left_out` those in which x or y has fewer
    than 2 values.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    groups: int
    left_out: int


class Granulated(NamedTuple):
    """The coefficient of each knob, psi, and their mean, Psi."""

    knobs: Mapping[str, GranulatedTau]
    mean: GranulatedTau


def granulated(
    x: ArrayLike,
    y: ArrayLike,
    seeds: Sequence[int],
    knobs: Mapping[str, Sequence[object]],
) -> Granulated:
    """Kendall's tau of x [n] and y [n] as each knob varies, and the mean over knobs.

    `seeds` [n] and each of `knobs` [n] have the values of the runs, of which no two are equal in all of them.
    Runs that are equal in the seed and in all knobs but one are a group. A knob's coefficient in one seed is
    the mean of tau-b over its groups; over seeds, which are independent, follow the mean and 95% interval.
    Psi in one seed is the mean over the knobs that have a coefficient in any seed; a seed that lacks one of
    them is left out. Jiang et al. have one seed and tau-a, which differs from tau-b where there are ties.

    Raises InputError for values that are not finite.
    """
    first, second = (np.asarray(values, dtype=np.float64) for values in (x, y))
    if {len(first), *map(len, knobs.values())} != {len(seeds)} or second.shape != first.shape:
        raise AssertionError("x, y, seeds and each knob must have a value for each run")
    if len(set(zip(seeds, *knobs.values(), strict=True))) < len(seeds):
        raise AssertionError("two runs have the same seed and knobs")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise InputError("x or y has values that are not finite numbers; leave those runs out")
    taus = {
        name: _taus(first, second, seeds, [values for other, values in knobs.items() if other != name])
        for name in knobs
    }
    by_seed = {name: _by_seed(found) for name, found in taus.items()}
    known = [found for found in by_seed.values() if found]
    complete = sorted(set.intersection(*map(set, known))) if known else []
    return Granulated(
        {name: _over_seeds(by_seed[name], taus[name]) for name in knobs},
        _over_seeds(
            {seed: fmean(found[seed] for found in known) for seed in complete},
            [tau for found in taus.values() for tau in found],
        ),
    )


class _Tau(NamedTuple):
    """The tau-b of a group of runs, which share a seed; None where x or y has fewer than 2 values."""

    seed: int
    value: float | None


def _taus(x: FloatArray, y: FloatArray, seeds: Sequence[int], held: Sequence[Sequence[object]]) -> list[_Tau]:
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, key in enumerate(zip(seeds, *held, strict=True)):
        groups.setdefault(key, []).append(place)
    found = []
    for places in groups.values():
        tau = float(kendall_rows(x[places], y[None, places])[0])
        found.append(_Tau(seeds[places[0]], None if math.isnan(tau) else tau))
    return found


def _by_seed(taus: Sequence[_Tau]) -> dict[int, float]:
    """The mean over the groups of each seed that has any with a tau."""
    found: dict[int, list[float]] = {}
    for seed, value in taus:
        if value is not None:
            found.setdefault(seed, []).append(value)
    return {seed: fmean(values) for seed, values in found.items()}


def _over_seeds(by_seed: Mapping[int, float], taus: Sequence[_Tau]) -> GranulatedTau:
    left_out = sum(tau.value is None for tau in taus)
    n, groups = len(by_seed), len(taus) - left_out
    if not n:
        return GranulatedTau(None, None, None, n, groups, left_out)
    values = sorted(by_seed.values())
    value = fmean(values)
    if n < FEWEST or values[-1] - values[0] < 1e-12:
        return GranulatedTau(value, None, None, n, groups, left_out)
    found = mean_t(values)
    return GranulatedTau(value, max(-1.0, found.low), min(1.0, found.high), n, groups, left_out)
