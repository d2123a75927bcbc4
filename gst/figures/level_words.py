"""What figures over levels say in words: how many runs a mark has, and how the best compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gst.analysis import LevelSummary, Verdict, verdict
from gst.figures.level_runs import Arm
from gst.figures.level_series import LevelSeries
from gst.figures.panels import counted, intervals
from gst.figures.style import signed
from gst.stats import DeviationRule

SMALL_DOTS = "Small dots are single runs."
VERDICTS: dict[Verdict | None, str] = {
    "better": "better",
    "match": "they match",
    "worse": "worse",
    None: "one seed, so no verdict",
}


def marks_counted(series: Iterable[LevelSeries]) -> str:
    """How many runs each mark has."""
    marks = [
        (f"{mark.level.arm} at level {mark.level.level}", mark.group.n) for it in series for mark in it.marks
    ]
    return counted(marks, "mark")


def interval_words(series: Iterable[LevelSeries]) -> str:
    """How the intervals were made, and what small dots are."""
    estimates = [mark.group.estimate for it in series for mark in it.marks]
    return f"{intervals(it.method for it in estimates if it)} {SMALL_DOTS}"


def against_dense(arms: Iterable[Arm]) -> Iterator[str]:
    """How each arm's optimal level compares with its dense network, in a line each."""
    for arm in arms:
        yield f"{arm.name}: optimal at {place(arm.optimal)}; {dense_words(arm.optimal)}"


def dense_words(level: LevelSummary) -> str:
    """The test error of a level less that of the dense networks, and the verdict."""
    if level.level == 0:
        return "the dense networks themselves"
    return f"test error against dense networks {points(level.change)}: {VERDICTS[level.against_dense]}"


def place(level: LevelSummary) -> str:
    """Where a level is: `level 8, 16.8% of the weights`."""
    return f"level {level.level}, {100 * level.weights_left:.3g}% of the weights"


def points(rule: DeviationRule | None) -> str:
    """A difference of errors in percentage points, with its standard deviation."""
    if rule is None:
        return "not known"
    value = f"{'+' if rule.value > 0 else ''}{signed(100 * rule.value)}"
    return f"{value} ± {signed(100 * rule.deviation)} points (standard deviation, n = {rule.n})"


def compared(rule: DeviationRule | None) -> str:
    """A difference in points and the verdict on its first side."""
    return f"{points(rule)}: {VERDICTS[verdict(rule)]}"
