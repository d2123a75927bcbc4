"""Published values beside ours: the same statistic of the same arms, with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from gst.compare.contrast import Contrast, Interval, Kind, correlation_interval, mean_of
from gst.compare.judge import LETTERS, settings_run
from gst.compare.level_choice import left_out
from gst.compare.published import OF_LEVELS, OF_PAIRS, Outcome, Value, measured_unit
from gst.compare.quantities import BySeed, by_seed, pairs, value_of, words_of
from gst.compare.results import Ours, SummaryDifference, ValueResult
from gst.compare.selection import Context, Selection, distinct, measurements, parts_of, parts_of_sides
from gst.compare.verdict import too_few
from gst.errors import InputError
from gst.stats.correlation import correlation
from gst.stats.tests import t_test

OUTCOMES = {"above": "is higher", "match": "matches", "below": "is lower"}
OF = "{} against {}"
SCALES: Mapping[str, tuple[float, float]] = {
    "percent": (0.0, 100.0),
    "fraction": (0.0, 1.0),
    "correlation": (-1.0, 1.0),
}
"""The units whose scales have two ends."""


class Threshold(NamedTuple):
    """The level down to which an outcome lasts; with a step of -1 that from which it does, to the last."""

    outcome: Outcome
    step: int
    what: str
    words: str


THRESHOLDS: Mapping[str, Threshold] = {
    "last_match": Threshold(
        "match", 1, "weights left down to which {} matches", "the last level up to which they match"
    ),
    "first_above": Threshold(
        "above", -1, "weights left from which {} is above", "the first level from which on it is above"
    ),
}


class Case(NamedTuple):
    """A part of a benchmark, in words, and the sides of a value there."""

    where: str
    sides: list[Selection]
    context: Context


def compare_value(value: Value, context: Context) -> Iterator[ValueResult]:
    """The published value and ours, or the reason why there is none of ours, for each of its benchmarks.

    A value over several benchmarks together is compared once, when all of them were run.
    """
    refusal = context.refusal(value.unavailable, value.quantities)
    asked = list(context.each(value.benchmarks))
    if value.together:
        if asked:
            yield _together(value, asked, refusal)
        return
    for it in asked:
        try:
            settings = [] if refusal else _settings(value, it)
            reason = refusal
        except InputError as error:
            settings, reason = [], str(error)
        if reason:
            yield _result(value, it.benchmark, reason, measured=not refusal)
        for setting in settings:
            try:
                ours = _ours(value, setting)
                words = tuple(side.words for side in setting.sides)
                yield _result(value, setting.where, ours, sides=setting.sides, arms=words)
            except InputError as error:
                yield _result(value, setting.where, str(error))


def _settings(value: Value, context: Context) -> list[Case]:
    """The parts of the benchmark that the value is about. Raises InputError where a side lacks one."""
    measured = measurements(value.quantities, value.per)
    sides = [context.select(name, value.only, measured=measured) for name in value.arms]
    found = []
    for words, of_part in parts_of_sides(sides, value.per):
        if lacking := [side.name for side in of_part if not side.runs]:
            raise InputError(f"no runs of {', '.join(lacking)} with {words}")
        found.append(Case(": ".join(filter(None, (context.benchmark, words))), of_part, context))
    return found


def _together(value: Value, asked: Sequence[Context], refusal: str) -> ValueResult:
    """The value over all settings; none before all of them were run."""
    where = asked[0].benchmark if len(asked[0].wanted(value.benchmarks)) == 1 else ""
    if refusal:
        return _result(value, where, refusal, measured=False)
    found: list[Case] = []
    reasons: dict[str, None] = dict.fromkeys(filter(None, [asked[0].unasked(value.benchmarks)]))
    for context in asked:
        try:
            found += _settings(value, context)
        except InputError as error:
            reasons[str(error)] = None
    if reasons or len(found) != (value.settings or len(found)):
        run = [settings_run(value.settings, len(found))] if value.settings else []
        return _result(value, where, "; ".join([*run, *reasons]))
    try:
        ours = _over(value, found)
    except InputError as error:
        return _result(value, where, str(error))
    return _result(value, where, ours, sides=[side for setting in found for side in setting.sides])


def _over(value: Value, settings: Sequence[Case]) -> Ours:
    """The one number of all settings."""
    n = (len(settings),)
    if value.statistic == "settings":
        return Ours(len(settings), n=n, method="settings that were run")
    if value.statistic == "count":
        alike = [_has_outcome(value, setting) for setting in settings].count(True)
        return Ours(alike, n=n, method="settings, by the paper's rule of one standard deviation")
    numbers = [(_ours(value, setting), setting.where) for setting in settings]
    pick = min if value.pick == "smallest" else max
    ours, where = pick(numbers, key=lambda it: it[0].value)
    return ours._replace(method=f"{ours.method}; {value.pick} of {len(settings)}: {where}")


def _has_outcome(value: Value, setting: Case) -> bool:
    """Whether the setting is one of those that are counted, by the paper's rule.

    Raises InputError for fewer seeds than the paper has: a count of what is not decided is none.
    """
    source, context = setting.sides[0].source, setting.context
    _refuse_left_out(setting)
    ruling = Contrast(*_by_seed(value, setting.sides)).ruling()
    if few := too_few(ruling.n, context.paper):
        raise InputError(f"{context.benchmark or source.sweep}: {few}")
    return ruling.outcome == value.outcome


def _by_seed(value: Value, sides: Sequence[Selection]) -> tuple[BySeed, BySeed]:
    first, second = (by_seed(side.runs, value.quantity or "", side.name) for side in sides)
    return first, second


def _refuse_left_out(setting: Case) -> None:
    if reason := left_out(it for side in setting.sides for it in side.runs):
        raise InputError(reason)


def _ours(value: Value, setting: Case) -> Ours:
    _refuse_left_out(setting)
    sides = setting.sides
    runs = {(it.run.arm, it.identity): it for side in sides for it in side.runs}.values()
    if value.statistic == "runs":
        arms = [it.run.arm for it in runs]
        return Ours(min(arms.count(arm) for arm in arms), n=(len(arms),), method="the fewest of an arm")
    if value.statistic in OF_PAIRS:
        kind: Kind = "kendall" if value.statistic.startswith("kendall") else "pearson"
        of = pairs(runs, value.x or "", value.y or "")
        if value.statistic.endswith("_p"):
            p = correlation(kind, of.x, of.y).p
            return Ours(p or 0.0, n=(len(of.x),), method="the paper's test: two-sided, runs as independent")
        return _of(correlation_interval(kind, of))
    if value.statistic in OF_LEVELS:
        return _threshold(value, sides)
    if value.statistic == "difference":
        return _of(Contrast(*_by_seed(value, sides)).interval())
    if value.statistic == "t_test_p":
        one, other = (list(side.values()) for side in _by_seed(value, sides))
        test = t_test(one, other, variances="pooled")
        return Ours(test.p, n=test.n, method="the paper's test: pooled t-test, two-sided")
    return _mean(value, sides)


def _mean(value: Value, sides: Sequence[Selection]) -> Ours:
    """The mean over runs, a run in several arms once."""
    quantity = value.quantity or ""
    runs = {it.identity: it for side in sides for it in side.runs}.values()
    values = [found for it in runs if (found := value_of(it, quantity)) is not None]
    if not values:
        raise InputError(f"these runs have no {words_of(quantity)}")
    if len(values) == 1:
        return Ours(values[0], n=(1,), method="one run, so there is no interval")
    return _of(mean_of(values))._replace(deviation=float(np.std(values, ddof=1)))


def _threshold(value: Value, sides: Sequence[Selection]) -> Ours:
    """The percentage of weights at the last level up to which the sides match, or from which one is above.

    One side is compared with 0. Raises InputError where no level is such a one.
    """
    sought = THRESHOLDS[value.statistic]
    by_level = [
        {key[0]: part.runs for key, part in parts_of(side.runs, ("level",)).items()} for side in sides
    ]

    both = list(zip(by_level, sides, strict=True))
    outcomes: dict[int, Outcome] = {}
    for level in sorted(set.intersection(*map(set, by_level))):
        first, second, *_ = (
            *(by_seed(of_side[level], value.quantity or "", side.name) for of_side, side in both),
            0.0,
        )
        outcomes[level] = Contrast(first, second).ruling().outcome
    found = list(takewhile(lambda level: outcomes[level] == sought.outcome, list(outcomes)[:: sought.step]))
    if not found:
        raise InputError(f"there is none: {sought.words}")
    runs = by_level[0][found[-1]]
    left = float(np.mean([100 * it.view.level.weights_left for it in runs if it.view is not None]))
    return Ours(left, n=(len(runs),), method=f"{sought.words}, by the paper's rule; level {found[-1]}")


def _of(found: Interval) -> Ours:
    return Ours(found.value, found.low, found.high, None, found.n, found.method)


def _result(
    value: Value,
    where: str,
    found: Ours | str,
    *,
    sides: Sequence[Selection] = (),
    arms: tuple[str, ...] = (),
    measured: bool = True,
) -> ValueResult:
    """The value beside ours, a number or the reason why there is none; `arms` are its sides in words."""
    ours = None if isinstance(found, str) else found
    what, of_arms = _named(value, arms or value.arms)
    inside, difference = _inside(value, ours), _difference(value, ours)
    agrees = difference.alike if difference else inside
    too_wide = bool(agrees) and _too_wide(value, ours)
    return ValueResult(
        what=what,
        arms=": ".join(filter(None, (where, of_arms))),
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
        agrees=None if too_wide else agrees,
        too_wide=too_wide,
        measured=measured,
        deviations=distinct(side.deviations for side in sides),
        differs=distinct(side.differs for side in sides),
        assumed=distinct(side.assumed for side in sides),
        reason=found if isinstance(found, str) else "",
    )


def printed(value: Value) -> str:
    """The published value with the digits that the paper gives it."""
    if isinstance(value.value, int):
        return f"{value.value:,}"
    if value.unit == "p":
        return f"{value.value:g}"
    digits = round(-math.log10(2 * value.resolution)) if value.resolution else 2
    return f"{value.value:.{max(0, digits)}f}"


def _named(value: Value, names: Sequence[str]) -> tuple[str, str]:
    """The words for the value's quantity or statistic, and for its arms, which have these names."""
    arms = "" if value.arms == ("*",) else ", ".join(names)
    words = words_of(value.quantity or "")
    p = "p of " if value.statistic.endswith("_p") else ""
    if value.x and value.y:
        letter = LETTERS[value.statistic.removesuffix("_p")]
        return f"{p}{letter} of {words_of(value.x)} and {words_of(value.y)}", arms
    match value.statistic:
        case "runs":
            return "runs of each arm", arms
        case "settings":
            return "settings", arms
        case "count":
            return f"settings in which {words} {OUTCOMES[value.outcome or 'match']}", OF.format(*names)
        case "last_match" | "first_above":
            return THRESHOLDS[value.statistic].what.format(words), arms
        case "difference" | "t_test_p":
            arms = f"{names[0]} less {names[-1]}"
    pick = f"{value.pick} " if value.pick else ""
    return f"{p}{pick}{words}", arms


def _inside(value: Value, ours: Ours | None) -> bool | None:
    """Whether the published value, give or take its rounding, lies in our interval."""
    if ours is None or ours.low is None or ours.high is None:
        return None
    return ours.low - value.resolution <= value.value <= ours.high + value.resolution


def _too_wide(value: Value, ours: Ours | None) -> bool:
    """Whether our interval leaves open more than half of what the published value could be.

    A correlation could be anything from -1 to 1. Any other value could be what is no farther from it than the
    nearer end of its scale, or 0 on a scale without ends: a stability of 87% is 13 points short of the whole,
    and an interval that includes no loss and twice that loss is no evidence. A difference of 0 points has no
    such distance, and could be one of 100 to either side.
    """
    if ours is None or ours.low is None or ours.high is None:
        return False
    low, high = SCALES.get(measured_unit(value) or value.unit, (0.0, math.inf))
    reach = min(abs(value.value - low), abs(high - value.value))
    if not value.value and value.unit == "points":
        reach = 100.0
    if value.unit != "correlation" and reach:
        low, high = value.value - reach, value.value + reach
    return min(ours.high, high) - max(ours.low, low) > (high - low) / 2


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
