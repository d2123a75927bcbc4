"""Scatters of flatness, of all runs: the panels of GST 2020's Figures 6, E.3, E.5 and E.6."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from gst.analysis import FlatnessResult, Source
from gst.figures.flatness_runs import FlatRuns, conventional_stability
from gst.figures.panels.fit import Dot, Fit, dot, fitted
from gst.figures.panels.scatter import Scatter
from gst.figures.quantity_labels import LABELS
from gst.figures.style import looks
from gst.figures.sweep_runs import SweepRuns

_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "stability": "Stability: mean over events, 100% without",
        "best_accuracy": "Best test accuracy after pruning",
        "hessian_trace": "Tr(H): sum of {} leading eigenvalues",
        "gradient_trace": "Tr(C): noise of the gradients",
        "epsilon": "ε: step that raises the loss by 0.1",
        "tic": "Tr(C) / Tr(H), {} leading eigenvalues",
    }
)
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "hessian_trace": "Tr(H): the signed sum of the {} leading eigenvalues of the mean loss's Hessian.",
        "gradient_trace": "Tr(C): the mean over images of the squared norm of one image's gradient.",
        "epsilon": (
            "ε: the smallest step, on a grid of 0.01, along any of the leading eigenvectors that raises the "
            "loss on the whole test set by 0.1."
        ),
        "tic": "Tr(C) / Tr(H): stands for Takeuchi's information criterion, which has H⁻¹ in it.",
    }
)
"""What each measured quantity is; `{}` stands for the number of eigenvalues."""

WITHOUT_EVENTS = (
    "Unpruned runs and runs pruned before training are in the correlations, with a stability of 100%."
)


def through(flat: FlatRuns, name: str) -> tuple[Scatter, Scatter]:
    """From stability to the measurement of that name, and from there to accuracy."""

    def measured(it: FlatnessResult) -> float | None:
        value: float | None = getattr(it, name)
        return value

    def stable(it: FlatnessResult) -> float | None:
        return conventional_stability(it.run)

    def accurate(it: FlatnessResult) -> float | None:
        return it.run.accuracy(flat.basis.accuracy)

    missing = len({it.run.key for it in flat.results if measured(it) is None})
    notes = (f"{_runs(missing)} no {LABELS[name].short}",) if missing else ()
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
        dot(run, stability, run.accuracy(runs.accuracy))
        for run in runs.runs
        if (stability := conventional_stability(run)) is not None
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
    x_title, y_title = (_TITLES.get(name, "").format(eigenpairs) for name in (x, y))
    # Nothing is a baseline here: unpruned runs are points, at a stability of 100%.
    return Scatter(
        x,
        y,
        points,
        (),
        fit._replace(notes=(*fit.notes, *notes)),
        looks(source.arms),
        x_title=x_title,
        y_title=y_title,
    )


def _unstable(found: SweepRuns) -> tuple[str, ...]:
    without = {run.key for run in found.runs if conventional_stability(run) is None}
    return (f"{_runs(len(without))} no measured pruning event, so no stability",) if without else ()


def _runs(count: int) -> str:
    return "1 run has" if count == 1 else f"{count} runs have"
