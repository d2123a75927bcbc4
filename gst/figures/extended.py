"""Pruning against the same training without removal: the numbers of Jin 2022's Figures 1a and 6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import LevelResult, LevelSummary, Source, Table, error_difference, verdict
from gst.figures.basis import Row, as_table
from gst.figures.level_runs import Arm, LevelRuns, level_runs, one_of_each_noise, without
from gst.figures.level_series import LevelSeries, level_series
from gst.stats import DeviationRule

if TYPE_CHECKING:
    from gst.store import Store


class LevelPair(NamedTuple):
    """Both at one level: test error of pruning less that of extended training, paired by seed."""

    level: int
    epochs: int
    weights_left: float
    rule: DeviationRule | None

    @property
    def match(self) -> bool:
        """Whether there is no difference, by the rule of Jin et al."""
        return verdict(self.rule) == "match"


class Pair(NamedTuple):
    """An arm of pruning and an arm of extended training with the same labels; either may be missing.

    `levels` are those that both have; `best` is the test error of extended training at its optimal
    level less that of pruning at its own, paired by seed.
    """

    pruned: Arm | None
    extended: Arm | None
    levels: tuple[LevelPair, ...]
    best: DeviationRule | None

    @property
    def arm(self) -> Arm:
        """One of the two."""
        found = self.pruned or self.extended
        assert found is not None
        return found

    def rows(self) -> Iterator[Row]:
        """The differences as rows."""
        about = {"label_noise": self.arm.noise}
        for it in self.levels:
            rule = it.rule
            yield {
                "what": "test_error: pruned less extended",
                **about,
                "level": it.level,
                "epochs": it.epochs,
                "weights_left": it.weights_left,
                "value": rule.value if rule else None,
                "deviation": rule.deviation if rule else None,
                "n": rule.n if rule else None,
                "verdict": verdict(rule),
            }
        if self.best:
            yield {
                "what": "test_error, each at its optimal level: extended less pruned",
                **about,
                "value": self.best.value,
                "deviation": self.best.deviation,
                "n": self.best.n,
                "verdict": verdict(self.best),
            }


class Extended(NamedTuple):
    """The numbers of such a figure: a pair for each noise, and the series of each side by noise."""

    runs: LevelRuns
    pairs: tuple[Pair, ...]
    pruned: tuple[LevelSeries, ...]
    extended: tuple[LevelSeries, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.runs.source

    def table(self) -> Table:
        """Differences, means by level, the runs at each level and missing runs; errors are fractions of 1."""
        return as_table([*self._rows(), *self.runs.rows()])

    def _rows(self) -> Iterator[Row]:
        for pair in self.pairs:
            yield from pair.rows()
        for it in (*self.pruned, *self.extended):
            yield from it.rows("mean test_error")


def fig1a(store: Store, sweep: str) -> Extended:
    """Both against what is left of the weights, level by level, with the least noise that both have.

    Extended training stands where pruning of the same level does. Raises UnknownNameError for a sweep
    that is not in the store, and InputError where either has no completed run.
    """
    runs, pairs = _pairs(store, sweep)
    both = [pair for pair in pairs if pair.levels]
    if not both:
        raise without(sweep, "iterative pruning, or none of extended training (with the same labels)")
    pair = both[0]
    assert pair.pruned is not None
    assert pair.extended is not None
    left = {level.level: level.weights_left for level in pair.pruned.levels}
    pruned = _series(runs, pair.pruned, pair.pruned.levels, left)
    shared = [level for level in pair.extended.levels if level.level in left]
    extended = _series(runs, pair.extended, shared, left)
    return Extended(runs.showing([pair.pruned, pair.extended]), (pair,), (pruned,), (extended,))


def fig6(store: Store, sweep: str) -> Extended:
    """Both against the epochs trained, for every noise; otherwise as Figure 1a."""
    runs, pairs = _pairs(store, sweep)
    pruned, extended = (
        tuple(_series(runs, arm, arm.levels, None) for arm in arms if arm is not None)
        for arms in ([pair.pruned for pair in pairs], [pair.extended for pair in pairs])
    )
    return Extended(runs, pairs, pruned, extended)


def _pairs(store: Store, sweep: str) -> tuple[LevelRuns, tuple[Pair, ...]]:
    runs = level_runs(store, sweep)
    pruned = one_of_each_noise(sweep, runs.of_kind("imp"), "iterative pruning")
    extended = one_of_each_noise(sweep, runs.of_kind("extended"), "extended training")
    if not pruned and not extended:
        raise without(sweep, "iterative pruning or extended training")
    noises = sorted({*pruned, *extended})
    runs = runs.showing([*pruned.values(), *extended.values()])
    return runs, tuple(_pair(pruned.get(noise), extended.get(noise)) for noise in noises)


def _pair(pruned: Arm | None, extended: Arm | None) -> Pair:
    if pruned is None or extended is None:
        return Pair(pruned, extended, (), None)
    others = {level.level: level for level in extended.levels}
    levels = tuple(
        LevelPair(
            level.level,
            level.epochs,
            level.weights_left,
            error_difference(level.runs, others[level.level].runs),
        )
        for level in pruned.levels
        if level.level in others
    )
    return Pair(pruned, extended, levels, error_difference(extended.optimal.runs, pruned.optimal.runs))


def _series(
    runs: LevelRuns,
    arm: Arm,
    levels: tuple[LevelSummary, ...] | list[LevelSummary],
    left: Mapping[int, float] | None,
) -> LevelSeries:
    def x(level: LevelSummary) -> float:
        return float(level.epochs) if left is None else left[level.level]

    return level_series(runs.source, arm.name, "test_error", levels, arm.optimal, x, _error)


def _error(run: LevelResult) -> float:
    return run.test_error
