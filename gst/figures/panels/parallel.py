"""Parallel coordinates: an axis for each knob of a sweep and one for a quantity, a line for each arm."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from plotly.colors import sample_colorscale

from gst.analysis.knobs import Knob, arm_settings, varied
from gst.analysis.quantities import RunQuantity, measured
from gst.analysis.results import distinct
from gst.errors import InputError
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean, run_mean
from gst.figures.sheet import Row
from gst.figures.style import FAINT, INK, plain, wrapped
from gst.figures.sweep_runs import SweepRuns
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store

SPREAD, MOST = 0.5, 0.14
"""The part of the way to the next value over which the lines at one value are spread, and of the axis."""
SCALE, HIGHEST, LOWEST = "Plasma", 0.3, 0.72
"""The colour scale and the ends of its part that can be read on both white and black."""
TICKS = 5
GROUND = "rgba(255, 255, 255, 0.85)"
"""Behind a value, where lines would run through its letters."""
KIND = "pruning.kind"
LETTERS = 18
"""Letters in a line of an axis's name."""


class Axis(NamedTuple):
    """A knob, and its different values in words from bottom to top."""

    name: str
    values: tuple[str, ...]

    def place(self, at: int) -> float:
        """The height of that value, from 0 to 1."""
        return at / (len(self.values) - 1)


class ArmLine(NamedTuple):
    """An arm: which value it has on each axis, counted from 0, and its mean."""

    values: tuple[int, ...]
    group: RunMean


