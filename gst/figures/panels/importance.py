"""The share of a quantity's variance that each knob of a sweep explains, and the seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gst.analysis.importance import Importance
from gst.figures.frame import Pane, draw_panel
from gst.figures.sheet import Row
from gst.figures.style import BASELINE, COLOURS, Look, bars, percent, plain, sentences, wrapped
from gst.stats.importance import COMMON, INTERACTIONS, NOT_TOLD_APART, REST, SEED, Share

ROW = 44
"""Height of a share in pixels."""
LETTERS = 34
"""Letters in a line of a knob's name."""
WORDS = {COMMON: COMMON, INTERACTIONS: "interactions of these", SEED: "seed", REST: "rest of a run"}
NEAR = 0.3
"""The part of the axis at either end where a label points inwards, as narrow screens have little room."""
LEFT_OUT = 3
"""Arms that are named where they are left out."""


class ImportancePanel(NamedTuple):
    """The shares with their intervals, those of knobs first, the largest on top."""

    found: Importance

    @property
    def shares(self) -> list[tuple[str, Share]]:
        """Name and share of each row, from top to bottom."""
        knobs = [(name, it) for name, it in self.found.shares.items() if name not in WORDS]
        others = [(WORDS[name], it) for name, it in self.found.shares.items() if name in WORDS]
        return sorted(knobs, key=lambda it: -(it[1].value or 0)) + others

    @property
    def height(self) -> int:
        """Height in pixels that the shares need."""
        return ROW * (len(self.shares) + 1)

    @property
    def heading(self) -> str:
        """What is divided, over how many runs."""
        found = self.found
        over = f"over {found.runs:,} runs of {found.arms} arms"
        return f"<b>Shares of the variance of {found.quantity.words}</b> {over}"

    def rows(self) -> Iterator[Row]:
        """A row for each share."""
        return self.found.rows()

    def reading(self) -> Iterator[str]:
        """What a share is, and how the intervals were made."""
        yield (
            "A share is epsilon squared: type III sum of squares less what chance alone has, over the total. "
            "The rest is what configuration and seed do not explain."
        )
        one = self.found.shares[SEED]
        yield from sentences([f"Intervals: {one.method}, n = {one.n}" if one.low is not None else one.method])
        if out := self.found.left_out:
            named = ", ".join(out) if len(out) <= LEFT_OUT else f"{len(out)} arms"
            yield f"Left out, as unpruned arms lack the settings of pruning: {named}."
        if COMMON in self.found.shares:
            yield f"{COMMON.capitalize()}: what several keys explain alike, and none of them alone."


@draw_panel.register
def _(panel: ImportancePanel, pane: Pane) -> None:
    shares = panel.shares
    high = max((it.value or 0) if it.high is None else it.high for _, it in shares)
    for place, (name, it) in enumerate(shares):
        if it.value is None:
            pane.write(NOT_TOLD_APART, x=0, y=place, xanchor="left", font_size=12, showarrow=False)
            continue
        look = Look(BASELINE if name in WORDS.values() else COLOURS[0], "circle")
        interval = (
            f" [{percent(it.low)}, {percent(it.high)}]" if it.low is not None and it.high is not None else ""
        )
        pane.add(
            x=[it.value],
            y=[place],
            name=plain(name),
            mode="markers",
            marker=look.marker(12),
            error_x=bars([it.value], [(it.low, it.high)], look.colour),
            hovertemplate=(
                f"<b>{plain(name)}</b><br>{percent(it.value)}{interval}, n = {it.n} seeds<br>"
                f"{it.degrees} degrees of freedom<extra></extra>"
            ),
        )
        pane.write(
            f"{percent(it.value)}{interval}",
            x=it.value,
            xanchor="left"
            if it.value < NEAR * high
            else "right"
            if it.value > (1 - NEAR) * high
            else "center",
            y=place - 0.18,
            yanchor="bottom",
            font_size=12,
            showarrow=False,
        )
    pane.set_x(title_text="Share of the variance", tickformat=".0%", range=[-0.04 * high, 1.06 * high])
    pane.set_y(
        tickvals=list(range(len(shares))),
        ticktext=[wrapped(name, LETTERS) for name, _ in shares],
        range=[len(shares) - 0.5, -0.7],
        showgrid=False,
    )
