"""Pruning beside extended training and beside narrower networks: the pairs that Jin et al. (2022) compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gst.analysis.levels import LevelSummary, error_difference, optimal_level, verdict
from gst.figures.level_runs import Arm, LevelRuns, compared, noise_name, one_of_each_noise, place, without
from gst.figures.sheet import Row
from gst.stats.tests import DeviationRule


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


class ExtendedPair(NamedTuple):
    """An arm of pruning and an arm of extended training with the same labels; either may be missing.

    `levels` are those that both have; `best` is the test error of extended training at its optimal
    level less that of pruning at its own, paired by seed.
    """

    noise: float
    pruned: Arm | None
    extended: Arm | None
    levels: tuple[LevelPair, ...]
    best: DeviationRule | None

    def rows(self) -> Iterator[Row]:
        """The differences as rows."""
        for it in self.levels:
            yield {
                "what": "test_error: pruned less extended",
                "label_noise": self.noise,
                "level": it.level,
                "epochs": it.epochs,
                "weights_left": it.weights_left,
                **_rule_columns(it.rule),
            }
        if self.best:
            what = "test_error, each at its optimal level: extended less pruned"
            yield {"what": what, "label_noise": self.noise, **_rule_columns(self.best)}

    def note(self) -> str:
        """How both compare at their best, or which one is missing, in words."""
        if self.pruned is None or self.extended is None:
            missing = "iterative pruning" if self.pruned is None else "extended training"
            found = self.pruned or self.extended
            assert found is not None
            return f"{found.name}: no completed run of {missing}"
        return (
            f"{self.pruned.name}: extended dense at level {self.extended.optimal.level} less pruning "
            f"at level {self.pruned.optimal.level}, {compared(self.best)}"
        )


def extended_pairs(runs: LevelRuns) -> tuple[LevelRuns, tuple[ExtendedPair, ...]]:
    """A pair for each noise, the least first, and the runs with only their arms.

    Raises InputError where there is neither pruning nor extended training, or two arms of one noise.
    """
    sweep = runs.source.sweep
    pruned = one_of_each_noise(sweep, runs.of_kind("imp"), "iterative pruning")
    extended = one_of_each_noise(sweep, runs.of_kind("extended"), "extended training")
    if not pruned and not extended:
        raise without(sweep, "iterative pruning or extended training")
    shown = runs.showing([*pruned.values(), *extended.values()])
    noises = sorted({*pruned, *extended})
    return shown, tuple(_extended_pair(noise, pruned.get(noise), extended.get(noise)) for noise in noises)


def _extended_pair(noise: float, pruned: Arm | None, extended: Arm | None) -> ExtendedPair:
    if pruned is None or extended is None:
        return ExtendedPair(noise, pruned, extended, (), None)
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
    best = error_difference(extended.optimal.runs, pruned.optimal.runs)
    return ExtendedPair(noise, pruned, extended, levels, best)


class WidthPair(NamedTuple):
    """Pruning and the dense networks with the same labels, the widest first; either may be missing.

    `full` is the full width: level 0 of pruning where no dense network of it was trained. `narrow` is the
    width of lowest mean error, the full one included, chosen as optimal levels are; `best` is its test
    error less that of pruning at the optimal level, and `gain` the same less that of `full`, both paired
    by seed.
    """

    noise: float
    pruned: Arm | None
    dense: tuple[LevelSummary, ...]
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
                what = f"test_error of the best width less that of {what}"
                yield {"what": what, "label_noise": self.noise, **_rule_columns(rule)}

    def note(self) -> str:
        """How the best width compares with pruning and with the full width, in words."""
        if self.narrow is None:
            return f"{self.name}: no completed dense network"
        width = f"width {self.narrow.runs[0].width:.3g}"
        if self.full is None:
            gain = f"{width} is best, and no network of the full width completed"
        elif self.full == self.narrow:
            gain = "the full width is best"
        else:
            gain = f"{width} less full width, {compared(self.gain)}"
        if self.pruned is None:
            return f"{self.name}: {gain}; no completed run of iterative pruning"
        place_of_best = place(self.pruned.optimal)
        return f"{self.name}: {width} less pruning at {place_of_best}, {compared(self.best)}; {gain}"


def width_pairs(runs: LevelRuns) -> tuple[LevelRuns, tuple[WidthPair, ...]]:
    """A pair for each noise, the least first, and the runs with only their arms.

    Raises InputError where there are neither pruned nor dense networks, or two arms of pruning of one noise.
    """
    sweep = runs.source.sweep
    pruned = one_of_each_noise(sweep, runs.of_kind("imp"), "iterative pruning")
    alone = runs.of_kind("none")
    if not pruned and not alone:
        raise without(sweep, "iterative pruning or dense networks")
    shown = runs.showing([*pruned.values(), *alone])
    noises = sorted({*pruned, *(arm.noise for arm in alone)})
    return shown, tuple(_width_pair(shown, noise, pruned.get(noise), alone) for noise in noises)


def _width_pair(runs: LevelRuns, noise: float, pruned: Arm | None, alone: Iterable[Arm]) -> WidthPair:
    dense = [arm.levels[0] for arm in alone if arm.noise == noise]
    if not dense:  # only pruned ones were trained
        return WidthPair(noise, pruned, (), None, None, None, None)
    if pruned and _full(dense) is None:
        dense.append(pruned.levels[0])
    dense.sort(key=lambda level: -level.runs[0].width)
    full, narrow = _full(dense), optimal_level(dense, runs.by)
    best = error_difference(narrow.runs, pruned.optimal.runs) if pruned else None
    gain = error_difference(narrow.runs, full.runs) if full and narrow != full else None
    return WidthPair(noise, pruned, tuple(dense), full, narrow, best, gain)


def _full(dense: Iterable[LevelSummary]) -> LevelSummary | None:
    return next((level for level in dense if level.runs[0].width == 1), None)


def _rule_columns(rule: DeviationRule | None) -> Row:
    return {
        "value": rule.value if rule else None,
        "deviation": rule.deviation if rule else None,
        "n": rule.n if rule else None,
        "verdict": verdict(rule),
    }
