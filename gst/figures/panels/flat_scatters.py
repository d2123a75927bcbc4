"""Scatters of flatness, of all runs: the panels of GST 2020's Figures 6, E.3, E.5 and E.6."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from gst.analysis import FlatnessResult, Source
from gst.analysis.quantities import FLATNESS_QUANTITIES, RUN_QUANTITIES, stability
from gst.figures.flatness_runs import FlatRuns
from gst.figures.panels.fit import Dot, Fit, dot, fitted
from gst.figures.panels.scatter import Scatter
from gst.figures.style import looks
from gst.figures.sweep_runs import SweepRuns

WITHOUT_EVENTS = (
    "Unpruned runs and runs pruned before training are in the correlations, with a stability of 100%."
)


def through(flat: FlatRuns, name: str) -> tuple[Scatter, Scatter]:
    """From stability to the measurement of that name, and from there to accuracy."""

    def measured(it: FlatnessResult) -> float | None:
        value: float | None = getattr(it, name)
        return value

    def stable(it: FlatnessResult) -> float | None:
        return stability(it.run, pruned_before_training=True)

    def accurate(it: FlatnessResult) -> float | None:
        return it.run.accuracy(flat.basis.accuracy)

    missing = len({it.run.key for it in flat.results if measured(it) is None})
    notes = (f"{_runs(missing)} no {FLATNESS_QUANTITIES[name].short}",) if missing else ()
    accuracy = f"{flat.basis.accuracy}_accuracy"
    source, pairs = flat.source, flat.eigenpairs
    unstable = (*notes, *_unstable(flat.basis))
    return (
        _scatter(source, "stability", name, _dots(flat.results, stable, measured), unstable, pairs),
        _scatter(source, name, accuracy, _dots(flat.results, measured, accurate), notes, pairs),
    )


def stability_and_accuracy(runs: SweepRuns) -> Scatter:
    """Stability against accuracy of all completed runs, unpruned and scratch runs among them."""
    dots = (
        dot(run, stable, run.accuracy(runs.accuracy))
        for run in runs.runs
        if (stable := stability(run, pruned_before_training=True)) is not None
    )
    return _scatter(runs.source, "stability", f"{runs.accuracy}_accuracy", dots, _unstable(runs))


def _dots(
    results: Iterable[FlatnessResult],
    x: Callable[[FlatnessResult], float | None],
    y: Callable[[FlatnessResult], float | None],
) -> Iterator[Dot]:
    for it in results:
        one, other = x(it), y(it)
        if one is not None and other is not None:
            yield dot(it.run, one, other)


def _scatter(
    source: Source, x: str, y: str, dots: Iterable[Dot], notes: Sequence[str], eigenpairs: str = ""
) -> Scatter:
    points = tuple(dots)
    fit = fitted(source, points, f"all six/{x}/{y}/")
    if not points:
        fit = Fit(notes=(f"no run has both {x} and {y}: no correlation",))
    # Nothing is a baseline here: unpruned runs are points, at a stability of 100%.
    return Scatter(
        x,
        y,
        points,
        (),
        fit._replace(notes=(*fit.notes, *notes)),
        looks(source.arms),
        x_title=_title(x, eigenpairs),
        y_title=_title(y, eigenpairs),
    )


def _unstable(found: SweepRuns) -> tuple[str, ...]:
    without = {run.key for run in found.runs if stability(run, pruned_before_training=True) is None}
    return (f"{_runs(len(without))} no measured pruning event, so no stability",) if without else ()


def _runs(count: int) -> str:
    return "1 run has" if count == 1 else f"{count} runs have"


def _title(name: str, eigenpairs: str) -> str:
    if name == "stability":
        return "Stability: mean over events, 100% without"
    if name in FLATNESS_QUANTITIES:
        return FLATNESS_QUANTITIES[name].title.format(eigenpairs)
    return RUN_QUANTITIES[name].short
