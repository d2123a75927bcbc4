"""A comparison told once, as a list of blocks that text, page and dashboard each render.

Whatever is said of a comparison in words is said here; a renderer only places it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gst.compare.results import (
    VERDICTS,
    ClaimResult,
    Comparison,
    Difference,
    FigureResult,
    Part,
    PartVerdict,
    Setting,
    ValueResult,
    Verdict,
    absence,
)
from gst.grouping import grouped
from gst.words import counted as quantity
from gst.words import readable

TITLE = "Comparison with published results"
ACCURACY = {"best": "best test accuracy since the last pruning event", "final": "final test accuracy"}
AGREES = {True: "agrees", False: "differs", None: ""}
TOO_WIDE = "too wide to tell"
SUFFIX = {"percent": "%", "points": " points", "epochs": " epochs", "batches": " batches"}
MOST_DIGITS = 4

Reasons = dict[str, list[str]]
"""A reason why there is nothing to say, and the names of what it keeps from being said."""


class Summary(NamedTuple):
    """Number of claims with each verdict, those of other experiments apart, and how all was found."""

    counts: tuple[tuple[Verdict, int], ...]
    elsewhere: int
    methods: tuple[str, ...]

    def apart(self, where: str) -> str:
        """The sentence about claims of other experiments, or nothing; they stand `where`: above or below."""
        if not self.elsewhere:
            return ""
        verb = "was" if self.elsewhere == 1 else "were"
        return (
            f"{self.elsewhere} more {verb} judged by runs that differ from the published experiment, as "
            f"said {where}: these verdicts count neither for nor against the paper."
        )


class Heading(NamedTuple):
    """The figure or table of a paper that the following blocks are about."""

    figure: str
    paper: str
    title: str
    citation: str


class Sentence(NamedTuple):
    """A sentence about a figure, after its label if it has one."""

    text: str
    label: str = ""


class Picture(NamedTuple):
    """The place of a picture of a figure's values."""

    figure: FigureResult


class ValueRow(NamedTuple):
    """A published value and ours, or the `reason` why there is none; `verdict`: what the two come to."""

    name: str
    published: str
    place: str
    ours: str
    n: str
    verdict: str
    deviations: str
    reason: str


class Values(NamedTuple):
    """The values of a figure, in the order of the file."""

    rows: tuple[ValueRow, ...]

    @property
    def lacking(self) -> Reasons:
        """The values without one of ours."""
        return grouped((row.reason, f"{row.name} {row.published}") for row in self.rows if row.reason)


class PartLine(NamedTuple):
    """One comparison of a claim: its name, and its numbers or the reason why there are none."""

    verdict: PartVerdict
    name: str
    numbers: str
    method: str


class ClaimRow(NamedTuple):
    """A claim with its verdict and parts. `waiting`: nothing of its benchmark was run.

    `assumed` are the keys of its runs whose value the paper leaves open. `significant` says how many parts
    are, where the paper does not claim it of all.
    """

    verdict: Verdict
    name: str
    place: str
    significant: str
    deviations: str
    assumed: str
    reason: str
    parts: tuple[PartLine, ...]
    waiting: bool

    @property
    def several(self) -> bool:
        """Whether each part needs a verdict of its own."""
        return len(self.parts) > 1


class Claims(NamedTuple):
    """The claims of a figure, in the order of the file."""

    rows: tuple[ClaimRow, ...]

    @property
    def waiting(self) -> Reasons:
        """The claims about benchmarks of which nothing was run."""
        return grouped((row.reason, row.name) for row in self.rows if row.waiting)


class Differences(NamedTuple):
    """The differences between arms of a sweep that no published figure is about: name and numbers of each."""

    rows: tuple[tuple[str, str], ...]
    method: str


class NotCompared(NamedTuple):
    """Figures of which nothing was compared, perhaps none: the name, paper with title, and reason of each."""

    rows: tuple[tuple[str, str, str], ...]

    @property
    def names(self) -> Reasons:
        """The names of the figures."""
        return grouped((reason, name) for name, _, reason in self.rows)


Block = Summary | Heading | Sentence | Picture | Values | Claims | Differences | NotCompared


def tell(found: Comparison) -> list[Block]:
    """The comparison in blocks: a summary, the figures with runs one by one, then those without any."""
    blocks: list[Block] = [_summary(found)]
    silent = [it for it in found.figures if it.reason and it.differences is None]
    for figure in found.figures:
        if figure not in silent:
            blocks += _figure(figure)
    told = ((it.figure, f"{it.paper}, {it.title}", it.reason) for it in silent)
    return [*blocks, NotCompared(tuple(told))]


