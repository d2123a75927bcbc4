"""The results of a comparison: each published value beside ours, each claim with its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from gst.analysis.levels import ChosenBy
from gst.analysis.results import Accuracy
from gst.stats.tests import holm
from gst.words import listed

Verdict = Literal["held", "not held", "undecided", "not run"]
PartVerdict = Verdict | Literal["left out"]
"""Of a part: left out where a sparse network is asked about and the dense one is the best."""
NAMED = 2
"""Number of sweeps that a sentence names where several are not in the store."""
LEVEL = 0.05
"""The level at which adjusted p values are looked at."""
VERDICTS: tuple[Verdict, ...] = ("held", "not held", "undecided", "not run")


class Part(NamedTuple):
    """One comparison that a claim makes: its number, the interval, and what it says.

    `unit` is that of value, low and high. `n` counts pairs or runs, of each side where they are not
    paired. `reason` says why a part was not run or is left out, or what kept it from holding in spite of
    its interval. `deviation` is the standard deviation of the differences by seed, where the paper's rule
    judges by it, and `test` names the paper's own test, where one judges, of which `p` is then.
    `chance` is the chance of being held where there is no effect, and `direction_p` the two-sided p of an
    effect in the expected direction, 1 in the other; None for a part that expects no one direction.
    """

    name: str
    verdict: PartVerdict
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    n: tuple[int, ...] = ()
    p: float | None = None
    method: str = ""
    reason: str = ""
    deviation: float | None = None
    chance: float | None = None
    direction_p: float | None = None
    test: str = ""

    @property
    def judged(self) -> bool:
        """Whether there was something to judge."""
        return self.verdict not in ("not run", "left out")


class Ours(NamedTuple):
    """Our number for a published value: its interval, or None for both ends, and how it was made.

    `deviation` is the standard deviation over runs, where it is a mean over runs. `n` counts runs or pairs,
    of each side where there are two that are not paired.
    """

    value: float
    low: float | None = None
    high: float | None = None
    deviation: float | None = None
    n: tuple[int, ...] = ()
    method: str = ""


class SummaryDifference(NamedTuple):
    """Ours less the published mean by Welch's test, from the published mean, deviation and number of runs."""

    value: float
    low: float
    high: float
    p: float

    @property
    def alike(self) -> bool:
        """Whether the interval includes 0."""
        return self.low <= 0 <= self.high


class ValueResult(NamedTuple):
    """A published value, and ours in the same unit; None and a reason where there is none.

    `what` names the quantity or statistic, and `arms` whose it is; `printed` is the published value as the
    paper prints it. `inside` says whether it lies in our 95% interval, give or take its rounding, as if the
    paper's own runs were no sample; None where we have no interval. Where the paper has a deviation over
    runs, `difference` takes both sides as samples. `agrees` is the better of the two that there is; None in
    place of True where the interval is `too_wide`: it leaves open most of what the value could be. `measured`
    is False where gst cannot measure the quantity. `deviations`, `differs` and `assumed` are as those of a
    claim.
    """

    what: str
    arms: str
    unit: str
    place: str
    origin: str
    note: str
    published: float
    printed: str
    deviation: float | None
    range: tuple[float, ...] | None
    runs: int | None
    ours: Ours | None
    inside: bool | None
    difference: SummaryDifference | None
    agrees: bool | None
    too_wide: bool
    measured: bool
    deviations: tuple[str, ...]
    differs: tuple[str, ...]
    assumed: tuple[str, ...]
    reason: str

    @property
    def name(self) -> str:
        """The quantity or statistic, and its arms."""
        return f"{self.what}, {self.arms}" if self.arms else self.what

    @property
    def compared(self) -> bool:
        """Whether there is a number of ours."""
        return self.ours is not None


