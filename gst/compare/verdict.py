"""What an interval says about a claim, and what several such say together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Verdict = Literal["held", "not held", "undecided", "not run"]
VERDICTS: tuple[Verdict, ...] = ("held", "not held", "undecided", "not run")


class Part(NamedTuple):
    """One comparison that a claim makes: its number, the interval, and what it says.

    `unit` is that of value, low and high. `n` counts pairs or runs, of each side where they are not
    paired. `reason` says why a part was not run, or what kept it from holding in spite of its interval.
    `deviation` is the standard deviation of the differences by seed, where the paper's rule judges by it.
    """

    name: str
    verdict: Verdict
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    n: tuple[int, ...] = ()
    p: float | None = None
    method: str = ""
    reason: str = ""
    deviation: float | None = None


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


def insignificant(low: float, high: float, n: int, published: int) -> Verdict:
    """Whether nothing was found, by as many runs as the paper found nothing with.

    Held where the interval includes 0, not held where it does not; undecided where it includes 0 with fewer
    runs, which could not be expected to find anything.
    """
    if low > 0 or high < 0:
        return "not held"
    return "held" if n >= published else "undecided"


def together(parts: Sequence[Part]) -> Verdict:
    """The verdict of a claim that all its parts make: one that is contradicted contradicts it."""
    verdicts = {part.verdict for part in parts}
    for decisive in ("not held", "not run", "undecided"):
        if decisive in verdicts:
            return decisive
    return "held" if verdicts else "not run"


def mostly(parts: Sequence[Part], sign: int) -> Verdict:
    """The verdict of a claim that holds in most of its parts and goes the other way in none.

    Held where more than half of the parts hold and every value has the sign; not held where a part is
    contradicted.
    """
    whole = together(parts)
    if whole != "undecided":
        return whole
    held = sum(part.verdict == "held" for part in parts)
    rightly = all(part.value is not None and part.value * sign > 0 for part in parts)
    return "held" if 2 * held > len(parts) and rightly else "undecided"


def enough(parts: Sequence[Part], wanted: int | Literal["most"]) -> Verdict:
    """The verdict of a claim that holds in so many of its parts, or in more than half; not of some of them.

    Not held where too few can hold, and undecided where it hangs on parts that are.
    """
    verdicts = [part.verdict for part in parts]
    if not verdicts or "not run" in verdicts:
        return "not run"
    needed = len(verdicts) // 2 + 1 if wanted == "most" else wanted
    held = verdicts.count("held")
    if held >= needed:
        return "held"
    return "not held" if held + verdicts.count("undecided") < needed else "undecided"
