"""The runs of a sweep whose flatness was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gst.analysis.measurements import FlatnessResult, flatness_results
from gst.analysis.quantities import stability
from gst.analysis.results import Accuracy, RunResult, distinct
from gst.analysis.source import Source
from gst.errors import InputError
from gst.figures.sheet import Row
from gst.figures.sweep_runs import SweepRuns, sweep_runs
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store


class FlatRuns(NamedTuple):
    """The measured runs of a sweep, all measured at the end of the same epoch."""

    basis: SweepRuns
    results: tuple[FlatnessResult, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    @property
    def arm_counts(self) -> list[tuple[str, int]]:
        """Each arm, and the number of its measured runs."""
        return [(arm, len(results)) for arm, results in self.arms.items()]

    @property
    def epoch(self) -> int:
        """The epoch at whose end all were measured."""
        return self.results[0].epoch

    @property
    def eigenpairs(self) -> str:
        """The number of leading eigenvalues found for each run: `100`, or `50 to 100`."""
        return _span([it.eigenpairs for it in self.results])

    @property
    def images(self) -> str:
        """The number of test images measured on: `512`."""
        return _span([it.images for it in self.results])

    @property
    def arms(self) -> dict[str, tuple[FlatnessResult, ...]]:
        """The measured runs of each arm, in the order of the sweep file."""
        return {arm: tuple(its) for arm, its in grouped((it.run.arm, it) for it in self.results).items()}

    @property
    def unmeasured(self) -> tuple[RunResult, ...]:
        """The completed runs without that measurement, each once."""
        measured = {it.run.key for it in self.results}
        return tuple(run for run in distinct(self.basis.runs) if run.key not in measured)

    def words(self) -> Iterator[str]:
        """Sentences on what was measured, at which epoch, on how many images, and which runs lack it."""
        methods = " and ".join(sorted({it.method for it in self.results}))
        yield (
            f"Measured at the end of epoch {self.epoch}, in eval mode, on "
            f"{self.images} test images; the Hessian's {self.eigenpairs} eigenvalues of largest magnitude, "
            f"by {_METHODS.get(methods, methods)}."
        )
        if self.unmeasured:
            yield f"{unmeasured_words(self.unmeasured, self.epoch)}."

    def rows(self) -> Iterator[Row]:
        """A row for each measurement, for each run without one, and then the rows of the runs."""
        for it in self.results:
            run = it.run
            measured = {
                name: value
                for name, value in it._asdict().items()
                if name not in ("run", "epoch", "settings", "eigenvalues")
            }
            yield {
                "what": "flatness",
                "arm": run.arm,
                "key": run.key,
                "seed": run.seed,
                "measured_at": it.epoch,
            } | measured
        for run in self.unmeasured:
            yield {"what": "run without flatness", "arm": run.arm, "key": run.key, "seed": run.seed}
        yield from self.basis.rows()


_METHODS = {"lanczos": "Lanczos", "power": "power iteration with deflation"}


def flat_runs(store: Store, sweep: str, accuracy: Accuracy = "best") -> FlatRuns:
    """The measured runs of the sweep of that name.

    Raises UnknownNameError for a sweep or an accuracy that there is not, and InputError where no run of
    it completed, or none was measured.
    """
    found = sweep_runs(store, sweep, accuracy)
    results = flatness_results(store, found.source)
    if not results:
        raise InputError(
            f"sweep {sweep!r}: the flatness of none of its {len(found.source.keys)} completed runs was "
            "measured; `measure: {flatness: {epoch: ...}}` in a sweep file asks for it"
        )
    return FlatRuns(found, results)


def mean_stability(results: Sequence[FlatnessResult]) -> float | None:
    """The mean stability over the runs that have one; None where none has."""
    found = (stability(it.run, pruned_before_training=True) for it in results)
    values = [it for it in found if it is not None]
    return float(np.mean(values)) if values else None


def unmeasured_words(runs: Sequence[RunResult], epoch: int) -> str:
    """The number of runs without a measurement at that epoch, in words, by arm."""
    counted = ", ".join(f"{arm} {count}" for arm, count in Counter(run.arm for run in runs).items())
    some = "1 completed run has" if len(runs) == 1 else f"{len(runs)} completed runs have"
    return f"{some} no flatness measured at epoch {epoch}, and no place here ({counted})"


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
