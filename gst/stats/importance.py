"""Shares of the variance of runs that each factor of their configurations explains, where these share seeds.

A run is the sum of the main effects of the factors, of what else its configuration adds (interactions of
factors), of its seed, and of a rest. The sums of squares are of type III:

- of a factor: by how much the residual sum grows where it alone is left out of the model of main effects and
  seed, which has no interactions, so that type II is the same;
- of keys that vary together: what all factors explain beyond the seed, less these sums;
- of interactions: what configurations explain beyond main effects;
- of the seed: what it explains beyond configurations.

Where all combinations of values occur and have every seed, these are the balanced sums of squares and add up
to the whole, with nothing for keys that vary together. Otherwise these have what factors explain in common.

A share is epsilon squared (Kelley 1935, PNAS 21:554): (SS - df * mean square of the rest) / total SS. Of SS /
total SS a factor of mere noise has df / (n - 1), which is no small share in a sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from gst.errors import InputError
from gst.stats.crossed import LEAST_SEEDS, codes, jackknife_error, too_few_to_draw
from gst.stats.resample import FloatArray, IntArray

COMMON, INTERACTIONS, SEED, REST = "keys that vary together", "interactions", "seed", "rest"
"""The names of the shares that are of no factor."""
NOT_TOLD_APART = "not told apart from other keys"
"""In the place of a method, that of a factor without degrees of freedom."""
WHOLE = ""
"""The name of the sum of squares of all that varies."""
LEAST = 0.001
"""The least share, and distance from 1, of which there are log odds."""


class Share(NamedTuple):
    """A share of the variance and its interval, cut off at 0 and 1; `n` counts the seeds, which are drawn.

    A factor that the others determine has no share, as nothing tells it apart from them.
    `squares` is the sum of squares with that many `degrees` of freedom. `method` says how the interval was
    made, or why there is none.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    squares: float
    degrees: int
    method: str


class _Part(NamedTuple):
    """A sum of squares and its degrees of freedom."""

    squares: float
    degrees: int

    def less(self, other: _Part) -> _Part:
        degrees = self.degrees - other.degrees
        return _Part(max(0.0, self.squares - other.squares) if degrees else 0.0, degrees)


class _Runs(NamedTuple):
    """The value of each run [n], and the codes [n] of its factors, configuration and seed."""

    y: FloatArray
    factors: Mapping[str, IntArray]
    configurations: IntArray
    seeds: IntArray

    def without(self, seed: int) -> _Runs:
        kept = self.seeds != seed
        factors = {name: codes(it[kept]) for name, it in self.factors.items()}
        return _Runs(self.y[kept], factors, codes(self.configurations[kept]), codes(self.seeds[kept]))

    def parts(self) -> dict[str, _Part]:
        """The sum of squares of each factor, COMMON, INTERACTIONS, SEED, REST and WHOLE."""
        main = _residual(self.y, self.seeds, self.factors.values())
        full = _residual(self.y, self.configurations, [self.seeds])
        parts = {}
        for name in self.factors:
            others = [it for other, it in self.factors.items() if other != name]
            parts[name] = _residual(self.y, self.seeds, others).less(main)
        together = _residual(self.y, self.seeds, []).less(main)
        alone = [sum(its) for its in zip(*parts.values(), strict=True)]
        parts[COMMON] = _Part(max(0.0, together.squares - alone[0]), together.degrees - int(alone[1]))
        parts[INTERACTIONS] = main.less(full)
        parts[SEED] = _residual(self.y, self.configurations, []).less(full)
        return parts | {REST: full, WHOLE: _residual(self.y, np.zeros_like(self.seeds), [])}

    def shares(self) -> FloatArray:
        """Epsilon squared of each part but the whole; NaN where the rest has no degrees of freedom."""
        *parts, rest, whole = self.parts().values()
        if rest.degrees < 1 or whole.squares <= 0:
            return np.full(len(parts) + 1, np.nan)
        noise = rest.squares / rest.degrees
        found = [(it.squares - it.degrees * noise) / whole.squares for it in parts]
        return np.array([*found, noise * whole.degrees / whole.squares])


