"""Runs at the end of each of their levels, which level is best, and the rule by which levels differ.

The rule is that of Jin et al. (2022): two results differ if the mean difference over seeds is at least
one standard deviation of it. The views level_summary, optimal_levels and sparsest_better say the same of
runs that are pruned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gst.analysis.source import Source, completed_results
from gst.errors import InputError
from gst.grouping import grouped
from gst.stats.tests import DeviationRule, one_deviation_rule

if TYPE_CHECKING:
    from gst.store import Store


class LevelResult(NamedTuple):
    """A completed run in one arm at the end of one of its levels; accuracies are fractions of 1.

    A dense run is at level 0. `epochs` is the number of epochs trained so far, `weights` the number of
    weights of convolutions and linear layers, `weights_left` the fraction of them that is left. Losses are
    of training images, the original and noisy ones of those with their own label and with another; None
    where there are no such images or the loss is not finite.
    """

    arm: str
    key: str
    seed: int
    config_id: int
    model: str
    dataset: str
    label_noise: float
    width: float
    kind: str
    scale: float
    level: int
    epochs: int
    weights: int
    weights_left: float
    test_accuracy: float
    validation_accuracy: float | None
    test_loss: float | None
    train_loss: float | None
    original_loss: float | None
    noisy_loss: float | None

    @property
    def test_error(self) -> float:
        """The fraction of test images that are classified wrongly."""
        return 1 - self.test_accuracy

    @property
    def validation_error(self) -> float | None:
        """The fraction of held-out images that are classified wrongly, or None where none are held out."""
        return None if self.validation_accuracy is None else 1 - self.validation_accuracy


class GroupLossResult(NamedTuple):
    """The mean training loss of a run at the end of a level, over one percentile group of EL2N scores.

    Groups count from 1; the last has the highest scores. Losses are None as in LevelResult.
    """

    arm: str
    key: str
    seed: int
    level: int
    bin: int
    n_original: int
    original_loss: float | None
    n_noisy: int
    noisy_loss: float | None
    loss: float | None


_OF_THE_CONFIG = ("model", "dataset", "label_noise", "width", "kind", "scale")
_LEVEL_COLUMNS = {name: f"c.{name}" for name in _OF_THE_CONFIG} | {
    "config_id": "r.config_id",
    "epochs": "t.epoch + 1",
    "weights_left": "t.weights_left * 1.0 / t.weights",
}


def level_results(store: Store, source: Source) -> tuple[LevelResult, ...]:
    """The levels of the source's completed runs, in the order of the sweep file and then rising.

    A run in two arms is there twice; runs that were not measured level by level are left out.
    """
    return completed_results(store, source, LevelResult, "levels", columns=_LEVEL_COLUMNS, order=["t.level"])


def group_loss_results(store: Store, source: Source) -> tuple[GroupLossResult, ...]:
    """The losses by EL2N group of the source's completed runs, run by run, by level and group."""
    return completed_results(store, source, GroupLossResult, "group_losses", order=["t.level", "t.bin"])


HARDEST = 0.2
"""The share of the images, those with the highest EL2N scores, that Jin et al. find to change most."""


