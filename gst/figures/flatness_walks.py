"""The loss along the Hessian's leading eigenvectors: the numbers of GST 2020's Figure E.4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis import Accuracy, Source, Table, perturbation_results
from gst.errors import InputError
from gst.figures.basis import Basis, Row, as_table
from gst.figures.flatness_runs import FlatRuns, flat_runs
from gst.stats import bootstrap_groups

if TYPE_CHECKING:
    from gst.store import Store

FloatArray = NDArray[np.float64]
RANKS, LIMIT = 9, 0.12
"""Of the published figure: eigenvectors 0 to 8, and steps of 0.12 at most."""
_SAME = 8
"""Decimals to which steps are the same: they are multiples of 0.01, of which no float is exact."""


class Walk(NamedTuple):
    """The mean rise in test loss over an arm's `n` runs, at each step along the eigenvector of that rank.

    `low` and `high` bound the 95% bootstrap interval; None with one run. A step has a place here only
    if all these runs have a finite loss at it.
    """

    arm: str
    rank: int
    n: int
    scaled: bool
    epsilons: FloatArray
    mean: FloatArray
    low: FloatArray | None
    high: FloatArray | None


class Walks(NamedTuple):
    """The numbers of the figure."""

    flat: FlatRuns
    walks: tuple[Walk, ...]

    @property
    def basis(self) -> Basis:
        """The sweep and its completed runs."""
        return self.flat.basis

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.flat.source

    @property
    def ranks(self) -> tuple[int, ...]:
        """The eigenvectors along which any run walked."""
        return tuple(sorted({it.rank for it in self.walks}))

    def table(self) -> Table:
        """Mean rises, measurements, runs and missing runs, one a row; ranks count from 0 as in the paper."""
        return as_table([*self._means(), *self.flat.rows()])

    def _means(self) -> Iterator[Row]:
        for it in self.walks:
            for place, epsilon in enumerate(it.epsilons):
                row = {"what": "mean rise in test loss", "arm": it.arm, "rank": it.rank}
                bounds = (
                    {}
                    if it.low is None or it.high is None
                    else {"low": float(it.low[place]), "high": float(it.high[place])}
                )
                at = {"step": float(epsilon), "value": float(it.mean[place])}
                yield row | at | bounds | {"n": it.n}


def numbers(
    store: Store, sweep: str, ranks: int = RANKS, limit: float = LIMIT, accuracy: Accuracy = "best"
) -> Walks:
    """The first `ranks` eigenvectors and steps up to `limit`, in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs or
    measurements.
    """
    flat = flat_runs(store, sweep, accuracy)
    scaled = {it.run.arm for it in flat.results if it.run.scale < 1}
    losses: dict[tuple[int, str], dict[str, dict[float, float]]] = {}
    for it in perturbation_results(store, flat.source, flat.epoch):
        if it.rank < ranks and abs(it.epsilon) <= limit + 10**-_SAME:
            of_run = losses.setdefault((it.rank, it.arm), {}).setdefault(it.key, {})
            if it.increase is not None and np.isfinite(it.increase):
                of_run[round(it.epsilon, _SAME)] = it.increase
    if not losses:
        raise InputError(
            f"sweep {sweep!r}: no run of it has walked along an eigenvector; `directions` above 0 in "
            "`measure.flatness` of a sweep file asks for it"
        )
    walks = (
        _walk(flat.source, arm, rank, runs, scaled=arm in scaled) for (rank, arm), runs in losses.items()
    )
    place = {arm: number for number, arm in enumerate(flat.arms)}
    return Walks(flat, tuple(sorted(walks, key=lambda it: (it.rank, place[it.arm]))))


def _walk(
    source: Source, arm: str, rank: int, runs: Mapping[str, Mapping[float, float]], *, scaled: bool
) -> Walk:
    epsilons = sorted(set.intersection(*(set(it) for it in runs.values())))
    values = np.array([[it[epsilon] for epsilon in epsilons] for it in runs.values()])
    about = (arm, rank, len(runs), scaled, np.array(epsilons), values.mean(axis=0))
    if len(runs) < 2 or not epsilons:
        return Walk(*about, None, None)
    found = bootstrap_groups(values.T, source.generator(f"{arm}/walk/{rank}"))
    return Walk(*about, found.low, found.high)
