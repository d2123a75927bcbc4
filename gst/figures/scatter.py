"""One quantity of runs against another: points, a least-squares line, and how strongly they go together.

`scatter_drawing.add_scatter` draws it into a panel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gst.analysis import RunResult, Source
from gst.errors import InputError
from gst.figures.basis import Row
from gst.figures.groups import Group, group
from gst.stats import Correlation, correlation

QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "stability": "Stability: mean over a run's pruning events",
        "mean_drop": "Drop in test accuracy: mean over a run's pruning events",
        "last_drop": "Drop in test accuracy at a run's last pruning event",
        "final_accuracy": "Final test accuracy",
        "best_accuracy": "Best test accuracy since the last pruning event",
        "final_gap": "Generalization gap after the last epoch",
        "best_gap": "Generalization gap at the best test accuracy",
    }
)
"""What a scatter can show of a run, by the field of RunResult, as an axis calls it; fractions of 1."""
MEASURED = ("stability", "mean_drop", "last_drop")
"""Quantities that only a run with a pruning event has."""
_KINDS: dict[str, Literal["pearson", "kendall"]] = {"pearson": "pearson", "kendall": "kendall"}
CORRELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "pearson": "Pearson's",
        "kendall": "Kendall's",
        "pearson_clustered": "Pearson's by configuration",
        "kendall_clustered": "Kendall's by configuration",
    }
)


class Dot(NamedTuple):
    """One pruned run in one arm, at x and y; `config` is its configuration's id in this store."""

    key: str
    arm: str
    seed: int
    config: int
    scale: float
    x: float
    y: float


class Line(NamedTuple):
    """y = intercept + slope * x, by least squares over the pruned runs."""

    slope: float
    intercept: float


