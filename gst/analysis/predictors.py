"""Quantities of runs as predictors of another one, each alone and given the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.quantities import RunQuantity, quantity_names, sweep_quantity
from gst.analysis.results import distinct, run_results
from gst.analysis.source import Source, find_source
from gst.errors import InputError
from gst.stats.correlation import Correlation
from gst.stats.crossed import CrossedRuns, between_correlation, crossed_runs, within_correlation
from gst.stats.partial import partial_correlations

if TYPE_CHECKING:
    from gst.store import Store

USUAL = ("stability", "hessian_trace", "final_distance")
"""The explanations: GST 2020's two, and that of Sparse Double Descent (He et al. 2022)."""


class Told(NamedTuple):
    """A correlation of a predictor with the outcome: which one, its `words`, and why there is none."""

    predictor: RunQuantity
    words: str
    found: Correlation | None
    note: str = ""


class Predictors(NamedTuple):
    """What each predictor tells of the outcome, over these runs of so many configurations and seeds."""

    outcome: RunQuantity
    told: tuple[Told, ...]
    runs: int
    configurations: int
    seeds: int
    left_out: int
    """Completed runs without one of the quantities."""

    @property
    def predictors(self) -> list[RunQuantity]:
        """Each predictor once."""
        return list({it.predictor.name: it.predictor for it in self.told}.values())

    def rows(self) -> Iterator[dict[str, object]]:
        """A row for each correlation."""
        for it in self.told:
            about = {"what": f"{it.words} of {it.predictor.name} and {self.outcome.name}"}
            yield {**about, **(it.found._asdict() if it.found else {}), "note": it.note}


def predictors(
    store: Store, sweep: str | Source, x: str | Sequence[str] | None = None, y: str = "final_accuracy"
) -> Predictors:
    """The correlations of those quantities with y, over the completed runs that have all of them.

    `x` is a list, or names with commas between; without it, the usual explanations that the sweep has.
    Raises UnknownNameError for a sweep or a quantity that there is not, and InputError for fewer than two
    predictors or too few configurations.
    """
    source = find_source(store, sweep)
    if x is None:
        known = quantity_names(store, source.label)
        names = [it for it in USUAL if it in known and it != y]
    else:
        names = [it.strip() for it in x.split(",")] if isinstance(x, str) else list(x)
    if len(set(names)) < 2 or y in names or len(set(names)) < len(names):
        raise InputError(f"x: expected two or more different quantities, none of them {y}, found {names}")
    outcome, *quantities = (sweep_quantity(store, source, it) for it in (y, *names))
    every = distinct(run_results(store, source))
    runs = [it for it in every if all(one.of(it) is not None for one in (outcome, *quantities))]
    if not runs:
        raise InputError(f"sweep {source.label!r}: no completed run has all of {', '.join((y, *names))}")
    values = [[float(one.of(it) or 0) for it in runs] for one in (outcome, *quantities)]
    labels = [it.config_id for it in runs], [it.seed for it in runs]
    told = [
        it
        for one, its in zip(quantities, values[1:], strict=True)
        for it in _alone(one, its, values[0], labels)
    ]
    told += _together(quantities, values, labels)
    if source.looked:  # the design's decision alone has a p
        told = [it._replace(found=it.found and it.found._replace(p=None)) for it in told]
    configurations, seeds = (len(set(it)) for it in labels)
    return Predictors(outcome, tuple(told), len(runs), configurations, seeds, len(every) - len(runs))


Labels = tuple[list[int], list[int]]
BETWEEN, WITHIN = "correlation between configurations", "correlation within configurations"
GIVEN, DRAWN = "partial correlation between configurations", "partial correlation, bootstrap interval"


def _alone(
    quantity: RunQuantity, values: list[float], outcome: list[float], labels: Labels
) -> Iterator[Told]:
    made: dict[str, Callable[[CrossedRuns], Correlation]] = {
        BETWEEN: between_correlation,
        WITHIN: within_correlation,
    }
    for words, make in made.items():
        try:
            yield Told(quantity, words, make(crossed_runs(values, outcome, *labels)))
        except InputError as error:
            yield Told(quantity, words, None, str(error))


def _together(quantities: list[RunQuantity], values: list[list[float]], labels: Labels) -> Iterator[Told]:
    """What each adds to the others, with Fisher's interval, and with one of draws."""
    outcome, *others = values
    try:
        found = partial_correlations(others, outcome, *labels)
    except InputError as error:
        yield from (Told(it, GIVEN, None, str(error)) for it in quantities)
        return
    for quantity, it in zip(quantities, found, strict=True):
        yield Told(quantity, GIVEN, it.found)
        if it.drawn is not None:
            low, high = it.drawn
            method = "95% crossed bootstrap over configurations and seeds"
            yield Told(quantity, DRAWN, it.found._replace(low=low, high=high, p=None, method=method))