class ClaimResult(NamedTuple):
    """A claim and what our runs say to it, part by part.

    `benchmark` is the one on which it is judged, of a figure with several. `by_rule` says that the paper's
    own rule of what differs judges it, and not our intervals. `deviations` says how our runs differ from the
    published experiment, `differs` names the sweeps whose files depart from the paper by design: with either
    the verdict is of our experiment alone, and counts neither for nor against the paper. `assumed` names the
    keys of our runs that the paper leaves open. `measured` is False where gst cannot measure what the claim
    is about. `chance` and `p` are of its parts together, as those of a part are.
    `significant` counts its significant parts, where the paper does not claim significance of all.
    """

    claim: str
    benchmark: str
    kind: str
    place: str
    note: str
    verdict: Verdict
    parts: tuple[Part, ...]
    measured: bool
    by_rule: bool
    deviations: tuple[str, ...]
    differs: tuple[str, ...]
    assumed: tuple[str, ...]
    reason: str
    chance: float | None = None
    p: float | None = None
    significant: int | None = None

    @property
    def name(self) -> str:
        """The claim, after the benchmark on which it is judged."""
        return f"{self.benchmark}: {self.claim}" if self.benchmark else self.claim

    @property
    def compared(self) -> bool:
        """Whether any part of it was judged."""
        return any(part.judged for part in self.parts)

    @property
    def counts(self) -> bool:
        """Whether the verdict is about the published experiment."""
        return self.verdict != "not run" and not self.deviations and not self.differs


class Assumption(NamedTuple):
    """A key of a configuration that the paper leaves open, the values that our runs have, and the reason."""

    key: str
    values: tuple[str, ...]
    reason: str


class Setting(NamedTuple):
    """A sweep of the store that was compared: its data, scale and missing runs.

    `chosen_by` says in words by which error the best levels of its runs are chosen, where they have levels.
    `differs` says how the published sweep departs from the paper by design, `mixed` in what runs of the
    sweep differ that should be alike.
    """

    sweep: str
    digest: str
    runs: int
    missing: int
    statuses: str
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    train_per_class: tuple[int, ...]
    scales: tuple[float, ...]
    chosen_by: str
    differs: str
    assumed: tuple[Assumption, ...]
    mixed: tuple[str, ...]


class Difference(NamedTuple):
    """The mean final test accuracy of one side less that of another in points, paired by seed.

    `p` is by Holm's rule for all differences of the sweep. Numbers are None for the `reason`.
    """

    name: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    p: float | None = None
    method: str = ""
    reason: str = ""


class FigureResult(NamedTuple):
    """A figure or table of a paper, compared; `absent` are its sweeps that are not in the store.

    Or a sweep that no figure is about, with the `differences` between its arms: what papers claim is asked of
    it, and every claim deviates from the paper.
    """

    figure: str
    title: str
    paper: str
    citation: str
    sweep: str | None
    accuracy: Accuracy
    settings: tuple[Setting, ...]
    values: tuple[ValueResult, ...]
    claims: tuple[ClaimResult, ...]
    absent: tuple[str, ...] = ()
    differences: tuple[Difference, ...] | None = None

    def others(self, reason: str) -> tuple[str, ...]:
        """The clauses of a reason that say more than that sweeps are not in the store, each once."""
        known = {clause for sweep in self.absent for clause in absence(sweep).split("; ")}
        return tuple(dict.fromkeys(it for it in reason.split("; ") if it not in known))

    def awaits(self, result: ValueResult | ClaimResult) -> bool:
        """Whether a result lacks nothing but sweeps that are not in the store."""
        return bool(self.absent and result.reason and not result.compared) and not [
            it for it in self.others(result.reason) if not it.startswith("over ")
        ]

    @property
    def reason(self) -> str:
        """The reason why nothing of it could be compared, in a line, or an empty text.

        Of a figure whose sweeps are not all in the store it is the first that is not about those.
        """
        results: list[ValueResult | ClaimResult] = [*self.values, *self.claims]
        if any(it.compared for it in results):
            return ""
        waiting = [it for it in results if it.measured] or results
        clauses = dict.fromkeys(clause for it in waiting for clause in self.others(it.reason))
        if not self.absent:
            return "; ".join(clauses)
        first = next((it for it in clauses if not it.startswith("over ")), "")
        return "; ".join(filter(None, (first, absence(*self.absent))))


def absence(*sweeps: str) -> str:
    """The sentence that one or several sweeps are not in the store."""
    if len(sweeps) == 1:
        return f"sweep {sweeps[0]} is not in the store; run it: gst sweep {sweeps[0]}"
    named = listed(sweeps, NAMED) if len(sweeps) > NAMED else " and ".join(sweeps)
    return f"sweeps {named} are not in the store"


