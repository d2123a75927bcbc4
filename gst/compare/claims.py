"""Judging claims: each becomes one or more comparisons, whose intervals say whether it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gst.compare.orders import orders
from gst.compare.parts import titled
from gst.compare.published import Claim
from gst.compare.question import Question
from gst.compare.relations import AnyRelation, Order, Sign
from gst.compare.results import ClaimResult
from gst.compare.selection import Selection
from gst.compare.settings import settings_run
from gst.compare.signs import signs
from gst.compare.verdict import Part, Verdict, enough, mostly, together
from gst.errors import InputError


def judge(claim: Claim, question: Question) -> Iterator[ClaimResult]:
    """The claim with its verdict, part by part, or not run with the reason: on each of its benchmarks.

    A claim that is about several of them together is judged once, and not before all of them are there.
    """
    asked = list(question.each(claim.benchmarks))
    if claim.settings is None:
        yield from (_judged(claim, it) for it in asked)
    elif asked:
        yield _judged_together(claim, asked)


def _judged(claim: Claim, question: Question) -> ClaimResult:
    refusal = question.refusal(claim.unavailable, claim.relation.quantities)
    reason = refusal
    deviations: dict[str, None] = {}
    parts: tuple[Part, ...] = ()
    if not reason:
        try:
            parts = tuple(_parts(claim.relation, question, deviations))
        except InputError as error:
            reason = str(error)
    return _result(claim, question, parts, deviations, refusal, reason)


def _judged_together(claim: Claim, asked: Sequence[Question]) -> ClaimResult:
    question = asked[0]._replace(benchmark="")
    refusal = question.refusal(claim.unavailable, claim.relation.quantities)
    deviations: dict[str, None] = {}
    parts: list[Part] = []
    for it in asked if not refusal else ():
        try:
            parts += (
                part._replace(name=titled(it.benchmark, part.name))
                for part in _parts(claim.relation, it, deviations)
            )
        except InputError as error:
            parts.append(Part(it.benchmark, "not run", reason=str(error)))
    run = [part for part in parts if part.verdict != "not run"]
    reason = refusal
    if not refusal and len(run) != claim.settings:
        missing = dict.fromkeys(part.reason for part in parts if part.reason)
        reason = "; ".join(
            filter(
                None,
                (settings_run(claim.settings or 0, len(run)), question.unasked(claim.benchmarks), *missing),
            )
        )
    return _result(claim, question, tuple(parts), deviations, refusal, reason)


def _result(
    claim: Claim,
    question: Question,
    parts: tuple[Part, ...],
    deviations: dict[str, None],
    refusal: str,
    reason: str,
) -> ClaimResult:
    verdict: Verdict = "not run" if reason else _verdict(claim.relation, parts)
    if verdict == "not run" and not reason:
        reason = "; ".join(dict.fromkeys(part.reason for part in parts if part.reason))
    return ClaimResult(
        claim=claim.claim,
        benchmark=question.benchmark,
        kind=claim.kind,
        place=claim.place,
        note=claim.note,
        verdict=verdict,
        parts=parts,
        measured=not refusal,
        by_rule=any(part.deviation is not None for part in parts),
        deviations=() if verdict == "not run" else tuple(deviations),
        reason=reason,
    )


def _verdict(relation: AnyRelation, parts: Sequence[Part]) -> Verdict:
    if isinstance(relation, Sign) and relation.mostly:
        return mostly(parts, -1 if relation.expect == "negative" else 1)
    if isinstance(relation, Order) and relation.at_least is not None:
        return enough(parts, relation.at_least)
    return together(parts)


def _parts(relation: AnyRelation, question: Question, deviations: dict[str, None]) -> Iterator[Part]:
    """Each comparison that the claim makes; how its runs differ from the published ones is added."""
    for each in relation.each or ("",):
        sides: list[Selection | float] = []
        for name in relation.arms if isinstance(relation, Sign) else relation.of:
            sides.append(name if isinstance(name, float) else _selected(relation, name, each, question))
        chosen = [side for side in sides if isinstance(side, Selection)]
        deviations.update(dict.fromkeys(words for side in chosen for words in side.deviations))
        if isinstance(relation, Sign):
            yield from signs(relation, chosen, each, question)
        else:
            yield from orders(relation, sides, question)


def _selected(relation: AnyRelation, name: str, each: str, question: Question) -> Selection:
    return question.select(name.replace("{}", each), relation.exclude, relation.only)