class Scatter(NamedTuple):
    """Pruned runs at two of their quantities, and unpruned arms, which are in no correlation.

    The correlations and the line are over the distinct runs of `points`. The clustered ones draw whole
    configurations, whose runs are not independent of each other. None is what could not be computed;
    `notes` say why, and which interval is made otherwise than the others.
    """

    x: str
    y: str
    points: tuple[Dot, ...]
    baselines: tuple[Group, ...]
    pearson: Correlation | None
    kendall: Correlation | None
    pearson_clustered: Correlation | None
    kendall_clustered: Correlation | None
    line: Line | None
    notes: tuple[str, ...]

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms with points, in order."""
        return tuple(dict.fromkeys(point.arm for point in self.points))

    @property
    def xs(self) -> NDArray[np.float64]:
        """The x of every point, [points]."""
        return np.array([point.x for point in self.points], dtype=np.float64)

    @property
    def ys(self) -> NDArray[np.float64]:
        """The y of every point, [points]."""
        return np.array([point.y for point in self.points], dtype=np.float64)

    def rows(self) -> Iterator[Row]:
        """The correlations and the means of unpruned arms, for a table; runs have rows of their own."""
        for row in self.correlation_rows():
            yield {"x": self.x, "y": self.y} | dict(row)
        for arm in self.baselines:
            yield arm.row(f"mean {self.y}")

    def correlation_rows(self) -> Iterator[Row]:
        """The correlations that could be computed."""
        for name in CORRELATIONS:
            found: Correlation | None = getattr(self, name)
            if found:
                row = {"what": name, **found._asdict()}
                # The p takes runs as independent, which is what clusters are there to deny.
                yield row | {"p": None} if name.endswith("_clustered") else row


def scatter_numbers(source: Source, runs: Sequence[RunResult], x: str, y: str, *, name: str = "") -> Scatter:
    """Those runs at x and y, which are names of QUANTITIES.

    Runs without a measured x (pruned, but without an event while they trained) have no place, and a
    note says so. Intervals are 95% percentile bootstrap, unless a note says otherwise; `name` tells panels
    of the same quantities apart, so that each has its own resamples.
    """
    pruned = [run for run in runs if run.pruned]
    dots = tuple(
        Dot(run.key, run.arm, run.seed, run.config_id, run.scale, getattr(run, x), getattr(run, y))
        for run in pruned
        # Nothing is left of an accuracy of 0 to be relative to, so that a measured run can be without too.
        if (run.measured or x not in MEASURED) and getattr(run, x) is not None
    )
    fit = fitted(source, dots, stream=_stream(x, y, name))
    if without := len({run.key for run in pruned} - {dot.key for dot in dots}):
        some, they, have, are = (
            ("1 pruned run", "it", "has", "is")
            if without == 1
            else (f"{without} pruned runs", "they", "have", "are")
        )
        note = (
            f"{some} had no pruning event while {they} trained: {they} {have} no {x.replace('_', ' ')}, "
            f"and {are} not in the correlation"
        )
        fit = fit._replace(notes=(*fit.notes, note))
    unpruned: dict[str, list[float]] = {}
    for run in runs:
        if not run.pruned:
            unpruned.setdefault(run.arm, []).append(getattr(run, y))
    # Named without the definition of accuracy: one interval in all panels of a figure.
    of_what = "accuracy" if y.endswith("_accuracy") else y
    baselines = tuple(group(source, arm, of_what, values) for arm, values in unpruned.items())
    return Scatter(x, y, dots, baselines, *fit)


class Fit(NamedTuple):
    """How x and y of points go together; None is what could not be computed, for which see `notes`."""

    pearson: Correlation | None
    kendall: Correlation | None
    pearson_clustered: Correlation | None
    kendall_clustered: Correlation | None
    line: Line | None
    notes: tuple[str, ...]


def fitted(source: Source, dots: Sequence[Dot], *, stream: str = "") -> Fit:
    """Correlations and line over the distinct runs; `stream` begins the names of their generators."""
    runs = list({dot.key: dot for dot in dots}.values())
    if not runs:
        return Fit(None, None, None, None, None, ("no pruned run completed, so there is no correlation",))
    found: dict[str, Correlation] = {}
    refused: dict[str, list[str]] = {}
    for name, words in CORRELATIONS.items():
        try:
            found[name] = _correlation(source, name, runs, stream)
        except InputError as error:
            refused.setdefault(str(error), []).append(words)
    notes = tuple(f"not computed: {', '.join(words)}: {reason}" for reason, words in refused.items())
    notes += tuple(
        f"{CORRELATIONS[name]} interval is a {it.method}: so many are not resampled"
        for name, it in found.items()
        if "bootstrap" not in it.method
    )
    line = least_squares([run.x for run in runs], [run.y for run in runs]) if "pearson" in found else None
    return Fit(
        found.get("pearson"),
        found.get("kendall"),
        found.get("pearson_clustered"),
        found.get("kendall_clustered"),
        line,
        notes,
    )


def least_squares(x: ArrayLike, y: ArrayLike) -> Line:
    """The line through points at x [n], which vary, and y [n]."""
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    distance = first - first.mean()
    slope = float(distance @ second / (distance @ distance))
    return Line(slope, float(second.mean()) - slope * float(first.mean()))


def _correlation(source: Source, name: str, runs: Sequence[Dot], stream: str) -> Correlation:
    # By their place in the sweep: ids differ from store to store, and would make the interval differ.
    places = {config: place for place, config in enumerate(dict.fromkeys(run.config for run in runs))}
    return correlation(
        _KINDS[name.removesuffix("_clustered")],
        [run.x for run in runs],
        [run.y for run in runs],
        source.generator(f"{stream}{name}"),
        clusters=[places[run.config] for run in runs] if name.endswith("_clustered") else None,
        method="percentile",  # as for the means; BCa has nothing to lean on with a handful of clusters
    )


def _stream(x: str, y: str, name: str) -> str:
    """What the generators of a panel are named; of stability against accuracy as in the trade-off."""
    usual = x == "stability" and y.endswith("_accuracy")
    parts = ([name] if name else []) + ([] if usual else [x, y])
    return "".join(f"{part}/" for part in parts)
