"""Which levels of runs are meant: the dense one, that of lowest error, the sparsest useful one, or each.

A level is chosen for a configuration, over its seeds, and of several configurations of one label noise, such
as networks of several widths, for all of them: by validation error, or by test error where no images are held
out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gst.analysis import LevelSummary, chosen_by, level_summaries, optimal_level, sparsest_better
from gst.compare.at import At, hardest_and_rest
from gst.compare.measured import MeasuredRun
from gst.compare.not_run import NotRun
from gst.compare.published import Images, LevelAt

CHOSEN_BY = {"validation": "validation error", "test": "test error"}


def at_levels(runs: Sequence[MeasuredRun], which: LevelAt, name: str) -> tuple[MeasuredRun, ...]:
    """Those runs at that level; runs of configurations whose levels are not chosen are left out.

    Raises NotRun where they have no levels, or none of them is such a one.
    """
    if lacking := next((it.run.arm for it in runs if not it.levels), None):
        raise NotRun(f"runs of {lacking} have no levels")
    noises = sorted({it.config.data.label_noise for it in runs})
    of_noise = ([it for it in runs if it.config.data.label_noise == noise] for noise in noises)
    return tuple(it for group in of_noise for it in _of_one_noise(group, which, name))


def _of_one_noise(runs: Sequence[MeasuredRun], which: LevelAt, name: str) -> Iterator[MeasuredRun]:
    match which:
        case "dense":
            chosen = {(it.run.arm, 0) for it in runs}
        case "each":
            chosen = {(it.run.arm, level.level) for it in runs for level in it.levels if level.level > 0}
        case "optimal":
            summaries = level_summaries(level for it in runs for level in it.levels)
            chosen = _cells([optimal_level(summaries, chosen_by(summaries))])
        case "optimal_width":
            summaries = level_summaries(it.levels[0] for it in runs)
            chosen = _cells([optimal_level(summaries, chosen_by(summaries))])
        case "sparsest_better":
            chosen = _cells(_sparsest(runs, name))
    for it in runs:
        yield from (at(it, level.level) for level in it.levels if (it.run.arm, level.level) in chosen)


def _sparsest(runs: Sequence[MeasuredRun], name: str) -> Iterator[LevelSummary]:
    for arm in dict.fromkeys(it.run.arm for it in runs):
        summaries = level_summaries(level for it in runs if it.run.arm == arm for level in it.levels)
        found = sparsest_better(summaries)
        if any(it.n < 2 for it in summaries):
            raise NotRun(f"{name}: whether a level is better takes 2 seeds at least; run more of {arm}")
        if found is None:
            raise NotRun(f"{name}: no level of {arm} is better than the dense network")
        yield found


def _cells(summaries: Iterable[LevelSummary]) -> set[tuple[str, int]]:
    return {(it.arm, it.level) for it in summaries}


def at(it: MeasuredRun, level: int) -> MeasuredRun:
    """The run, looked at at the end of that level."""
    by_number = {found.level: found for found in it.levels}
    losses, dense = it.losses.get(level, ()), it.losses.get(0, ())
    return it._replace(at=At(by_number[level], by_number[0], losses, dense))


def of_images(runs: Iterable[MeasuredRun], images: Images) -> tuple[MeasuredRun, ...]:
    """The runs, looked at on those images alone. Raises NotRun where there are no groups of images."""
    place = ("hardest_fifth", "the_rest").index(images)
    found = []
    for it in runs:
        assert it.at is not None
        found.append(it._replace(at=it.at.of(hardest_and_rest(_groups(it))[place])))
    return tuple(found)


def by_group(it: MeasuredRun) -> tuple[MeasuredRun, ...]:
    """The run, once for each percentile group of its training images. Raises NotRun where there are none."""
    assert it.at is not None
    return tuple(it._replace(at=it.at.of((group,))) for group in range(1, _groups(it) + 1))


def _groups(it: MeasuredRun) -> int:
    if it.at is None or not it.at.losses:
        raise NotRun(f"runs of {it.run.arm} have no losses by group of images")
    return len(it.at.losses)


def levels_between(runs: Iterable[MeasuredRun], above: float | None, below: float | None) -> frozenset[int]:
    """The levels at which pruned runs have more, and less, than that percentage of their weights."""
    return frozenset(
        level.level
        for it in runs
        if it.config.pruning.kind == "imp"
        for level in it.levels
        if (above is None or 100 * level.weights_left > above)
        and (below is None or 100 * level.weights_left < below)
    )


def chosen_words(runs: Iterable[MeasuredRun]) -> str:
    """By what levels of these runs are chosen, in words; an empty text for runs without any."""
    with_levels = [it for it in runs if it.levels]
    found = {chosen_by(level_summaries(it.levels)) for it in with_levels}
    return " or ".join(CHOSEN_BY[by] for by in sorted(found, reverse=True))