class Parallel(NamedTuple):
    """The axes and lines, from the lowest mean to the highest; n is told where one hovers over a line."""

    quantity: RunQuantity
    axes: tuple[Axis, ...]
    lines: tuple[ArmLine, ...]
    heading: str = ""

    def rows(self) -> Iterator[Row]:
        """A row for each arm, with its value on each axis."""
        for line in self.lines:
            values = {axis.name: axis.values[at] for axis, at in zip(self.axes, line.values, strict=True)}
            yield {**line.group.row(f"mean {self.quantity.name}"), **values}

    def reading(self) -> Iterator[str]:
        """What lines and colours mean."""
        yield (
            f"A line is an arm; its colour is its mean {self.quantity.words}, the last axis. Lines at one "
            "value stand a little apart, the highest mean on top; — is a setting that an arm lacks."
        )

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest mean, or a little around a single one."""
        means = [line.group.mean for line in self.lines]
        low, high = min(means), max(means)
        return (low, high) if high > low else (low - 0.01, high + 0.01)


def parallel(store: Store, found: SweepRuns, quantity: RunQuantity) -> Parallel:
    """The panel of all arms that have that quantity.

    Raises InputError where no setting of these arms has two values.
    """
    known = ((run.arm, measured(quantity, run)) for run in distinct(found.runs))
    values = grouped((arm, value) for arm, value in known if value is not None)
    settings = arm_settings(store, found.source)
    axes = [_axis(it) for it in varied({arm: settings[arm] for arm in found.source.arms if arm in values})]
    if not axes:
        raise InputError(f"sweep {found.source.label!r}: no key of its completed runs has two values")
    groups = sorted((run_mean(arm, its) for arm, its in values.items()), key=lambda it: it.mean)
    lines = tuple(ArmLine(tuple(places[it.name] for _, places in axes), it) for it in groups)
    return Parallel(quantity, tuple(axis for axis, _ in axes), lines)


def _axis(knob: Knob) -> tuple[Axis, dict[str, int]]:
    """The axis, and which of its values each arm has: numbers in their order, others in that of the file."""
    found = {text: json.loads(text) for text in dict.fromkeys(knob.values.values())}

    def rank(text: str) -> Any:
        numbers = [it for it in found[text] if isinstance(it, int | float) and not isinstance(it, bool)]
        whole = len(numbers) == len(found[text])
        lacking = all(it is None for it in found[text])
        return (not lacking, whole, numbers if whole else [], -list(found).index(text))

    ordered, keys = sorted(found, key=rank), knob.name.split(" + ")
    differ = [{json.dumps(it[at]) for it in found.values() if it[at] is not None} for at in range(len(keys))]
    # That a kind of pruning lacks a setting goes without saying.
    shown = [at for at, key in enumerate(keys) if KIND not in keys or key == KIND or len(differ[at]) > 1]
    name = " + ".join(keys[at] for at in shown)
    values = tuple(" + ".join(_words(found[text][at]) for at in shown) for text in ordered)
    return Axis(name, values), {arm: ordered.index(text) for arm, text in knob.values.items()}


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return "—" if value is None else str(value)


@draw_panel.register
def _(panel: Parallel, pane: Pane) -> None:
    low, high = panel.bounds
    x = list(range(len(panel.axes) + 1))
    for at, heights in enumerate(
        zip(*(_heights(panel, number) for number in range(len(panel.axes))), strict=True)
    ):
        line = panel.lines[at]
        share = (line.group.mean - low) / (high - low)
        pane.add(
            x=x,
            y=[*heights, share],
            name=plain(line.group.name),
            mode="lines+markers",
            line={"color": _colour(share), "width": 2},
            marker={"size": 6},
            hovertemplate=_hover(panel, line),
        )
    for number, axis in enumerate(panel.axes):
        _draw_axis(pane, number, axis.name, [(axis.place(at), it) for at, it in enumerate(axis.values)])
    ticks = [at / (TICKS - 1) for at in range(TICKS)]
    _draw_axis(
        pane,
        x[-1],
        panel.quantity.short,
        [(it, panel.quantity.text(low + it * (high - low))) for it in ticks],
    )
    pane.set_x(visible=False, range=[-0.35, x[-1] + 0.35])
    pane.set_y(visible=False, range=[-0.12, 1.3])


def _colour(share: float) -> str:
    """The colour of a mean that lies at that share of the way from the lowest to the highest."""
    return str(sample_colorscale(SCALE, LOWEST + (HIGHEST - LOWEST) * share)[0])


def _heights(panel: Parallel, number: int) -> list[float]:
    """The height of each line on that axis; lines rise by their means, and so do those at one value."""
    axis = panel.axes[number]
    step = min(MOST, SPREAD / (len(axis.values) - 1))
    at = [line.values[number] for line in panel.lines]
    of_value = {value: [place for place, it in enumerate(at) if it == value] for value in set(at)}
    return [
        axis.place(value) + step * ((of_value[value].index(place) + 0.5) / len(of_value[value]) - 0.5)
        for place, value in enumerate(at)
    ]


def _draw_axis(pane: Pane, x: int, name: str, ticks: Sequence[tuple[float, str]]) -> None:
    pane.shape(type="line", x0=x, x1=x, y0=-0.1, y1=1.1, line={"color": FAINT, "width": 1})
    for y, text in ticks:
        pane.write(
            plain(text), x=x, y=y, xanchor="left", xshift=7, font={"size": 12, "color": INK}, bgcolor=GROUND
        )
    title = wrapped(name.replace(".", ". "), LETTERS).replace(". ", ".")
    pane.write(f"<b>{title}</b>", x=x, y=1.12, yanchor="bottom", font_size=13)


def _hover(panel: Parallel, line: ArmLine) -> str:
    group, told = line.group, panel.quantity.text
    bounds = group.estimate and f"{told(group.estimate.low)} to {told(group.estimate.high)}"
    values = [
        f"{plain(axis.name)}: {plain(axis.values[at])}"
        for axis, at in zip(panel.axes, line.values, strict=True)
    ]
    mean = f"mean {panel.quantity.words} {told(group.mean)}"
    lines = [f"<b>{plain(group.name)}</b>", mean, f"{bounds or 'no interval'}, n = {group.n}", *values]
    return "<br>".join(lines) + "<extra></extra>"