def hardest_and_rest(groups: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The groups with the highest fifth of scores, and the others, from 1 to the number of groups."""
    first = groups - math.ceil(HARDEST * groups)
    return tuple(range(first + 1, groups + 1)), tuple(range(1, first + 1))


def concentration(changes: Sequence[float]) -> float | None:
    """The mean |change| of the hardest fifth of the groups over that of the rest (Section 3, Figure 2a).

    The changes are those of one run, losses less the dense network's, by group of EL2N scores from the
    lowest up. Over seeds the ratio is averaged. None where the rest does not change, or is no group.
    """
    hardest, rest = (
        [abs(changes[group - 1]) for group in groups] for groups in hardest_and_rest(len(changes))
    )
    return fmean(hardest) / fmean(rest) if any(rest) else None


ChosenBy = Literal["validation", "test"]
"""The images on which the optimal level has the lowest mean error."""
Verdict = Literal["better", "match", "worse"]


class LevelSummary(NamedTuple):
    """The replicates of an arm at one level; errors are means over them, and fractions of 1.

    `change` is their test error less their own at level 0, or None with fewer than two replicates.
    """

    arm: str
    level: int
    runs: tuple[LevelResult, ...]
    test_error: float
    validation_error: float | None
    change: DeviationRule | None

    @property
    def n(self) -> int:
        """The number of replicates."""
        return len(self.runs)

    @property
    def epochs(self) -> int:
        """The number of epochs trained by the end of the level."""
        return self.runs[0].epochs

    @property
    def weights_left(self) -> float:
        """The fraction of weights left, which is planned and so the same in all."""
        return self.runs[0].weights_left

    @property
    def against_dense(self) -> Verdict | None:
        """How the level compares with level 0, or None with fewer than two replicates."""
        return verdict(self.change)


def level_summaries(results: Iterable[LevelResult]) -> tuple[LevelSummary, ...]:
    """A summary for each arm and level, in the order of the sweep file, levels rising."""
    listed = tuple(results)
    dense = {(it.arm, it.key): it for it in listed if it.level == 0}
    found = [it for it in listed if (it.arm, it.key) in dense]
    cells = grouped(((it.arm, it.level), it) for it in found)
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
    """The test error of the first less that of the second, paired by seed, and whether they differ.

    Each side has a seed once. None where fewer than two seeds are on both sides.
    """
    return paired_rule(first, second, lambda it: -it.test_accuracy)


def paired_rule(
    first: Iterable[LevelResult],
    second: Iterable[LevelResult],
    quantity: Callable[[LevelResult], float | None],
) -> DeviationRule | None:
    """The quantity of the first less that of the second, as error_difference, of runs that have it."""
    one, other = (
        {it.seed: value for it in side if (value := quantity(it)) is not None} for side in (first, second)
    )
    seeds = [seed for seed in one if seed in other]
    if len(seeds) < 2:
        return None
    return one_deviation_rule([one[seed] for seed in seeds], [other[seed] for seed in seeds])


def verdict(rule: DeviationRule | None) -> Verdict | None:
    """The verdict on the first side of a difference of errors or losses, of which less is better."""
    if rule is None:
        return None
    if not rule.differ:
        return "match"
    return "better" if rule.value < 0 else "worse"


def chosen_by(summaries: Iterable[LevelSummary], wanted: ChosenBy | None = None) -> ChosenBy:
    """The error by which optimal levels are chosen: the wanted one, or the one that the runs allow.

    They allow validation error where all of them have one, else test error. Raises InputError where
    validation error is wanted and not all have one.
    """
    lacking = [run.arm for it in summaries for run in it.runs if run.validation_accuracy is None]
    if wanted == "validation" and lacking:
        raise InputError(
            f"runs of {lacking[0]} hold out no images, so no level is chosen by validation error; "
            "--select-by test chooses by test error"
        )
    if wanted is not None:
        return wanted
    validated = not lacking
    return "validation" if validated else "test"


def optimal_level(summaries: Sequence[LevelSummary], by: ChosenBy) -> LevelSummary:
    """The level of lowest mean error among those of one arm, at least one; of equal ones the first."""

    def error(it: LevelSummary) -> float:
        if by == "test":
            return it.test_error
        assert it.validation_error is not None
        return it.validation_error

    return min(summaries, key=lambda it: (error(it), it.level))


def sparsest_better(summaries: Iterable[LevelSummary]) -> LevelSummary | None:
    """The highest of an arm's levels that is better than its level 0, or None.

    None too for runs that remove nothing: of extended dense training no level is sparse.
    """
    better = [it for it in summaries if it.against_dense == "better" and it.weights_left < 1]
    return max(better, key=lambda it: it.level, default=None)
