"""Claims of a sign: over runs, one quantity rises or falls with another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from gst.analysis import Accuracy, Source
from gst.compare.groups import by_seed, levels, pairs, parts_of
from gst.compare.interval import Interval, correlation_interval, difference_interval, trend_interval
from gst.compare.measured import MeasuredRun
from gst.compare.not_run import NotRun
from gst.compare.parts import by_rule, part, titled
from gst.compare.published import Outcome
from gst.compare.quantities import QUANTITIES, difference_unit
from gst.compare.question import Question
from gst.compare.relations import Sign
from gst.compare.selection import Selection
from gst.compare.verdict import Part, Verdict, above, below, insignificant
from gst.errors import InputError

LETTERS = {"pearson": "r", "kendall": "tau"}
SIGNIFICANT = 0.05


def signs(sign: Sign, sides: Sequence[Selection], each: str, question: Question) -> Iterator[Part]:
    """The comparisons that the claim makes of these runs: one, or one for each of its parts and steps."""
    source = sides[0].source
    runs = [it for side in sides for it in side.runs]
    for words, inside in parts_of(runs, sign.per).values():
        name = ", ".join(filter(None, (each, words)))
        if sign.monotone:
            yield from _steps(sign, source, name, inside, question)
        else:
            yield _correlated(sign, source, name, inside, question.figure.accuracy)


def _correlated(
    sign: Sign, source: Source, name: str, runs: Sequence[MeasuredRun], accuracy: Accuracy
) -> Part:
    title = titled(name, f"{LETTERS[sign.statistic]} of {QUANTITIES[sign.x].words} and {_other(sign)}")
    try:
        if sign.correlation is None:
            of_runs = pairs(runs, sign.x, sign.y or "", accuracy)
            found = correlation_interval(source, sign.statistic, of_runs)
        else:
            of = sign.correlation
            at = levels(runs, sign.x, accuracy)
            of_levels = [pairs(it, of.x, of.y, accuracy) for it in at.values()]
            found = trend_interval(source, sign.statistic, list(at), of_levels)
    except InputError as error:
        return Part(title, "not run", reason=str(error))
    verdict, reason = _verdict(sign, found)
    return part(title, verdict, found, "correlation", reason)


def _other(sign: Sign) -> str:
    if sign.correlation is None:
        return QUANTITIES[sign.y or ""].words
    return f"r of {QUANTITIES[sign.correlation.x].words} and {QUANTITIES[sign.correlation.y].words}"


def _verdict(sign: Sign, found: Interval) -> tuple[Verdict, str]:
    if sign.expect == "none":
        n, published = sum(found.n), sign.runs or 0
        verdict = insignificant(found.low, found.high, n, published)
        return verdict, f"{n} runs, {published} published" if verdict == "undecided" else ""
    verdict = (above if sign.expect == "positive" else below)(found.low, found.high)
    if verdict == "held" and sign.significant and found.p is not None and found.p >= SIGNIFICANT:
        return "undecided", f"the paper calls it significant, and here p = {found.p:.2g}"
    return verdict, ""


def _steps(
    sign: Sign, source: Source, name: str, runs: Sequence[MeasuredRun], question: Question
) -> Iterator[Part]:
    """A comparison of y at each value of x with that at the one before."""
    x, y, accuracy = QUANTITIES[sign.x], sign.y or "", question.figure.accuracy
    at = levels(runs, sign.x, accuracy)
    if len(at) < 2:
        raise NotRun(f"steps need at least 2 values of {x.words}, found {len(at)}")
    for lower, higher in pairwise(at):
        title = titled(name, f"{QUANTITIES[y].words} at {x.words} {higher:.4g} less at {lower:.4g}")
        try:
            more, less = (by_seed(at[level], y, accuracy, title) for level in (higher, lower))
            yield _step(sign, source, title, more, less, question)
        except InputError as error:
            yield Part(title, "not run", reason=str(error))


def _step(
    sign: Sign,
    source: Source,
    title: str,
    more: Mapping[int, float],
    less: Mapping[int, float],
    question: Question,
) -> Part:
    unit = difference_unit(sign.y or "")
    if question.paper.rule:
        holding: Outcome = "above" if sign.expect == "positive" else "below"
        return by_rule(title, source, more, less, (holding,), unit, question.paper)
    found = difference_interval(source, more, less)
    verdict = (above if sign.expect == "positive" else below)(found.low, found.high)
    return part(title, verdict, found, unit)
