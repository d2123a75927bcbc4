"""Claims that compare groups of runs: which has more of a quantity, or that two have it alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from gst.analysis import Accuracy, Source
from gst.compare.groups import PartOfRuns, by_seed, pairs, parts_of
from gst.compare.interval import Interval, difference_interval, strength_interval
from gst.compare.published import Match, Order
from gst.compare.quantities import QUANTITIES, difference_unit
from gst.compare.selection import NotRun, Selection
from gst.compare.signs import part, titled
from gst.compare.verdict import Part, Verdict, above, within
from gst.errors import InputError

Side = PartOfRuns | float
"""Runs under the name of their group, or a number that the others are compared with."""


def orders(
    relation: Order | Match,
    sides: Sequence[Selection | float],
    accuracy: Accuracy,
    tolerance: float,
) -> Iterator[Part]:
    """The comparisons that the claim makes: of each group with the next one, in each part.

    Neighbours are enough: where each is above the next, the first is above the last.
    """
    source = next(side.source for side in sides if isinstance(side, Selection))
    for name, divided in _divided(sides, relation):
        for first, second in pairwise(divided):
            yield _compared(relation, source, name, first, second, accuracy, tolerance)


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
    relation: Order | Match,
    source: Source,
    name: str,
    first: Side,
    second: Side,
    accuracy: Accuracy,
    tolerance: float,
) -> Part:
    title = titled(name, _words(relation, first, second))
    try:
        found = _difference(relation, source, first, second, accuracy)
    except InputError as error:
        return Part(title, "not run", reason=str(error))
    unit = difference_unit(relation.quantity) if relation.quantity else "correlation"
    return part(title, _verdict(relation, found, tolerance), found, unit)


def _verdict(relation: Order | Match, found: Interval, tolerance: float) -> Verdict:
    if isinstance(relation, Match):
        return within(found.low, found.high, relation.within or tolerance)
    return above(found.low, found.high, boundary=-relation.within, strict=relation.strict)


def _difference(
    relation: Order | Match, source: Source, first: Side, second: Side, accuracy: Accuracy
) -> Interval:
    level = 1 - relation.alpha if isinstance(relation, Order) else 0.95
    if isinstance(relation, Order) and relation.correlation:
        of = relation.correlation
        one, other = (
            pairs(side.runs, of.x, of.y, accuracy) for side in (first, second) if not isinstance(side, float)
        )
        return strength_interval(source, one, other)
    quantity = relation.quantity or ""
    values = [it if isinstance(it, float) else _values(it, quantity, accuracy) for it in (first, second)]
    ours, theirs = values
    if not isinstance(ours, float):
        return difference_interval(source, ours, theirs, level)
    assert not isinstance(theirs, float)
    found = difference_interval(source, theirs, ours, level)
    return found._replace(value=-found.value, low=-found.high, high=-found.low)


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
