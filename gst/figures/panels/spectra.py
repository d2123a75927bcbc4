"""The Hessian's leading eigenvalues by arm: the panels of GST 2020's Figures E.1 and E.2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gst.analysis.measurements import FlatnessResult
from gst.figures.flatness_runs import FlatRuns, mean_stability
from gst.figures.frame import Pane, draw_panel
from gst.figures.panels.bands import FloatArray, add_band, mean_row, means_of_runs
from gst.figures.sheet import Row
from gst.figures.style import Look, intervals, looks, percent, plain
from gst.stats.means import mean_method

Order = Literal["dominant", "signed", "magnitude"]
"""By magnitude with their signs; by signed value; magnitudes alone. The largest first in each."""
KNEE = 0.1
"""The eigenvalue below which an axis of signed ones is linear and above which it is logarithmic."""
_TICKS = tuple(sign * 10.0**power for sign in (-1, 1) for power in range(-1, 7))


class Spectrum(NamedTuple):
    """The mean eigenvalues of an arm over its `n` measured runs, [eigenvalues].

    `low` and `high` bound the 95% intervals; None with one run. `stability` is the mean of the
    runs' stabilities.
    """

    arm: str
    n: int
    stability: float | None
    scaled: bool
    mean: FloatArray
    low: FloatArray | None
    high: FloatArray | None


class SpectraPanel(NamedTuple):
    """A spectrum for each arm: bars for the dominant eigenvalues, lines otherwise."""

    order: Order
    spectra: tuple[Spectrum, ...]
    looks: Mapping[str, Look]
    heading: str = ""

    def rows(self) -> Iterator[Row]:
        """A row for each mean; ranks count from 1."""
        for it in self.spectra:
            for place in range(len(it.mean)):
                what = {"what": f"mean eigenvalue, {self.order}", "arm": it.arm, "rank": place + 1}
                yield {**what, **mean_row(it, place), "n": it.n}

    def reading(self) -> Iterator[str]:
        """How the intervals were made, and the axis of signed eigenvalues."""
        made = intervals(mean_method(it.n) for it in self.spectra if it.low is not None)
        yield f"{made} An arm's stability is the mean over its runs."
        if self.order == "signed":
            yield (
                f"Left: the axis is linear between −{KNEE} and {KNEE} and logarithmic beyond. The paper's "
                "bands are of 80%."
            )


_SORTED: Mapping[Order, Callable[[FlatnessResult], FloatArray]] = {
    "dominant": lambda it: it.dominant,
    "signed": lambda it: np.sort(np.array(it.eigenvalues, dtype=np.float64))[::-1],
    "magnitude": lambda it: np.abs(it.dominant),
}


def spectra_panel(flat: FlatRuns, order: Order, most: int | None = None, heading: str = "") -> SpectraPanel:
    """The mean spectrum of each arm in that order, of `most` eigenvalues or of all that its runs share."""
    spectra = (_spectrum(arm, results, order, most) for arm, results in flat.arms.items())
    return SpectraPanel(order, tuple(spectra), looks(flat.source.arms), heading)


def _spectrum(arm: str, results: Sequence[FlatnessResult], order: Order, most: int | None) -> Spectrum:
    # Runs of an arm ask for the same number; one measured by hand may have more, which have no partners.
    count = min(len(it.eigenvalues) for it in results)
    count = count if most is None else min(count, most)
    means = means_of_runs(np.array([_SORTED[order](it)[:count] for it in results]))
    scaled = any(it.run.scale < 1 for it in results)
    return Spectrum(arm, len(results), mean_stability(results), scaled, *means)


def height(eigenvalues: ArrayLike) -> FloatArray:
    """Positions of signed eigenvalues on their axis, which is scaled by the inverse hyperbolic sine."""
    return np.arcsinh(np.asarray(eigenvalues, dtype=np.float64) / KNEE)


@draw_panel.register
def _(panel: SpectraPanel, pane: Pane) -> None:
    if panel.order == "dominant":
        for it in panel.spectra:
            _bars(pane, it, panel.looks[it.arm])
        pane.set_x(title_text="Rank by magnitude", type="category")
        pane.set_y(title_text="Eigenvalue of the Hessian", zeroline=True, zerolinecolor="#999999")
        return
    signed = panel.order == "signed"
    for it in panel.spectra:
        _line(pane, it, panel.looks[it.arm], height(it.mean) if signed else it.mean)
    # From 1, so that a logarithmic axis has a place for the first.
    pane.set_x(title_text="Rank, from 1", type="log", dtick=1)
    if not signed:
        pane.set_y(title_text="Magnitude of eigenvalue", type="log", dtick=1)
        return
    for it in panel.spectra:
        if it.low is not None and it.high is not None:
            colour = panel.looks[it.arm].colour
            add_band(pane, np.arange(1, it.mean.size + 1), height(it.low), height(it.high), colour, it.arm)
    highest = max((float(np.abs(it.mean).max()) for it in panel.spectra if it.mean.size), default=1.0)
    ticks = [0.0, *(tick for tick in _TICKS if abs(tick) <= 2 * highest)]
    words = [f"{tick:g}".replace("-", "−") for tick in ticks]
    pane.set_y(title_text="Eigenvalue", tickvals=height(ticks), ticktext=words)


def _bars(pane: Pane, it: Spectrum, look: Look) -> None:
    """A bar for each rank, filled unless the runs were scaled down."""
    bars: dict[str, Any] | None = None
    if it.low is not None and it.high is not None:
        bars = {"array": it.high - it.mean, "arrayminus": it.mean - it.low}
        bars |= {"color": "#222222", "thickness": 1, "width": 3}
    pane.figure.add_bar(
        xaxis=pane.x,
        yaxis=pane.y,
        x=[str(place + 1) for place in range(it.mean.size)],
        y=it.mean,
        name=_name(it),
        legendgroup=it.arm,
        showlegend=True,
        marker={
            "color": "rgba(255,255,255,0)" if it.scaled else look.colour,
            "line": {"color": look.colour, "width": 1.5},
        },
        error_y=bars,
        hovertemplate=_hover(it, "y"),
    )


def _line(pane: Pane, it: Spectrum, look: Look, y: FloatArray) -> None:
    pane.add(
        x=np.arange(1, y.size + 1),
        y=y,
        name=_name(it),
        legendgroup=it.arm,
        showlegend=True,
        mode="lines",
        line={"color": look.colour, "width": 2, "dash": "dot" if it.scaled else "solid"},
        customdata=it.mean,
        hovertemplate=_hover(it, "customdata"),
    )


def _hover(it: Spectrum, value: str) -> str:
    return f"<b>{plain(it.arm)}</b>, rank %{{x}}<br>mean %{{{value}:.5g}}, n = {it.n}<extra></extra>"


def _name(it: Spectrum) -> str:
    return plain(it.arm) + (f" ({percent(it.stability, 2)} stable)" if it.stability is not None else "")
