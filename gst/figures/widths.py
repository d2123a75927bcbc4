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

    `full` is the full width: level 0 of pruning where no dense network of it was trained. `narrow` is the
    width of lowest mean error, the full one included, chosen as optimal levels are; `best` is its test
    error less that of pruning at the optimal level, and `gain` the same less that of `full`, both paired
    by seed.
    """

    noise: float
    pruned: Arm | None
    full: LevelSummary | None
    narrow: LevelSummary | None
    best: DeviationRule | None
    gain: DeviationRule | None

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
    """The numbers of the figure; x is what is left of the full network's weights, a fraction of 1.

    `whole` is whether a network of the full width completed; otherwise x is a fraction of the widest.
    """

    runs: LevelRuns
    pairs: tuple[WidthPair, ...]
    pruned: tuple[LevelSeries, ...]
    narrow: tuple[LevelSeries, ...]
    whole: bool

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
    dense = {noise: _dense(noise, pruned.get(noise), alone) for noise in noises}
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
        any(arm.first.width == 1 for arm in runs.arms),
    )


def _dense(noise: float, pruned: Arm | None, alone: Iterable[Arm]) -> list[LevelSummary]:
    """The dense networks with those labels, the widest first; none where only pruned ones were trained."""
    found = [arm.levels[0] for arm in alone if arm.noise == noise]
    if found and pruned and _full(found) is None:
        found.append(pruned.levels[0])
    return sorted(found, key=lambda level: -level.runs[0].width)


def _full(dense: Iterable[LevelSummary]) -> LevelSummary | None:
    return next((level for level in dense if level.runs[0].width == 1), None)


def _pair(runs: LevelRuns, noise: float, pruned: Arm | None, dense: list[LevelSummary]) -> WidthPair:
    if not dense:
        return WidthPair(noise, pruned, None, None, None, None)
    full, narrow = _full(dense), optimal_level(dense, runs.by)
    best = error_difference(narrow.runs, pruned.optimal.runs) if pruned else None
    gain = error_difference(narrow.runs, full.runs) if full and narrow != full else None
    return WidthPair(noise, pruned, full, narrow, best, gain)


def _error(run: LevelResult) -> float:
    return run.test_error
