"""Training and test accuracy by epoch, a pair of curves for each method (GST 2019, Figure A3, right)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gst.analysis.curves import Curve
from gst.figures.axes import epoch_axis
from gst.figures.frame import Pane, draw_panel
from gst.figures.methods import Method
from gst.figures.panels.bands import add_band
from gst.figures.panels.marks import SeriesStyle
from gst.figures.sheet import Row
from gst.figures.style import plain


class TrainTest(NamedTuple):
    """The training and test accuracy of an arm by epoch; the test is after the epoch's pruning."""

    method: Method
    train: Curve
    test: Curve


class TrainTestPanel(NamedTuple):
    """A pair of curves for each method; `about` has further columns of all rows."""

    heading: str
    curves: tuple[TrainTest, ...]
    styles: Mapping[Method, SeriesStyle]
    about: Row

    def rows(self) -> Iterator[Row]:
        """A row for each point of a curve."""
        for it in self.curves:
            for what, curve in (("train_accuracy", it.train), ("test_accuracy", it.test)):
                for place, epoch in enumerate(curve.x.tolist()):
                    yield {
                        "what": f"mean {what}",
                        "arm": curve.arm,
                        "n": curve.n,
                        "score": it.method.score,
                        "target": it.method.target,
                        **self.about,
                        "epoch": epoch,
                        **curve.numbers(place),
                    }

    def reading(self) -> Iterator[str]:
        """The definition of both accuracies."""
        yield (
            "Train accuracy is the running mean of the epoch; test accuracy is after the epoch's pruning. "
            "Bands: intervals of the mean over runs."
        )


@draw_panel.register
def _(panel: TrainTestPanel, pane: Pane) -> None:
    for it in panel.curves:
        style = panel.styles[it.method]
        for curve, what, dash in ((it.train, "train", "dot"), (it.test, "test", "solid")):
            add_band(pane, curve, style.look.colour, style.name)
            _curve(pane, curve, style, what, dash)
    longest = max((it.test.x.size for it in panel.curves), default=0)
    pane.set_x(title_font_size=14, **epoch_axis(longest))
    pane.set_y(tickformat=".2~%")


def _curve(pane: Pane, curve: Curve, style: SeriesStyle, what: str, dash: str) -> None:
    bounds = ["no interval"] * len(curve.x)
    if curve.low is not None and curve.high is not None:
        bounds = [f"{low:.2%} to {high:.2%}" for low, high in zip(curve.low, curve.high, strict=True)]
    pane.add(
        x=curve.x,
        y=curve.mean,
        name=f"{style.name}, {what}",
        legendgroup=style.name,
        mode="lines",
        line={"color": style.look.colour, "width": 2, "dash": dash},
        customdata=[(it,) for it in bounds],
        hovertemplate=(
            f"<b>{plain(curve.arm)}</b>, n = {curve.n}<br>epoch %{{x}}<br>"
            f"mean {what} accuracy %{{y:.2%}}<br>%{{customdata[0]}}<extra></extra>"
        ),
    )
