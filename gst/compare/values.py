"""Published values beside ours: the same statistic of the same arms, with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtr, stdtrit

from gst.analysis import Source
from gst.compare.groups import by_seed, pairs, value_of
from gst.compare.interval import Interval, Kind, correlation_interval, difference_interval, mean_interval
from gst.compare.published import OF_PAIRS, Value, measured_unit
from gst.compare.quantities import QUANTITIES
from gst.compare.question import Question
from gst.compare.results import Ours, SummaryDifference, ValueResult
from gst.compare.selection import NotRun, Selection
from gst.compare.signs import LETTERS
from gst.errors import InputError
from gst.stats import t_test


def compare_value(value: Value, question: Question) -> ValueResult:
    """The published value and ours, or the reason why there is none of ours."""
    refusal = question.refusal(value.unavailable, value.quantities)
    reason, ours = refusal, None
    deviations: tuple[str, ...] = ()
    if not refusal:
        try:
            sides = [question.sweeps.select(question.figure, name, only=value.only) for name in value.arms]
            ours = _ours(value, sides, question)
            deviations = tuple(dict.fromkeys(words for side in sides for words in side.deviations))
        except InputError as error:
            reason = str(error)
    what, arms = _named(value)
    inside, difference = _inside(value, ours), _difference(value, ours)
    return ValueResult(
        what=what,
        arms=arms,
        unit=measured_unit(value) or value.unit,
        place=value.place,
        origin=value.origin,
        note=value.note,
        published=value.value,
        printed=printed(value),
        deviation=value.deviation,
        range=value.range,
        runs=value.runs,
        ours=ours,
        inside=inside,
        difference=difference,
        agrees=difference.alike if difference else inside,
        measured=not refusal,
        deviations=deviations,
        reason=reason,
    )


def printed(value: Value) -> str:
    """The published value with the digits that the paper gives it."""
    if isinstance(value.value, int):
        return f"{value.value:,}"
    if value.unit == "p":
        return f"{value.value:g}"
    digits = round(-math.log10(2 * value.resolution)) if value.resolution else 2
    return f"{value.value:.{max(0, digits)}f}"


def _named(value: Value) -> tuple[str, str]:
    """What the value is, and of which arms, in words."""
    arms = "" if value.arms == ("*",) else ", ".join(value.arms)
    if value.statistic == "runs":
        return "runs of each arm", arms
    if value.x and value.y:
        words = f"{_words(value.x)} and {_words(value.y)}"
        letter = LETTERS[value.statistic.removesuffix("_p")]
        return f"{'p of ' if value.statistic.endswith('_p') else ''}{letter} of {words}", arms
    words = _words(value.quantity or "")
    if value.statistic in ("difference", "t_test_p"):
        p = "p of " if value.statistic == "t_test_p" else ""
        return f"{p}{words}", f"{value.arms[0]} less {value.arms[-1]}"
    return words, arms


def _words(quantity: str) -> str:
    known = QUANTITIES.get(quantity)
    return known.words if known else quantity.replace("_", " ")


def _ours(value: Value, sides: Sequence[Selection], question: Question) -> Ours:
    accuracy = question.figure.accuracy
    runs = {(it.run.arm, it.run.key): it for side in sides for it in side.runs}.values()
    source = sides[0].source
    if value.statistic == "runs":
        arms = [it.run.arm for it in runs]
        return Ours(min(arms.count(arm) for arm in arms), n=(len(arms),), method="the fewest of an arm")
    if value.statistic in OF_PAIRS:
        kind: Kind = "kendall" if value.statistic.startswith("kendall") else "pearson"
        found = correlation_interval(source, kind, pairs(runs, value.x or "", value.y or "", accuracy))
        if value.statistic.endswith("_p"):
            return Ours(found.p or 0.0, n=found.n, method="of no correlation, two-sided")
        return _of(found)
    quantity = value.quantity or ""
    if value.statistic in ("difference", "t_test_p"):
        one, other = (by_seed(side.runs, quantity, accuracy, side.name) for side in sides)
        if value.statistic == "difference":
            return _of(difference_interval(source, one, other))
        test = t_test(list(one.values()), list(other.values()), variances="pooled")
        return Ours(test.p, n=test.n, method="pooled t-test, two-sided")
    found_values = [value_of(it, quantity, accuracy) for it in {it.run.key: it for it in runs}.values()]
    return _mean(source, ", ".join(value.arms), quantity, [it for it in found_values if it is not None])


def _mean(source: Source, arms: str, quantity: str, values: Sequence[float]) -> Ours:
    if not values:
        raise NotRun(f"these runs have no {_words(quantity)}")
    if len(values) == 1:
        return Ours(values[0], n=(1,), method="one run, so there is no interval")
    generator = source.generator(f"{arms}/{'accuracy' if quantity == 'test_accuracy' else quantity}")
    return _of(mean_interval(values, generator))._replace(deviation=float(np.std(values, ddof=1)))


def _of(found: Interval) -> Ours:
    return Ours(found.value, found.low, found.high, None, found.n, found.method)


def _inside(value: Value, ours: Ours | None) -> bool | None:
    """Whether the published value, give or take its rounding, lies in our interval."""
    if ours is None or ours.low is None or ours.high is None:
        return None
    return ours.low - value.resolution <= value.value <= ours.high + value.resolution


def _difference(value: Value, ours: Ours | None) -> SummaryDifference | None:
    """Welch's test of our mean against the published one, where both have a deviation over runs."""
    if ours is None or ours.deviation is None or value.deviation is None or (value.runs or 0) < 2:
        return None
    ours_n, theirs_n = ours.n[0], value.runs or 0
    first, second = ours.deviation**2 / ours_n, value.deviation**2 / theirs_n
    error = math.sqrt(first + second)
    degrees = (first + second) ** 2 / (first**2 / (ours_n - 1) + second**2 / (theirs_n - 1))
    difference = ours.value - value.value
    half = float(stdtrit(degrees, 0.975)) * error
    p = 2 * float(stdtr(degrees, -abs(difference / error)))
    return SummaryDifference(difference, difference - half, difference + half, p)
