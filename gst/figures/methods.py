"""The pruning method of a run: its score, and which of the scored filters are removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gst.analysis.results import RunResult
from gst.figures.style import BASELINE, COLOURS, SYMBOLS, Look


class Method(NamedTuple):
    """The score of filters and which of them are removed; both are None for an unpruned run."""

    score: str | None
    target: str | None


TARGETS: Mapping[str, str] = {"smallest": "S", "random": "R", "largest": "L"}
"""The papers' letters for targets, in the order of figures."""
SCORES: Mapping[str, str] = {
    "l1": "ℓ1", "l2": "ℓ2", "ebn": "E[BN]", "ebn_alt": "E[BN]-alt",
    "snip": "SNIP", "taylor": "Taylor", "grasp": "GraSP", "synflow": "SynFlow",
}  # fmt: skip
SCORES_2019: Mapping[str, str] = {**SCORES, "ebn": "E[BN] of |γ|", "ebn_alt": "E[BN]"}
"""Names in GST 2019, whose E[BN] is the `alt` variant of 2020: it takes the scale with its sign."""
DASHES = ("solid", "dash", "dot", "dashdot")
_COLOURS: Mapping[str, str] = {"smallest": COLOURS[0], "random": COLOURS[2], "largest": COLOURS[1]}


def method(run: RunResult) -> Method:
    """The method of the run."""
    return Method(run.score, run.target)


def methods(runs: Iterable[RunResult]) -> tuple[Method, ...]:
    """The methods of these runs: unpruned first, then by score in order of appearance and by target."""
    return methods_in_order(map(method, runs))


def methods_in_order(given: Iterable[Method]) -> tuple[Method, ...]:
    """The distinct methods, in the order of figures."""
    found = dict.fromkeys(given)
    scores = list(dict.fromkeys(score for score, _ in found))
    targets = list(TARGETS)

    def place(it: Method) -> tuple[bool, int, int]:
        return it.target is not None, scores.index(it.score), targets.index(it.target or targets[0])

    return tuple(sorted(found, key=place))


def names(found: Sequence[Method], scores: Mapping[str, str] = SCORES) -> dict[Method, str]:
    """The name of each method: `PruneS`, or `ℓ2 S` where there are several scores."""
    several = len({score for score, target in found if target is not None}) > 1
    return {it: _name(it, scores, several) for it in found}


def _name(it: Method, scores: Mapping[str, str], several: bool) -> str:
    if it.target is None or it.score is None:
        return "No Pruning"
    letter = TARGETS[it.target]
    return f"{scores.get(it.score, it.score)} {letter}" if several else f"Prune{letter}"


def method_looks(found: Sequence[Method]) -> dict[Method, Look]:
    """The look of each method: a colour for its target, a symbol for score and target."""
    pruned = [it for it in found if it.target is not None]
    return {
        it: Look(_COLOURS[it.target], SYMBOLS[pruned.index(it) % len(SYMBOLS)])
        if it.target
        else Look(BASELINE, "circle")
        for it in found
    }


def dashes(found: Sequence[Method]) -> dict[Method, str]:
    """The dash of each method's line: one for each score."""
    scores = list(dict.fromkeys(score for score, target in found if target is not None))
    return {it: DASHES[scores.index(it.score) % len(DASHES)] if it.target else "solid" for it in found}
