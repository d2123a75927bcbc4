"""The picture of a correlation at each pace: a panel of Figure 3, and Figure C.2."""

from __future__ import annotations

import plotly.graph_objects as go

from gst.figures.caption import subtitle, title_layout
from gst.figures.panels import Axes, add_notes, counted, head, sentences
from gst.figures.rate_axis import RateAxis, rate_axis
from gst.figures.rates_correlation import Kind, PaceCorrelation, PaceCorrelations
from gst.figures.scatter import QUANTITIES
from gst.figures.style import COLOURS, FAINT, INK, p_value, signed
from gst.stats import Correlation

WORDS: dict[Kind, str] = {"pearson": "Pearson's r", "kendall": "Kendall's τ"}
FISHER, BOOTSTRAP = INK, COLOURS[3]
_ASIDE = 0.8
INTERVALS = (
    f"<span style=\"color:{FISHER}\">■</span> Fisher's z (the paper's), "
    f'<span style="color:{BOOTSTRAP}">■</span> bootstrap'
)
"""Which colour is which interval."""


def draw(found: PaceCorrelations) -> go.Figure:
    """The figure of these numbers."""
    figure = go.Figure()
    accuracy = QUANTITIES[f"{found.basis.accuracy}_accuracy"].lower()
    title_layout(figure, found.source.title, subtitle(found.basis, accuracy, _counted(found)))
    axis = rate_axis([it.pace.rate for it in found.paces])
    add_correlations(figure, found, axis, ("x", "y"))
    head(
        figure,
        ("x", "y"),
        f"<b>{WORDS[found.kind]} of stability and accuracy</b>, 95% intervals: {INTERVALS}",
    )
    figure.update_xaxes(title_text=RATE_TITLE, **axis.layout())
    figure.update_yaxes(title_text=WORDS[found.kind])
    add_notes(figure, [methods_of(found.kind), *sentences(found.notes)])
    return figure


RATE_TITLE = "Iterative rate: % of the most pruned layer removed by an event"


def methods_of(kind: Kind) -> str:
    """What a reader must know of the correlations."""
    wide = "" if kind == "pearson" else ", and is too wide for τ"
    return (
        "Correlations: over the runs of all targets at a rate, as if independent. "
        f"Fisher's z assumes normal pairs{wide}; the bootstrap draws runs (10,000 times, percentiles)."
    )


def _counted(found: PaceCorrelations) -> str:
    return counted([(f"{100 * it.pace.rate:.3g}%", it.n) for it in found.paces], "rate")


def add_correlations(figure: go.Figure, found: PaceCorrelations, axis: RateAxis, axes: Axes) -> None:
    """Draw the correlations into the panel with those axes: both intervals, and a line at zero."""
    shown = [it for it in found.paces if it.value is not None]
    figure.add_shape(
        type="line",
        xref=f"{axes[0]} domain",
        x0=0,
        x1=1,
        yref=axes[1],
        y0=0,
        y1=0,
        line={"color": FAINT, "width": 1, "dash": "dot"},
        layer="below",
    )
    figure.add_scatter(
        x=[axis.place(it.pace.rate) for it in shown],
        y=[it.value for it in shown],
        name=WORDS[found.kind],
        mode="lines",
        line={"color": FAINT, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
        xaxis=axes[0],
        yaxis=axes[1],
    )
    for side, colour, symbol, interval in (
        (-_ASIDE, FISHER, "circle", "fisher"),
        (_ASIDE, BOOTSTRAP, "diamond", "bootstrap"),
    ):
        _interval(figure, found.kind, shown, axis, axes, side, colour, symbol, interval)
    figure.update_layout({f"yaxis{axes[1][1:]}": {"range": _range(shown)}})


def _interval(
    figure: go.Figure,
    kind: Kind,
    shown: list[PaceCorrelation],
    axis: RateAxis,
    axes: Axes,
    side: float,
    colour: str,
    symbol: str,
    interval: str,
) -> None:
    made: list[tuple[PaceCorrelation, Correlation]] = [
        (it, found) for it in shown if (found := getattr(it, interval)) is not None
    ]
    figure.add_scatter(
        x=[axis.place(it.pace.rate, side) for it, _ in made],
        y=[found.value for _, found in made],
        name=f"{WORDS[kind]}, {interval}",
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": 8},
        error_y={
            "array": [found.high - found.value for _, found in made],
            "arrayminus": [found.value - found.low for _, found in made],
            "color": colour,
            "thickness": 2,
            "width": 4,
        },
        customdata=[
            (it.pace.words, signed(found.low), signed(found.high), p_value(found.p), found.n, found.method)
            for it, found in made
        ],
        hovertemplate=(
            "<b>%{customdata[0]}</b><br>%{y:.2f} [%{customdata[1]}, %{customdata[2]}], %{customdata[3]}, "
            "n = %{customdata[4]}<br>%{customdata[5]}<extra></extra>"
        ),
        showlegend=False,
        xaxis=axes[0],
        yaxis=axes[1],
    )


def _range(shown: list[PaceCorrelation]) -> tuple[float, float]:
    ends = [
        end for it in shown for found in (it.fisher, it.bootstrap) if found for end in (found.low, found.high)
    ]
    low, high = min([-0.2, *ends]), max([0.2, *ends])
    return low - 0.05, high + 0.05
