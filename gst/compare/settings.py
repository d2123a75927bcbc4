"""Numbers not of runs but of settings: how many of them are so, and the level at which something begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gst.analysis import Accuracy
from gst.compare.groups import by_seed, parts_of
from gst.compare.measured import MeasuredRun
from gst.compare.not_run import NotRun
from gst.compare.published import Value
from gst.compare.question import Question
from gst.compare.results import Ours
from gst.compare.rule import ruled
from gst.compare.selection import Selection


def settings_run(settings: int, run: int) -> str:
    """That something is about so many settings, and how many of them were run."""
    return f"over {settings} settings, of which {run} were run"


def count_outcome(value: Value, sides: Sequence[Selection], question: Question) -> bool:
    """Whether the setting is one of those that are counted, by the paper's rule.

    Raises NotRun for fewer seeds than the paper has: a count of what is not decided is none.
    """
    quantity, accuracy = value.quantity or "", question.figure.accuracy
    first, second = (by_seed(side.runs, quantity, accuracy, side.name) for side in sides)
    ruling = ruled(first, second)
    if few := ruling.few(question.paper):
        raise NotRun(f"{question.benchmark or sides[0].source.sweep}: {few}")
    return ruling.outcome == value.outcome


def threshold(value: Value, sides: Sequence[Selection], accuracy: Accuracy) -> Ours:
    """The percentage of weights at the last level up to which the sides match, or from which one is above.

    One side is compared with 0. Raises NotRun where no level is such a one.
    """
    by_level = [
        {key[0]: part.runs for key, part in parts_of(side.runs, ("level",)).items()} for side in sides
    ]
    shared = sorted(set.intersection(*(set(levels) for levels in by_level)), key=_number)
    outcomes = [_outcome(value, [levels[it] for levels in by_level], accuracy) for it in shared]
    if value.statistic == "last_match":
        apart = next((at for at, outcome in enumerate(outcomes) if outcome != "match"), len(outcomes))
        found = shared[:apart][-1:]
        words = "the last level up to which they match"
    else:
        lower = [at for at, outcome in enumerate(outcomes) if outcome != "above"]
        found = shared[lower[-1] + 1 :][:1] if lower else shared[:1]
        words = "the first level from which on it is above"
    if not found:
        raise NotRun(f"there is none: {words}")
    runs = by_level[0][found[0]]
    return Ours(_weights_left(runs), n=(len(runs),), method=f"{words}, by the paper's rule; level {found[0]}")


def _outcome(value: Value, runs: Sequence[tuple[MeasuredRun, ...]], accuracy: Accuracy) -> str:
    values = [
        by_seed(of_side, value.quantity or "", accuracy, name)
        for of_side, name in zip(runs, value.arms, strict=True)
    ]
    second: Mapping[int, float] | float = values[1] if len(values) > 1 else 0.0
    return ruled(values[0], second).outcome


def _weights_left(runs: Sequence[MeasuredRun]) -> float:
    return float(np.mean([100 * it.at.level.weights_left for it in runs if it.at is not None]))


def _number(level: object) -> int:
    assert isinstance(level, int)
    return level
