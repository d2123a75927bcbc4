"""Claims that compare groups of runs: which has more of a quantity, or that two have it alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from gst.analysis import Accuracy, Source
from gst.compare.groups import PartOfRuns, by_seed, pairs, parts_of
from gst.compare.interval import Interval, strength_interval
from gst.compare.not_run import NotRun
from gst.compare.parts import by_rule, difference, part, titled
from gst.compare.published import Outcome
from gst.compare.quantities import QUANTITIES, difference_unit
from gst.compare.question import Question
from gst.compare.relations import Correlated, Match, Order
from gst.compare.selection import Selection
from gst.compare.verdict import Part, Verdict, above, within
from gst.errors import InputError

Side = PartOfRuns | float
"""Runs under the name of their group, or a number that the others are compared with."""


def orders(relation: Order | Match, sides: Sequence[Selection | float], question: Question) -> Iterator[Part]:
    """The comparisons that the claim makes: of each group with the next one, in each part.

    Neighbours are enough: where each is above the next, the first is above the last.
    """
    source = next(side.source for side in sides if isinstance(side, Selection))
    for name, divided in _divided(sides, relation):
        for first, second in pairwise(divided):
            yield _compared(relation, source, name, first, second, question)


def _divided(sides: Sequence[Selection | float], relation: Order | Match) -> Iterator[tuple[str, list[Side]]]:
    """The sides in each part of the claim, whose words come first; a side without runs there is empty."""
    by_part = [parts_of(side.runs, relation.per) for side in sides if isinstance(side, Selection)]
    for key in dict.fromkeys(key for parts in by_part for key in parts):
        words = next(parts[key].words for parts in by_part if key in parts)
        divided: list[Side] = []
        remaining = iter(by_part)
        for side in sides:
            if isinstance(side, Selection):
                its = next(remaining).get(key)
                divided.append(PartOfRuns(side.name, its.runs if its else ()))
            else:
                divided.append(side)
        yield words, divided


def _compared(
    relation: Order | Match, source: Source, name: str, first: Side, second: Side, question: Question
) -> Part:
    title = titled(name, _words(relation, first, second))
    try:
        if isinstance(relation, Order) and relation.correlation:
            found = _stronger(relation.correlation, source, first, second, question.figure.accuracy)
            return part(title, _verdict(relation, found, question.tolerance), found, "correlation")
        return _different(relation, source, title, first, second, question)
    except InputError as error:
        return Part(title, "not run", reason=str(error))


def _stronger(of: Correlated, source: Source, first: Side, second: Side, accuracy: Accuracy) -> Interval:
    one, other = (
        pairs(side.runs, of.x, of.y, accuracy) for side in (first, second) if not isinstance(side, float)
    )
    return strength_interval(source, one, other)


def _different(
    relation: Order | Match, source: Source, title: str, first: Side, second: Side, question: Question
) -> Part:
    quantity, accuracy = relation.quantity or "", question.figure.accuracy
    unit = difference_unit(quantity)
    ours, theirs = (
        it if isinstance(it, float) else _values(it, quantity, accuracy) for it in (first, second)
    )
    if question.paper.rule:
        return by_rule(title, source, ours, theirs, _holding(relation), unit, question.paper)
    level = 1 - relation.alpha if isinstance(relation, Order) else 0.95
    found = difference(source, ours, theirs, level)
    return part(title, _verdict(relation, found, question.tolerance), found, unit)


def _holding(relation: Order | Match) -> tuple[Outcome, ...]:
    if isinstance(relation, Match):
        return ("match",)
    return ("above",) if relation.strict else ("above", "match")


def _verdict(relation: Order | Match, found: Interval, tolerance: float) -> Verdict:
    if isinstance(relation, Match):
        return within(found.low, found.high, relation.within or tolerance)
    return above(found.low, found.high, boundary=-relation.within, strict=relation.strict)


def _values(side: PartOfRuns, quantity: str, accuracy: Accuracy) -> dict[int, float]:
    if not side.runs:
        raise NotRun(f"no runs of {side.words} in this part")
    return by_seed(side.runs, quantity, accuracy, side.words)


def _words(relation: Order | Match, first: Side, second: Side) -> str:
    names = [f"{side:g}" if isinstance(side, float) else side.words for side in (first, second)]
    if isinstance(relation, Order) and relation.correlation:
        x, y = (QUANTITIES[name].words for name in (relation.correlation.x, relation.correlation.y))
        return f"|r| of {x} and {y}, {names[0]} less {names[1]}"
    words = QUANTITIES[relation.quantity or ""].words
    return f"{words}, {names[0]}" if names[1] == "0" else f"{words}, {names[0]} less {names[1]}"
