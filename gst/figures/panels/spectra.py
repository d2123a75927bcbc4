"""The Hessian's leading eigenvalues by arm: the panels of GST 2020's Figures E.1 and E.2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gst.analysis.curves import Curve, FloatArray, mean_curve
from gst.analysis.measurements import FlatnessResult
from gst.figures.flatness_runs import FlatRuns, mean_stability
from gst.figures.frame import Pane, draw_panel
from gst.figures.panels.bands import add_band, add_curve
from gst.figures.sheet import Row
from gst.figures.style import Look, intervals, looks, percent, plain
from gst.stats.means import mean_method

Order = Literal["dominant", "signed", "magnitude"]
"""By magnitude with their signs; by signed value; magnitudes alone. The largest first in each."""
KNEE = 0.1
"""The eigenvalue below which an axis of signed ones is linear and above which it is logarithmic."""
_TICKS = tuple(sign * 10.0**power for sign in (-1, 1) for power in range(-1, 7))


class Spectrum(NamedTuple):
    """The mean eigenvalues of an arm over its measured runs, by rank from 1, and their mean stability.

    `scaled` says that some of these were shrunk from the published configuration.
    """

    curve: Curve
    stability: float | None
    scaled: bool

    @property
    def name(self) -> str:
        """The arm and its stability, in plotly's HTML."""
        stable = "" if self.stability is None else f" ({percent(self.stability, 2)} stable)"
        return plain(self.curve.arm) + stable


class SpectraPanel(NamedTuple):
    """A spectrum for each arm: bars for the dominant eigenvalues, lines otherwise."""

    order: Order
    spectra: tuple[Spectrum, ...]
    looks: Mapping[str, Look]
    heading: str = ""

    def rows(self) -> Iterator[Row]:
        """A row for each mean; ranks count from 1."""
        for it in (spectrum.curve for spectrum in self.spectra):
            for place, rank in enumerate(it.x.tolist()):
                what = {"what": f"mean eigenvalue, {self.order}", "arm": it.arm, "rank": rank}
                yield {**what, **it.numbers(place), "n": it.n}

    def reading(self) -> Iterator[str]:
        """How the intervals were made, and the axis of signed eigenvalues."""
        made = intervals(mean_method(it.curve.n) for it in self.spectra if it.curve.low is not None)
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
    values = np.array([_SORTED[order](it)[:count] for it in results])
    scaled = any(it.run.scale < 1 for it in results)
    return Spectrum(mean_curve(arm, values, np.arange(1, count + 1)), mean_stability(results), scaled)


def height(eigenvalues: ArrayLike) -> FloatArray:
    """Positions of signed eigenvalues on their axis, which is scaled by the inverse hyperbolic sine."""
    return np.arcsinh(np.asarray(eigenvalues, dtype=np.float64) / KNEE)


@draw_panel.register
def _(panel: SpectraPanel, pane: Pane) -> None:
    if panel.order == "dominant":
        for it in panel.spectra:
            _bars(pane, it, panel.looks[it.curve.arm])
        pane.set_x(title_text="Rank by magnitude", type="category")
        pane.set_y(title_text="Eigenvalue of the Hessian", zeroline=True, zerolinecolor="#999999")
        return
    signed = panel.order == "signed"
    for it in panel.spectra:
        drawn = it.curve.mapped(height) if signed else it.curve
        _line(pane, it, drawn, panel.looks[drawn.arm].colour)
    # From 1, so that a logarithmic axis has a place for the first.
    pane.set_x(title_text="Rank, from 1", type="log", dtick=1)
    if not signed:
        pane.set_y(title_text="Magnitude of eigenvalue", type="log", dtick=1)
        return
    for it in panel.spectra:
        add_band(pane, it.curve.mapped(height), panel.looks[it.curve.arm].colour)
    highest = max((float(np.abs(it.curve.mean).max(initial=0)) for it in panel.spectra), default=1.0)
    ticks = [0.0, *(tick for tick in _TICKS if abs(tick) <= 2 * highest)]
    words = [f"{tick:g}".replace("-", "−") for tick in ticks]
    pane.set_y(title_text="Eigenvalue", tickvals=height(ticks), ticktext=words)


def _bars(pane: Pane, it: Spectrum, look: Look) -> None:
    """A bar for each rank, filled unless the runs were scaled down."""
    bars: dict[str, Any] | None = None
    curve = it.curve
    if curve.low is not None and curve.high is not None:
        bars = {"array": curve.high - curve.mean, "arrayminus": curve.mean - curve.low}
        bars |= {"color": "#222222", "thickness": 1, "width": 3}
    pane.figure.add_bar(
        xaxis=pane.x,
        yaxis=pane.y,
        x=[str(rank) for rank in curve.x],
        y=curve.mean,
        name=it.name,
        legendgroup=curve.arm,
        showlegend=True,
        marker={
            "color": "rgba(255,255,255,0)" if it.scaled else look.colour,
            "line": {"color": look.colour, "width": 1.5},
        },
        error_y=bars,
        hovertemplate=_hover(curve, "y"),
    )


def _line(pane: Pane, it: Spectrum, drawn: Curve, colour: str) -> None:
    add_curve(
        pane,
        drawn,
        {"color": colour, "width": 2, "dash": "dot" if it.scaled else "solid"},
        name=it.name,
        customdata=it.curve.mean,
        hovertemplate=_hover(drawn, "customdata"),
    )


def _hover(it: Curve, value: str) -> str:
    return f"<b>{plain(it.arm)}</b>, rank %{{x}}<br>mean %{{{value}:.5g}}, n = {it.n}<extra></extra>"
