"""How much of the variance of a quantity each varied setting of a sweep explains, and the seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.knobs import arm_settings, varied
from gst.analysis.quantities import RunQuantity, sweep_quantity
from gst.analysis.results import distinct, run_results
from gst.analysis.source import Source, find_source
from gst.errors import InputError
from gst.stats.importance import COMMON, INTERACTIONS, Share, variance_shares

if TYPE_CHECKING:
    from gst.store import Store


LEAST = 1e-9
"""The least share of what keys explain in common that is no error of rounding."""


class Importance(NamedTuple):
    """The shares of a quantity's variance by knob, of what knobs have in common, interactions, seed and rest.

    See gst.stats.importance. A knob is one or more settings that split the arms alike, by their dotted keys.
    `left_out` are unpruned arms, which have no settings of pruning.
    """

    quantity: RunQuantity
    shares: Mapping[str, Share]
    runs: int
    arms: int
    left_out: tuple[str, ...] = ()

    def rows(self) -> Iterator[dict[str, object]]:
        """A row for each share, a fraction of 1."""
        for knob, it in self.shares.items():
            about = {"what": f"share of the variance of {self.quantity.name}", "knob": knob}
            numbers = {"value": it.value, "low": it.low, "high": it.high, "n": it.n, "unit": "seeds"}
            squares = {"sum_of_squares": it.squares, "degrees_of_freedom": it.degrees}
            yield {**about, **numbers, **squares, "method": it.method}


def importance(store: Store, sweep: str | Source, of: str = "final_accuracy") -> Importance:
    """The shares of the variance of that quantity over the completed runs of the sweep, each run once.

    Where pruned arms differ in some setting, unpruned ones are left out, which lack most of them.
    Raises UnknownNameError for a sweep or a quantity that there is not, and InputError where no setting has
    two values or too few runs share seeds.
    """
    source = find_source(store, sweep)
    quantity = sweep_quantity(store, source, of)
    measured = [run for run in distinct(run_results(store, source)) if quantity.of(run) is not None]
    pruned = [run for run in measured if run.pruned]
    settings = arm_settings(store, source)
    for runs in (pruned, measured):
        arms = dict.fromkeys(run.arm for run in runs)
        if knobs := varied({arm: settings[arm] for arm in arms}):
            break
    else:
        raise InputError(f"sweep {source.label!r}: no key of its completed runs has two values")
    try:
        shares = variance_shares(
            [float(quantity.of(run) or 0) for run in runs],
            {knob.name: [knob.values[run.arm] for run in runs] for knob in knobs},
            [run.seed for run in runs],
        )
    except InputError as error:
        raise InputError(f"sweep {source.label!r}: {error}") from error
    if not shares[INTERACTIONS].degrees:
        del shares[INTERACTIONS]
    if not shares[COMMON].degrees and shares[COMMON].squares <= LEAST * sum(
        it.squares for it in shares.values()
    ):
        del shares[COMMON]
    left_out = dict.fromkeys(run.arm for run in measured if run.arm not in arms)
    return Importance(quantity, shares, len(runs), len(arms), tuple(left_out))
