"""A scatter of two quantities of runs, with correlations and a least-squares line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.quantities import FLATNESS_QUANTITIES, RUN_QUANTITIES, Quantity, or_from_nothing
from gst.analysis.results import RunResult
from gst.analysis.source import Source
from gst.figures.axes import STABILITY_LABEL, StabilityAxis, stability_axis
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean, unpruned_means
from gst.figures.panels.baselines import add_baselines
from gst.figures.panels.fit import Dot, Fit, fitted
from gst.figures.sheet import Row
from gst.figures.style import Look, bounds, p_value, plain, sentences, signed
from gst.figures.style import looks as arm_looks
from gst.stats.correlation import Correlation

QUANTITIES: Mapping[str, Quantity[Any]] = {**RUN_QUANTITIES, **FLATNESS_QUANTITIES}
"""Quantities that an axis can show, by name."""
NOWHERE = (0.9, 1.0)
"""The range of an axis without runs."""
CROSSED = (
    "Runs share configurations and seeds. Between: of the configurations' means, interval by Fisher's z, p "
    "by Student's t. Within: repeated measures, jackknife over seeds. All runs: configurations and seeds are "
    "drawn, where they are enough; no p is valid."
)
"""The design of the three correlations in a note."""
Size = Literal["usual", "small"]
"""The width of a panel: of 400 pixels or more, or so few that its heading is in small type."""


class Scatter(NamedTuple):
    """Runs at two of their quantities, and unpruned arms as lines, which are in no correlation.

    `looks` has a look for each arm with points, `names` what the legend calls an arm where that is not its
    label. Correlations and line are over the distinct runs.
    """

    x: str
    y: str
    points: tuple[Dot, ...]
    baselines: tuple[RunMean, ...]
    fit: Fit
    looks: Mapping[str, Look] = {}
    names: Mapping[str, str] = {}
    size: Size = "usual"
    legend: bool = True
    lead: str = ""
    """A line above the correlations, in plotly's HTML."""
    x_title: str = ""
    y_title: str = ""
    about: Row | None = None
    """Further columns of all rows, which tell panels of the same quantities apart."""

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms with points, in order."""
        return tuple(dict.fromkeys(point.run.arm for point in self.points))

    @property
    def xs(self) -> NDArray[np.float64]:
        """The x of every point, [points]."""
        return np.array([point.x for point in self.points], dtype=np.float64)

    @property
    def axis(self) -> StabilityAxis:
        """The axis of x: curved for stabilities where they would be a vertical line, plain for all else."""
        return stability_axis(self.spanned) if self.x == "stability" else StabilityAxis(curved=False)

    @property
    def spanned(self) -> NDArray[np.float64] | tuple[float, ...]:
        """The values that the x axis must span."""
        return self.xs if self.points else NOWHERE

    def rows(self) -> Iterator[Row]:
        """The correlations and the means of unpruned arms; runs have rows of their own."""
        for row in self.fit.rows():
            yield {"x": self.x, "y": self.y, **row, **(self.about or {})}
        for arm in self.baselines:
            yield {**arm.row(f"mean {self.y}"), **(self.about or {})}

    @property
    def heading(self) -> str:
        """The correlations with intervals and n, or that there are none, in plotly's HTML."""
        lines = [self.lead] if self.lead else []
        if self.size == "small":
            lines += [_small("r", self.fit.pearson), _small("τ", self.fit.kendall)]
            return "<br>".join(f'<span style="font-size:12px">{line}</span>' for line in lines)
        return "<br>".join([*lines, *self._correlations()])

    def _correlations(self) -> Iterator[str]:
        fit = self.fit
        if fit.pearson is None:
            yield "<b>No correlation</b>, for the reason below"
            return
        if fit.between:
            between = f"<b>{_correlation('r', fit.between)}</b>{_p(fit.between)}"
            yield f"Between {fit.between.n} configurations {between}"
        if fit.within:
            where = "within them r" if fit.between else "Within configurations r"
            yield f"{_correlation(where, fit.within)}{_p(fit.within)}, {fit.within.n} seeds"
        every = "all" if fit.between or fit.within else "All"
        pooled = _correlation(f"{every} {fit.pearson.n} runs r", fit.pearson)
        yield pooled + (f", {_correlation('τ', fit.kendall)}" if fit.kendall else "")

    def reading(self) -> Iterator[str]:
        """How the intervals were made, what line and axis mean, and what is left out."""
        if self.fit.pearson:
            yield CROSSED
        if words := self.fit.weakest_words(f" of {QUANTITIES[self.x].words} and {QUANTITIES[self.y].words}"):
            yield words
        if self.baselines:
            yield "Dashed: mean of the unpruned runs, which are not in the correlation."
        if self.axis.curved:
            yield (
                "The axis of stability is logarithmic in 100% − stability; "
                "the curve is the least-squares line in stability, which r of all runs measures."
            )
        if self.size != "small":  # many of those have one note together
            yield from sentences(self.fit.notes)


