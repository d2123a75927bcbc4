"""What a group-sequential design costs and finds, simulated with the very tests that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from gst.stats.resample import FloatArray
from gst.stats.sequential import FUTILE, predictive_power

SWEEPS = 20_000
"""Number of simulated sweeps."""


class Operating(NamedTuple):
    """Of simulated sweeps: the share that rejects no effect, the share that stops as futile, mean seeds."""

    effect: float  # the mean difference, in standard deviations of the differences
    rejected: float
    futile: float
    seeds: float


class Coverage(NamedTuple):
    """Of simulated sweeps: the share whose interval at the stop covers, that got so narrow, mean seeds."""

    width: float  # that is wanted, in standard deviations of the differences
    covered: float
    reached: float
    seeds: float


def operating(
    looks: Sequence[int],
    levels: FloatArray,
    effect: float,
    generator: np.random.Generator,
    *,
    futility: bool = False,
    sweeps: int = SWEEPS,
) -> Operating:
    """The characteristics of t-tests at nominal `levels` [looks] of normal differences with that effect."""
    counts = np.asarray(looks)
    mean, error = _looks(looks, effect, generator, sweeps)
    p = 2 * stdtr(counts - 1, -np.abs(mean / error))
    rejects = p <= levels
    futile = np.zeros_like(rejects)
    if futility:
        power = predictive_power(p[:, :-1], counts[:-1] / counts[-1], float(levels[-1]))
        futile[:, :-1] = (power < FUTILE) & ~rejects[:, :-1]
    at = _first(rejects | futile)
    return Operating(effect, float(rejects[at].mean()), float(futile[at].mean()), float(counts[at[1]].mean()))


def coverage(
    looks: Sequence[int],
    levels: FloatArray,
    width: float,
    generator: np.random.Generator,
) -> Coverage:
    """The characteristics of stopping when a t interval of 1 - level is at most so wide, in deviations."""
    counts = np.asarray(looks)
    mean, error = _looks(looks, 0.0, generator, SWEEPS)
    half = stdtrit(counts - 1, 1 - levels / 2) * error
    narrow = 2 * half <= width
    at = _first(narrow)
    return Coverage(
        width,
        float((np.abs(mean[at]) <= half[at]).mean()),
        float(narrow[at].mean()),
        float(counts[at[1]].mean()),
    )


def _looks(
    looks: Sequence[int], effect: float, generator: np.random.Generator, sweeps: int
) -> tuple[FloatArray, FloatArray]:
    """The mean of differences of deviation 1 and its standard error, both [sweeps, looks].

    Each look adds a normal sum, and squares about its mean that are chi-squared and independent of it.
    """
    new = np.diff([0, *looks])
    size = (sweeps, len(looks))
    sums = np.sqrt(new) * generator.standard_normal(size) + new * effect
    within = 2 * generator.standard_gamma((new - 1) / 2, size)
    counts = np.cumsum(new)
    total = np.cumsum(sums, axis=1)
    squares = np.cumsum(within + sums**2 / new, axis=1) - total**2 / counts
    return total / counts, np.sqrt(squares / (counts - 1) / counts)


def _first(stops: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> tuple[np.ndarray, np.ndarray]:
    """Where each sweep [sweeps, looks] stops: at its first True, and at the last look without one."""
    last = stops.shape[1] - 1
    look = np.where(stops.any(axis=1), stops.argmax(axis=1), last)
    return np.arange(len(stops)), look
