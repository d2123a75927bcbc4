"""Tests of a contrast, and the verdict of a claim from those of its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import stdtr

from gst.compare.contrast import Contrast, Interval
from gst.compare.published import Outcome, Paper, Rule
from gst.compare.relations import OwnTest
from gst.compare.results import Part, Verdict
from gst.words import counted


class Expected(NamedTuple):
    """The outcomes of a contrast with which a claim holds.

    A difference of `margin` at most is a tie, and `level` is that of the interval; both are for judging by
    intervals alone. Without `significant` it is enough that the value is such an outcome, unless its interval
    excludes that. `runs` is the number with which the paper found no difference.
    """

    outcomes: tuple[Outcome, ...]
    margin: float = 0.0
    level: float = 0.95
    significant: bool = True
    runs: int = 0


Test = Callable[[Contrast, Expected, Paper], Part]
"""A test of a contrast: it makes a part of a claim, without its name and unit.

A paper with a test of its own for everything names it as its `rule`, and a claim its paper's as its `test`.
"""


def by_interval(contrast: Contrast, expected: Expected, paper: Paper) -> Part:
    """Held or not held where the whole interval says so, and undecided where it includes the boundary."""
    found = contrast.interval(expected.level)
    return by_chance(as_part(found, *judged_by(found, expected)), found, expected)


def by_pooled_t(contrast: Contrast, expected: Expected, paper: Paper) -> Part:
    """By the two-sided t-test with pooled variances of GST 2020, C.2 and Appendix F; our interval beside it.

    A match is no difference found with as many runs as the paper's, and undecided with fewer. Raises
    InputError for fewer than two runs on a side, and where neither side varies.
    """
    tested = contrast.pooled(expected.level)
    if expected.outcomes == ("match",):
        verdict, reason = found_nothing(tested, expected.runs)
    else:
        verdict, reason = held_by(tested, expected), ""
    part = by_chance(as_part(contrast.interval(expected.level), verdict, reason), tested, expected)
    return part._replace(p=tested.p, test=f"pooled t-test at {100 * (1 - expected.level):.3g}%")


def by_one_deviation(contrast: Contrast, expected: Expected, paper: Paper) -> Part:
    """By the rule of Jin et al. 2022, our interval beside it; undecided with fewer seeds than the paper's.

    Both are of the seeds that the two sides have in common. Raises InputError for fewer than two.
    """
    ruling = contrast.ruling()
    few = too_few(ruling.n, paper)
    verdict: Verdict = "undecided" if few else "held" if ruling.outcome in expected.outcomes else "not held"
    if not isinstance(contrast.first, float):
        contrast = Contrast(*contrast.in_common())
    found = contrast.interval()
    part = by_chance(as_part(found, verdict, few)._replace(deviation=ruling.deviation), found, expected)
    if part.chance is None:
        return part
    # Student's t of n differences is root n where their mean is one deviation.
    return part._replace(chance=0.0 if few else float(stdtr(ruling.n - 1, -sqrt(ruling.n))))


TESTS: Mapping[Rule | OwnTest | None, Test] = {
    None: by_interval,
    "one_std": by_one_deviation,
    "pooled_t": by_pooled_t,
}


def too_few(seeds: int, paper: Paper) -> str:
    """The complaint about fewer seeds than the paper has, or an empty text."""
    published = paper.replicates or 0
    return f"{counted(seeds, 'seed')}, {published} published" if seeds < published else ""


def as_part(found: Interval, verdict: Verdict, reason: str = "", unit: str = "") -> Part:
    """The part with these numbers, without a name."""
    return Part("", verdict, found.value, found.low, found.high, unit, found.n, found.p, found.method, reason)


def by_chance(part: Part, found: Interval, expected: Expected) -> Part:
    """The part with its chance and its p, where it expects one direction and no significant tie.

    The chance is that of being held where there is no difference, one half where significance is not asked;
    the p is two-sided, and 1 in the wrong direction.
    """
    outcomes = [it for it in expected.outcomes if expected.significant or it != "match"]
    if outcomes not in (["above"], ["below"]) or expected.margin:
        return part
    rightly = found.value > 0 if outcomes == ["above"] else found.value < 0
    chance = (1 - expected.level) / 2 if expected.significant else 0.5
    return part._replace(chance=chance, direction_p=found.implied_p if rightly else 1.0)


def evidence(parts: Sequence[Part], needed: int, *, apart: bool = False) -> tuple[float | None, float | None]:
    """The chance that the claim is held where nothing is true, and its p; None where a part has none.

    Of a claim that needs all its parts the p is the largest of theirs; of one that needs k of m, m - k + 1
    times the k-th smallest (Benjamini & Heller 2008, Biometrics 64:1215). The chance takes parts as
    independent where they are `apart`, or not all are needed; steps of one order hold together even less
    often, since a high value between two helps one of them alone. Else it is the smallest of theirs, the most
    it can be. A claim that needs more parts than it has cannot hold.
    """
    chances = [part.chance for part in parts if part.chance is not None]
    ps = sorted(part.direction_p for part in parts if part.direction_p is not None)
    if not parts or len(chances) < len(parts) or len(ps) < len(parts):
        return None, None
    m = len(parts)
    if needed > m:
        return 0.0, 1.0
    number = np.ones(1)  # the chance of each number of parts that are held
    for it in chances:
        number = np.convolve(number, [1 - it, it])
    chance = min(chances) if needed == m and not apart else float(number[needed:].sum())
    return chance, min(1.0, (m - needed + 1) * ps[needed - 1])


def judged_by(found: Interval, expected: Expected) -> tuple[Verdict, str]:
    """The verdict on an interval, and the reason why it is not a plainer one, if any.

    Without `significant` a value is held that is such an outcome, unless its interval excludes that.
    """
    verdict = held_by(found, expected)
    if expected.significant or verdict != "undecided":
        return verdict, ""
    shown = held_by(found._replace(low=found.value, high=found.value), expected)
    return ("held", "not significant") if shown == "held" else ("undecided", "")


def held_by(found: Interval, expected: Expected) -> Verdict:
    """Whether the interval of a difference leaves no outcome but those, or none of them."""
    if expected.outcomes == ("match",):
        return within(found.low, found.high, expected.margin)
    if expected.outcomes == ("below",):
        return below(found.low, found.high)
    strict = "match" not in expected.outcomes
    return above(found.low, found.high, boundary=-expected.margin, strict=strict)


def above(low: float, high: float, *, boundary: float = 0.0, strict: bool = True) -> Verdict:
    """Whether a number with that interval is above the boundary, or on it where not `strict`.

    Held where the whole interval is, not held where the whole of it is below, and undecided where it
    includes the boundary; if the boundary is allowed, an interval that begins there is held.
    """
    if low > boundary or (not strict and low == boundary):
        return "held"
    return "not held" if high < boundary else "undecided"


def below(low: float, high: float) -> Verdict:
    """Whether a number with that interval is below 0."""
    return above(-high, -low)


def within(low: float, high: float, tolerance: float) -> Verdict:
    """Whether a difference with that interval is no larger than the tolerance, to either side.

    Held where the whole interval is inside, ends included; not held where the whole of it is outside;
    undecided where it is partly both.
    """
    if -tolerance <= low and high <= tolerance:
        return "held"
    return "not held" if low > tolerance or high < -tolerance else "undecided"


def found_nothing(found: Interval, published: int) -> tuple[Verdict, str]:
    """Whether nothing was found, by as many runs as the paper found nothing with; and why it is undecided.

    Held where the interval includes 0, not held where it does not; undecided where it includes 0 with fewer
    runs, which could not be expected to find anything.
    """
    if found.low > 0 or found.high < 0:
        return "not held", ""
    n = sum(found.n)
    return ("held", "") if n >= published else ("undecided", f"{counted(n, 'run')}, {published} published")


def together(parts: Sequence[Part]) -> Verdict:
    """The verdict of a claim that all its parts make: one that is contradicted contradicts it.

    Parts that are left out say nothing; a claim of no other parts is not run.
    """
    verdicts = {part.verdict for part in parts} - {"left out"}
    for decisive in ("not held", "not run", "undecided"):
        if decisive in verdicts:
            return decisive
    return "held" if verdicts else "not run"


def mostly(parts: Sequence[Part], sign: int) -> Verdict:
    """The verdict of a claim that holds in most of its parts and goes the other way in none.

    Held where more than half of the parts hold and every value has the sign; not held where a part is
    contradicted.
    """
    parts = [part for part in parts if part.verdict != "left out"]
    whole = together(parts)
    if whole != "undecided":
        return whole
    held = sum(part.verdict == "held" for part in parts)
    rightly = all(part.value is not None and part.value * sign > 0 for part in parts)
    return "held" if 2 * held > len(parts) and rightly else "undecided"


def enough(parts: Sequence[Part], wanted: int | Literal["most"]) -> Verdict:
    """The verdict of a claim that needs that number of its parts to hold, or more than half of all.

    Not held where too few can hold, and undecided where it hangs on parts that are. Parts that are left out
    are none of `most`; a number hangs on them too.
    """
    verdicts = [part.verdict for part in parts if part.verdict != "left out"]
    if not verdicts or "not run" in verdicts:
        return "not run"
    needed = len(verdicts) // 2 + 1 if wanted == "most" else wanted
    held = verdicts.count("held")
    if held >= needed:
        return "held"
    open_ = verdicts.count("undecided") + (0 if wanted == "most" else len(parts) - len(verdicts))
    return "not held" if held + open_ < needed else "undecided"
