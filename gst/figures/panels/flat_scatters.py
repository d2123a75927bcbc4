"""Scatters of all runs, with and without flatness: the panels of GST 2020's Figures 6, E.3, E.5 and E.6."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gst.analysis.quantities import FLATNESS_QUANTITIES, RUN_QUANTITIES, or_from_nothing, stability
from gst.analysis.results import RunResult, distinct
from gst.analysis.source import Source
from gst.figures.flatness_runs import FlatRuns
from gst.figures.panels.fit import Dot, Fit, fitted
from gst.figures.panels.scatter import Scatter
from gst.figures.style import looks
from gst.figures.sweep_runs import SweepRuns

WITHOUT_EVENTS = (
    "Unpruned runs and runs pruned before training are in the correlations, with a stability of 100%."
)


def through(flat: FlatRuns, name: str) -> tuple[Scatter, Scatter]:
    """From stability to the measurement of that name, and from there to accuracy."""
    quantity, which = FLATNESS_QUANTITIES[name], flat.basis.accuracy
    found = [(it.run, quantity.of(it)) for it in flat.results]
    missing = len({run.key for run, value in found if value is None})
    notes = (f"{_runs(missing)} no {quantity.short}",) if missing else ()
    from_stability = [(run, _stability(run), value) for run, value in found]
    to_accuracy = [(run, value, run.accuracy(which)) for run, value in found]
    source, pairs, unstable = flat.source, flat.eigenpairs, _unstable(flat.basis)
    return (
        _scatter(source, "stability", name, from_stability, (*notes, *unstable), pairs),
        _scatter(source, name, f"{which}_accuracy", to_accuracy, notes, pairs),
    )


def stability_and_accuracy(runs: SweepRuns) -> Scatter:
    """Stability against accuracy of all completed runs, unpruned and scratch runs among them."""
    found = [(run, _stability(run), run.accuracy(runs.accuracy)) for run in runs.runs]
    return _scatter(runs.source, "stability", f"{runs.accuracy}_accuracy", found, _unstable(runs))


def _stability(run: RunResult) -> float | None:
    return stability(run, pruned_before_training=True)


def _scatter(
    source: Source,
    x: str,
    y: str,
    found: Iterable[tuple[RunResult, float | None, float | None]],
    notes: Sequence[str],
    eigenpairs: str = "",
) -> Scatter:
    points = tuple(Dot(run, one, other) for run, one, other in found if one is not None and other is not None)
    fit = fitted(points).without_p() if source.looked else fitted(points)
    if not points:
        fit = Fit(notes=(f"no run has both {x} and {y}: no correlation",))
    fit = fit._replace(notes=(*fit.notes, *notes))
    x_title, y_title = _title(x, eigenpairs), _title(y, eigenpairs)
    # Nothing is a baseline here: unpruned runs are points, at a stability of 100%.
    return Scatter(x, y, points, (), fit, looks(source.arms), x_title=x_title, y_title=y_title)


def _title(name: str, eigenpairs: str) -> str:
    if name == "stability":
        return "Stability: mean over events, 100% without"
    if name in FLATNESS_QUANTITIES:
        return FLATNESS_QUANTITIES[name].title.format(eigenpairs)
    return RUN_QUANTITIES[name].short


def _unstable(found: SweepRuns) -> tuple[str, ...]:
    without = [run for run in distinct(found.runs) if _stability(run) is None]
    event = f"no measured pruning event{or_from_nothing(without)}"
    return (f"{_runs(len(without))} {event}, so no stability",) if without else ()


def _runs(count: int) -> str:
    return "1 run has" if count == 1 else f"{count} runs have"
