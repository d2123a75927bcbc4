"""Differences between arms, paired by seed: the numbers that a sweep's design supports best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.contrasts import ArmContrast, contrasts, pairings
from gst.analysis.quantities import RunQuantity
from gst.analysis.results import RunResult
from gst.figures.frame import Pane, draw_panel
from gst.figures.sheet import Row
from gst.figures.style import BASELINE, FAINT, HALO, Look, bars, p_value, plain, signed, told_apart, wrapped
from gst.figures.sweep_runs import SweepRuns
from gst.stats.tests import TTest

if TYPE_CHECKING:
    from gst.store import Store

ROW = 30
"""Height of a contrast in pixels."""
LABEL = 6.6
"""Width in pixels of a letter of a contrast's name; a name with more than fit is shortened."""
HEADING = 36
"""Letters in a line of the heading."""
HOLM = "p by Holm's rule for all of them together"
LOOKED = "no p, and intervals that do not allow for it, as the sweep looked at its data before it went on"


class Contrasts(NamedTuple):
    """The contrasts of a quantity in a sweep, in percentage points where it is a share.

    `looks` has the look of an arm; a contrast over several pairs of arms has none.
    """

    quantity: RunQuantity
    found: tuple[ArmContrast, ...]
    looks: Mapping[str, Look] = MappingProxyType({})

    @property
    def tested(self) -> tuple[ArmContrast, ...]:
        """The contrasts that have an interval."""
        return tuple(it for it in self.found if it.test)

    @property
    def height(self) -> int:
        """Height in pixels that the contrasts need."""
        return ROW * (len(self.tested) + 1)

    @property
    def heading(self) -> str:
        """The quantity that is compared, and how, in plotly's HTML."""
        difference = wrapped(f"Difference in {self.quantity.words}", HEADING)
        return f"<b>{difference}</b><br>paired by seed, 95% interval"

    def rows(self) -> Iterator[Row]:
        """A row for each contrast; one that could not be made says why in `note`."""
        for it in self.found:
            yield it.row(self.quantity.name)

    def reading(self) -> Iterator[str]:
        """How intervals and p were made, and the contrasts that could not be made."""
        if self.tested:
            yield f"Differences: {self.method}; {HOLM if self.has_p else LOOKED}."
        if untested := [it.name for it in self.found if it.test is None]:
            yield f"Not tested, for want of seeds or variation: {', '.join(untested)}."

    def sentences(self) -> Iterator[str]:
        """The contrasts in words, for a figure that does not draw them."""
        words = "; ".join(f"{it.name} {self.words(it)}" for it in self.tested)
        if words:
            unit = ", in percentage points" if self.quantity.is_share else ""
            yield f"Difference in {self.quantity.words}{unit}: {words}."
        yield from self.reading()

    @property
    def has_p(self) -> bool:
        """Whether a contrast has a p."""
        return any(it.adjusted is not None for it in self.found)

    @property
    def method(self) -> str:
        """How the intervals were made; empty where there is none."""
        return next((it.test.method for it in self.found if it.test), "")

    def words(self, found: ArmContrast) -> str:
        """A contrast in plain text: `+0.65 [+0.39, +0.91], n = 20, p = 0.0002`."""
        test = found.test
        if test is None:
            return f"not tested: {found.reason}"
        p = "" if found.adjusted is None else f", {p_value(found.adjusted)}"
        return f"{self.interval(test)}, n = {test.n[0]}{p}"

    def interval(self, test: TTest) -> str:
        """The difference with its interval, in percentage points where it is a share."""
        value, low, high = (f"{self.quantity.in_unit(it):+.2f}" for it in (test.value, test.low, test.high))
        return f"{value} [{low}, {high}]"


def contrasts_panel(
    store: Store,
    runs: SweepRuns,
    quantity: RunQuantity,
    value: Callable[[RunResult], float | None],
    looks: Mapping[str, Look] = MappingProxyType({}),
) -> Contrasts:
    """The contrasts of that quantity in the sweep."""
    pairs, looked = pairings(store, runs.source), runs.source.looked
    return Contrasts(quantity, contrasts(pairs, runs.runs, value, looked=looked), looks)


def label(found: ArmContrast) -> str:
    """Both sides, with the words that both names end in written once: `PruneL − PruneS, every 6`."""
    first, other = found.first.split(), found.other.split()
    # The first word of a name always stays.
    ends = zip(reversed(first[1:]), reversed(other[1:]), strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))
    sides = " − ".join(" ".join(words[: len(words) - shared]) for words in (first, other))
    pairs = [f"{found.arms} pairs of arms"] if found.arms > 1 else []
    return ", ".join([sides, *([" ".join(first[-shared:])] if shared else []), *pairs])


@draw_panel.register
def _(panel: Contrasts, pane: Pane) -> None:
    names = told_apart([label(it) for it in panel.tested], int(pane.width / LABEL))
    for place, (it, name) in enumerate(zip(panel.tested, names, strict=True)):
        test, look = it.test, panel.looks.get(it.first, Look(BASELINE, "square"))
        assert test is not None
        value, low, high = map(panel.quantity.in_unit, (test.value, test.low, test.high))
        p = f", {p_value(it.adjusted)}" if it.adjusted is not None else ""
        pane.add(
            x=[value],
            y=[place],
            name=plain(it.name),
            mode="markers",
            marker=look.marker(11),
            error_x=bars([value], [(low, high)], look.colour),
            hovertemplate=(
                f"<b>{plain(it.name)}</b><br>{signed(value)} [{signed(low)}, {signed(high)}], "
                f"n = {test.n[0]} seeds{p}<extra></extra>"
            ),
        )
        pane.write(
            plain(name),
            x=0,
            xref=f"{pane.x} domain",
            xanchor="left",
            y=place - 0.22,
            yanchor="bottom",
            showarrow=False,
            font={"size": 12, "color": look.colour, "shadow": HALO},
        )
    pane.set_x(
        title_text="Percentage points" if panel.quantity.is_share else "Difference",
        rangemode="tozero",
        zeroline=True,
        zerolinecolor=FAINT,
    )
    pane.set_y(visible=False, range=[max(len(panel.tested), 1) - 0.4, -0.9])
