"""Judging claims: each becomes one or more comparisons, whose intervals say whether it holds.

What two sides are judged by is a test of `verdict.TESTS`: our intervals, or the paper's own rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from gst.compare.contrast import Contrast, correlation_interval, strength_interval, trend_interval
from gst.compare.level_choice import left_out
from gst.compare.measured import MeasuredRun
from gst.compare.published import Claim, Outcome
from gst.compare.quantities import by_seed, by_value, difference_unit, pairs, words_of
from gst.compare.relations import AnyRelation, Match, Order, OwnTest, Sign
from gst.compare.results import ClaimResult, Part, Verdict
from gst.compare.selection import Context, Selection, chosen, distinct, measurements, parts_of, parts_of_sides
from gst.compare.verdict import (
    TESTS,
    Expected,
    as_part,
    by_chance,
    enough,
    evidence,
    found_nothing,
    judged_by,
    mostly,
    together,
)
from gst.errors import InputError

LETTERS = {"pearson": "r", "kendall": "tau"}
HIGHER: dict[str, Outcome] = {"positive": "above", "negative": "below"}
"""The outcome that an expected correlation means for y at the higher of two values of x."""

Side = Selection | float
"""Runs under the name of their group, or a number that the others are compared with."""


def judge(claim: Claim, context: Context) -> Iterator[ClaimResult]:
    """The claim with its verdict and parts, or the reason why it was not run, for each of its benchmarks.

    A claim about several benchmarks together is judged once, when all of them were run.
    """
    asked = list(context.each(claim.benchmarks))
    if claim.settings is None:
        yield from (_judged(claim, it, [it]) for it in asked)
    elif asked:
        yield _judged(claim, asked[0]._replace(benchmark=""), asked)


def _judged(claim: Claim, context: Context, asked: Sequence[Context]) -> ClaimResult:
    reason = refusal = context.refusal(claim.unavailable, claim.relation.quantities)
    selected: list[Selection] = []
    parts: list[Part] = []
    for it in asked if not refusal else ():
        try:
            found = list(_parts(claim.relation, it, selected))
        except InputError as error:
            found, reason = [Part("", "not run", reason=str(error))], str(error)
        parts += found if it is context else (_named(it.benchmark, part) for part in found)
    if claim.settings is not None:
        reason = refusal or _lacking(claim, claim.settings, context, parts)
    elif reason:
        parts = []
    verdict: Verdict = "not run" if reason else _verdict(claim.relation, parts)
    counted = [part for part in parts if part.verdict != "left out"]
    chance, p = None, None
    if verdict != "not run":
        needed = _needed(claim.relation, len(counted))
        chance, p = evidence(counted, needed, apart=claim.relation.apart)
    if verdict == "not run" and not reason:
        reason = "; ".join(dict.fromkeys(part.reason for part in parts if part.reason))
    judged = [] if verdict == "not run" else selected
    significant = sum(part.verdict == "held" and not part.reason for part in parts)
    return ClaimResult(
        claim=claim.claim,
        benchmark=context.benchmark,
        kind=claim.kind,
        place=claim.place,
        note=claim.note,
        verdict=verdict,
        parts=tuple(parts),
        measured=not refusal,
        by_rule=any(part.deviation is not None for part in parts),
        deviations=distinct(it.deviations for it in judged),
        differs=distinct(it.differs for it in judged),
        assumed=distinct(it.assumed for it in judged),
        reason=reason,
        chance=chance,
        p=p,
        significant=None if claim.relation.significant is True else significant,
    )


def _needed(relation: AnyRelation, parts: int) -> int:
    """The number of parts that must hold for the claim to."""
    if relation.significant == "most":
        return parts // 2 + 1
    if isinstance(relation, Order) and relation.at_least is not None:
        return parts // 2 + 1 if relation.at_least == "most" else relation.at_least
    return parts


def _lacking(claim: Claim, settings: int, context: Context, parts: Sequence[Part]) -> str:
    """The reason why a claim over that number of settings is not judged, or an empty text."""
    run = sum(part.verdict != "not run" for part in parts)
    if run == settings:
        return ""
    reasons = dict.fromkeys(part.reason for part in parts)
    return "; ".join(filter(None, (settings_run(settings, run), context.unasked(claim.benchmarks), *reasons)))


def settings_run(settings: int, run: int) -> str:
    """Number of settings that something is about, and of those that were run, in words."""
    return f"over {settings} settings, of which {run} were run"


def _verdict(relation: AnyRelation, parts: Sequence[Part]) -> Verdict:
    if isinstance(relation, Sign) and relation.significant == "most":
        return mostly(parts, -1 if relation.expect == "negative" else 1)
    if isinstance(relation, Order) and relation.at_least is not None:
        return enough(parts, relation.at_least)
    return together(parts)


def _parts(relation: AnyRelation, context: Context, judged: list[Selection]) -> Iterator[Part]:
    """The comparisons that the claim makes; the runs that it looks at are added to `judged`."""
    measured = measurements(relation.quantities, relation.per)
    for each in relation.each or ("",):
        sides: list[Side] = [
            side
            if isinstance(side, float)
            else context.select(side.replace("{}", each), relation.only, relation.exclude, measured)
            for side in relation.sides
        ]
        chosen = [side for side in sides if isinstance(side, Selection)]
        judged += chosen
        if isinstance(relation, Sign):
            yield from _signs(relation, chosen, each, context)
        else:
            yield from _orders(relation, sides, context)


def _signs(sign: Sign, sides: Sequence[Selection], each: str, context: Context) -> Iterator[Part]:
    """The parts of the claim: one for all runs, or one for each split and step."""
    for words, runs in parts_of([it for side in sides for it in side.runs], sign.per).values():
        name = ", ".join(filter(None, (each, words)))
        if sign.monotone:
            yield from _steps(sign, sides[0], name, runs, context)
        else:
            yield _named(name, _correlated(sign, runs))


def _correlated(sign: Sign, runs: Sequence[MeasuredRun]) -> Part:
    """The correlation of x and y over runs; or of x and the correlation of the runs at each value of x."""
    of = sign.correlation
    other = f"r of {words_of(of.x)} and {words_of(of.y)}" if of else words_of(sign.y or "")

    def judged() -> Part:
        if of is None:
            found = correlation_interval(sign.statistic, pairs(runs, sign.x, sign.y or ""))
        else:
            at = by_value(runs, sign.x)
            of_values = [pairs(it, of.x, of.y) for it in at.values()]
            found = trend_interval(sign.statistic, list(at), of_values)
        if sign.expect == "none":
            return as_part(found, *found_nothing(found, sign.runs or 0), unit="correlation")
        expected = _direction(sign)
        part = as_part(found, *judged_by(found, expected), unit="correlation")
        return by_chance(part, found, expected)

    return _attempted(f"{LETTERS[sign.statistic]} of {words_of(sign.x)} and {other}", runs, judged)


def _direction(sign: Sign) -> Expected:
    return Expected((HIGHER[sign.expect],), significant=bool(sign.significant))


def _steps(
    sign: Sign, side: Selection, name: str, runs: Sequence[MeasuredRun], context: Context
) -> Iterator[Part]:
    """A comparison of y at each value of x with that at the one before, of runs chosen as the side's are."""
    x, y = words_of(sign.x), sign.y or ""
    at = by_value(runs, sign.x)
    if len(at) < 2:
        raise InputError(f"steps need at least 2 values of {x}, found {len(at)}")
    expected = _direction(sign)
    for lower, higher in pairwise(at):
        first, second = (f"{value:.4g}{chosen(side.at, at[value])}" for value in (higher, lower))
        title = ": ".join(filter(None, (name, f"{words_of(y)} at {x} {first} less at {second}")))
        sides = [Selection(title, side.source, at[value], ()) for value in (higher, lower)]
        yield _contrasted(title, y, sides, expected, context)


