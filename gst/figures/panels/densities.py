"""Histograms of normalised activations, layer by layer, untrained and trained, beside a normal density."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.measurements import NormalityResult
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean, run_mean
from gst.figures.sheet import Grid, Row
from gst.figures.style import COLOURS, INK, plain, signed
from gst.grouping import grouped

LIMIT = 5.0
"""The end of histograms on both sides, in standard deviations."""
HIGHEST = 0.8
"""The end of the axis of densities in the paper; a normal density is 0.4 at most."""
GRID = Grid(columns=2, row=130, spacing=0.04, shared_x=True, shared_y=True)
CUT_OFF = f"Densities above {HIGHEST:g} and values beyond ±{LIMIT:g} are cut off."
MEASURES = (
    "KS: the largest distance from the normal distribution function. Kurtosis: excess, 0 if normal. With "
    "the images' own statistics each channel has mean 0 and variance 1, so only the shape is tested."
)
Statistics = Literal["batch", "running"]
NAMES: dict[Statistics, str] = {
    "batch": "the images' own statistics, as in the paper",
    "running": "running statistics",
}


class LayerNormality(NamedTuple):
    """One layer before or after training: means over `n` runs, each of which pools all its channels.

    `density` is [bins] over -LIMIT to LIMIT. `ks` is the largest distance from the normal distribution
    function, `kurtosis` 0 for a normal distribution; each is the mean of the runs' values.
    """

    layer: str
    trained: bool
    statistics: Statistics
    n: int
    density: NDArray[np.float64]
    ks: RunMean
    kurtosis: RunMean
    variance: float

    @property
    def about(self) -> dict[str, object]:
        """The columns that name the layer, its state and its normalisation."""
        state = "trained" if self.trained else "untrained"
        return {"layer": self.layer, "state": state, "statistics": self.statistics}


class Layers(NamedTuple):
    """The part of the table with both distances from a normal distribution, and then the histograms."""

    layers: tuple[LayerNormality, ...]

    def rows(self) -> Iterator[Row]:
        """Two rows a layer, and then a bin a row."""
        for it in self.layers:
            for name, mean in (("KS distance", it.ks), ("excess kurtosis", it.kurtosis)):
                yield {**mean.row(name), **it.about, "mean_variance": it.variance}
        for it in self.layers:
            for x, value in zip(centres(len(it.density)), it.density, strict=True):
                yield {
                    "what": "density",
                    **it.about,
                    "x": round(float(x), 6),
                    "value": float(value),
                    "n": it.n,
                }


class DensityPanel(NamedTuple):
    """The histograms of one layer in one state, by the statistics that normalise; none where not measured."""

    layer: str
    found: tuple[LayerNormality, ...]
    heading: str = ""

    def rows(self) -> Iterator[Row]:
        """Distances, then histograms."""
        return Layers(self.found).rows()

    def reading(self) -> Iterator[str]:
        """Nothing: the sheet says how to read all panels."""
        return iter(())


def density_panels(layers: Sequence[LayerNormality], after: str = "Trained") -> tuple[DensityPanel, ...]:
    """A row of two panels a layer, untrained and trained; `after` heads the column of trained ones."""
    names = tuple(dict.fromkeys(it.layer for it in layers))
    return tuple(
        DensityPanel(
            name,
            tuple(it for it in layers if it.layer == name and it.trained == trained),
            f"<b>{plain(after) if trained else 'Untrained'}</b>" if name == names[0] else "",
        )
        for name in names
        for trained in (False, True)
    )


def layer_normalities(results: Sequence[NormalityResult]) -> Iterator[LayerNormality]:
    """The layers of one arm's results, the deepest first, each untrained and then trained."""
    states = grouped(((it.layer, it.trained, it.statistics), it) for it in results)
    # Results stand from input to output; the sort is stable, so that a layer's states keep their order.
    names = list(dict.fromkeys(it.layer for it in results))
    for key in sorted(states, key=lambda key: -names.index(key[0])):
        layer, trained, statistics = key
        its = states[key]
        arm = its[0].arm
        yield LayerNormality(
            layer,
            trained,
            statistics,
            len(its),
            np.mean([it.density for it in its], axis=0),
            run_mean(arm, [it.ks for it in its]),
            run_mean(arm, [it.kurtosis for it in its]),
            float(np.mean([it.variance for it in its])),
        )


def centres(bins: int) -> NDArray[np.float64]:
    """The middles of that many equal bins from -LIMIT to LIMIT."""
    return np.linspace(-LIMIT, LIMIT, 2 * bins + 1)[1::2]


def pooled(counts: Iterable[int]) -> str:
    """Number of activations in a histogram: `2,048`, or `1,024 to 2,048` where it varies."""
    fewest, most = min(found := list(counts)), max(found)
    return f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"


@draw_panel.register
def _(panel: DensityPanel, pane: Pane) -> None:
    for it in panel.found:
        _histogram(pane, it)
    x = np.linspace(-LIMIT, LIMIT, 201)
    pane.add(
        x=x,
        y=np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
        name="normal density",
        legendgroup="normal",
        showlegend=True,
        mode="lines",
        line={"color": INK, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    if not panel.found:
        _note(pane, "not measured", x=0.5, y=0.9)
    title = "Activation after normalising, before scale and shift"
    pane.set_x(range=[-LIMIT, LIMIT], zeroline=False, title_text=title)
    pane.set_y(
        range=[0, HIGHEST], dtick=0.4, tickformat=".1f", title_text=plain(panel.layer), title_font_size=14
    )


def _histogram(pane: Pane, it: LayerNormality) -> None:
    """Filled where the images' own statistics normalise, a line where the running ones do; and its words."""
    own = it.statistics == "batch"
    side = "left" if own else "right"
    pane.add(
        x=centres(len(it.density)),
        y=it.density,
        name=NAMES[it.statistics],
        legendgroup=it.statistics,
        showlegend=True,
        mode="lines",
        line={"color": COLOURS[0] if own else COLOURS[1], "width": 0 if own else 1.5, "shape": "hvh"},
        fill="tozeroy" if own else None,
        fillcolor="rgba(0,114,178,0.55)" if own else None,
        hovertemplate=f"{plain(it.layer)}, {it.statistics}<br>%{{x:.3f}}: %{{y:.4f}}<extra></extra>",
    )
    _note(
        pane,
        f"KS {_mean(it.ks, 3)}<br>kurtosis {_mean(it.kurtosis, 2)}",
        x=0.01 if own else 0.99,
        y=0.97,
        xanchor=side,
        yanchor="top",
        align=side,
        font={"size": 13, "color": COLOURS[0] if own else "#A34700"},
    )


def _note(pane: Pane, text: str, **place: object) -> None:
    pane.write(text, xref=f"{pane.x} domain", yref=f"{pane.y} domain", **place)


def _mean(it: RunMean, digits: int) -> str:
    """The mean, with its interval where there is one."""
    value = signed(it.mean, digits) if abs(it.mean) < 1000 else f"{it.mean:.2g}"
    if it.estimate is None or abs(it.mean) >= 1000:
        return value
    return f"{value} [{signed(it.estimate.low, digits)}, {signed(it.estimate.high, digits)}]"
