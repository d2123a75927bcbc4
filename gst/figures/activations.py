"""The normality of activations, of runs or of weights in a file: GST 2020's Figure B.1, GST 2019's A1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

import gst
from gst.analysis.measurements import normality_results
from gst.analysis.results import Accuracy
from gst.analysis.source import Table
from gst.errors import InputError, UnknownNameError
from gst.figures.files.export import TitledTable, numbers_sha256, write
from gst.figures.frame import compose
from gst.figures.means import RunMean
from gst.figures.panels.densities import (
    CUT_OFF,
    GRID,
    MEASURES,
    LayerNormality,
    Layers,
    density_panels,
    layer_normalities,
    pooled,
)
from gst.figures.sheet import Sheet, as_table
from gst.figures.style import intervals, plain
from gst.figures.sweep_runs import sweep_runs
from gst.records import Normality

if TYPE_CHECKING:
    from gst.store import Store

COLUMNS = ("layer", "state", "statistics", "n", "ks", "kurtosis", "mean", "variance")


def of_runs(store: Store, sweep: str, arm: str | None = None, accuracy: Accuracy = "best") -> Sheet:
    """The layers of one arm, or the first that was measured, in the sweep of that name.

    The deepest layer stands on top. Raises UnknownNameError for a sweep or an arm that there is not, and
    InputError for one without runs or measurements.
    """
    runs = sweep_runs(store, sweep, accuracy)
    if arm is not None and arm not in runs.source.arms:
        raise UnknownNameError("arm", arm, runs.source.arms)
    results = normality_results(store, runs.source)
    arms = tuple(dict.fromkeys(it.arm for it in results))
    chosen = arm or (arms[0] if arms else "")
    if chosen not in arms:
        whose = f"of arm {arm!r}" if arm else "of its runs"
        raise InputError(
            f"sweep {sweep!r}: the activations {whose} were not measured; `measure: {{normality: {{}}}}` "
            "in a sweep file asks for it"
        )
    shown = [it for it in results if it.arm == chosen]
    layers = tuple(layer_normalities(shown))
    ran = {run.key for run in runs.runs if run.arm == chosen}
    return Sheet(
        runs,
        density_panels(layers),
        about=(f"{chosen}: n = {max(it.n for it in layers)}",),
        reading=(
            f"Each histogram pools {pooled(it.n for it in shown)} activations of a run over channels, "
            f"positions and images; shown is the mean over runs, the deepest layer on top. {CUT_OFF}",
            MEASURES,
            intervals(it.ks.estimate.method for it in layers if it.ks.estimate),
        ),
        notes=tuple(_left_out(len(ran - {it.key for it in shown}), [it for it in arms if it != chosen])),
        parts=(Layers(layers), runs),
        grid=GRID,
        scaled="",
    )


def _left_out(unmeasured: int, others: list[str]) -> Iterator[str]:
    """The runs and arms that are not shown."""
    if unmeasured:
        some = "1 completed run has" if unmeasured == 1 else f"{unmeasured} completed runs have"
        yield f"{some} no measured activations, and no place here"
    if others:
        yield f"measured too, and not shown: {', '.join(others)}"


class FileNormality(NamedTuple):
    """The activations of a network untrained and with the weights of a file, from input to output.

    A file is of no run and no store, so `about` says by name what the numbers were made from, as it
    stands in exported files; `summary` says the same in a line for people.
    """

    results: tuple[Normality, ...]
    about: Mapping[str, Any]
    summary: str

    @property
    def title(self) -> str:
        """The title of the figure."""
        return f"Normality of the activations with the weights of {self.about['weights']}"

    def rows(self) -> Iterator[tuple[object, ...]]:
        """COLUMNS of each layer: the untrained network first, the images' own statistics first."""
        for it in self.results:
            yield it.layer, _state(it), it.statistics, it.n, it.ks, it.kurtosis, it.mean, it.variance

    def layers(self) -> tuple[LayerNormality, ...]:
        """The layers that are drawn, the deepest first."""
        names = list(dict.fromkeys(it.layer for it in self.results))
        return tuple(map(_layer, sorted(self.results, key=lambda it: -names.index(it.layer))))

    def table(self) -> Table:
        """Distances, kurtoses and histograms as rows."""
        return as_table(Layers(self.layers()).rows())

    def draw(self) -> go.Figure:
        """The figure."""
        notes = (
            f"Each histogram pools {pooled(it.n for it in self.results)} activations of one network over "
            f"channels, positions and images, the deepest layer on top. {CUT_OFF}",
            MEASURES,
        )
        panels = density_panels(self.layers(), f"With {self.about['weights']}")
        return compose(panels, self.title, plain(self.summary), notes, GRID)

    def export(self, path: Path) -> Path:
        """Write it into a file in the format of its suffix; see gst.figures.files.export."""
        table = self.table()
        about = {"gst": gst.__version__, **self.about, "numbers_sha256": numbers_sha256(table)}
        return write(self.draw(), TitledTable(self.title, table), path, about)


def _state(it: Normality) -> str:
    return "untrained" if it.epoch < 0 else "trained"


def _layer(it: Normality) -> LayerNormality:
    ks, kurtosis = (RunMean(_state(it), 1, value, None) for value in (it.ks, it.kurtosis))
    return LayerNormality(
        it.layer, it.epoch >= 0, it.statistics, 1, np.array(it.density), ks, kurtosis, it.variance
    )
