"""What each of several quantities tells of another one, alone and given the others, with intervals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gst.analysis.predictors import BETWEEN, GIVEN, WITHIN, Predictors, Told
from gst.figures.frame import Pane, draw_panel
from gst.figures.sheet import Row
from gst.figures.style import COLOURS, FAINT, Look, bars, bounds, p_value, plain, sentences, signed, wrapped

ROW = 120
"""Height of a predictor in pixels."""
KINDS = {
    BETWEEN: ("between configurations", Look(COLOURS[0], "circle")),
    GIVEN: ("between configurations, given the others", Look(COLOURS[1], "diamond")),
    WITHIN: ("within configurations", Look(COLOURS[2], "square")),
}
LETTERS = 22
"""Letters in a line of a predictor's name."""
ASIDE = 0.27
"""Distance of a predictor's marks from each other, in rows."""
NEAR = 0.6
"""The correlation from which on a label points inwards."""


class PredictorsPanel(NamedTuple):
    """The predictors from top to bottom, each with its three correlations."""

    found: Predictors

    @property
    def height(self) -> int:
        """Height in pixels that the predictors need."""
        return ROW * len(self.found.predictors)

    @property
    def heading(self) -> str:
        """What is predicted, over what."""
        it = self.found
        over = f"{it.runs:,} runs: {it.configurations} configurations, {it.seeds} seeds"
        return f"<b>Correlations with {plain(it.outcome.words)}</b> over {over}"

    def rows(self) -> Iterator[Row]:
        """A row for each correlation."""
        return self.found.rows()

    def reading(self) -> Iterator[str]:
        """How the correlations and their intervals were made, and what has none."""
        yield (
            "Between configurations: of their means over seeds, with Fisher's interval; given the others, "
            "the partial correlation, as of fewer configurations by the number of others. Within: of the "
            "distances from those means, with an interval from leaving out each seed."
        )
        names = {
            it.note: f"no {KINDS[it.words][0]} of {it.predictor.words}: {it.note}"
            for it in self.found.told
            if it.note
        }
        yield from sentences(names.values())
        if self.found.left_out:
            yield f"Left out: {self.found.left_out} completed runs that lack one of the quantities."


@draw_panel.register
def _(panel: PredictorsPanel, pane: Pane) -> None:
    predictors = [it.name for it in panel.found.predictors]
    pane.shape(
        type="line", yref=f"{pane.y} domain", x0=0, x1=0, y0=0, y1=1, line={"color": FAINT, "dash": "dot"}
    )
    for at, (words, (name, look)) in enumerate(KINDS.items()):
        shown = [it for it in panel.found.told if it.words == words and it.found]
        places = [predictors.index(it.predictor.name) + (at - 1) * ASIDE for it in shown]
        _marks(pane, name, look, shown, places)
    pane.set_x(title_text="Correlation", range=[-1.05, 1.05])
    pane.set_y(
        tickvals=list(range(len(predictors))),
        ticktext=[wrapped(it.short, LETTERS) for it in panel.found.predictors],
        range=[len(predictors) - 0.5, -0.6],
        showgrid=False,
    )


def _marks(pane: Pane, name: str, look: Look, shown: list[Told], places: list[float]) -> None:
    found = [it.found for it in shown if it.found]
    pane.add(
        x=[it.value for it in found],
        y=places,
        name=name,
        legendgroup=name,
        showlegend=True,
        mode="markers",
        marker=look.marker(11),
        error_x=bars([it.value for it in found], [(it.low, it.high) for it in found], look.colour),
        customdata=[(bounds(it), it.n, it.unit, it.method) for it in found],
        hovertemplate=(
            f"<b>{name}</b><br>%{{x:.2f}}%{{customdata[0]}}, n = %{{customdata[1]}} %{{customdata[2]}}"
            "<br>%{customdata[3]}<extra></extra>"
        ),
    )
    for it, place in zip(found, places, strict=True):
        p = "" if it.p is None else f", {p_value(it.p)}"
        pane.write(
            f"{signed(it.value)}{bounds(it)}{p}, n = {it.n}",
            x=it.value,
            xanchor="left" if it.value < -NEAR else "right" if it.value > NEAR else "center",
            y=place - 0.05,
            yanchor="bottom",
            font={"size": 12, "color": look.colour},
        )