def _figure(figure: FigureResult) -> Iterator[Block]:
    yield Heading(figure.figure, figure.paper, figure.title, figure.citation)
    for setting in figure.settings:
        yield from map(Sentence, (setting_words(setting), *setting.mixed))
        if setting.differs:
            yield Sentence(setting.differs, f"{setting.sweep} differs from the paper by design")
    if assumed := _assumptions(figure):
        yield Sentence(assumed, "assumed, where the paper leaves it open")
    if figure.differences is not None:
        yield from _own(figure.differences, len(figure.claims))
    values = [it for it in figure.values if not figure.awaits(it)]
    claims = [it for it in figure.claims if not figure.awaits(it)]
    if waiting := _waiting(len(figure.values) - len(values), len(figure.claims) - len(claims)):
        yield Sentence(f"{waiting}, since {absence(*figure.absent)}", "not run")
    if values:
        if not any(setting.chosen_by for setting in figure.settings):
            yield Sentence(ACCURACY[figure.accuracy], "accuracy")
        yield Picture(figure)
        yield Values(tuple(map(_value, values)))
    if claims:
        yield Claims(tuple(claim_row(it, figure) for it in claims))


def _own(differences: Sequence[Difference], claims: int) -> Iterator[Block]:
    """The blocks that a sweep has which no published figure is about, and a figure has not."""
    if differences:
        method = next((it.method for it in differences if it.method), "")
        adjusted = "; p by Holm's rule for all of them" if any(it.p is not None for it in differences) else ""
        yield Differences(tuple((it.name, _difference(it)) for it in differences), f"{method}{adjusted}")
    else:
        yield Sentence("no arms can be paired: none has an unpruned twin or an arm of another target")
    if claims:
        yield Sentence("claims of the papers, which no verdict counts for or against", "asked of it")
    else:
        yield Sentence("no claim of the papers can be asked of its arms", "asked of it")


def _difference(it: Difference) -> str:
    if it.value is None:
        return f"not tested: {it.reason}"
    p = "" if it.p is None else f", p = {readable(it.p, 2)}"
    return f"{number(it.value, it.low, it.high, 'points', difference=True)}, n = {it.n}{p}"


def _waiting(values: int, claims: int) -> str:
    """Number of values and claims in words; nothing where there are none."""
    numbers = (quantity(values, "value") if values else "", quantity(claims, "claim") if claims else "")
    return " and ".join(filter(None, numbers))


def _assumptions(figure: FigureResult) -> str:
    """The keys that the paper leaves open, with our values and reasons, each reason once."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for it in (it for setting in figure.settings for it in setting.assumed if it.values):
        found.setdefault((it.key, it.reason), {}).update(dict.fromkeys(it.values))
    return "; ".join(f"{key} {' and '.join(values)} ({reason})" for (key, reason), values in found.items())


def _departures(it: ValueResult | ClaimResult) -> str:
    """How the runs of a result depart from the paper, by design or otherwise."""
    return "; ".join((*(f"{sweep} differs by design" for sweep in it.differs), *it.deviations))


def _value(value: ValueResult) -> ValueRow:
    published, deviations = published_words(value), _departures(value)
    if (ours := value.ours) is None:
        reason = f"{'not run' if value.measured else 'not measured'}: {value.reason}"
        return ValueRow(value.name, published, value.place, "", "", "", deviations, reason)
    words = number(ours.value, ours.low, ours.high, value.unit)
    verdict = TOO_WIDE if value.too_wide else AGREES[value.agrees]
    return ValueRow(value.name, published, value.place, words, counted(ours.n), verdict, deviations, "")


def claim_row(claim: ClaimResult, figure: FigureResult) -> ClaimRow:
    """The row of a claim, without what it says of sweeps that are not in the store."""
    return ClaimRow(
        claim.verdict,
        claim.name,
        claim.place,
        _significant(claim),
        _departures(claim),
        ", ".join(claim.assumed),
        "; ".join(figure.others(claim.reason)),
        tuple(_part(it) for it in claim.parts if not it.reason or figure.others(it.reason)),
        waiting=bool(claim.benchmark) and claim.verdict == "not run" and not claim.parts,
    )


def _significant(claim: ClaimResult) -> str:
    if claim.significant is None or len(judged := [part for part in claim.parts if part.judged]) < 2:
        return ""
    return f"{claim.significant} of {len(judged)} significant"


def _part(part: Part) -> PartLine:
    if part.value is None:
        return PartLine(part.verdict, part.name, part.reason, part.method)
    numbers = [number(part.value, part.low, part.high, part.unit, difference=True), f"n = {counted(part.n)}"]
    numbers += [] if part.deviation is None else [f"sd {part.deviation:.2g}"]
    by = f" ({part.test})" if part.test else ""
    numbers += [] if part.p is None else [f"p = {readable(part.p, 2)}{by}"]
    reason = f" ({part.reason})" if part.reason else ""
    return PartLine(part.verdict, part.name, ", ".join(numbers) + reason, part.method)


def number(
    value: float, low: float | None, high: float | None, unit: str, *, difference: bool = False
) -> str:
    """The number and its interval with as many digits as the interval warrants: `85.22% [85.12, 85.31]`.

    A correlation and a `difference` have their sign before them, also where it is a plus.
    """
    if unit == "p":
        return readable(value, 2)
    sign = "+" if unit == "correlation" or difference else ""
    if low is None or high is None or low == high:
        return f"{_plain(value, sign, unit)}{SUFFIX.get(unit, '')}"
    digits = _digits(low, high, unit)
    spread = f"[{low:{sign}.{digits}f}, {high:{sign}.{digits}f}]"
    return f"{value:{sign}.{digits}f}{SUFFIX.get(unit, '')} {spread}"


def counted(n: tuple[int, ...]) -> str:
    """Number of runs or pairs: `30`, or `10 and 3`; of many, the sum."""
    return " and ".join(map(str, n)) if len(n) < 3 else str(sum(n))


def _plain(value: float, sign: str, unit: str) -> str:
    if value == round(value):
        return f"{value:{sign},.0f}"
    return f"{value:{sign}.2f}" if unit == "correlation" else f"{value:{sign}.5g}"


def _digits(low: float, high: float, unit: str) -> int:
    """Decimals that show one digit of the interval's half-width, two where the first is a 1."""
    if unit == "correlation":
        return 2
    half = (high - low) / 2
    power = math.floor(math.log10(half))
    return min(MOST_DIGITS, max(1, (1 if half < 2 * 10.0**power else 0) - power))


