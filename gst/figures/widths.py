"""Pruning against narrower networks: the numbers of Jin 2022's Figure 7."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import LevelResult, LevelSummary, Source, Table, error_difference, optimal_level, verdict
from gst.figures.basis import Row, as_table
from gst.figures.level_runs import Arm, LevelRuns, level_runs, noise_name, one_of_each_noise, without
from gst.figures.level_series import LevelSeries, level_series
from gst.stats import DeviationRule

if TYPE_CHECKING:
    from gst.store import Store


class WidthPair(NamedTuple):
    """Pruning and the widths with the same labels; either may be missing.

    Level 0 of pruning is the full width where no dense network of it was trained. `narrow` is the width
    of lowest mean error, chosen as optimal levels are; `best` is its test error less that of pruning at
    the optimal level, and `gain` the same less that of the full width, both paired by seed.
    """

    noise: float
    pruned: Arm | None
    narrow: LevelSummary | None
    best: DeviationRule | None
    gain: DeviationRule | None
    alone: bool = False
    """Whether there is no other width with these labels."""

    @property
    def name(self) -> str:
        """The setting's name."""
        return noise_name(self.noise)

    def rows(self) -> Iterator[Row]:
        """The differences as rows."""
        for what, rule in (("optimal pruning", self.best), ("the full width", self.gain)):
            if rule:
                yield {
                    "what": f"test_error of the best width less that of {what}",
                    "label_noise": self.noise,
                    "value": rule.value,
                    "deviation": rule.deviation,
                    "n": rule.n,
                    "verdict": verdict(rule),
                }


class Widths(NamedTuple):
    """The numbers of the figure; x is what is left of the full network's weights, a fraction of 1."""

    runs: LevelRuns
    pairs: tuple[WidthPair, ...]
    pruned: tuple[LevelSeries, ...]
    narrow: tuple[LevelSeries, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.runs.source

    def table(self) -> Table:
        """Differences, means, runs at each level and missing runs, one a row; errors are fractions of 1."""
        return as_table([*self._rows(), *self.runs.rows()])

    def _rows(self) -> Iterator[Row]:
        for pair in self.pairs:
            yield from pair.rows()
        for it in (*self.pruned, *self.narrow):
            yield from it.rows("mean test_error")


def fig7(store: Store, sweep: str) -> Widths:
    """Test error of pruned and of narrower networks, for every noise, in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without such runs.
    """
    runs = level_runs(store, sweep)
    pruned = one_of_each_noise(sweep, runs.of_kind("imp"), "iterative pruning")
    alone = runs.of_kind("none")
    if not pruned and not alone:
        raise without(sweep, "iterative pruning or dense networks")
    runs = runs.showing([*pruned.values(), *alone])
    full = max(level.runs[0].weights for arm in runs.arms for level in arm.levels)
    noises = sorted({*pruned, *(arm.noise for arm in alone)})
    dense = {noise: _dense(noise, pruned.get(noise), alone, full) for noise in noises}
    pairs = tuple(_pair(runs, noise, pruned.get(noise), dense[noise]) for noise in noises)

    def x(level: LevelSummary) -> float:
        return level.weights_left * level.runs[0].weights / full

    return Widths(
        runs,
        pairs,
        tuple(
            level_series(runs.source, arm.name, "test_error", arm.levels, arm.optimal, x, _error)
            for arm in pruned.values()
        ),
        tuple(
            level_series(runs.source, pair.name, "test_error", dense[pair.noise], pair.narrow, x, _error)
            for pair in pairs
            if pair.narrow
        ),
    )


def _dense(noise: float, pruned: Arm | None, alone: Iterable[Arm], full: int) -> list[LevelSummary]:
    """The dense networks with those labels, one a width; none where only pruned ones were trained."""
    found = [arm.levels[0] for arm in alone if arm.noise == noise]
    if found and pruned and all(level.runs[0].weights < full for level in found):
        return [pruned.levels[0], *found]
    return found


def _pair(runs: LevelRuns, noise: float, pruned: Arm | None, dense: list[LevelSummary]) -> WidthPair:
    if not dense:
        return WidthPair(noise, pruned, None, None, None)
    narrow = optimal_level(sorted(dense, key=lambda level: -level.runs[0].width), runs.by)
    widest = max(dense, key=lambda level: level.runs[0].width)
    best = error_difference(narrow.runs, pruned.optimal.runs) if pruned else None
    gain = error_difference(narrow.runs, widest.runs) if narrow != widest else None
    return WidthPair(noise, pruned, narrow, best, gain, len(dense) == 1)


def _error(run: LevelResult) -> float:
    return run.test_error