def variance_shares(
    y: ArrayLike, factors: Mapping[str, Sequence[object]], seeds: Sequence[int]
) -> dict[str, Share]:
    """The share of the variance of y [n] for each factor, COMMON, INTERACTIONS, SEED and REST.

    `factors` have a value [n] for each run, which together make its configuration; one that the others
    determine has no degrees of freedom and no share, and so have INTERACTIONS of one factor. Intervals
    are Student's, from leaving out each seed with all its runs: from the lower to the upper end of two, of
    the share and of its log odds, as one is too narrow for a small share and the other for that of the seed.
    They hold for these very configurations; there are none below 3 seeds.

    Raises InputError for values that are not finite, and where configurations and seeds leave nothing of y to
    the rest.
    """
    values = np.asarray(y, dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError("values that are not finite numbers have no variance; leave those runs out")
    coded = {name: codes([str(it) for it in of_runs]) for name, of_runs in factors.items()}
    configurations = np.unique(np.stack([*coded.values()]), axis=1, return_inverse=True)[1].ravel()
    runs = _Runs(values, coded, configurations, codes(seeds))
    parts, found = runs.parts(), runs.shares()
    if np.isnan(found).any() or parts[REST].squares <= 1e-20 * parts[WHOLE].squares:
        raise InputError(
            "shares of the variance need values that vary besides with configuration and seed: 2 "
            f"configurations that share 2 seeds, or more; found {len(values)} runs"
        )
    n = int(runs.seeds.max()) + 1
    low, high, method = _bounds(runs, found, n)
    names = [name for name in parts if name != WHOLE]
    value = np.clip(found, 0, 1)
    return {
        name: Share(float(value[at]), low[at], high[at], n, *parts[name], method)
        if parts[name].degrees or name == COMMON
        else Share(None, None, None, n, *parts[name], NOT_TOLD_APART)
        for at, name in enumerate(names)
    }


_Ends = Sequence[float | None]


def _bounds(runs: _Runs, found: FloatArray, seeds: int) -> tuple[_Ends, _Ends, str]:
    """Both ends of the intervals, and how they were made or why there are none."""
    none = [None] * len(found)
    if seeds < LEAST_SEEDS:
        return none, none, too_few_to_draw(seeds, "seeds")
    left = np.stack([runs.without(seed).shares() for seed in range(seeds)])
    if np.isnan(left).any():
        return none, none, "no interval: without one of the seeds nothing is left to the rest"
    student, ends = float(stdtrit(seeds - 1, 0.975)), []
    for side, wider in ((-1, np.minimum), (1, np.maximum)):
        odds = _log_odds(found) + side * student * jackknife_error(_log_odds(left))
        plain = found + side * student * jackknife_error(left)
        ends.append(np.clip(wider(1 / (1 + np.exp(-odds)), plain), 0, 1).tolist())
    return ends[0], ends[1], "95% jackknife over seeds"


def _log_odds(share: FloatArray) -> FloatArray:
    inside = np.clip(share, LEAST, 1 - LEAST)
    return np.asarray(np.log(inside / (1 - inside)))


def _residual(y: FloatArray, absorbed: IntArray, factors: Iterable[IntArray]) -> _Part:
    """What a model leaves of y [n]: a level for each code of `absorbed` [n] and of each of the factors."""
    sizes = np.bincount(absorbed)

    def about_means(values: FloatArray) -> FloatArray:
        return np.asarray(values - (np.bincount(absorbed, values) / sizes)[absorbed])

    columns = [
        about_means((it == level).astype(np.float64)) for it in factors for level in range(1, it.max() + 1)
    ]
    rest, degrees = about_means(y), len(y) - len(sizes)
    if columns:
        design = np.stack(columns, axis=1)
        solution, _, rank, _ = np.linalg.lstsq(design, rest, rcond=1e-10)
        rest, degrees = rest - design @ solution, degrees - int(rank)
    return _Part(float(rest @ rest), degrees)
