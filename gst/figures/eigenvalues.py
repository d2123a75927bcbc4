"""The Hessian's leading eigenvalues by arm: the numbers of GST 2020's Figures E.1 and E.2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis import Accuracy, FlatnessResult, Source, Table
from gst.figures.basis import Basis, Row, as_table
from gst.figures.flatness_runs import FlatRuns, flat_runs, mean_stability
from gst.stats import bootstrap_groups

if TYPE_CHECKING:
    from gst.store import Store

FloatArray = NDArray[np.float64]
Order = Literal["dominant", "signed", "magnitude"]
"""By magnitude with their signs; by signed value; magnitudes alone. The largest first in each."""


class ArmSpectrum(NamedTuple):
    """The mean eigenvalues of an arm over its `n` measured runs, [eigenvalues].

    `low` and `high` bound the 95% bootstrap intervals; None with one run. `stability` is the mean of
    the runs' stabilities.
    """

    arm: str
    n: int
    stability: float | None
    scaled: bool
    mean: FloatArray
    low: FloatArray | None
    high: FloatArray | None


class Eigenvalues(NamedTuple):
    """The numbers of the figure: one spectrum an arm in each panel."""

    flat: FlatRuns
    panels: tuple[tuple[Order, tuple[ArmSpectrum, ...]], ...]

    @property
    def basis(self) -> Basis:
        """The sweep and its completed runs."""
        return self.flat.basis

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.flat.source

    def table(self) -> Table:
        """Mean eigenvalues, measurements, runs and missing runs, one a row; ranks count from 1."""
        return as_table([*self._means(), *self.flat.rows()])

    def _means(self) -> Iterator[Row]:
        for order, spectra in self.panels:
            for it in spectra:
                for place, mean in enumerate(it.mean):
                    bounds = (
                        {}
                        if it.low is None or it.high is None
                        else {"low": float(it.low[place]), "high": float(it.high[place])}
                    )
                    what = f"mean eigenvalue, {order}"
                    row = {"what": what, "arm": it.arm, "rank": place + 1, "value": float(mean)}
                    yield row | bounds | {"n": it.n}


def fig_e1(store: Store, sweep: str, leading: int = 10, accuracy: Accuracy = "best") -> Eigenvalues:
    """The `leading` eigenvalues of largest magnitude in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs or
    measurements.
    """
    flat = flat_runs(store, sweep, accuracy)
    return Eigenvalues(flat, (("dominant", _spectra(flat, "dominant", leading)),))


def fig_e2(store: Store, sweep: str, accuracy: Accuracy = "best") -> Eigenvalues:
    """All leading eigenvalues by signed value, and their magnitudes; otherwise as Figure E.1."""
    flat = flat_runs(store, sweep, accuracy)
    orders: tuple[Order, ...] = ("signed", "magnitude")
    return Eigenvalues(flat, tuple((order, _spectra(flat, order)) for order in orders))


_SORTED: dict[Order, Callable[[FlatnessResult], FloatArray]] = {
    "dominant": lambda it: it.dominant,
    "signed": lambda it: np.sort(np.array(it.eigenvalues, dtype=np.float64))[::-1],
    "magnitude": lambda it: np.abs(it.dominant),
}


def _spectra(flat: FlatRuns, order: Order, most: int | None = None) -> tuple[ArmSpectrum, ...]:
    return tuple(_spectrum(flat.source, arm, results, order, most) for arm, results in flat.arms.items())


def _spectrum(
    source: Source, arm: str, results: Sequence[FlatnessResult], order: Order, most: int | None
) -> ArmSpectrum:
    # Runs of an arm ask for the same number; one measured by hand may have more, which have no partners.
    count = min(len(it.eigenvalues) for it in results)
    count = count if most is None else min(count, most)
    values = np.array([_SORTED[order](it)[:count] for it in results])
    scaled = any(it.run.scale < 1 for it in results)
    about = (arm, len(results), mean_stability(results), scaled, values.mean(axis=0))
    if len(results) < 2 or not count:
        return ArmSpectrum(*about, None, None)
    found = bootstrap_groups(values.T, source.generator(f"{arm}/eigenvalues/{order}"))
    return ArmSpectrum(*about, found.low, found.high)
