"""Judging claims: each becomes one or more comparisons, whose intervals say whether it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gst.compare.orders import orders
from gst.compare.published import AnyRelation, Claim, Sign
from gst.compare.question import Question
from gst.compare.results import ClaimResult
from gst.compare.selection import Selection
from gst.compare.signs import signs
from gst.compare.verdict import Part, Verdict, mostly, together
from gst.errors import InputError


def judge(claim: Claim, question: Question) -> ClaimResult:
    """The claim with its verdict, part by part, or not run with the reason."""
    refusal = question.refusal(claim.unavailable, claim.relation.quantities)
    reason = refusal
    deviations: dict[str, None] = {}
    parts: tuple[Part, ...] = ()
    if not reason:
        try:
            parts = tuple(_parts(claim.relation, question, deviations))
        except InputError as error:
            reason = str(error)
    verdict: Verdict = "not run" if reason else _verdict(claim.relation, parts)
    if verdict == "not run" and not reason:
        reason = "; ".join(dict.fromkeys(part.reason for part in parts if part.reason))
    return ClaimResult(
        claim=claim.claim,
        kind=claim.kind,
        place=claim.place,
        note=claim.note,
        verdict=verdict,
        parts=parts,
        measured=not refusal,
        deviations=() if verdict == "not run" else tuple(deviations),
        reason=reason,
    )


def _verdict(relation: AnyRelation, parts: Sequence[Part]) -> Verdict:
    if isinstance(relation, Sign) and relation.mostly:
        return mostly(parts, -1 if relation.expect == "negative" else 1)
    return together(parts)


def _parts(relation: AnyRelation, question: Question, deviations: dict[str, None]) -> Iterator[Part]:
    """Each comparison that the claim makes; how its runs differ from the published ones is added."""
    accuracy = question.figure.accuracy
    for each in relation.each or ("",):
        sides: list[Selection | float] = []
        for name in relation.arms if isinstance(relation, Sign) else relation.of:
            sides.append(name if isinstance(name, float) else _selected(relation, name, each, question))
        chosen = [side for side in sides if isinstance(side, Selection)]
        deviations.update(dict.fromkeys(words for side in chosen for words in side.deviations))
        if isinstance(relation, Sign):
            yield from signs(relation, chosen, each, accuracy)
        else:
            yield from orders(relation, sides, accuracy, question.tolerance)


def _selected(relation: AnyRelation, name: str, each: str, question: Question) -> Selection:
    filled = name.replace("{}", each)
    return question.sweeps.select(question.figure, filled, exclude=relation.exclude, only=relation.only)
