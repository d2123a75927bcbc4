"""How normal normalised activations are, untrained and trained: GST 2020's Figure B.1, GST 2019's A1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis import Accuracy, NormalityResult, Source, Table, normality_results
from gst.errors import InputError, UnknownNameError
from gst.figures.basis import Basis, Row, as_table, basis
from gst.figures.groups import Group, group

if TYPE_CHECKING:
    from gst.store import Store

LIMIT = 5.0
"""Where histograms end, on both sides, in standard deviations."""


class LayerNormality(NamedTuple):
    """One layer before or after training: means over `n` runs, each of which pools all its channels.

    `density` is [bins] over -LIMIT to LIMIT. `ks` is the largest distance from the normal distribution
    function, `kurtosis` 0 for a normal distribution; each is the mean of the runs' values.
    """

    layer: str
    trained: bool
    statistics: Literal["batch", "running"]
    n: int
    density: NDArray[np.float64]
    ks: Group
    kurtosis: Group
    variance: float

    def rows(self) -> Iterator[Row]:
        """Both statistics as rows."""
        state = "trained" if self.trained else "untrained"
        for name, it in (("KS distance", self.ks), ("excess kurtosis", self.kurtosis)):
            yield dict(it.row(name)) | {
                "layer": self.layer,
                "state": state,
                "statistics": self.statistics,
                "mean_variance": self.variance,
            }

    def bins(self) -> Iterator[Row]:
        """The histogram, a bin a row."""
        state = "trained" if self.trained else "untrained"
        about = {"what": "density", "layer": self.layer, "state": state, "statistics": self.statistics}
        for x, value in zip(centres(len(self.density)), self.density, strict=True):
            yield about | {"x": round(float(x), 6), "value": float(value), "n": self.n}


class Normalities(NamedTuple):
    """The numbers of the figure, of one arm: the deepest layer first, of each the untrained state first."""

    basis: Basis
    arm: str
    others: tuple[str, ...]
    layers: tuple[LayerNormality, ...]
    unmeasured: int
    activations: tuple[int, int]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    @property
    def names(self) -> tuple[str, ...]:
        """The layers, the deepest first."""
        return tuple(dict.fromkeys(it.layer for it in self.layers))

    def table(self) -> Table:
        """Distances and kurtoses, histograms, runs and missing runs, one a row."""
        return as_table(
            [
                *(row for it in self.layers for row in it.rows()),
                *(row for it in self.layers for row in it.bins()),
                *self.basis.rows(),
            ]
        )


def numbers(store: Store, sweep: str, arm: str | None = None, accuracy: Accuracy = "best") -> Normalities:
    """The layers of one arm, or the first that was measured, in the newest sweep of that name.

    Raises UnknownNameError for a sweep or an arm that there is not, and InputError for one without runs
    or measurements.
    """
    found = basis(store, sweep, accuracy)
    if arm is not None and arm not in found.source.arms:
        raise UnknownNameError("arm", arm, found.source.arms)
    results = normality_results(store, found.source)
    arms = tuple(dict.fromkeys(it.arm for it in results))
    chosen = arm or (arms[0] if arms else "")
    if chosen not in arms:
        whose = f"of arm {arm!r}" if arm else "of its runs"
        raise InputError(
            f"sweep {sweep!r}: the activations {whose} were not measured; `measure: {{normality: {{}}}}` "
            "in a sweep file asks for it"
        )
    shown = [it for it in results if it.arm == chosen]
    ran = {run.key for run in found.runs if run.arm == chosen}
    counts = [it.n for it in shown]
    return Normalities(
        found,
        chosen,
        tuple(other for other in arms if other != chosen),
        tuple(_layers(found.source, chosen, shown)),
        len(ran - {it.key for it in shown}),
        (min(counts), max(counts)),
    )


def centres(bins: int) -> NDArray[np.float64]:
    """The middles of that many equal bins from -LIMIT to LIMIT."""
    return np.linspace(-LIMIT, LIMIT, 2 * bins + 1)[1::2]


def _layers(source: Source, arm: str, results: Sequence[NormalityResult]) -> Iterator[LayerNormality]:
    states: dict[tuple[str, bool, Literal["batch", "running"]], list[NormalityResult]] = {}
    for it in results:
        states.setdefault((it.layer, it.trained, it.statistics), []).append(it)
    # Results stand from input to output; stable, so of a layer the states keep their order.
    names = list(dict.fromkeys(it.layer for it in results))
    for key in sorted(states, key=lambda key: -names.index(key[0])):
        layer, trained, statistics = key
        its = states[key]
        about = f"{layer}/{'trained' if trained else 'untrained'}/{statistics}"
        yield LayerNormality(
            layer,
            trained,
            statistics,
            len(its),
            np.mean([it.density for it in its], axis=0),
            group(source, arm, f"{about}/ks", [it.ks for it in its]),
            group(source, arm, f"{about}/kurtosis", [it.kurtosis for it in its]),
            float(np.mean([it.variance for it in its])),
        )