def _orders(relation: Order | Match, sides: Sequence[Side], context: Context) -> Iterator[Part]:
    """The parts of the claim: each group compared with the next one, in each split.

    Neighbours are enough: where each is above the next, the first is above the last.
    """
    chosen = [side for side in sides if isinstance(side, Selection)]
    for name, divided in parts_of_sides(chosen, relation.per):
        remaining = iter(divided)
        of_part = [side if isinstance(side, float) else next(remaining) for side in sides]
        for two in pairwise(of_part):
            yield _named(name, _ordered(relation, two, context))


def _ordered(relation: Order | Match, sides: Sequence[Side], context: Context) -> Part:
    one, other = (f"{side:g}" if isinstance(side, float) else side.words for side in sides)
    less = one if other == "0" else f"{one} less {other}"
    expected = _expected(relation, context.tolerance)
    if relation.quantity is not None:
        name = f"{words_of(relation.quantity)}, {less}"
        return _contrasted(name, relation.quantity, sides, expected, context, relation.test)
    x, y = relation.quantities

    def judged() -> Part:
        first, second = (pairs(side.runs, x, y) for side in sides if isinstance(side, Selection))
        found = strength_interval(first, second)
        part = as_part(found, *judged_by(found, expected), unit="correlation")
        return by_chance(part, found, expected)

    return _attempted(f"|r| of {words_of(x)} and {words_of(y)}, {less}", _runs(sides), judged)


def _expected(relation: Order | Match, tolerance: float) -> Expected:
    level, significant = 1 - relation.alpha, bool(relation.significant)
    if isinstance(relation, Match):
        return Expected(("match",), relation.within or tolerance, level, significant, relation.runs or 0)
    outcomes: tuple[Outcome, ...] = ("above",) if relation.strict else ("above", "match")
    return Expected(outcomes, relation.within, level, significant)


def _contrasted(
    name: str,
    quantity: str,
    sides: Sequence[Side],
    expected: Expected,
    context: Context,
    test: OwnTest | None = None,
) -> Part:
    """The part of a claim that two sides make, by the paper's own test if there is one."""

    def judged() -> Part:
        first, second = (
            side if isinstance(side, float) else by_seed(side.runs, quantity, side.name) for side in sides
        )
        found = TESTS[test or context.paper.rule](Contrast(first, second), expected, context.paper)
        chosen = [side for side in sides if isinstance(side, Selection)]
        if any(side.source.looked or side.at == "widest_gap" for side in chosen):
            # Data were looked at before: by the sweep, or to find the level at which the gap is widest. Where
            # no level differs, the widest of 25 gaps beats the last nearly every second time.
            found = found._replace(p=None, direction_p=None, chance=None)
        return found._replace(unit=difference_unit(quantity))

    return _attempted(name, _runs(sides), judged)


def _runs(sides: Iterable[Side]) -> Iterator[MeasuredRun]:
    return (it for side in sides if isinstance(side, Selection) for it in side.runs)


def _attempted(name: str, runs: Iterable[MeasuredRun], judged: Callable[[], Part]) -> Part:
    """The part under that name, or why it cannot be judged or is left out."""
    if reason := left_out(runs):
        return Part(name, "left out", reason=reason)
    try:
        return judged()._replace(name=name)
    except InputError as error:
        return Part(name, "not run", reason=str(error))


def _named(name: str, part: Part) -> Part:
    """The part, with that name before its own."""
    return part._replace(name=": ".join(filter(None, (name, part.name))))
