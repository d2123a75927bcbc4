"""Correlations of two quantities of runs whose configurations share their seeds, and a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gst.analysis.results import RunResult
from gst.errors import InputError
from gst.figures.sheet import Row
from gst.stats.correlation import Correlation
from gst.stats.crossed import (
    CrossedRuns,
    between_correlation,
    between_without_each,
    crossed_runs,
    pooled_correlation,
    within_correlation,
)
from gst.stats.granulated import Granulated
from gst.stats.mixed import MixedModel, mixed_model

CORRELATIONS: Mapping[str, str] = {
    "between": "between configurations",
    "within": "within configurations",
    "pearson": "Pearson's of all runs",
    "kendall": "Kendall's of all runs",
}
_COMPUTED: Mapping[str, Callable[[CrossedRuns], Correlation]] = {
    "between": between_correlation,
    "within": within_correlation,
    "pearson": lambda runs: pooled_correlation("pearson", runs),
    "kendall": lambda runs: pooled_correlation("kendall", runs),
}


class Dot(NamedTuple):
    """One run in one arm, at x and y."""

    run: RunResult
    x: float
    y: float


class Line(NamedTuple):
    """y = intercept + slope * x, by least squares over distinct runs."""

    slope: float
    intercept: float


class WithoutArm(NamedTuple):
    """The correlation between configurations without one of them: `value` without `arm`."""

    arm: str
    value: float


class Fit(NamedTuple):
    """Correlations and line of x and y over distinct runs (see gst.stats.crossed), and a mixed model.

    `between`, `within` and `pearson` are Pearson's between configurations, within them and over all runs,
    `kendall` is tau-b over all runs. `weakest` is the correlation between configurations without the one that
    carries most of it. None is what could not be computed; `notes` say why.
    """

    between: Correlation | None = None
    within: Correlation | None = None
    pearson: Correlation | None = None
    kendall: Correlation | None = None
    model: MixedModel | None = None
    weakest: WithoutArm | None = None
    line: Line | None = None
    notes: tuple[str, ...] = ()

    def correlations(self) -> Iterator[tuple[str, Correlation]]:
        """The correlations that could be computed, by name, in the order of CORRELATIONS."""
        for name in CORRELATIONS:
            found: Correlation | None = getattr(self, name)
            if found:
                yield name, found

    def without_p(self) -> Fit:
        """The same for a sweep that looked at its data before it went on: such a p is not valid."""
        without: dict[str, Any] = {name: it._replace(p=None) for name, it in self.correlations()}
        return self._replace(**without, model=None)

    def rows(self) -> Iterator[Row]:
        """The correlations, slopes and the correlation without one arm."""
        for name, found in self.correlations():
            yield {"what": name, **found._asdict()}
        if self.weakest:
            yield {"what": "between, without one arm", "arm": self.weakest.arm, "value": self.weakest.value}
        if self.model:
            for name in ("between", "within"):
                slope = getattr(self.model, name)
                row = {"value": slope.value, "low": slope.low, "high": slope.high, "p": slope.p}
                yield {"what": f"slope {name}", **row, "method": "mixed model, 95% t"}

    def weakest_words(self, of: str = "") -> str:
        """A sentence on whether one arm carries the correlation between configurations; empty if unknown.

        `of` names the quantities, as ` of x and y`, where a reader sees several correlations.
        """
        if self.weakest is None or self.between is None:
            return ""
        same = self.weakest.value * self.between.value > 0
        return (
            f"r{of} between configurations is weakest without {self.weakest.arm}: {self.weakest.value:+.2f}"
            f"{'' if same else ', of the other sign'}."
        )


class Knobs(NamedTuple):
    """Kendall's tau of x and y as one knob of a sweep varies and all else is equal, for each knob."""

    found: Granulated

    def rows(self) -> Iterator[Row]:
        """A row for each knob that has a value, and one for their mean where there are several."""
        of_knobs = [(name, it) for name, it in self.found.knobs.items() if it.value is not None]
        for name, it in [*of_knobs, *([("all", self.found.mean)] if len(of_knobs) > 1 else [])]:
            numbers = {"value": it.value, "low": it.low, "high": it.high, "n": it.n, "unit": "seeds"}
            method = None if it.low is None else "95% t over seeds"
            yield {"what": "kendall by knob", "knob": name, **numbers, "method": method}


def fitted(dots: Sequence[Dot]) -> Fit:
    """Correlations, line and mixed model over the distinct runs, configurations and seeds by their names."""
    distinct = list({it.run.key: it for it in dots}.values())
    if not distinct:
        return Fit(notes=("no pruned run completed, so there is no correlation",))
    try:
        runs = crossed(distinct)
    except InputError as error:
        return Fit(notes=(f"no correlation: {error}",))
    found: dict[str, Correlation] = {}
    refused: dict[str, list[str]] = {}
    for name, words in CORRELATIONS.items():
        try:
            found[name] = _COMPUTED[name](runs)
        except InputError as error:
            refused.setdefault(str(error), []).append(words)
    return Fit(
        **found,
        model=_model(runs),
        weakest=_weakest(runs, found.get("between"), distinct),
        line=least_squares(runs.x, runs.y),
        notes=tuple(f"not computed: {', '.join(words)}: {reason}" for reason, words in refused.items()),
    )


def crossed(dots: Sequence[Dot]) -> CrossedRuns:
    """The runs by their configurations and seeds, each run once. Raises InputError for too few."""
    x, y = [it.x for it in dots], [it.y for it in dots]
    return crossed_runs(x, y, [it.run.config_id for it in dots], [it.run.seed for it in dots])


def least_squares(x: ArrayLike, y: ArrayLike) -> Line:
    """The line through points at x [n], which vary, and y [n]."""
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    distance = first - first.mean()
    slope = float(distance @ second / (distance @ distance))
    return Line(slope, float(second.mean()) - slope * float(first.mean()))


def _model(runs: CrossedRuns) -> MixedModel | None:
    try:
        return mixed_model(runs)
    except InputError:  # the correlations beside it say what is lacking
        return None


def _weakest(runs: CrossedRuns, between: Correlation | None, dots: Sequence[Dot]) -> WithoutArm | None:
    if between is None or between.low is None:
        return None
    left = between_without_each(runs) * (1 if between.value > 0 else -1)
    if np.isnan(left).all():
        return None
    place = int(np.nanargmin(left))
    arm = next(it.run.arm for it, of in zip(dots, runs.configurations, strict=True) if of == place)
    return WithoutArm(arm, float(left[place]) * (1 if between.value > 0 else -1))
