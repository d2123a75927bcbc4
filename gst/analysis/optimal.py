"""Which level of pruning is best, which is the sparsest that still beats the dense network, and the rule.

The rule is that of Jin et al. (2022): two results differ if the mean difference over seeds is at least
one standard deviation of it. The views level_summary, optimal_levels and sparsest_better say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from gst.analysis.levels import LevelResult
from gst.stats import DeviationRule, one_deviation_rule

ChosenBy = Literal["validation", "test"]
"""Whose lowest mean error makes a level the optimal one."""
Verdict = Literal["better", "match", "worse"]


class LevelSummary(NamedTuple):
    """The replicates of an arm at one level; errors are means over them, and fractions of 1.

    `change` is their test error less their own at level 0; None with fewer than two replicates.
    """

    arm: str
    level: int
    runs: tuple[LevelResult, ...]
    test_error: float
    validation_error: float | None
    change: DeviationRule | None

    @property
    def n(self) -> int:
        """How many replicates there are."""
        return len(self.runs)

    @property
    def epochs(self) -> int:
        """How many epochs they had trained at the end of the level."""
        return self.runs[0].epochs

    @property
    def weights_left(self) -> float:
        """The fraction of their weights that is left; the same of all, for it is planned."""
        return self.runs[0].weights_left

    @property
    def against_dense(self) -> Verdict | None:
        """How the level compares with level 0; None with fewer than two replicates."""
        return verdict(self.change)


def level_summaries(results: Iterable[LevelResult]) -> tuple[LevelSummary, ...]:
    """A summary for each arm and level, in the order of the sweep file, levels rising."""
    listed = tuple(results)
    dense = {(it.arm, it.key): it for it in listed if it.level == 0}
    found = [it for it in listed if (it.arm, it.key) in dense]
    cells: dict[tuple[str, int], list[LevelResult]] = {}
    for it in found:
        cells.setdefault((it.arm, it.level), []).append(it)
    arms = list(dict.fromkeys(it.arm for it in found))
    ordered = sorted(cells, key=lambda cell: (arms.index(cell[0]), cell[1]))
    return tuple(_summary(arm, level, cells[arm, level], dense) for arm, level in ordered)


def _summary(
    arm: str, level: int, runs: Sequence[LevelResult], dense: dict[tuple[str, str], LevelResult]
) -> LevelSummary:
    validation = [run.validation_error for run in runs if run.validation_error is not None]
    return LevelSummary(
        arm,
        level,
        tuple(runs),
        float(np.mean([run.test_error for run in runs])),
        float(np.mean(validation)) if validation else None,
        error_difference(runs, [dense[run.arm, run.key] for run in runs]),
    )


def error_difference(first: Iterable[LevelResult], second: Iterable[LevelResult]) -> DeviationRule | None:
    """Test errors of the first less those of the second, paired by seed, and whether they differ.

    Each side has a seed once. None where fewer than two seeds are on both sides.
    """
    return paired_rule(first, second, lambda it: -it.test_accuracy)


def paired_rule(
    first: Iterable[LevelResult],
    second: Iterable[LevelResult],
    quantity: Callable[[LevelResult], float | None],
) -> DeviationRule | None:
    """The quantity of the first less that of the second, as error_difference; None has no place."""
    one, other = (
        {it.seed: value for it in side if (value := quantity(it)) is not None} for side in (first, second)
    )
    seeds = [seed for seed in one if seed in other]
    if len(seeds) < 2:
        return None
    return one_deviation_rule([one[seed] for seed in seeds], [other[seed] for seed in seeds])


def verdict(rule: DeviationRule | None) -> Verdict | None:
    """What a difference of errors or losses says of the first side: less is better."""
    if rule is None:
        return None
    if not rule.differ:
        return "match"
    return "better" if rule.value < 0 else "worse"


def chosen_by(summaries: Iterable[LevelSummary]) -> ChosenBy:
    """How optimal levels are chosen: by validation error where all runs have one, else by test error."""
    validated = all(run.validation_accuracy is not None for it in summaries for run in it.runs)
    return "validation" if validated else "test"


def optimal_level(summaries: Sequence[LevelSummary], by: ChosenBy) -> LevelSummary:
    """The level of lowest mean error among those of one arm, at least one; the lowest of several."""

    def error(it: LevelSummary) -> float:
        if by == "test":
            return it.test_error
        assert it.validation_error is not None
        return it.validation_error

    return min(summaries, key=lambda it: (error(it), it.level))


def sparsest_better(summaries: Iterable[LevelSummary]) -> LevelSummary | None:
    """The highest of an arm's levels that is better than its level 0; None where none is."""
    better = [it for it in summaries if it.against_dense == "better"]
    return max(better, key=lambda it: it.level, default=None)
