"""The rule by which Jin et al. 2022 say that two results differ, for values by seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gst.compare.published import Outcome, Paper
from gst.compare.verdict import Verdict
from gst.errors import InputError
from gst.stats import one_deviation_rule

BySeed = Mapping[int, float]


class Ruling(NamedTuple):
    """How the first result compares with the second: the mean of n differences by seed, their deviation."""

    outcome: Outcome
    value: float
    deviation: float
    n: int

    def few(self, paper: Paper) -> str:
        """The complaint about fewer seeds than the paper has, or an empty text."""
        published = paper.replicates or 0
        return f"{self.n} seeds, {published} published" if self.n < published else ""


def ruled(first: BySeed, second: BySeed | float) -> Ruling:
    """Whether the first is above the second, below it, or matches it.

    They differ where the mean of the differences is at least one standard deviation of them. Raises
    InputError for fewer than two seeds that both sides have.
    """
    one, other = paired(first, second)
    if len(one) < 2:
        raise InputError(
            f"a comparison needs at least 2 seeds on both sides, found {len(one)}; run more seeds"
        )
    found = one_deviation_rule(list(one.values()), [other[seed] for seed in one])
    outcome: Outcome = "match" if not found.differ else "above" if found.value > 0 else "below"
    return Ruling(outcome, found.value, found.deviation, found.n)


def paired(first: BySeed, second: BySeed | float) -> tuple[BySeed, BySeed]:
    """Both sides on the seeds that they have in common; a number stands for every seed."""
    if isinstance(second, float):
        return first, dict.fromkeys(first, second)
    common = sorted(first.keys() & second.keys())
    return {seed: first[seed] for seed in common}, {seed: second[seed] for seed in common}


def verdict_of(ruling: Ruling, holding: tuple[Outcome, ...], paper: Paper) -> tuple[Verdict, str]:
    """The verdict where these outcomes hold, and why there is none: fewer seeds than the paper's."""
    if few := ruling.few(paper):
        return "undecided", few
    return ("held" if ruling.outcome in holding else "not held"), ""
