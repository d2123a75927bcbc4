"""A quantity by epoch: the mean curve of every arm, its pruning events, and how its runs end.

The accuracy of an epoch is that of the test after the epoch's pruning event, as in GST 2020: the training
loop tests again once it has pruned, and records that test. The event's own row has the test before it too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from gst.analysis.curves import Curve, CurveQuantity, FloatArray, at_levels, curves
from gst.analysis.levels import level_results
from gst.analysis.quantities import EPOCH_QUANTITIES, EpochQuantity
from gst.analysis.results import RunResult
from gst.analysis.source import Source
from gst.errors import InputError, UnknownNameError
from gst.figures.axes import epoch_axis
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean, measured_stability
from gst.figures.panels.bands import add_band, add_curve
from gst.figures.panels.event_marks import (
    MeanEvent,
    add_arrows,
    add_drops,
    add_ending,
    marked_events,
    mean_endings,
    mean_events,
)
from gst.figures.sheet import Row
from gst.figures.style import BASELINE, COLOURS, Look, looks, percent, plain
from gst.figures.sweep_runs import SweepRuns
from gst.stats.means import mean_method
from gst.stats.smooth import check_weight, exponential_average
from gst.words import cut, short

if TYPE_CHECKING:
    from gst.store import Store

Axis = Literal["epoch", "level"]
Log = Literal["", "x", "y", "xy"]
"""The axes that are logarithmic."""
SHOWN = 0.9
"""The fraction of all curves that is sure to be inside the panel; the rest is mostly of the first epochs."""
BELOW = 2
"""How many times a band may pass the curves on a logarithmic axis; what reaches further is cut off."""
DASHES = ("solid", "dash", "dot", "dashdot")
BASELINES = (BASELINE, "#888888", "#aaaaaa")


class ArmCurve(NamedTuple):
    """One arm: its mean curve, its completed runs, and their mean stability (None where unmeasured)."""

    curve: Curve
    runs: tuple[RunResult, ...]
    stability: RunMean | None

    @property
    def arm(self) -> str:
        """The arm's label."""
        return self.curve.arm

    @property
    def pruned(self) -> bool:
        """Whether its runs prune or perturb."""
        return self.runs[0].pruned

    @property
    def scale(self) -> float:
        """The least scale of its runs; below 1 they are shrunk from the published configuration."""
        return min(run.scale for run in self.runs)

    def words(self, most: int = 10) -> str:
        """The number of runs, and the seed and key of each in a line, in plotly's HTML; of many the first."""
        lines = [f"seed {run.seed}: run {short(run.key)}" for run in self.runs]
        return "<br>".join([f"n = {self.curve.n}", *cut(lines, most)])