def scatter_panel(
    source: Source,
    runs: Sequence[RunResult],
    x: str,
    y: str,
    *,
    looks: Mapping[str, Look] | None = None,
    **shown: Any,
) -> Scatter:
    """The pruned runs at x and y, which are fields of RunResult, and the unpruned arms as lines.

    Runs without a measured x (pruned, but without an event while they trained) have no place, and a note says
    so. Arms look as their places among those with points say, unless `looks` says otherwise; `shown` are
    further fields of the panel.
    """
    pruned = [run for run in runs if run.pruned]
    dots = tuple(
        Dot(run, place, getattr(run, y)) for run in pruned if (place := RUN_QUANTITIES[x].of(run)) is not None
    )
    fit = fitted(dots).without_p() if source.looked else fitted(dots)
    without = set(pruned) - {it.run for it in dots}
    baselines = unpruned_means(runs, lambda run: float(getattr(run, y)))
    arms = {it.run.arm for it in dots}
    if looks is None:
        looks = arm_looks([arm for arm in source.arms if arm in arms])
    fit = fit._replace(notes=(*fit.notes, *_without_event(without, x)))
    return Scatter(x, y, dots, baselines, fit, looks, **shown)


def _without_event(runs: Collection[RunResult], x: str) -> tuple[str, ...]:
    if not runs:
        return ()
    count = len({run.key for run in runs})
    some, they, have, are = (
        ("1 pruned run", "it", "has", "is") if count == 1 else (f"{count} pruned runs", "they", "have", "are")
    )
    note = (
        f"{some} had no pruning event while {they} trained{or_from_nothing(runs)}: "
        f"{they} {have} no {x.replace('_', ' ')}, and {are} not in the correlation"
    )
    return (note,)


@draw_panel.register
def _(panel: Scatter, pane: Pane) -> None:
    axis, small = panel.axis, panel.size == "small"
    _line(panel, pane, axis)
    for arm in panel.arms:
        _dots(panel, pane, arm, axis)
    add_baselines(pane, panel.baselines)
    x, y = QUANTITIES[panel.x], QUANTITIES[panel.y]
    label = STABILITY_LABEL * (0.75 if small else 1)
    # Ticks of a curved axis are set one by one.
    layout = {"tickformat": x.tick_format} | axis.layout(panel.spanned, label / pane.width)
    pane.set_x(title_text=panel.x_title or x.title, tickangle=0, **layout)
    pane.set_y(title_text=panel.y_title or y.title, tickformat=y.tick_format)
    if small:
        pane.set_x(title_font_size=13, tickfont_size=11, title_standoff=4, nticks=5)
        pane.set_y(title_font_size=13, tickfont_size=12)


def _line(panel: Scatter, pane: Pane, axis: StabilityAxis) -> None:
    """The least-squares line, if there is one; on a curved axis it is a curve."""
    line = panel.fit.line
    if line is None:
        return
    ends = axis.place(panel.xs)
    places = np.linspace(ends.min(), ends.max(), 200 if axis.curved else 2)
    pane.add(
        x=places,
        y=line.intercept + line.slope * axis.stability(places),
        mode="lines",
        line={"color": "#aaaaaa", "width": 2, "simplify": False},
        hoverinfo="skip",
    )


def _dots(panel: Scatter, pane: Pane, arm: str, axis: StabilityAxis) -> None:
    dots = [it for it in panel.points if it.run.arm == arm]
    x, y = QUANTITIES[panel.x], QUANTITIES[panel.y]
    name = panel.names.get(arm, arm)
    pane.add(
        x=axis.place([it.x for it in dots]),
        y=[it.y for it in dots],
        name=plain(name),
        legendgroup=name,
        legendrank=list(panel.looks).index(arm),
        showlegend=panel.legend,
        mode="markers",
        marker=panel.looks[arm].marker(
            7 if panel.size == "small" else 11, hollow=any(it.run.scale < 1 for it in dots)
        ),
        opacity=0.85,
        customdata=[(it.run.key[:12], it.run.seed, x.text(it.x), y.text(it.y)) for it in dots],
        hovertemplate=(
            f"<b>{plain(arm)}</b>, seed %{{customdata[1]}}<br>{_spoken(x)} %{{customdata[2]}}<br>"
            f"{_spoken(y)} %{{customdata[3]}}<br>run %{{customdata[0]}}<extra></extra>"
        ),
    )


def _spoken(quantity: Quantity[Any]) -> str:
    return quantity.name.replace("_", " ")


def _small(name: str, found: Correlation | None) -> str:
    return f"{name} not computed" if found is None else _correlation(name, found)


def _correlation(name: str, found: Correlation) -> str:
    return f"{name} = {signed(found.value)}{bounds(found)}"


def _p(found: Correlation) -> str:
    return "" if found.p is None else f", {p_value(found.p)}"
