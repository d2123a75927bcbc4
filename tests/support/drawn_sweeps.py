"""Runs of sweeps that are drawn from a model: configurations and seeds that both move two quantities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.stats.crossed import CrossedRuns, crossed_runs


class Variances(NamedTuple):
    """The shares of a quantity's variance between configurations, between seeds, and in the rest."""

    configuration: float
    seed: float
    rest: float


ACCURACY = Variances(0.21, 0.58, 0.21)
"""Of final accuracy in a sweep of small networks on digits: most of it is the seed's."""
STABILITY = Variances(0.96, 0.0, 0.04)
"""Of stability in the same sweep: nearly all of it is the configuration's."""
STABILITY_OF_SEEDS = Variances(0.96, 0.02, 0.02)
"""The same where half of what is left is the seed's."""


class Design(NamedTuple):
    """Number of configurations and of seeds, and the variances of x and y."""

    configurations: int
    seeds: int
    x: Variances = STABILITY
    y: Variances = ACCURACY


def drawn(design: Design, seed: int, slope: float = 0.0) -> CrossedRuns:
    """Runs of every configuration with every seed; y rises by `slope` with x, and all else is independent."""
    generator = np.random.default_rng(seed)
    x = _quantity(design, design.x, generator)
    y = _quantity(design, design.y, generator) + slope * x
    configurations, seeds = np.indices(x.shape)
    return crossed_runs(x.ravel(), y.ravel(), configurations.ravel(), seeds.ravel())


def _quantity(design: Design, variances: Variances, generator: np.random.Generator) -> NDArray[np.float64]:
    shapes = ((design.configurations, 1), (1, design.seeds), (design.configurations, design.seeds))
    found = np.zeros(shapes[-1])
    for variance, shape in zip(variances, shapes, strict=True):
        found += np.sqrt(variance) * generator.normal(size=shape)
    return found
