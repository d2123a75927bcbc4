"""A run at the end of one of its levels, and the choice of levels: dense, best, sparsest useful, or each.

A level is chosen for a configuration, over its seeds, and of several configurations of one label noise, such
as networks of several widths, for all of them: by validation error, or by test error where no images are held
out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import (
    LevelResult,
    LevelSummary,
    chosen_by,
    level_summaries,
    optimal_level,
    sparsest_better,
)
from gst.compare.relations import Images, LevelAt
from gst.errors import InputError
from gst.stats import rising

if TYPE_CHECKING:
    from gst.compare.measured import MeasuredRun

CHOSEN_BY = {"validation": "validation error", "test": "test error"}
HARDEST = 0.2
"""The share of the images, those with the highest EL2N scores, that Jin et al. 2022 find to change most."""


class LevelView(NamedTuple):
    """A level, and level 0 of the same run; losses are of percentile groups of images, EL2N scores rising.

    `groups` are the chosen groups, counted from 1; None is all images. A run without groups has no losses.
    """

    level: LevelResult
    dense: LevelResult
    losses: tuple[float | None, ...]
    dense_losses: tuple[float | None, ...]
    groups: tuple[int, ...] | None = None

    @property
    def train_loss(self) -> float | None:
        """The mean training loss of the chosen images."""
        if self.groups is None:
            return self.level.train_loss
        return _mean([self.losses[group - 1] for group in self.groups])

    @property
    def changes(self) -> tuple[float, ...] | None:
        """The loss of each chosen group less the dense network's; None unless all have one."""
        groups = range(1, len(self.losses) + 1) if self.groups is None else self.groups
        pairs = [(self.losses[group - 1], self.dense_losses[group - 1]) for group in groups]
        found = tuple(one - other for one, other in pairs if one is not None and other is not None)
        return found if found and len(found) == len(pairs) else None

    @property
    def change(self) -> float | None:
        """The mean training loss of the chosen images less the dense network's."""
        if self.groups is not None:
            return _mean(self.changes or ())
        return less(self.level.train_loss, self.dense.train_loss)

    @property
    def absolute_change(self) -> float | None:
        """The mean absolute change of loss over the chosen groups."""
        return _mean([abs(it) for it in self.changes or ()])

    @property
    def concentration(self) -> float | None:
        """The size of the change on the hardest fifth of the images as a multiple of that on the rest."""
        hardest, rest = (self.of(groups).absolute_change for groups in hardest_and_rest(len(self.losses)))
        return None if hardest is None or not rest else hardest / rest

    @property
    def change_by_group(self) -> float | None:
        """Kendall's tau of a group's place and its change: 1 where each changes by more than those before.

        0 where no group changes, as in the dense network itself.
        """
        if self.changes is None:
            return None
        return rising(self.changes) if any(self.changes) else 0.0

    @property
    def noisy_gap(self) -> float | None:
        """The loss of images with a wrong label less that of those with the right one."""
        return less(self.level.noisy_loss, self.level.original_loss)

    @property
    def noisy_change(self) -> float | None:
        """The loss of images with a wrong label less the dense network's."""
        return less(self.level.noisy_loss, self.dense.noisy_loss)

    def of(self, groups: tuple[int, ...]) -> LevelView:
        """The view restricted to those groups of images."""
        return self._replace(groups=groups)


def hardest_and_rest(groups: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The groups with the highest fifth of scores, and the others, from 1 to the number of groups."""
    first = groups - math.ceil(HARDEST * groups)
    return tuple(range(first + 1, groups + 1)), tuple(range(1, first + 1))


def less(one: float | None, other: float | None) -> float | None:
    """The difference, where there are both."""
    return None if one is None or other is None else one - other


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def at_levels(runs: Sequence[MeasuredRun], which: LevelAt, name: str) -> tuple[MeasuredRun, ...]:
    """The runs at that level; runs of configurations without a chosen level are left out.

    Raises InputError for runs without levels, and where no level qualifies.
    """
    if lacking := next((it.run.arm for it in runs if not it.levels), None):
        raise InputError(f"runs of {lacking} have no levels")
    found: list[MeasuredRun] = []
    for noise in sorted({it.config.data.label_noise for it in runs}):
        of_noise = [it for it in runs if it.config.data.label_noise == noise]
        chosen = _chosen(of_noise, which, name)
        found += (
            it.at(level.level)
            for it in of_noise
            for level in it.levels
            if (it.run.arm, level.level) in chosen
        )
    return tuple(found)


def _chosen(runs: Sequence[MeasuredRun], which: LevelAt, name: str) -> set[tuple[str, int]]:
    """The chosen pairs of arm and level, for runs of one label noise."""
    match which:
        case "dense":
            return {(it.run.arm, 0) for it in runs}
        case "each":
            return {(it.run.arm, level.level) for it in runs for level in it.levels if level.level > 0}
        case "sparsest_better":
            return {(it.arm, it.level) for it in _sparsest(runs, name)}
    levels = [it.levels if which == "optimal" else it.levels[:1] for it in runs]
    summaries = level_summaries(level for of_run in levels for level in of_run)
    best = optimal_level(summaries, chosen_by(summaries))
    return {(best.arm, best.level)}


def _sparsest(runs: Sequence[MeasuredRun], name: str) -> Iterator[LevelSummary]:
    for arm in dict.fromkeys(it.run.arm for it in runs):
        summaries = level_summaries(level for it in runs if it.run.arm == arm for level in it.levels)
        found = sparsest_better(summaries)
        if any(it.n < 2 for it in summaries):
            raise InputError(f"{name}: whether a level is better takes 2 seeds at least; run more of {arm}")
        if found is None:
            raise InputError(f"{name}: no level of {arm} is better than the dense network")
        yield found


def of_images(it: MeasuredRun, images: Images) -> MeasuredRun:
    """The run, restricted to those images. Raises InputError for a run without groups of images."""
    hardest, rest = hardest_and_rest(_groups(it))
    return _of_groups(it, hardest if images == "hardest_fifth" else rest)


def by_group(it: MeasuredRun) -> tuple[MeasuredRun, ...]:
    """The run once for each group of its training images. Raises InputError for a run without groups."""
    return tuple(_of_groups(it, (group,)) for group in range(1, _groups(it) + 1))


def _of_groups(it: MeasuredRun, groups: tuple[int, ...]) -> MeasuredRun:
    assert it.view is not None
    return it._replace(view=it.view.of(groups))


def _groups(it: MeasuredRun) -> int:
    if it.view is None or not it.view.losses:
        raise InputError(f"runs of {it.run.arm} have no losses by group of images")
    return len(it.view.losses)


def levels_between(runs: Iterable[MeasuredRun], above: float | None, below: float | None) -> frozenset[int]:
    """The levels at which pruned runs have between those percentages of their weights left."""
    return frozenset(
        level.level
        for it in runs
        if it.config.pruning.kind == "imp"
        for level in it.levels
        if (above is None or 100 * level.weights_left > above)
        and (below is None or 100 * level.weights_left < below)
    )


def chosen_words(runs: Iterable[MeasuredRun]) -> str:
    """The error by which levels of these runs are chosen, in words; an empty text for runs without levels."""
    found = {chosen_by(level_summaries(it.levels)) for it in runs if it.levels}
    return " or ".join(CHOSEN_BY[by] for by in sorted(found, reverse=True))