class CurvesPanel(NamedTuple):
    """A curve for each arm with a completed run.

    `endings` are the arms' mean test accuracies once every filter is removed that noise ever acted on
    (GST 2020, D.1); their runs were tested so after their last epoch. Events and endings are of test
    accuracies, and there are none with another quantity.
    """

    quantity: EpochQuantity
    curves: tuple[ArmCurve, ...]
    events: tuple[MeanEvent, ...] = ()
    endings: tuple[RunMean, ...] = ()
    level_ends: tuple[int, ...] = ()
    """Epochs with which a level of some run ends that another one follows."""
    arrows: bool = False
    """Whether arrows point at all events of the least stable arm, as in GST 2019."""
    heading: str = ""
    x: Axis = "epoch"
    log: Log = ""
    smooth: float = 0
    """The weight of the exponential average that is drawn over the raw curve; 0 for none."""

    @property
    def method(self) -> str | None:
        """How the bands were made; None where no arm has two runs."""
        methods = {mean_method(it.curve.n): None for it in self.curves if it.curve.low is not None}
        return " or ".join(methods) or None

    @property
    def least_stable(self) -> str | None:
        """The arm of the lowest mean stability, of those that are pruned."""
        means = {it.arm: it.stability.mean for it in self.curves if it.stability and it.pruned}
        return min(means, key=means.__getitem__) if means else None

    @property
    def marked(self) -> tuple[MeanEvent, ...]:
        """The last events whose drops are named."""
        return marked_events(self.events, self.least_stable)

    @property
    def looks(self) -> Mapping[str, Look]:
        """The look of each arm: a colour for one that is pruned, a grey for one that is not."""
        unpruned = [it.arm for it in self.curves if not it.pruned]
        greys = {arm: BASELINES[place % len(BASELINES)] for place, arm in enumerate(unpruned)}
        return looks(self._pruned) | {arm: Look(grey, "circle") for arm, grey in greys.items()}

    @property
    def dashes(self) -> Mapping[str, str]:
        """The dash of the line of each pruned arm: another one once the colours begin again."""
        return {arm: DASHES[it // len(COLOURS) % len(DASHES)] for it, arm in enumerate(self._pruned)}

    @property
    def _pruned(self) -> list[str]:
        return [it.arm for it in self.curves if it.pruned]

    @property
    def since(self) -> int | None:
        """The epoch of the first pruning event while training; None without one."""
        return min((event.epoch for event in self.events if event.epoch >= 0), default=None)

    @property
    def window(self) -> tuple[float, float]:
        """The ends of the y axis: most of the curves, without first epochs that would flatten all others.

        Of shares, all means from the first pruning event on are inside, however deep an arm falls.
        """
        values = _finite(it.curve.mean for it in self.curves)
        if not values.size:
            return 0.0, 1.0
        bounds = (bound for it in self.curves for bound in (it.curve.low, it.curve.high))
        shown = np.concatenate([values, _finite(bound for bound in bounds if bound is not None)])
        if self.quantity.is_share:
            shown = np.clip(shown, 0, 1)  # Student's interval of two runs reaches far beyond
        if "y" in self.log:
            positive = values[values > 0] if (values > 0).any() else np.ones(1)
            least, most = float(positive.min()), float(positive.max())
            bands = shown[(shown >= least / BELOW) & (shown <= BELOW * most)]
            return min([least, *bands]) / 1.1, max([most, *bands]) * 1.1
        low, high = float(shown.min()), float(shown.max())
        if self.quantity.is_share:
            most = float(np.quantile(values, 1 - SHOWN))
            low = min([max(low, most - 0.6 * (high - most)), *self._since_pruning])
            low = min([low, *(it.mean for it in self.endings if it.mean > low - 0.5 * (high - low))])
        else:
            most = float(np.quantile(values, SHOWN))
            high = min(high, most + 0.6 * (most - low))
        margin = 0.05 * (high - low) or 0.01
        return low - margin, high + margin

    @property
    def _cut(self) -> bool:
        """Whether a band reaches below the window."""
        lows = _finite(it.curve.low for it in self.curves if it.curve.low is not None)
        return bool((lows < self.window[0]).any())

    @property
    def _since_pruning(self) -> FloatArray:
        """The means from the first pruning event on."""
        if self.since is None:
            return np.empty(0)
        return _finite(it.curve.mean[it.curve.x >= self.since] for it in self.curves)

    def rows(self) -> Iterator[Row]:
        """Means of arms, their events and every point of their curves."""
        for it in self.curves:
            if it.stability:
                yield {**it.stability.row("mean stability"), "scale": it.scale}
        for ending in self.endings:
            yield ending.row("mean test_accuracy, targeted filters removed")
        for event in self.events:
            yield event.row()
        for curve in (it.curve for it in self.curves):
            for place, epoch in enumerate(curve.x.tolist()):
                about = {"what": self.quantity.name, "arm": curve.arm, self.x: epoch, "n": curve.n}
                yield {**about, **curve.numbers(place)}

    def reading(self) -> Iterator[str]:
        """How the bands were made, and what each mark means."""
        if self.method:
            yield f"Bands: {self.method}, of the mean over runs."
        one = [it.arm for it in self.curves if it.curve.n < 2]
        if len(one) == len(self.curves):
            yield "No bands: no arm has two runs."
        elif one:
            named = ", ".join(one) if len(one) <= 3 else f"{len(one)} arms"
            yield f"No band where there is one run: {named}."
        if self.marked:
            yield (
                "Drops are from the test before an arm's last pruning event to the one after it, means over "
                "runs."
            )
        if self.level_ends:
            yield "Dotted: where a level of training ends and the next one begins."
        if self.smooth:
            counts = f"in which each {self.x} counts {self.smooth:g} times the next one"
            yield f"Thick: exponential average of the mean, {counts}; faint: the mean, which has the bands."
        if "x" in self.log:
            yield f"{self.x.capitalize()} 0 has no place on a logarithmic axis."
        if "y" in self.log and self._cut:
            yield "Bands that reach below the panel end at its edge: a logarithmic axis has no place for 0."
        if self.endings:
            yield "Symbols at the end: tested without any filter that noise ever acted on."
        means, (low, high) = _finite(it.curve.mean for it in self.curves), self.window
        if ((means < low) | (means > high)).any():
            where = "" if self.since is None else f"before epoch {self.since}, the first pruning event, "
            yield f"Curves leave the panel {where}where they would flatten the rest; the table has all of it."
        if self.arrows:
            yield (
                "Arrows: events of the least stable arm; one where they are in adjacent epochs, at the "
                "largest."
            )


def _finite(arrays: Iterable[FloatArray]) -> FloatArray:
    values: FloatArray = np.concatenate([np.empty(0), *arrays])
    return np.asarray(values[np.isfinite(values)])


def check_log(log: str) -> None:
    """Raise UnknownNameError for axes that there are not."""
    if log not in get_args(Log):
        raise UnknownNameError("logarithmic axis", log, [it for it in get_args(Log) if it])


def curves_panel(
    store: Store,
    found: SweepRuns,
    quantity: CurveQuantity = "test_accuracy",
    *,
    x: Axis = "epoch",
    log: Log = "",
    smooth: float = 0,
) -> CurvesPanel:
    """The curves of the arms of these runs, with 95% intervals over runs.

    Events and endings are marked on plain axes of epochs alone. Raises UnknownNameError for a quantity, an x
    or a logarithmic axis that there is not, and InputError for a weight beyond 0 to 1, and for levels of runs
    that have none.
    """
    for what, name, known in (("quantity", quantity, get_args(CurveQuantity)), ("x", x, get_args(Axis))):
        if name not in known:
            raise UnknownNameError(what, name, known)
    check_log(log)
    check_weight(smooth)
    source = found.source
    runs = found.by_arm
    of_tests = quantity == "test_accuracy" and x == "epoch" and not log
    made = [it for it in curves(store, source, quantity=quantity) if it.arm in runs]
    if not any(np.isfinite(it.mean).any() for it in made):
        raise InputError(f"sweep {source.label!r}: none of its runs has a value of {quantity}")
    if x == "level":
        ends = _ends(store, source)
        made = [at_levels(it, ends.get(it.arm, {int(it.x[-1]): 0})) for it in made]
    return CurvesPanel(
        EPOCH_QUANTITIES[quantity],
        tuple(ArmCurve(it, runs[it.arm], measured_stability(it.arm, runs[it.arm])) for it in made),
        mean_events(store, source) if of_tests else (),
        mean_endings(store, source) if of_tests else (),
        _level_ends(store, source) if x == "epoch" else (),
        x=x,
        log=log,
        smooth=smooth,
    )


def _ends(store: Store, source: Source) -> dict[str, dict[int, int]]:
    """The levels of each arm that has any, by their last epochs; InputError where none has."""
    ends: dict[str, dict[int, int]] = {}
    for it in level_results(store, source):
        ends.setdefault(it.arm, {})[it.epochs - 1] = it.level
    if not ends:
        raise InputError(f"sweep {source.label!r}: its runs have no levels; x=epoch is there for any")
    return ends


def _level_ends(store: Store, source: Source) -> tuple[int, ...]:
    results = level_results(store, source)
    last = {it.key: it.level for it in results}  # levels rise
    return tuple(sorted({it.epochs - 1 for it in results if it.level < last[it.key]}))


@draw_panel.register
def _(panel: CurvesPanel, pane: Pane) -> None:
    found, (low, high) = panel.looks, panel.window
    for x in (end + 0.5 for end in panel.level_ends):
        line = {"color": "#bbbbbb", "width": 1, "dash": "dot"}
        pane.shape(type="line", x0=x, x1=x, y0=0, y1=1, yref=f"{pane.y} domain", line=line)
    for it in panel.curves:
        look = found[it.arm]
        _entry(pane, it, look, panel.dashes.get(it.arm, "solid"))
        band = it.curve
        if "y" in panel.log and band.low is not None:  # nothing below 0 has a place
            band = band._replace(low=np.maximum(band.low, low))
        add_band(pane, band, look.colour)
    for it in panel.curves:  # on top of every band
        _curve(pane, it, panel, found[it.arm].colour)
    if panel.arrows and (arm := panel.least_stable):
        events = [event for event in panel.events if event.arm == arm]
        add_arrows(pane, events, (low, high), found[arm].colour)
    epochs = 1 + max(int(it.curve.x[-1]) for it in panel.curves)
    add_drops(pane, panel.marked, epochs, low, found)
    arms = {it.arm: it for it in panel.curves}
    for place, ending in enumerate(panel.endings):
        it, x = arms[ending.name], epochs * (1 + 0.02 * (place + 1)) - 1
        add_ending(pane, ending, x, (low, high), found[it.arm], it.words(), hollow=it.scale < 1)
    last = epochs * (1 + 0.02 * (len(panel.endings) + 1)) - 1
    if "x" in panel.log:
        pane.set_x(type="log", range=[-0.02, math.log10(max(last, 2))], title_text=panel.x.capitalize())
    else:
        pane.set_x(range=[-0.02 * epochs, last], **epoch_axis(epochs, panel.x.capitalize()))
    quantity = panel.quantity
    pane.set_y(title_text=quantity.title, range=[low, high], tickformat=quantity.tick_format or None)
    if "y" in panel.log:
        pane.set_y(type="log", range=[math.log10(low), math.log10(high)], exponentformat="power")


def _entry(pane: Pane, it: ArmCurve, look: Look, dash: str) -> None:
    """The arm in the legend, with its line, and the symbol that it has in other panels."""
    stable = "" if it.stability is None else f"stability {fine(it.stability.mean)}, "
    pane.add(
        x=[None],
        y=[None],
        name=f"{plain(it.arm)}: {stable}n = {it.curve.n}",
        legendgroup=it.arm,
        showlegend=True,
        mode="lines+markers" if it.pruned else "lines",
        line={"color": look.colour, "width": 2.5, "dash": dash},
        marker=look.marker(9, hollow=it.scale < 1),
    )


def _curve(pane: Pane, it: ArmCurve, panel: CurvesPanel, colour: str) -> None:
    curve, form = it.curve, panel.quantity.text_format
    bounds, words = None, ", no interval"
    if curve.low is not None and curve.high is not None:
        bounds = np.stack([curve.low, curve.high], axis=1)
        words = f", %{{customdata[0]:{form}}} to %{{customdata[1]:{form}}}"
    line = {"color": colour, "width": 1.8, "dash": panel.dashes.get(it.arm, "solid")}
    if panel.smooth:
        add_curve(
            pane,
            curve._replace(mean=exponential_average(curve.mean, panel.smooth)),
            line | {"width": 2.5},
            name=f"{plain(it.arm)}, smoothed",
            showlegend=False,
            hovertemplate=f"<b>{plain(it.arm)}</b>, smoothed<br>%{{x}}: %{{y:{form}}}<extra></extra>",
        )
    add_curve(
        pane,
        curve,
        line,
        opacity=0.35 if panel.smooth else 1,
        showlegend=False,
        customdata=bounds,
        hovertemplate=(
            f"<b>{plain(it.arm)}</b>, {panel.x} %{{x}}<br>mean %{{y:{form}}}{words}<br>"
            f"{it.words()}<extra></extra>"
        ),
    )


def fine(stable: float) -> str:
    """A stability in percent, with a third digit where it is close to 100%."""
    close = 0.999 <= stable < 1 - 5e-6
    return percent(stable, 3) if close else "100%" if 0.999 < stable < 1.00005 else percent(stable, 2)
