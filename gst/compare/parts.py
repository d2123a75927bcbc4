"""The parts of claims: a comparison with its name, its number and what it says."""

from __future__ import annotations

from gst.analysis import Source
from gst.compare.interval import Interval, difference_interval
from gst.compare.published import Outcome, Paper
from gst.compare.rule import BySeed, Ruling, paired, ruled, verdict_of
from gst.compare.verdict import Part, Verdict

OPPOSITE: dict[Outcome, Outcome] = {"above": "below", "match": "match", "below": "above"}


def titled(name: str, words: str) -> str:
    """The words, after the name of the part if it has one."""
    return f"{name}: {words}" if name else words


def part(title: str, verdict: Verdict, found: Interval, unit: str, reason: str = "") -> Part:
    """The part with these numbers."""
    return Part(
        title, verdict, found.value, found.low, found.high, unit, found.n, found.p, found.method, reason
    )


def difference(
    source: Source, first: BySeed | float, second: BySeed | float, level: float = 0.95
) -> Interval:
    """The mean of the first less that of the second, values by seed or a number; see difference_interval."""
    if not isinstance(first, float):
        return difference_interval(source, first, second, level)
    assert not isinstance(second, float)
    found = difference_interval(source, second, first, level)
    return found._replace(value=-found.value, low=-found.high, high=-found.low)


def by_rule(
    title: str,
    source: Source,
    first: BySeed | float,
    second: BySeed | float,
    holding: tuple[Outcome, ...],
    unit: str,
    paper: Paper,
) -> Part:
    """The part that holds with these outcomes of the paper's own rule, our interval beside it.

    Both are of the seeds that the two sides have in common. Raises InputError for fewer than two.
    """
    ruling = _ruling(first, second)
    if not isinstance(first, float):
        first, second = paired(first, second)
    verdict, reason = verdict_of(ruling, holding, paper)
    found = difference(source, first, second)
    return part(title, verdict, found, unit, reason)._replace(deviation=ruling.deviation)


def _ruling(first: BySeed | float, second: BySeed | float) -> Ruling:
    if not isinstance(first, float):
        return ruled(first, second)
    assert not isinstance(second, float)
    found = ruled(second, first)
    return found._replace(outcome=OPPOSITE[found.outcome], value=-found.value)