def published_words(value: ValueResult) -> str:
    """The published value as printed, with what the paper says of its spread and runs."""
    words = value.printed
    if value.range:
        words = f"{value.range[0]:g} to {value.range[1]:g}"
    words += SUFFIX.get(value.unit, "")
    if value.deviation is not None:
        words += f" ± {value.deviation:g}"
    return words + (f" (n = {value.runs})" if value.runs else "")


def setting_words(setting: Setting) -> str:
    """The sweep that was compared: `sweep fig2_vgg11: vgg11 on cifar10, 40 runs, 2 missing (2 failed)`."""
    data = ", ".join(setting.datasets)
    if setting.train_per_class:
        data += f" ({', '.join(map(str, setting.train_per_class))} images of a class)"
    words = f"sweep {setting.sweep}: {', '.join(setting.models)} on {data}, {quantity(setting.runs, 'run')}"
    if setting.missing:
        words += f", {setting.missing} missing ({setting.statuses})"
    scales = [f"{scale:g}" for scale in setting.scales if scale != 1]
    words += f", at scale {' and '.join(scales)}" if scales else ""
    return words + (f"; levels chosen by {setting.chosen_by}" if setting.chosen_by else "")


def _summary(found: Comparison) -> Summary:
    counts = tuple((verdict, found.count(verdict)) for verdict in VERDICTS)
    return Summary(counts, found.elsewhere, tuple(_methods(found)))


def _methods(found: Comparison) -> Iterator[str]:
    """How the numbers were made and the verdicts reached."""
    if any(claim.compared for claim in found.claims) or any(value.compared for value in found.values):
        yield (
            "Brackets: 95% intervals (90% where the paper tests at 10%). Of differences: Student's t, paired "
            "by seed, or Welch's where arms have different seeds. Of means: bootstrap over runs, Student's t "
            "with fewer than 8. Of correlations: configurations and seeds are resampled; with fewer than 4 "
            "configurations seeds alone, and the interval is about these very configurations."
        )
    if any(figure.differences is not None for figure in found.figures):
        yield (
            "Of a sweep of your own: Fisher's interval of a correlation between configurations, Student's "
            "from leaving out each seed of one within them; p of claims are not adjusted."
        )
    if any(claim.compared and not claim.by_rule for claim in found.claims):
        yield (
            "A claim is undecided where an interval includes the boundary; of several parts, all must hold."
        )
    for it in found.chances:
        yield (
            f"Claims of {it.paper} that expect a direction: {it.held} of {it.claims} judged ones are held. "
            f"Were there no effect at all, {it.expected:.2g} would be held by chance, on average; "
            f"{it.adjusted} {'is' if it.adjusted == 1 else 'are'} held with p adjusted for the number of "
            "claims (Holm, 5%)."
        )
    if any(claim.by_rule for claim in found.claims):
        yield (
            "Where an sd is given the paper's own rule decides: two results differ where the mean of the "
            "differences by seed is at least one standard deviation (sd) of them, and match otherwise; the "
            "interval stands beside it, and fewer seeds than the paper's leave it undecided."
        )
    if any(part.test for claim in found.claims for part in claim.parts):
        yield "A test that is named beside p is the paper's own, and decides; the interval beside it is ours."
    if any(claim.compared and claim.significant is not None for claim in found.claims):
        yield (
            "Where the paper claims no significance, a value that goes its way is enough; by chance one of "
            "two does. Such a claim is not held where an interval excludes what is claimed."
        )
    if any(claim.compared and claim.kind == "match" and not claim.by_rule for claim in found.claims):
        yield f"Two means match where they differ by {found.tolerance:g} points at most."
    if any(value.agrees is not None or value.too_wide for value in found.values):
        yield (
            "A published value agrees where it lies in our interval, or where it has a deviation, where "
            "Welch's test finds no difference at 5%. It is too wide to tell where our interval leaves open "
            "more than half of what the value could be."
        )
