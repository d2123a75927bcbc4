"""How often networks of two seeds, or of two arms, answer a test image differently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gst.analysis.disagreement import Disagreement
from gst.figures.frame import Pane, draw_panel
from gst.figures.sheet import Row
from gst.figures.style import BASELINE, COLOURS, Look, bars, plain, told_apart

ROW = 30
"""Height of an arm in pixels."""
LETTERS = 36
"""Letters of an arm's name beside the axis."""
SEEDS, BASE = "two seeds of the arm", "an arm's run and the first arm's of its seed"


class DisagreementPanel(NamedTuple):
    """The arms from top to bottom."""

    arms: tuple[Disagreement, ...]
    heading: str = "<b>Test images that two networks answer differently</b> after their last epoch"

    @property
    def height(self) -> int:
        """Height in pixels that the arms need."""
        return ROW * (len(self.arms) + 2)

    def rows(self) -> Iterator[Row]:
        """A row for each mark."""
        for it in self.arms:
            about = {"arm": it.arm, "n": it.seeds, "unit": "seeds"}
            yield {
                "what": f"disagreement of {SEEDS}",
                **about,
                "value": it.value,
                "low": it.low,
                "high": it.high,
            }
            if it.base is not None:
                yield {"what": f"disagreement of {BASE}", **about, "value": it.base}

    def reading(self) -> Iterator[str]:
        """What the marks are of."""
        first = self.arms[0].arm
        yield (
            "Filled: mean over pairs of seeds, with Student's interval from leaving out each seed with all "
            f"its pairs. Hollow: a run and that of {first} with the same seed; mean over seeds."
        )


@draw_panel.register
def _(panel: DisagreementPanel, pane: Pane) -> None:
    own, base = Look(COLOURS[0], "circle"), Look(BASELINE, "diamond")
    places = range(len(panel.arms))
    names = told_apart([it.arm for it in panel.arms], LETTERS)
    pane.add(
        x=[it.value for it in panel.arms],
        y=list(places),
        name=SEEDS,
        showlegend=True,
        mode="markers",
        marker=own.marker(10),
        error_x=bars([it.value for it in panel.arms], [(it.low, it.high) for it in panel.arms], own.colour),
        customdata=[(plain(it.arm), it.seeds) for it in panel.arms],
        hovertemplate="<b>%{customdata[0]}</b><br>%{x:.2%}, n = %{customdata[1]} seeds<extra></extra>",
    )
    pane.add(
        x=[it.base for it in panel.arms],
        y=list(places),
        name=BASE,
        showlegend=True,
        mode="markers",
        marker=base.marker(9, hollow=True),
        hovertemplate=f"{BASE}<br>%{{x:.2%}}<extra></extra>",
    )
    pane.set_x(title_text="Share of the test images", tickformat=".0%", rangemode="tozero")
    ticks = [f"{plain(name)}, n = {it.seeds}" for name, it in zip(names, panel.arms, strict=True)]
    pane.set_y(tickvals=list(places), ticktext=ticks, range=[len(panel.arms) - 0.5, -0.7])