class Chance(NamedTuple):
    """The claims of a paper that expect a direction: their number, and how many are held.

    `expected` is the number that would be held if there were no effect at all, `adjusted` the number that is
    held with p values adjusted for their number by Holm's rule, at 5%.
    """

    paper: str
    claims: int
    held: int
    expected: float
    adjusted: int


class Comparison(NamedTuple):
    """Figures compared with a file of published numbers and claims.

    `select_by` is the error by which levels were to be chosen, None where it was left to the runs.
    """

    published: str
    tolerance: float
    figures: tuple[FigureResult, ...]
    select_by: ChosenBy | None = None

    @property
    def claims(self) -> tuple[ClaimResult, ...]:
        """The claims of all figures."""
        return tuple(claim for figure in self.figures for claim in figure.claims)

    @property
    def values(self) -> tuple[ValueResult, ...]:
        """The values of all figures."""
        return tuple(value for figure in self.figures for value in figure.values)

    def count(self, verdict: Verdict) -> int:
        """Number of claims about the published experiment with that verdict."""
        return sum(
            claim.verdict == verdict and (claim.counts or verdict == "not run") for claim in self.claims
        )

    @property
    def chances(self) -> tuple[Chance, ...]:
        """For each paper, how many of its claims that count are held, and how many would be by chance."""
        by_paper: dict[str, list[ClaimResult]] = {}
        for figure in self.figures:
            by_paper.setdefault(figure.paper, []).extend(
                it for it in figure.claims if it.counts and it.p is not None
            )
        return tuple(_chance(paper, claims) for paper, claims in by_paper.items() if claims)

    @property
    def elsewhere(self) -> int:
        """Number of claims that were judged by runs that differ from the published experiment."""
        return sum(claim.verdict != "not run" and not claim.counts for claim in self.claims)

    @property
    def contradicted(self) -> bool:
        """Whether a claim does not hold in the published experiment."""
        return self.count("not held") > 0

    @property
    def incomplete(self) -> bool:
        """Whether a value or claim still waits for runs of the published experiment.

        Values that gst cannot measure do not wait, unless there is nothing else; what departs by design has
        all the runs that it can have.
        """
        published = [figure for figure in self.figures if figure.differences is None]
        claims = [claim for figure in published for claim in figure.claims]
        values = [value for figure in published for value in figure.values if value.measured]
        return (
            any(claim.verdict == "not run" or claim.deviations for claim in claims)
            or any(not it.compared or it.deviations for it in values)
            or bool(published and not (claims or values))
        )


def _chance(paper: str, claims: Sequence[ClaimResult]) -> Chance:
    held = [it.verdict == "held" for it in claims]
    adjusted = holm([it.p or 0.0 for it in claims])
    return Chance(
        paper,
        len(claims),
        sum(held),
        sum(it.chance or 0.0 for it in claims),
        sum(it and p < LEVEL for it, p in zip(held, adjusted, strict=True)),
    )


def to_dict(found: Comparison) -> dict[str, object]:
    """Everything in the comparison, as mappings, lists and numbers; percentages are of 100.

    `counts` says of a claim whether its verdict is about the published experiment, rather than about one
    that differs from it as `deviations` and `differs` say.
    """
    return {
        "published": found.published,
        "tolerance": found.tolerance,
        "select_by": found.select_by,
        "claims": {verdict: found.count(verdict) for verdict in VERDICTS} | {"elsewhere": found.elsewhere},
        "chance": [it._asdict() for it in found.chances],
        "contradicted": found.contradicted,
        "incomplete": found.incomplete,
        "figures": _plain(found.figures),
    }


def _plain(found: Any) -> Any:
    """The result with mappings in place of tuples with names; what else programs ask for comes last."""
    if not isinstance(found, tuple):
        return found
    if not hasattr(found, "_asdict"):
        return [_plain(it) for it in found]
    fields = {name: _plain(value) for name, value in found._asdict().items()}
    if isinstance(found, ValueResult):
        return fields | {"name": found.name}
    return fields | {"counts": found.counts} if isinstance(found, ClaimResult) else fields
