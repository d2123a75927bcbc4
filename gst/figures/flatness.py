"""Flatness against stability and accuracy: the numbers of GST 2020's Figures 6, E.3, E.5 and E.6."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import Accuracy, FlatnessResult, RunResult, Source, Table
from gst.figures.basis import Basis, Row, as_table, basis
from gst.figures.flatness_runs import FlatRuns, conventional_stability, flat_runs
from gst.figures.scatter import Dot, Fit, Scatter, fitted

if TYPE_CHECKING:
    from gst.store import Store

_NAMES = {"hessian_trace": "Tr(H)", "gradient_trace": "Tr(C)", "tic": "criterion", "epsilon": "epsilon"}
"""What each measured quantity is called in notes; an axis says more."""


class Flatness(NamedTuple):
    """The numbers of such a figure: scatters of the same runs, unpruned and scratch runs among them.

    `flat` is None where nothing that was measured is shown.
    """

    basis: Basis
    flat: FlatRuns | None
    panels: tuple[Scatter, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    def table(self) -> Table:
        """Correlations, measurements, runs and missing runs, one a row; accuracies are fractions of 1."""
        return as_table([*self._correlations(), *(self.flat or self.basis).rows()])

    def _correlations(self) -> Iterator[Row]:
        for panel in self.panels:
            yield from panel.rows()


def fig6(store: Store, sweep: str, accuracy: Accuracy = "best") -> Flatness:
    """Stability against both traces, and these against accuracy, in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs or
    measurements.
    """
    return _through(store, sweep, accuracy, ("hessian_trace", "gradient_trace"))


def fig_e3(store: Store, sweep: str, accuracy: Accuracy = "best") -> Flatness:
    """Stability against epsilon, and epsilon against accuracy; otherwise as Figure 6."""
    return _through(store, sweep, accuracy, ("epsilon",))


def fig_e5(store: Store, sweep: str, accuracy: Accuracy = "best") -> Flatness:
    """Stability against the information criterion, and that against accuracy; otherwise as Figure 6."""
    return _through(store, sweep, accuracy, ("tic",))


def fig_e6(store: Store, sweep: str, accuracy: Accuracy = "best") -> Flatness:
    """Stability against accuracy over all completed runs, unpruned and scratch runs among them."""
    found = basis(store, sweep, accuracy)
    return Flatness(found, None, (_accuracies(found),))


def _through(store: Store, sweep: str, accuracy: Accuracy, names: Sequence[str]) -> Flatness:
    flat = flat_runs(store, sweep, accuracy)
    panels = (panel for name in names for panel in _panels(flat, name))
    return Flatness(flat.basis, flat, tuple(panels))


def _panels(flat: FlatRuns, name: str) -> Iterator[Scatter]:
    """From stability to the measurement, and from there to accuracy."""

    def measured(it: FlatnessResult) -> float | None:
        value: float | None = getattr(it, name)
        return value

    def stable(it: FlatnessResult) -> float | None:
        return conventional_stability(it.run)

    def accurate(it: FlatnessResult) -> float | None:
        return it.run.accuracy(flat.basis.accuracy)

    missing = sorted({it.run.key for it in flat.results if measured(it) is None})
    notes = (f"{_runs(len(missing))} no {_NAMES[name]}",) if missing else ()
    accuracy = f"{flat.basis.accuracy}_accuracy"
    yield _scatter(
        flat.source,
        "stability",
        name,
        _dots(flat.results, stable, measured),
        (*notes, *_unstable(flat.basis)),
    )
    yield _scatter(flat.source, name, accuracy, _dots(flat.results, measured, accurate), notes)


def _dots(
    results: Iterable[FlatnessResult],
    x: Callable[[FlatnessResult], float | None],
    y: Callable[[FlatnessResult], float | None],
) -> Iterator[Dot]:
    for it in results:
        one, other = x(it), y(it)
        if one is not None and other is not None:
            yield _dot(it.run, one, other)


def _accuracies(found: Basis) -> Scatter:
    dots = (
        _dot(run, stability, run.accuracy(found.accuracy))
        for run in found.runs
        if (stability := conventional_stability(run)) is not None
    )
    return _scatter(found.source, "stability", f"{found.accuracy}_accuracy", dots, _unstable(found))


def _dot(run: RunResult, x: float, y: float) -> Dot:
    return Dot(run.key, run.arm, run.seed, run.config_id, run.scale, x, y)


def _scatter(source: Source, x: str, y: str, dots: Iterable[Dot], notes: Sequence[str]) -> Scatter:
    points = tuple(dots)
    fit = fitted(source, points, stream=f"all six/{x}/{y}/")
    if not points:
        fit = Fit(None, None, None, None, None, (f"no run has both {x} and {y}: no correlation",))
    # Nothing is a baseline here: unpruned runs are points, at a stability of 100%.
    return Scatter(x, y, points, (), *fit._replace(notes=(*fit.notes, *notes)))


def _unstable(found: Basis) -> tuple[str, ...]:
    without = {run.key for run in found.runs if conventional_stability(run) is None}
    return (f"{_runs(len(without))} no measured pruning event, so no stability",) if without else ()


def _runs(count: int) -> str:
    return "1 run has" if count == 1 else f"{count} runs have"
