"""Published values beside ours: the same statistic of the same arms, with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.special import stdtr, stdtrit

from gst.analysis import Source
from gst.compare.groups import by_seed, pairs, parts_of_sides, value_of
from gst.compare.interval import Interval, Kind, correlation_interval, difference_interval, mean_interval
from gst.compare.not_run import NotRun
from gst.compare.published import OF_LEVELS, OF_PAIRS, Value, measured_unit
from gst.compare.quantities import QUANTITIES
from gst.compare.question import Question
from gst.compare.results import Ours, SummaryDifference, ValueResult
from gst.compare.selection import Selection
from gst.compare.settings import count_outcome, settings_run, threshold
from gst.compare.signs import LETTERS
from gst.errors import InputError
from gst.stats import t_test

OUTCOMES = {"above": "is higher", "match": "matches", "below": "is lower"}
OF = "{} against {}"


def compare_value(value: Value, question: Question) -> Iterator[ValueResult]:
    """The published value and ours, or the reason why there is none of ours: on each of its benchmarks.

    A value that is about several of them together is compared once, and not before all of them are there.
    """
    refusal = question.refusal(value.unavailable, value.quantities)
    asked = list(question.each(value.benchmarks))
    if value.together and asked:
        yield _together(value, asked, refusal)
    elif not value.together:
        for it in asked:
            yield from _compared(value, it, refusal)


def _compared(value: Value, question: Question, refusal: str) -> Iterator[ValueResult]:
    if refusal:
        yield _result(value, question.benchmark, None, (), refusal, refusal)
        return
    try:
        sides = _sides(value, question)
        parts = list(parts_of_sides(sides, value.per))
    except InputError as error:
        yield _result(value, question.benchmark, None, (), refusal, str(error))
        return
    deviations = tuple(dict.fromkeys(words for side in sides for words in side.deviations))
    for words, of_part in parts:
        where, ours, reason = ": ".join(filter(None, (question.benchmark, words))), None, ""
        try:
            ours = _ours(value, of_part, question)
        except InputError as error:
            reason = str(error)
        yield _result(value, where, ours, deviations if ours else (), refusal, reason)


def _sides(value: Value, question: Question) -> list[Selection]:
    return [question.select(name, only=value.only) for name in value.arms]


def _together(value: Value, asked: Sequence[Question], refusal: str) -> ValueResult:
    """The value over all settings, which are parts of benchmarks; none before all of them were run."""
    found: list[tuple[str, list[Selection], Question]] = []
    reasons: dict[str, None] = dict.fromkeys(filter(None, [asked[0].unasked(value.benchmarks)]))
    for question in () if refusal else asked:
        try:
            sides = _sides(value, question)
            for words, parts in parts_of_sides(sides, value.per):
                found.append((": ".join(filter(None, (question.benchmark, words))), parts, question))
        except InputError as error:
            reasons[str(error)] = None
    where = asked[0].benchmark if len(asked[0].wanted(value.benchmarks)) == 1 else ""
    if refusal:
        return _result(value, where, None, (), refusal, refusal)
    if reasons or len(found) != (value.settings or len(found)):
        run = [settings_run(value.settings, len(found))] if value.settings else []
        reason = "; ".join([*run, *reasons])
        return _result(value, where, None, (), refusal, reason)
    try:
        ours = _over(value, found)
    except InputError as error:
        return _result(value, where, None, (), refusal, str(error))
    deviations = dict.fromkeys(words for _, sides, _ in found for side in sides for words in side.deviations)
    return _result(value, where, ours, tuple(deviations), refusal, "")


def _over(value: Value, found: Sequence[tuple[str, list[Selection], Question]]) -> Ours:
    """The one number of all settings."""
    if value.statistic == "settings":
        return Ours(len(found), n=(len(found),), method="settings that were run")
    if value.statistic == "count":
        alike = [count_outcome(value, sides, question) for _, sides, question in found].count(True)
        return Ours(alike, n=(len(found),), method="settings, by the paper's rule of one standard deviation")
    numbers = [(_ours(value, sides, question), where) for where, sides, question in found]
    pick = min if value.pick == "smallest" else max
    ours, where = pick(numbers, key=lambda it: it[0].value)
    return ours._replace(method=f"{ours.method}; {value.pick} of {len(found)}: {where}")


def _result(
    value: Value, where: str, ours: Ours | None, deviations: tuple[str, ...], refusal: str, reason: str
) -> ValueResult:
    what, arms = _named(value)
    inside, difference = _inside(value, ours), _difference(value, ours)
    return ValueResult(
        what=what,
        arms=": ".join(filter(None, (where, arms))),
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
    match value.statistic:
        case "settings":
            return "settings", arms
        case "count":
            return f"settings in which {words} {OUTCOMES[value.outcome or 'match']}", OF.format(*value.arms)
        case "last_match":
            return f"weights left down to which {words} matches", arms
        case "first_above":
            return f"weights left from which {words} is above", arms
        case "difference" | "t_test_p":
            arms = f"{value.arms[0]} less {value.arms[-1]}"
    p = "p of " if value.statistic == "t_test_p" else ""
    pick = f"{value.pick} " if value.pick else ""
    return f"{p}{pick}{words}", arms


def _words(quantity: str) -> str:
    known = QUANTITIES.get(quantity)
    return known.words if known else quantity.replace("_", " ")


def _ours(value: Value, sides: Sequence[Selection], question: Question) -> Ours:
    accuracy = question.figure.accuracy
    runs = {(it.run.arm, it.identity): it for side in sides for it in side.runs}.values()
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
    if value.statistic in OF_LEVELS:
        return threshold(value, sides, accuracy)
    if value.statistic in ("difference", "t_test_p"):
        one, other = (by_seed(side.runs, quantity, accuracy, side.name) for side in sides)
        if value.statistic == "difference":
            return _of(difference_interval(source, one, other))
        test = t_test(list(one.values()), list(other.values()), variances="pooled")
        return Ours(test.p, n=test.n, method="pooled t-test, two-sided")
    found_values = [value_of(it, quantity, accuracy) for it in {it.identity: it for it in runs}.values()]
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
