"""A sweep that no published figure is about: its differences between arms, and claims of papers asked of it.

A verdict here is of that sweep alone: the papers claim it of other networks, data or ways to prune.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.contrasts import ArmContrast, Pairing, contrasts, pairings, target_pairing, twin_pairing
from gst.analysis.quantities import stability
from gst.analysis.results import RunResult
from gst.compare.contrast import Interval
from gst.compare.quantities import pairs
from gst.compare.results import ClaimResult, Difference, FigureResult, Part, Setting
from gst.compare.sweep_in_store import SweepInStore
from gst.compare.verdict import Expected, as_part, held_by, together
from gst.errors import InputError
from gst.stats.correlation import Correlation
from gst.stats.crossed import CrossedRuns, between_correlation, crossed_runs, within_correlation

if TYPE_CHECKING:
    from gst.store import Store

OWN = "Your sweep"
"""What stands in the place of a paper's name."""
ASKED = "asked of your sweep, not of the paper's experiment"

Correlating = Callable[[CrossedRuns], Correlation]


class Asked(NamedTuple):
    """A claim of GST 2020 about one side of a pairing less the other, None where the arms lack a side."""

    claim: str
    section: str
    pairing: Pairing | None
    quantity: str = "test accuracy"


def own_sweep(store: Store, sweep: SweepInStore, setting: Setting) -> FigureResult:
    """The paired differences in final test accuracy of a sweep, and the claims that its arms can answer.

    A correlation of stability needs pruned arms with events, a target arms of another target that are
    otherwise alike, and pruned arms their unpruned twin.
    """
    source, runs = sweep.source, [it.run for it in sweep.runs]
    made = contrasts(pairings(store, source), runs, _accuracy, looked=source.looked)
    return FigureResult(
        figure=source.label,
        title=source.title,
        paper=OWN,
        citation="no published figure is about it",
        sweep=source.label,
        accuracy="final",
        settings=(setting,),
        values=(),
        claims=tuple(_claims(store, sweep, runs)),
        differences=tuple(map(_difference, made)),
    )


def _accuracy(run: RunResult) -> float:
    return run.accuracy("final")


def _difference(it: ArmContrast) -> Difference:
    if it.test is None:
        return Difference(it.name, reason=it.reason)
    value, low, high = (100 * number for number in (it.test.value, it.test.low, it.test.high))
    return Difference(it.name, value, low, high, it.test.n[0], it.adjusted, it.test.method)


def _claims(store: Store, sweep: SweepInStore, runs: Sequence[RunResult]) -> Iterator[ClaimResult]:
    yield from _of_stability(sweep)
    source = sweep.source
    targets = target_pairing(store, source, "largest", "smallest")
    twins = twin_pairing(store, source, "largest")
    for it in (
        Asked("Pruning the largest is less stable than pruning the smallest.", "3.1", targets, "stability"),
        Asked("Pruning the largest ends in more accuracy than pruning the smallest.", "3.1", targets),
        Asked("Pruning the largest is better than not pruning.", "3.3", twins),
    ):
        if it.pairing is not None:
            value = stability if it.quantity == "stability" else _accuracy
            (found,) = contrasts([it.pairing], runs, value, looked=source.looked)
            yield _claim(it.claim, it.section, "order", _part(found, it.quantity))


def _part(found: ArmContrast, quantity: str) -> Part:
    """The contrast in points, judged by its interval: less stability is claimed, and more accuracy."""
    name = f"{quantity}, {found.name}"
    if found.test is None:
        return Part(name, "not run", reason=found.reason)
    it = found.test
    interval = Interval(100 * it.value, 100 * it.low, 100 * it.high, (it.n[0],), it.method, found.p)
    verdict = held_by(interval, Expected(("below" if quantity == "stability" else "above",)))
    return as_part(interval, verdict, unit="points")._replace(name=name)


def _of_stability(sweep: SweepInStore) -> Iterator[ClaimResult]:
    """The claim that less stable is better, between and within configurations; nothing without events."""
    pruned = [it for it in sweep.runs if it.run.pruned]
    try:
        runs = crossed_runs(*pairs(pruned, "stability", "test_accuracy"))
    except InputError:
        return
    yield _claim(
        "The less stable a configuration, the better it generalizes.",
        "3.1",
        "sign",
        _correlated("r of stability and test accuracy between configurations", between_correlation, runs),
    )
    yield _claim(
        "Of the runs of a configuration, the less stable ones generalize better.",
        "3.1",
        "sign",
        _correlated("r of stability and test accuracy within configurations", within_correlation, runs),
    )


def _correlated(name: str, of: Correlating, runs: CrossedRuns) -> Part:
    try:
        found = of(runs)
    except InputError as error:
        return Part(name, "not run", reason=str(error))
    if found.low is None or found.high is None:
        return Part(name, "undecided", found.value, unit="correlation", n=(found.n,), reason=found.method)
    interval = Interval(found.value, found.low, found.high, (found.n,), found.method)
    return as_part(interval, held_by(interval, Expected(("below",))), unit="correlation")._replace(name=name)


def _claim(claim: str, section: str, kind: str, part: Part) -> ClaimResult:
    verdict = together([part])
    return ClaimResult(
        claim=claim,
        benchmark="",
        kind=kind,
        place=f"GST 2020, Section {section}",
        note="",
        verdict=verdict,
        parts=(part,),
        measured=True,
        by_rule=False,
        deviations=(ASKED,),
        differs=(),
        assumed=(),
        reason=part.reason if verdict == "not run" else "",
    )
