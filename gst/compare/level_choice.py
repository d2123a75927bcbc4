"""The choice of levels: dense, best, sparsest useful, that of the widest gap, last, or each.

A level is chosen for a configuration, over its seeds, and of several configurations of one label noise, such
as networks of several widths, for all of them: by validation error, or by test error where no images are held
out. Where a sparse network is sought and the dense one is the best, the run stays at its dense level,
which says that there is no such network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from gst.analysis.levels import (
    ChosenBy,
    LevelSummary,
    chosen_by,
    hardest_and_rest,
    level_summaries,
    optimal_level,
    sparsest_better,
)
from gst.compare.level_view import less
from gst.compare.measured import MeasuredRun
from gst.compare.relations import Images, LevelAt
from gst.errors import InputError

CHOSEN_BY = {"validation": "validation error", "test": "test error"}
Chosen = dict[tuple[str, int], str]
"""Pairs of arm and level, and why such a level stands for no sparse network, where it does not."""


def at_levels(
    runs: Sequence[MeasuredRun], which: LevelAt, name: str, by: ChosenBy | None = None
) -> tuple[MeasuredRun, ...]:
    """The runs at that level; runs of configurations without a chosen level are not among them.

    The optimal level is chosen `by` that error, or by the one that the runs allow. Raises InputError for runs
    without levels or without that error, or with too few seeds to choose by.
    """
    if lacking := next((it.run.arm for it in runs if not it.levels), None):
        raise InputError(f"runs of {lacking} have no levels")
    found: list[MeasuredRun] = []
    for noise in sorted({it.config.data.label_noise for it in runs}):
        of_noise = [it for it in runs if it.config.data.label_noise == noise]
        chosen = _chosen(of_noise, which, name, by)
        found += (
            it.at(level.level, chosen[it.run.arm, level.level])
            for it in of_noise
            for level in it.levels
            if (it.run.arm, level.level) in chosen
        )
    return tuple(found)


def _chosen(runs: Sequence[MeasuredRun], which: LevelAt, name: str, by: ChosenBy | None) -> Chosen:
    """The chosen pairs of arm and level, for runs of one label noise."""
    match which:
        case "dense":
            return {(it.run.arm, 0): "" for it in runs}
        case "last":
            return {(it.run.arm, it.levels[-1].level): "" for it in runs}
        case "each":
            return {(it.run.arm, level.level): "" for it in runs for level in it.levels if level.level > 0}
        case "sparsest_better":
            return dict(_sparsest(levels, name) for levels in _by_arm(runs))
        case "widest_gap":
            return {(levels[0].arm, _widest(levels, name)): "" for levels in _by_arm(runs)}
    levels = [it.levels[:1] if which == "optimal_width" else it.levels for it in runs]
    summaries = level_summaries(level for of_run in levels for level in of_run)
    by = chosen_by(summaries, by)
    best = optimal_level(summaries, by)
    dense = which == "optimal_sparse" and best.level == 0
    why = f"{name}: the dense network of {best.arm} has the lowest {CHOSEN_BY[by]}" if dense else ""
    return {(best.arm, best.level): why}


def _by_arm(runs: Sequence[MeasuredRun]) -> Iterator[tuple[LevelSummary, ...]]:
    for arm in dict.fromkeys(it.run.arm for it in runs):
        yield level_summaries(level for it in runs if it.run.arm == arm for level in it.levels)


def _sparsest(levels: Sequence[LevelSummary], name: str) -> tuple[tuple[str, int], str]:
    """The last level of an arm that beats level 0; level 0 and the reason where none does."""
    arm = levels[0].arm
    if any(it.n < 2 for it in levels):
        raise InputError(f"{name}: whether a level is better takes 2 seeds at least; run more of {arm}")
    if found := sparsest_better(levels):
        return (arm, found.level), ""
    return (arm, 0), f"{name}: no level of {arm} is better than the dense network"


def _widest(levels: Sequence[LevelSummary], name: str) -> int:
    """The level of an arm with the largest mean gap between the losses of noisy images and of the others."""
    means: dict[int, float] = {}
    for it in levels:
        found = [gap for run in it.runs if (gap := less(run.noisy_loss, run.original_loss)) is not None]
        if found:
            means[it.level] = fmean(found)
    if not means:
        raise InputError(f"{name}: runs of {levels[0].arm} have no losses of mislabelled images")
    return max(means, key=means.__getitem__)


def level_words(runs: Iterable[MeasuredRun]) -> str:
    """The levels at which these runs are looked at: `level 7, 21% of the weights`."""
    return "; ".join(dict.fromkeys(map(_place, runs)))


def _place(it: MeasuredRun) -> str:
    assert it.view is not None
    level, width = it.view.level, it.config.model.width
    if level.level == 0:
        return "level 0, dense" if width == 1 else f"width {width:.3g}"
    left = f"level {level.level}, {100 * level.weights_left:.3g}% of the weights"
    return left if it.config.pruning.kind == "imp" else f"level {level.level}, {level.epochs} epochs"


def left_out(runs: Iterable[MeasuredRun]) -> str:
    """The reason why there is no sparse network to speak of, or an empty text."""
    return next((it.view.left_out for it in runs if it.view and it.view.left_out), "")


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


def chosen_words(runs: Iterable[MeasuredRun], by: ChosenBy | None = None) -> str:
    """The error by which levels of these runs are chosen, in words; an empty text for runs without levels."""
    found = {by or chosen_by(level_summaries(it.levels)) for it in runs if it.levels}
    return " or ".join(CHOSEN_BY[by] for by in sorted(found, reverse=True))
