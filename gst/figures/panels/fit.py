"""Correlations of two quantities of runs, with their intervals, and a least-squares line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gst.analysis import RunResult, Source
from gst.errors import InputError
from gst.figures.sheet import Row
from gst.stats import Correlation, correlation

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
    """One run in one arm, at x and y."""

    run: RunResult
    x: float
    y: float


class Line(NamedTuple):
    """y = intercept + slope * x, by least squares over distinct runs."""

    slope: float
    intercept: float


class Fit(NamedTuple):
    """Correlations and line of x and y over distinct runs.

    The clustered correlations draw whole configurations, whose runs are not independent of each other. None
    is what could not be computed; `notes` say why, and which interval is made otherwise than the others.
    """

    pearson: Correlation | None = None
    kendall: Correlation | None = None
    pearson_clustered: Correlation | None = None
    kendall_clustered: Correlation | None = None
    line: Line | None = None
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[Row]:
        """The correlations that could be computed."""
        for name in CORRELATIONS:
            found: Correlation | None = getattr(self, name)
            if found:
                row = {"what": name, **found._asdict()}
                # The p takes runs as independent, which is what clusters are there to deny.
                yield row | {"p": None} if name.endswith("_clustered") else row


def fitted(source: Source, dots: Sequence[Dot], stream: str = "") -> Fit:
    """Correlations and line over the distinct runs; `stream` prefixes the names of their random streams.

    Intervals are 95% percentile bootstrap, unless a note says otherwise.
    """
    runs = list({it.run.key: it for it in dots}.values())
    if not runs:
        return Fit(notes=("no pruned run completed, so there is no correlation",))
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
    configs = [it.run.config_id for it in runs]
    places = {config: place for place, config in enumerate(dict.fromkeys(configs))}
    return correlation(
        _KINDS[name.removesuffix("_clustered")],
        [run.x for run in runs],
        [run.y for run in runs],
        source.generator(f"{stream}{name}"),
        clusters=[places[config] for config in configs] if name.endswith("_clustered") else None,
        method="percentile",  # as for the means; BCa has nothing to lean on with a handful of clusters
    )
