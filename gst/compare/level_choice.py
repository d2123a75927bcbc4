"""The choice of levels: dense, best, sparsest useful, or each.

A level is chosen for a configuration, over its seeds, and of several configurations of one label noise, such
as networks of several widths, for all of them: by validation error, or by test error where no images are held
out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gst.analysis import (
    LevelSummary,
    chosen_by,
    hardest_and_rest,
    level_summaries,
    optimal_level,
    sparsest_better,
)
from gst.compare.measured import MeasuredRun
from gst.compare.relations import Images, LevelAt
from gst.errors import InputError

CHOSEN_BY = {"validation": "validation error", "test": "test error"}


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
