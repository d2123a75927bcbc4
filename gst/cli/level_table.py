"""The results of pruning levels as text: dense networks, optimal levels, and the sparsest useful ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gst.cli.output import table

if TYPE_CHECKING:
    from gst.analysis.levels import LevelSummary
    from gst.analysis.source import Source
    from gst.store import Store

COLUMNS = ("arm", "runs", "dense test error", "optimal level", "weights left", "test error there", "",
           "sparsest better")  # fmt: skip


def levels_in_words(store: Store, source: Source) -> str:
    """A row for each arm with levels, and how they are chosen; nothing where no run has several."""
    from gst.analysis.levels import chosen_by, level_results, level_summaries

    summaries = level_summaries(level_results(store, source))
    by_arm: dict[str, list[LevelSummary]] = {}
    for it in summaries:
        by_arm.setdefault(it.arm, []).append(it)
    if all(len(levels) == 1 for levels in by_arm.values()):
        return ""
    rows = [_row(arm, levels) for arm, levels in by_arm.items() if len(levels) > 1]
    chosen = chosen_by(summaries)
    return (
        f"{table(COLUMNS, rows)}\n\n"
        f"The optimal level has the lowest mean {chosen} error; it is better or worse than dense\n"
        "networks of the same seeds by one standard deviation of the differences, or a match (Jin 2022)."
    )


def _row(arm: str, levels: Sequence[LevelSummary]) -> tuple[object, ...]:
    from gst.analysis.levels import chosen_by, optimal_level, sparsest_better

    dense, best, sparsest = levels[0], optimal_level(levels, chosen_by(levels)), sparsest_better(levels)
    return (
        arm,
        best.n,
        f"{dense.test_error:.2%}",
        best.level,
        f"{best.weights_left:.1%}",
        f"{best.test_error:.2%}",
        best.against_dense or "",
        "" if sparsest is None else f"level {sparsest.level}, {sparsest.weights_left:.1%}",
    )
