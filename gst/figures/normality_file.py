"""Figure B.1 of weights in a file: of no run and no store, so that it says itself what it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

import gst
from gst.analysis import Table
from gst.figures.basis import as_table
from gst.figures.export import Sheet, write
from gst.figures.fingerprint import numbers_sha256
from gst.figures.groups import Group
from gst.figures.normality import LayerNormality
from gst.figures.normality_drawing import CUT_OFF, MEASURES, picture
from gst.figures.style import plain
from gst.records import Normality

COLUMNS = ("layer", "state", "statistics", "n", "ks", "kurtosis", "mean", "variance")


class FileNormality(NamedTuple):
    """The activations of a network untrained and with the weights of a file, from input to output.

    `about` is what they were made from, by name, as it stands in exported files; `summary` the same in
    a line for people.
    """

    results: tuple[Normality, ...]
    about: Mapping[str, Any]
    summary: str

    @property
    def title(self) -> str:
        """What the figure is called."""
        return f"Normality of the activations with the weights of {self.about['weights']}"

    def rows(self) -> Iterator[tuple[object, ...]]:
        """COLUMNS of each layer: the untrained network first, the images' own statistics first."""
        for it in self.results:
            yield it.layer, _state(it), it.statistics, it.n, it.ks, it.kurtosis, it.mean, it.variance

    def layers(self) -> tuple[LayerNormality, ...]:
        """What is drawn, the deepest layer first."""
        names = list(dict.fromkeys(it.layer for it in self.results))
        ordered = sorted(self.results, key=lambda it: -names.index(it.layer))
        return tuple(_layer(it) for it in ordered)

    def table(self) -> Table:
        """Distances, kurtoses and histograms as rows."""
        layers = self.layers()
        return as_table(
            [*(row for it in layers for row in it.rows()), *(row for it in layers for row in it.bins())]
        )

    def draw(self) -> go.Figure:
        """The figure."""
        return picture(
            self.layers(),
            self.title,
            plain(self.summary),
            _notes(self.results),
            f"With {self.about['weights']}",
        )

    def export(self, path: Path) -> Path:
        """Write it into a file in the format of its suffix; see gst.figures.export."""
        table = self.table()
        about = {"gst": gst.__version__, **self.about, "numbers_sha256": numbers_sha256(table)}
        return write(self.draw(), Sheet(self.title, table), path, about)


def _state(it: Normality) -> str:
    return "untrained" if it.epoch < 0 else "trained"


def _layer(it: Normality) -> LayerNormality:
    ks, kurtosis = (Group(_state(it), 1, value, None) for value in (it.ks, it.kurtosis))
    return LayerNormality(
        it.layer, it.epoch >= 0, it.statistics, 1, np.array(it.density), ks, kurtosis, it.variance
    )


def _notes(results: Iterable[Normality]) -> Iterator[str]:
    counts = [it.n for it in results]
    pooled = f"{min(counts):,}" if min(counts) == max(counts) else f"{min(counts):,} to {max(counts):,}"
    yield (
        f"Each histogram pools {pooled} activations of one network over channels, positions and images, the "
        f"deepest layer on top. {CUT_OFF}"
    )
    yield MEASURES
